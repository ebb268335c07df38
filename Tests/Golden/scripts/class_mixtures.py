"""Cross-entropy of images that show several classes, with PyTorch in double precision.

The target of a class with share s is s (1 - eps) + (1 - s) eps / (L - 1). Run: python
class_mixtures.py (writes ../class_mixtures.json).
"""
import torch

from golden import array, write

torch.manual_seed(7)
IMAGES, CLASSES = 4, 6
SHARES = [{2: 1.0}, {0: 0.25, 5: 0.75}, {1: 0.5, 3: 0.125, 4: 0.375}, {5: 0.5, 2: 0.5}]

cases = []
for name, smoothing in [("plain", 0.0), ("smoothed", 0.125)]:
    logits = (3 * torch.randn(IMAGES, CLASSES)).double().requires_grad_()
    shares = torch.zeros(IMAGES, CLASSES, dtype=torch.double)
    for image, parts in enumerate(SHARES):
        for label, share in parts.items():
            shares[image, label] = share
    targets = shares * (1 - smoothing) + (1 - shares) * smoothing / (CLASSES - 1)
    loss = torch.nn.functional.cross_entropy(logits, targets, reduction="sum")
    loss.backward()
    cases.append({
        "name": name, "numbers": {"smoothing": smoothing, "loss": float(f"{loss.item():.9g}")},
        "arrays": {"logits": array(logits), "shares": array(shares), "gradient": array(logits.grad)},
    })

write("class_mixtures.json", cases, made_by="scripts/class_mixtures.py", seed=7,
      versions={"torch": torch.__version__})
