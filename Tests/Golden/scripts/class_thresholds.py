"""Thresholds of a class: the confidence with the best F1 by scikit-learn's precision_recall_curve, and
the smallest one whose precision has a lower bound (Clopper and Pearson, one-sided, SciPy's beta
quantile) of at least a share.

Confidences are coarse in one case, so that there are ties. Objects that no detection finds lower the
recall of scikit-learn by a factor. Run: python class_thresholds.py (writes ../class_thresholds.json).
"""
import numpy as np
import scipy
import sklearn
from scipy.stats import beta
from sklearn.metrics import precision_recall_curve

from golden import exact, write

LEVEL = 0.95


def lower(right, count):
    return beta.ppf(1 - LEVEL, right, count - right + 1) if right else 0.0


def middle(confidence, chosen, floor):
    """Midway between a confidence and the next lower one."""
    below = confidence[confidence < chosen]
    low = np.float32(below.max() if len(below) else floor)
    return float(low + (np.float32(chosen) - low) / np.float32(2))


def numbers(confidence, right, objects, shares, floor):
    found = int(right.sum())
    precision, recall, cuts = precision_recall_curve(right, confidence)
    precision, recall = precision[:-1], recall[:-1] * found / objects
    with np.errstate(invalid="ignore"):
        f1 = np.nan_to_num(2 * precision * recall / (precision + recall))
    best = np.flatnonzero(f1 >= f1.max() - 1e-12)[-1]
    out = {"f1 threshold": middle(confidence, cuts[best], floor), "f1 precision": precision[best],
           "f1 recall": recall[best], "f1 f1": f1[best]}
    count = np.array([(confidence >= c).sum() for c in cuts])
    hits = np.array([right[confidence >= c].sum() for c in cuts])
    bounds = np.array([lower(h, n) for h, n in zip(hits, count)])
    out["f1 bound"] = bounds[best]
    for share in shares:
        reached = np.flatnonzero(bounds >= share)
        # The largest confidence of equally high bounds.
        index = reached[0] if len(reached) else np.flatnonzero(bounds == bounds.max())[-1]
        out[f"{share} threshold"] = middle(confidence, cuts[index], floor)
        out[f"{share} bound"] = bounds[index]
        out[f"{share} recall"] = recall[index]
        out[f"{share} detections"] = int(count[index])
        out[f"{share} is reached"] = int(len(reached) > 0)
    return {k: float(v) for k, v in out.items()}


generator = np.random.default_rng(17)
cases = []
for name, count, digits, objects in [("fine", 300, 6, 160), ("ties", 240, 2, 150),
                                     ("few", 14, 3, 12)]:
    quality = generator.random(count)
    confidence = np.clip(np.round(0.02 + 0.96 * quality, digits), 0, 1).astype(np.float32)
    right = (generator.random(count) < quality ** 0.7).astype(int)
    objects = max(objects, int(right.sum()))
    cases.append({
        "name": name,
        "numbers": {"objects": objects, "floor": 0.005,
                    **numbers(confidence, right, objects, [0.6, 0.8, 0.97], 0.005)},
        "arrays": {"confidence": exact(confidence), "right": exact(right)}})
write("class_thresholds.json", cases, made_by="scripts/class_thresholds.py", seed=17,
      versions={"numpy": np.__version__, "scipy": scipy.__version__,
                "scikit-learn": sklearn.__version__})
