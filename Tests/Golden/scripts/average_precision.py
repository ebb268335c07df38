"""Average precision of random detection lists, VOC and COCO rules, in NumPy.

Written from the definitions, independently of the Swift code, and by other means: overlap
matrices instead of loops over pairs, exact fractions for the eleven points.
Run: python average_precision.py (writes ../average_precision.json).
"""
from fractions import Fraction

import numpy as np

import golden


def overlaps(a, b, extra):
    """IoU matrix of corner boxes; `extra` is 1 for inclusive pixels, 0 for edges."""
    w = np.minimum(a[:, None, 2], b[None, :, 2]) - np.maximum(a[:, None, 0], b[None, :, 0]) + extra
    h = np.minimum(a[:, None, 3], b[None, :, 3]) - np.maximum(a[:, None, 1], b[None, :, 1]) + extra
    inter = np.clip(w, 0, None) * np.clip(h, 0, None)
    area = lambda x: (x[:, 2] - x[:, 0] + extra) * (x[:, 3] - x[:, 1] + extra)
    return inter / (area(a)[:, None] + area(b)[None, :] - inter)


def voc_outcomes(objects, found, threshold=0.5, ignore=True):
    """+1 right, -1 wrong, 0 ignored for one class, best confidence first; and the positives.

    Rows: image, confidence or difficult flag, xmin, ymin, xmax, ymax (VOC pixels).
    """
    found = found[np.argsort(-found[:, 1], kind="stable")]
    hard = objects[:, 1] == 1 if ignore else np.zeros(len(objects), bool)
    table = overlaps(found[:, 2:], objects[:, 2:], 1)
    table[found[:, 0][:, None] != objects[:, 0][None, :]] = -1
    used, outcome = set(), []
    for row in table:
        best = int(row.argmax()) if row.size else -1
        if best < 0 or row[best] <= 0 or row[best] < threshold:
            outcome.append(-1)
        elif hard[best]:
            outcome.append(0)
        else:
            outcome.append(-1 if best in used else 1)
            used.add(best)
    return np.array(outcome, int), int((~hard).sum())


def points(outcome):
    kept = outcome[outcome != 0]
    return np.cumsum(kept == 1), np.cumsum(kept == -1)


def eleven_point(outcome, positives):
    tp, fp = points(outcome)
    total = Fraction(0)
    for k in range(11):
        above = [Fraction(int(t), int(t + f)) for t, f in zip(tp, fp)
                 if Fraction(int(t), positives) >= Fraction(k, 10)]
        total += max(above, default=Fraction(0))
    return float(total / 11)


def area(outcome, positives):
    tp, fp = points(outcome)
    if len(tp) == 0:
        return 0.0
    recall = np.concatenate([[0], tp / positives])
    ceiling = np.maximum.accumulate((tp / (tp + fp))[::-1])[::-1]
    return float(np.dot(np.diff(recall), ceiling))


def coco(objects, found, thresholds, low=0.0, high=1e10, limit=100, edges=False):
    """Mean 101-point AP and mean final recall of one class; None without objects."""
    def corners(x):
        shift = 0.0 if edges else 1.0
        return x[:, 2:] - [shift, shift, 0, 0]
    size = lambda x: (x[:, 2] - x[:, 0]) * (x[:, 3] - x[:, 1])
    ob, fb = corners(objects), corners(found)
    skip = (objects[:, 1] == 1) | (size(ob) < low) | (size(ob) > high)
    positives = int((~skip).sum())
    if positives == 0:
        return None
    aps, recalls = [], []
    for t in thresholds:
        scores, marks = [], []
        for image in np.unique(np.concatenate([objects[:, 0], found[:, 0]])):
            oi = np.flatnonzero(objects[:, 0] == image)
            oi = oi[np.argsort(skip[oi], kind="stable")]
            fi = np.flatnonzero(found[:, 0] == image)
            fi = fi[np.argsort(-found[fi, 1], kind="stable")][:limit]
            table = overlaps(fb[fi], ob[oi], 0)
            free = np.ones(len(oi), bool)
            for row, f in zip(table, fi):
                candidates = [set(np.flatnonzero(free & (skip[oi] == s) & (row >= t)))
                              for s in (False, True)]
                choice = candidates[0] or candidates[1]
                scores.append(found[f, 1])
                if choice:
                    top = max(choice, key=lambda i: (row[i], i))
                    free[top] = False
                    marks.append(0 if skip[oi[top]] else 1)
                else:
                    outside = not low <= size(fb[f:f + 1])[0] <= high
                    marks.append(0 if outside else -1)
        order = np.argsort(-np.array(scores), kind="stable")
        tp, fp = points(np.array(marks, int)[order])
        if len(tp) == 0:
            aps.append(0.0)
            recalls.append(0.0)
            continue
        recall = tp / positives
        ceiling = np.maximum.accumulate((tp / (tp + fp))[::-1])[::-1]
        at = np.searchsorted(recall, np.linspace(0, 1, 101), side="left")
        aps.append(float(np.mean([ceiling[i] if i < len(ceiling) else 0.0 for i in at])))
        recalls.append(float(recall[-1]))
    return float(np.mean(aps)), float(np.mean(recalls))


def random_lists(rng, images, objects, found, classes=2, size=120):
    """Objects and detections: half of the detections are shaken copies of objects."""
    corner = rng.integers(1, size, (objects, 2))
    sides = rng.integers(6, 70, (objects, 2))
    truth = np.column_stack([
        rng.integers(0, images, objects), rng.integers(0, classes, objects),
        rng.random(objects) < 0.2, corner, corner + sides])
    rows = []
    for _ in range(found):
        if rng.random() < 0.7:
            o = truth[rng.integers(0, objects)]
            box = o[3:] + rng.integers(-6, 7, 4)
            box[2:] = np.maximum(box[2:], box[:2] + 1)
            rows.append([o[0], o[1], rng.integers(0, 100) / 64, *box])
        else:
            c = rng.integers(1, size, 2)
            rows.append([rng.integers(0, images), rng.integers(0, classes),
                         rng.integers(0, 60) / 64, *c, *(c + rng.integers(6, 70, 2))])
    # Images in order, as the evaluation sees them; inside an image the order stays random.
    rows = np.array(rows, float)
    return truth.astype(float), rows[np.argsort(rows[:, 0], kind="stable")]


def main():
    seed = 20240607
    rng = np.random.default_rng(seed)
    thresholds = np.linspace(0.5, 0.95, 10)
    cases = []
    for name, shape in [("crowded", (3, 30, 60)), ("sparse", (12, 20, 40)),
                        ("few found", (6, 25, 10))]:
        truth, found = random_lists(rng, *shape)
        numbers = {}
        for c in range(2):
            o = truth[truth[:, 1] == c][:, [0, 2, 3, 4, 5, 6]]
            d = found[found[:, 1] == c][:, [0, 2, 3, 4, 5, 6]]
            for t in (0.5, 0.75):
                outcome, positives = voc_outcomes(o, d, t)
                numbers[f"{c} voc07 {t}"] = eleven_point(outcome, positives)
                numbers[f"{c} voc12 {t}"] = area(outcome, positives)
            outcome, positives = voc_outcomes(o, d)
            numbers[f"{c} right"] = int((outcome == 1).sum())
            numbers[f"{c} wrong"] = int((outcome == -1).sum())
            numbers[f"{c} ignored"] = int((outcome == 0).sum())
            numbers[f"{c} coco"] = coco(o, d, thresholds)[0]
            numbers[f"{c} coco50"] = coco(o, d, [0.5])[0]
            small = coco(o, d, thresholds, 0, 32 ** 2)
            numbers[f"{c} small"] = -1 if small is None else small[0]
            numbers[f"{c} one"] = coco(o, d, thresholds, limit=1)[1]
        arrays = {"objects": golden.exact(truth), "found": golden.exact(found)}
        cases.append({"name": name, "arrays": arrays, "numbers": numbers})
    golden.write("average_precision.json", cases, made_by="scripts/average_precision.py",
                 versions={"numpy": np.__version__}, seed=seed)


if __name__ == "__main__":
    main()
