"""Peaks against centres of objects with SciPy: how many are right at every threshold, and where.

The number right among the k highest peaks is that of a largest bipartite matching; a peak is right if it
raises that number; right peaks get the objects that make the sum of distances smallest. Places are
multiples of 1/8, heights are all different. Run: python peaks.py (writes ../peaks.json).
"""
from importlib.metadata import version

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

import golden


def case(name, seed, objects, peaks, side, radius):
    rng = np.random.default_rng(seed)
    truths = np.round(rng.uniform(0, side, (objects, 2)) * 8) / 8
    near = truths[rng.integers(0, objects, peaks)] + rng.normal(0, radius / 2, (peaks, 2))
    far = rng.uniform(0, side, (peaks, 2))
    found = np.round(np.where(rng.random((peaks, 1)) < 0.8, near, far) * 8) / 8
    heights = (rng.permutation(peaks) + 1) / 1024
    order = np.argsort(-heights)
    distances = np.linalg.norm(found[:, None] - truths[None], axis=2)
    reach = distances <= radius
    counts = [int((maximum_bipartite_matching(
        csr_matrix(reach[order[:k]]), perm_type="column") >= 0).sum()) for k in range(1, peaks + 1)]
    right = order[np.diff([0] + counts) > 0]
    cost = np.where(reach, distances, 1e6)
    rows, columns = linear_sum_assignment(cost[right])
    assert cost[right][rows, columns].max() < 1e6
    # The usual count: all peaks, distances cut off, as many pairs as can be.
    rows_all, columns_all = linear_sum_assignment(cost)
    usual = int((cost[rows_all, columns_all] < 1e6).sum())
    assert usual == counts[-1]
    errors = cost[right][rows, columns]
    precision = np.array(counts) / np.arange(1, peaks + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    recall = np.array(counts) / objects
    ap = float((np.diff([0, *recall]) * envelope).sum())
    f1 = 2 * np.array(counts) / (np.arange(1, peaks + 1) + objects)
    return {
        "name": name,
        "arrays": {
            "truths": golden.exact(truths),
            "found": golden.exact(np.concatenate([found, heights[:, None]], axis=1)),
            "counts": golden.exact(np.array(counts)),
            "right": golden.exact(np.sort(right)),
        },
        "numbers": {
            "radius": radius, "sum": float(errors.sum()), "median": float(np.median(errors)),
            "ap": ap, "f1": float(f1.max()), "height": float(heights[order[int(f1.argmax())]]),
        },
    }


golden.write(
    "peaks.json",
    [case("sparse", 1, 30, 40, 200, 4), case("dense", 2, 60, 90, 60, 5),
     case("crowded", 3, 80, 60, 40, 8), case("one", 4, 1, 3, 10, 2)],
    made_by="scripts/peaks.py", seed=[1, 2, 3, 4],
    versions={"numpy": np.__version__, "scipy": version("scipy")})
