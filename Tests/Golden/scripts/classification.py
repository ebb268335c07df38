"""The numbers that classifiers are judged by, with scikit-learn and SciPy and, for top-5 and calibration
errors, from their definitions in NumPy.

Probabilities are multiples of 1/64, so that some are equal and every Float is exact. Run: python
classification.py (writes ../classification.json).
"""
import json
from pathlib import Path

import numpy as np
import sklearn
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from scipy.stats import entropy
from sklearn.metrics import (accuracy_score, average_precision_score, balanced_accuracy_score, f1_score,
                             log_loss, roc_auc_score, roc_curve)

generator = np.random.default_rng(11)
images, classes, bins = 50, 7, 15
labels = generator.integers(0, classes, images)
logits = generator.standard_normal((images, classes)) + 1.2 * np.eye(classes)[labels]
parts = np.stack([generator.multinomial(64 - classes, p) for p in
                  np.exp(1.5 * logits) / np.exp(1.5 * logits).sum(axis=1, keepdims=True)])
probabilities = (parts + 1) / 64
answers = probabilities.argmax(axis=1)
wrong = answers != labels
confidence = probabilities.max(axis=1)
uncertainty = np.round(generator.random(images) * 16 + 4 * wrong) / 32
order = np.argsort(-probabilities, axis=1, kind="stable")
place = np.minimum((confidence * bins).astype(int), bins - 1)
ece = sum(abs((~wrong)[place == b].sum() - confidence[place == b].sum()) for b in range(bins)) / images
numbers = {
    "top1": accuracy_score(labels, answers),
    "top5": (order[:, :5] == labels[:, None]).any(axis=1).mean(),
    "ece15": ece,
    "nll": log_loss(labels, probabilities, labels=range(classes)),
    "brier": ((probabilities - np.eye(classes)[labels]) ** 2).sum(axis=1).mean(),
    "aurocConfidence": roc_auc_score(wrong, 1 - confidence),
    "aurocUncertainty": roc_auc_score(wrong, uncertainty),
}
ranked = np.sort(probabilities, axis=1)
scores = {"confidence": 1 - confidence, "entropy": entropy(probabilities, base=2, axis=1),
          "margin": 1 - (ranked[:, -1] - ranked[:, -2]), "bald": uncertainty}
for name, score in scores.items():
    # Right answers are what a threshold on certainty shall let pass.
    false, true, _ = roc_curve(~wrong, -score, drop_intermediate=False)
    numbers[name + "AUROC"] = roc_auc_score(wrong, score)
    numbers[name + "AUPR"] = average_precision_score(wrong, score)
    numbers[name + "FPR95"] = false[np.argmax(true >= 0.95)]
numbers["balancedAccuracy"] = balanced_accuracy_score(labels, answers)
numbers["macroF1"] = f1_score(labels, answers, average="macro")
order = np.argsort(confidence, kind="stable")
numbers["adaptiveECE"] = sum(
    abs((confidence[part] - ~wrong[part]).sum())
    for part in (order[b * images // bins:(b + 1) * images // bins] for b in range(bins))) / images
place = np.minimum((probabilities * bins).astype(int), bins - 1)
target = np.eye(classes)[labels]
numbers["classwiseECE"] = np.mean([
    sum(abs((probabilities[:, k] - target[:, k])[place[:, k] == b].sum()) for b in range(bins)) / images
    for k in range(classes)])


def loss(logarithm):
    return -log_softmax(np.log(probabilities) / np.exp(logarithm), axis=1)[range(images), labels].mean()


numbers["temperature"] = np.exp(minimize_scalar(
    loss, bounds=(-3, 3), method="bounded", options={"xatol": 1e-9}).x)
flat = lambda x: {"shape": list(x.shape), "values": [float(v) for v in x.ravel()]}
document = {
    "format": 1, "made_by": "scripts/classification.py", "seed": 11,
    "versions": {"numpy": np.__version__, "scikit-learn": sklearn.__version__},
    "cases": [{"name": "classification", "numbers": {k: float(v) for k, v in numbers.items()},
               "arrays": {"probabilities": flat(probabilities), "labels": flat(labels),
                          "uncertainty": flat(uncertainty)}}]}
path = Path(__file__).resolve().parent.parent / "classification.json"
path.write_text(json.dumps(document, separators=(",", ":")) + "\n")
