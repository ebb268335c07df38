"""Calibration, error detection, LRP, recalibration and kinds of mistakes of random detections.

netcal gives D-ECE, scikit-learn the ranking metrics, Brier, log loss and fits, SciPy the bounds and
the temperature; LaECE, LRP, risk-coverage and the kinds of mistakes are written from their
definitions in NumPy. Run: python trust.py (writes ../trust.json).
"""

import warnings

import netcal
import numpy as np
import scipy
import sklearn
from netcal.metrics import ECE
from scipy.optimize import minimize_scalar
from scipy.stats import beta
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

import golden
from average_precision import area, overlaps, random_lists

SIZE = (200, 160)
TAU, TOUCH, FLOOR = 0.5, 0.1, 0.05


def verdicts(truth, found):
    """Per detection: verdict (1 right, 0 wrong, -1 ignored), best own object, its IoU."""
    n = len(found)
    verdict, best, iou = np.zeros(n, int), np.full(n, -1), np.zeros(n)
    table = overlaps(found[:, 3:7], truth[:, 3:], 1)
    same_image = found[:, 0][:, None] == truth[:, 0][None]
    same_class = found[:, 1][:, None] == truth[:, 1][None]
    own = np.where(same_image & same_class, table, 0)
    other = np.where(same_image & ~same_class, table, 0)
    used = set()
    for d in np.argsort(-found[:, 2], kind="stable"):
        o = int(own[d].argmax())
        if own[d, o] > 0:
            best[d], iou[d] = o, own[d, o]
        if own[d, o] >= TAU:
            if truth[o, 2] == 1:
                verdict[d] = -1
            elif o not in used:
                verdict[d] = 1
                used.add(o)
    return verdict, best, iou, own, other


def laece(conf, quality, bins=25):
    cell = np.minimum((conf * bins).astype(int), bins - 1)
    return sum(abs(conf[cell == b].mean() - quality[cell == b].mean()) * (cell == b).mean()
               for b in np.unique(cell))


def lrp(conf, right, iou, positives):
    candidates = [(1.0, np.inf)]
    for s in np.unique(conf):
        keep = conf >= s
        tp, fp = int((keep & right).sum()), int((keep & ~right).sum())
        loc = ((1 - iou[keep & right]) / (1 - TAU)).sum()
        candidates.append(((loc + fp + positives - tp) / (fp + positives), s))
    error = min(c[0] for c in candidates)
    s = max(c[1] for c in candidates if c[0] == error)
    keep = conf >= s
    return {"olrp": error, "loc": float((1 - iou[keep & right]).mean()),
            "fp": float((keep & ~right).sum() / keep.sum()),
            "fn": 1 - float((keep & right).sum() / positives)}


def aurc(score, wrong):
    """Mean risk over coverages; a group of equal scores adds its errors evenly."""
    order = np.argsort(score, kind="stable")
    s, w = score[order], wrong[order].astype(float)
    for value in np.unique(s):
        w[s == value] = w[s == value].mean()
    expected = np.cumsum(w) / np.arange(1, len(s) + 1)
    return float(expected.mean())


def ap(conf, right, positives):
    order = np.argsort(-conf, kind="stable")
    return area(np.where(right[order], 1, -1), positives)


def mistakes(truth, found, verdict, best, iou, other):
    kind = np.full(len(found), "", dtype=object)
    target = np.full(len(found), -1)
    for d in np.flatnonzero(verdict == 0):
        o = int(other[d].argmax())
        if iou[d] >= TAU:
            kind[d] = "duplicate"
        elif iou[d] >= TOUCH:
            kind[d], target[d] = "localization", best[d]
        elif other[d, o] >= TAU:
            kind[d], target[d] = "wrongClass", o
        elif other[d, o] >= TOUCH:
            kind[d] = "wrongClassAndLocalization"
        else:
            kind[d] = "background"
    found_objects = set(best[verdict == 1])
    missed = [o for o in range(len(truth))
              if truth[o, 2] == 0 and o not in found_objects and o not in set(target)]

    def mean_ap(fixed):
        values = []
        claimed = set()
        rows = []  # class, confidence, right; in ranking order
        for d in np.argsort(-found[:, 2], kind="stable"):
            c, right = found[d, 1], verdict[d] == 1
            if verdict[d] == -1:
                continue
            if not right and kind[d] == fixed:
                o = target[d]
                if o < 0 or o in found_objects or o in claimed or truth[o, 2] == 1:
                    continue
                claimed.add(o)
                c, right = truth[o, 1], True
            rows.append((c, found[d, 2], right))
        for c in np.unique(truth[:, 1]):
            positives = int(((truth[:, 1] == c) & (truth[:, 2] == 0)).sum())
            if fixed == "missed":
                positives -= sum(truth[o, 1] == c for o in missed)
            mine = [r for r in rows if r[0] == c]
            values.append(ap(np.array([r[1] for r in mine]), np.array([r[2] for r in mine]),
                             positives))
        return np.mean(values)

    numbers = {"mAP": mean_ap("nothing"), "missed": len(missed)}
    for name in ["duplicate", "localization", "wrongClass", "wrongClassAndLocalization",
                 "background", "missed"]:
        if name != "missed":
            numbers[name] = int((kind == name).sum())
        numbers["gain " + name] = mean_ap(name) - numbers["mAP"]
    return numbers


def main():
    seed = 20250311
    rng = np.random.default_rng(seed)
    truth, found = random_lists(rng, 12, 60, 180, classes=3)
    misnamed = rng.random(len(found)) < 0.15
    found[misnamed, 1] = (found[misnamed, 1] + 1) % 3
    verdict, best, iou, own, other = verdicts(truth, found)
    # Confidences and scores with ties; right detections are surer, but not by much.
    found[:, 2] = np.round(rng.beta(np.where(verdict == 1, 4, 2), 3) * 120 + 1) / 128
    score = np.round(rng.beta(2, np.where(verdict == 1, 4, 2.5)) * 60) / 64
    found = np.column_stack([found, score])
    verdict, best, iou, own, other = verdicts(truth, found)
    numbers = mistakes(truth, found, verdict, best, iou, other)

    per_class = []
    for c in range(3):
        keep = (found[:, 1] == c) & (verdict >= 0)
        positives = int(((truth[:, 1] == c) & (truth[:, 2] == 0)).sum())
        per_class.append(lrp(found[keep, 2], verdict[keep] == 1, iou[keep], positives))
        numbers[f"olrp {c}"] = per_class[-1]["olrp"]
    for part in per_class[0]:
        numbers[part] = float(np.mean([p[part] for p in per_class]))

    keep = (verdict >= 0) & (found[:, 2] >= FLOOR)
    conf, right, quality = found[keep, 2], verdict[keep] == 1, np.where(verdict == 1, iou, 0)[keep]
    numbers["count"], numbers["wrong"] = int(keep.sum()), int((~right).sum())
    numbers["dece"] = float(ECE(10, detection=True).measure(conf, right.astype(int)))
    corner = found[keep, 3:7] - [1, 1, 0, 0]
    w, h = SIZE
    # netcal wants every feature inside 0...1; the few boxes beyond the image go to the end bins.
    box = np.clip(np.column_stack([
        conf, (corner[:, 0] + corner[:, 2]) / 2 / w, (corner[:, 1] + corner[:, 3]) / 2 / h,
        (corner[:, 2] - corner[:, 0]) / w, (corner[:, 3] - corner[:, 1]) / h]), 0, 1)
    numbers["dece box"] = float(ECE([5] * 5, detection=True).measure(box, right.astype(int)))
    smallest = 4
    counts, _ = np.histogramdd(box[:, :3], bins=[np.linspace(0, 1, 4)] * 3)
    # netcal counts detections of small bins as perfectly calibrated; here they are left out.
    numbers["dece centre"] = float(
        ECE([3] * 3, detection=True, sample_threshold=smallest).measure(
            box[:, :3], right.astype(int))) * len(conf) / counts[counts >= smallest].sum()
    classes = found[keep, 1]
    numbers["laece"] = float(np.mean(
        [laece(conf[classes == c], quality[classes == c]) for c in range(3)]))
    numbers["brier"] = brier_score_loss(right, conf)
    numbers["nll"] = log_loss(right, conf)
    unsure = found[keep, 7]
    for name, s in [("confidence", 1 - conf), ("bald", unsure)]:
        numbers["auroc " + name] = roc_auc_score(~right, s)
        numbers["aupr " + name] = average_precision_score(~right, s)
        numbers["aurc " + name] = aurc(s, ~right)
        numbers["eaurc " + name] = aurc(s, ~right) - aurc((~right).astype(float), ~right)
    certain = unsure <= 0.25
    numbers["pavpu"] = float((certain == right).mean())
    numbers["right given certain"] = float(right[certain].mean())
    numbers["uncertain given wrong"] = float((~certain[~right]).mean())

    logit = np.log(conf) - np.log1p(-conf)
    fit = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Platt's targets: every detection counts t as right and 1 - t as wrong.
        target = np.where(right, (right.sum() + 1) / (right.sum() + 2), 1 / ((~right).sum() + 2))
        fit.fit(np.tile(logit, 2)[:, None], np.repeat([1, 0], len(logit)),
                sample_weight=np.concatenate([target, 1 - target]))
    numbers["platt slope"], numbers["platt offset"] = fit.coef_[0, 0], fit.intercept_[0]
    p = lambda t: 1 / (1 + np.exp(-logit / t))
    loss = lambda t: -np.mean(target * np.log(p(t)) + (1 - target) * np.log(1 - p(t)))
    numbers["temperature"] = minimize_scalar(
        loss, bounds=(0.05, 20), method="bounded", options={"xatol": 1e-12}).x
    iso = IsotonicRegression(out_of_bounds="clip").fit(conf, right)
    grid = np.linspace(0, 1, 21)
    for k, n in [(0, 20), (3, 50), (49, 50), (120, 1000)]:
        numbers[f"bound {k} {n}"] = beta.ppf(0.95, k + 1, n - k)
    for q in (0.025, 0.5, 0.975):
        numbers[f"quantile {q}"] = np.quantile(np.sort(conf), q)

    arrays = {"objects": golden.exact(truth), "found": golden.exact(found),
              "isotonic": golden.exact(iso.predict(grid).round(9))}
    numbers = {name: float(value) for name, value in numbers.items()}
    golden.write(
        "trust.json", [{"name": "trust", "numbers": numbers, "arrays": arrays}],
        made_by="scripts/trust.py", seed=seed,
        versions={"numpy": np.__version__, "scipy": scipy.__version__,
                  "scikit-learn": sklearn.__version__, "netcal": netcal.__version__})


if __name__ == "__main__":
    main()
