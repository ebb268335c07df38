"""Joining detections of several views of one image, in NumPy: each detection, the most confident
first, joins the group whose mean box it overlaps most (above a threshold, no other of its view in it).

Run: python view_fusion.py (writes ../view_fusion.json).
"""
import numpy as np

from golden import array, exact, write

THRESHOLD = 0.55


def overlap(a, b):
    w = min(a[2], b[2]) - max(a[0], b[0])
    h = min(a[3], b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0.0
    area = lambda c: (c[2] - c[0]) * (c[3] - c[1])
    return w * h / (area(a) + area(b) - w * h)


def fuse(rows, views):
    """rows: [view, class, confidence, objectness, left, top, right, bottom], one a detection."""
    groups = []
    for row in rows[np.argsort(-rows[:, 2], kind="stable")]:
        def mean(members):
            m = np.array(members)
            return np.average(m[:, 4:], axis=0, weights=m[:, 2])
        scored = [(overlap(mean(g), row[4:]), i) for i, g in enumerate(groups)
                  if g[0][1] == row[1] and row[0] not in [r[0] for r in g]]
        scored = [(o, -i) for o, i in scored if o > THRESHOLD]
        if scored:
            groups[-max(scored)[1]].append(row)
        else:
            groups.append([row])
    out = []
    for g in groups:
        m = np.array(g)
        box = np.average(m[:, 4:], axis=0, weights=m[:, 2])
        out.append([m[0, 1], m[:, 2].sum() / views, m[:, 3].sum() / views, *box])
    out = np.array(out)
    return out[np.argsort(-out[:, 1], kind="stable")]


generator = np.random.default_rng(11)
cases = []
for number, views in enumerate([1, 2, 6]):
    rows = []
    for obj in range(7):
        centre = generator.uniform(0.2, 0.8, 2)
        size = generator.uniform(0.15, 0.4, 2)
        kind = int(generator.integers(0, 2))
        for view in range(views):
            if generator.random() < 0.25:
                continue
            c = centre + generator.normal(0, 0.02, 2)
            s = size * np.exp(generator.normal(0, 0.1, 2))
            o = generator.uniform(0.05, 1)
            rows.append([view, kind, o * generator.uniform(0.3, 1), o, *(c - s / 2), *(c + s / 2)])
    # In the order of the views, as a detector gives them, in the numbers that a Float holds.
    rows = np.array(sorted(rows, key=lambda r: r[0])).astype(np.float32).astype(np.float64)
    fused = fuse(rows, views)
    cases.append({"name": f"{views} views", "numbers": {"views": views, "threshold": THRESHOLD},
                  "arrays": {"found": exact(rows.astype(np.float32)), "fused": array(fused)}})
write("view_fusion.json", cases, made_by="scripts/view_fusion.py", seed=11,
      versions={"numpy": np.__version__})
