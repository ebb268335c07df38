"""Reference values of the losses of box variances, on the logits and objects of YOLOLoss.json.

Run in Tests/Golden: python scripts/box_variance.py   (writes box_variance.json)
The likelihood is torch.distributions' and its gradient autograd's. The energy score of one dimension is the
integral of (F(x) - 1[x >= t])^2 over x, by quadrature, its gradients by differences of that.
"""

import json
import math
import sys

import numpy as np
import torch
from scipy import integrate, stats

import golden
import yolo_loss

SEED, WEIGHT = 8, .6
rng = np.random.default_rng(SEED)


def energy(mean, s, t):
    normal = stats.norm(mean, math.exp(s / 2))
    span = 40 * math.exp(s / 2)
    below = integrate.quad(lambda x: normal.cdf(x) ** 2, min(mean - span, t - 1), t, limit=500,
                           points=[p for p in (mean,) if p < t])[0]
    above = integrate.quad(lambda x: normal.sf(x) ** 2, t, max(mean + span, t + 1), limit=500,
                           points=[p for p in (mean,) if p > t])[0]
    return below + above


def case(source):
    arrays, numbers = source["arrays"], source["numbers"]
    read = lambda name: np.array(arrays[name]["values"]).reshape(arrays[name]["shape"])
    z = golden.f32(read("logits"))
    n, h, w, _ = z.shape
    z = z.reshape(n, h, w, 3, -1)
    truths, pixels = golden.f32(read("truths")), read("anchors")
    mask = [int(m) for m in read("mask")]
    size = np.array([numbers["inputWidth"], numbers["inputHeight"]])
    anchors, scale = pixels[mask] / size, float(np.float32(numbers["scaleXY"]))
    s = golden.f32(np.round(rng.normal(0, 2, (n, h, w, 3, 4)), 3))
    targets = {}
    for truth in truths:
        if truth[6]:
            continue
        row, col = yolo_loss.cell(truth, h, w)
        best = int(yolo_loss.size_iou(pixels, (truth[3:5] - truth[1:3]) * size).argmax())
        if best in mask:
            targets[int(truth[0]), row, col, mask.index(best)] = truth[1:5]
    if numbers["truthThreshold"] < 1:
        boxes = yolo_loss.boxes_of(torch.tensor(z), torch.tensor(anchors), scale)
        for image in range(n):
            own = truths[(truths[:, 0] == image) & (truths[:, 6] == 0)]
            value, which = yolo_loss.iou(boxes[image], torch.tensor(own[:, 1:5])).max(-1)
            for row, col, k in torch.nonzero(value > numbers["truthThreshold"]).tolist():
                targets.setdefault((image, row, col, k), own[which[row, col, k], 1:5])
    logit = lambda p: math.log(min(max(p, .01), .99) / (1 - min(max(p, .01), .99)))
    losses = {"likelihood": 0., "energy": 0.}
    slopes = {k + part: np.zeros((n, h, w, 3, 4)) for k in losses for part in ("", "OfLogits")}
    for number, ((image, row, col, k), (l, top, r, b)) in enumerate(targets.items()):
        if number == 0:
            s[image, row, col, k, :2] = [-9, 8]  # beyond the bound
        goal = [logit(((l + r) / 2 * w - col + (scale - 1) / 2) / scale),
                logit(((top + b) / 2 * h - row + (scale - 1) / 2) / scale),
                math.log((r - l) / anchors[k, 0]), math.log((b - top) / anchors[k, 1])]
        for e in range(4):
            place, t = (image, row, col, k, e), goal[e]
            mean = torch.tensor(z[place], requires_grad=True)
            free = torch.tensor(s[place], requires_grad=True)
            normal = torch.distributions.Normal(mean, torch.exp(free.clamp(-7, 7) / 2))
            loss = -normal.log_prob(torch.tensor(t)) - .5 * math.log(2 * math.pi)
            loss.backward()
            losses["likelihood"] += WEIGHT * loss.item()
            slopes["likelihood"][place] = WEIGHT * free.grad.item()
            slopes["likelihoodOfLogits"][place] = WEIGHT * mean.grad.item()
            cut, step = min(max(s[place], -7), 7), 1e-4
            losses["energy"] += WEIGHT * energy(z[place], cut, t)
            slopes["energyOfLogits"][place] = WEIGHT * (
                energy(z[place] + step, cut, t) - energy(z[place] - step, cut, t)) / (2 * step)
            if abs(s[place]) <= 7:
                slopes["energy"][place] = WEIGHT * (
                    energy(z[place], cut + step, t) - energy(z[place], cut - step, t)) / (2 * step)
    print(source["name"], len(targets), losses, file=sys.stderr)
    return {"name": source["name"], "arrays": {"logVariances": golden.array(s), **{
        k: golden.array(v, 7) for k, v in slopes.items()}}, "numbers": {"weight": WEIGHT, **{
            k + "Loss": v for k, v in losses.items()}}}


def main():
    cases = json.loads((golden.FOLDER / "YOLOLoss.json").read_text())["cases"]
    golden.write(
        "box_variance.json", [case(c) for c in cases if c["name"].startswith("yolo")],
        made_by="scripts/box_variance.py",
        versions={"python": sys.version.split()[0], "numpy": np.__version__,
                  "torch": torch.__version__}, seed=SEED)


if __name__ == "__main__":
    main()
