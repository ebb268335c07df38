"""Telling wrong detections by combinations of their scores: the mean of SciPy's ranks and
1 - c (1 - U), judged by scikit-learn's ranking metrics.

Scores are coarse, so that there are ties. Run: python score_combinations.py (writes
../score_combinations.json).
"""
import numpy as np
import scipy
import sklearn
from scipy.stats import rankdata
from sklearn.metrics import average_precision_score, roc_auc_score

from golden import exact, write

generator = np.random.default_rng(5)
count = 60
wrong = generator.random(count) < 0.45
confidence = np.clip(np.round(0.75 - 0.3 * wrong + 0.2 * generator.standard_normal(count), 2), 0, 1)
bald = np.clip(np.round((0.1 + 0.15 * wrong + 0.1 * generator.standard_normal(count)) * 32) / 32, 0, 1)
variance = np.round(np.exp(generator.standard_normal(count) + 0.5 * wrong), 1)
confidence, bald, variance = (v.astype(np.float32) for v in (confidence, bald, variance))
c, u, v = (a.astype(np.float64) for a in (confidence, bald, variance))
scores = {
    "confidenceAndBALD": 1 - c * (1 - u),
    "ranksOfConfidenceAndBALD": (rankdata(1 - c) + rankdata(u)) / (2 * count),
    "ranksOfConfidenceBALDAndVariance": (rankdata(1 - c) + rankdata(u) + rankdata(v)) / (3 * count),
}
numbers = {}
for name, score in scores.items():
    numbers[f"auroc {name}"] = roc_auc_score(wrong, score)
    numbers[f"aupr {name}"] = average_precision_score(wrong, score)
    numbers[f"mean {name}"] = float(score.mean())
    numbers[f"first {name}"] = float(score[0])
arrays = {"confidence": exact(confidence), "bald": exact(bald), "variance": exact(variance),
          "wrong": exact(wrong.astype(int))}
numbers = {name: float(value) for name, value in numbers.items()}
write("score_combinations.json", [{"name": "combinations", "numbers": numbers, "arrays": arrays}],
      made_by="scripts/score_combinations.py", seed=5,
      versions={"numpy": np.__version__, "scipy": scipy.__version__,
                "scikit-learn": sklearn.__version__})
