"""Training steps of Tests/Golden/training.cfg with Bayesian branches, by PyTorch in double precision.

Run in Tests/Golden: python scripts/branches.py   (writes branches.json)
The network and its data are those of training.py. Branches draw no noise (K = 0), so that every
value is determined: mean and variance of the objectness, its uncertainty and the difficulty are
written out here from their formulas, gradients are autograd's.
"""

import json
import math
import os
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

sys.path.insert(0, os.path.dirname(__file__))
import training
import yolo_loss

LAMBDA = .25
STEPS = 2  # A third step magnifies rounding: maxima and correctness flip.
C2 = math.pi * math.log(2) / 2


def bald(mean, variance):
    p = torch.special.ndtr(mean / torch.sqrt(variance + 1))
    h = -(torch.xlogy(p, p) + torch.xlogy(1 - p, 1 - p)) / math.log(2)
    e = torch.sqrt(C2 / (variance + C2)) * torch.exp(-mean ** 2 / (2 * (variance + C2)))
    return (h - e).clamp(min=0)


class Branched(training.Network):
    """Two anchors a head: the branches give two channels, in series as many as they read."""

    def __init__(self, mode):
        super().__init__()
        self.mode = mode
        widths = {"9": 24, "14": 40}
        self.branch = nn.ModuleDict({
            head: training.conv(c, c if mode == "series" else 2, 1, 1, 100 + number, True)
            for number, (head, c) in enumerate(widths.items())})
        self.place = nn.ModuleDict({
            head: training.conv(c, 2, 1, 1, 200 + number, True)
            for number, (head, c) in enumerate(widths.items())}) if mode == "expectedIoU" else None

    def heads(self, coarse, fine):
        results = []
        for head, x in (("9", coarse), ("14", fine)):
            read = x.detach() if self.mode == "accompanyDetached" else x
            layer = self.branch[head]
            mean = layer(read)
            variance = F.conv2d(read ** 2, LAMBDA * layer.weight ** 2)
            if self.mode == "series":
                last = self.head[head]
                z = last(mean)
                rows = last.weight[4::7]
                variance = F.conv2d(variance, rows ** 2)
                mean = z[:, 4::7]
            else:
                z = self.head[head](x)
                if self.mode == "replace":
                    z = torch.cat([z[:, :4], mean[:, :1], z[:, 5:11], mean[:, 1:], z[:, 12:]], 1)
            # The head's own class filters, as uncertain as the branch's.
            kernel = self.head[head].weight
            classes = F.conv2d(x ** 2, LAMBDA * kernel ** 2)
            n, _, h, w = z.shape
            classes = classes.permute(0, 2, 3, 1).reshape(n, h, w, 2, 7)[..., 5:]
            place = self.place[head](x.detach()).permute(0, 2, 3, 1) if self.place else None
            results.append((z, mean.permute(0, 2, 3, 1), variance.permute(0, 2, 3, 1), classes, place))
        return results


def head_loss(z, mean, variance, classes, place, mask, mode, eta):
    n, _, h, w = z.shape
    z = z.permute(0, 2, 3, 1).reshape(n, h, w, 2, 7)
    kept = {}

    def weigh(active, target):
        bits = bald(mean, variance)
        if mode == "detection":
            present = torch.special.ndtr(mean / torch.sqrt(variance + 1))
            bits = bits + present * bald(z[..., 5:], classes).sum(-1)
        if mode == "expectedIoU":
            bits = 1 - torch.sigmoid(place)
        u = torch.sigmoid(bits).detach()
        right = (z[..., 4] > 0) == (target > .5)
        d = torch.where(right, .5 * u, .5 * (1 - u) + .5)
        kept.update(active=active.clone(), target=target.clone(), d=d, right=right)
        return d

    box, obj, cls, *_ = yolo_loss.loss(
        z, training.TRUTHS, training.ANCHORS[mask], 2, .5, 1, 1, training.chooser(mask), "yolo",
        weights=weigh)
    aux = torch.zeros(())
    if mode in ("accompany", "accompanyDetached", "rescaleAux", "detection", "expectedIoU"):
        bce = F.binary_cross_entropy_with_logits(mean, kept["target"], reduction="none")
        aux = (kept["active"] * bce * (kept["d"] if mode == "rescaleAux" else 1)).sum()
    if eta:
        # The gradient goes into the variance alone.
        u = bald(mean.detach(), variance)
        for i in range(n):
            on = kept["active"][i] > 0
            wrong = on & ~kept["right"][i]
            easy = on & kept["right"][i] & (kept["target"][i] == 0)
            if easy.any():
                aux = aux + eta * u[i][easy].mean()
            if wrong.any():
                aux = aux - eta * u[i][wrong].mean()
    return box, obj, cls, aux


def case(name, mode, eta=0):
    net = Branched(mode)
    x = (training.sines(2 * 64 * 64 * 3, 0) * .5 + .5).astype(np.float32).astype(np.float64)
    x = torch.tensor(x).view(2, 64, 64, 3).permute(0, 3, 1, 2)
    optimizer = torch.optim.SGD(
        [{"params": [p for p in net.parameters() if p.dim() == 4], "weight_decay": 5e-4},
         {"params": [p for p in net.parameters() if p.dim() == 1], "weight_decay": 0}],
        lr=1e-4, momentum=.9)
    steps = []
    for _ in range(STEPS):
        total = 0
        row = []
        for (z, *told), mask in zip(net(x), ([2, 3], [0, 1])):
            parts = head_loss(z, *told, mask, mode, eta)
            total = total + sum(parts) / 2
            row += [p.item() for p in parts]
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        steps.append(row)
    print(name, np.array(steps).round(4), sep="\n")
    values = [float(f"{v:.9g}") for row in steps for v in row]
    return {"name": name, "numbers": {"eta": eta},
            "arrays": {"losses": {"shape": [STEPS, 8], "values": values}}}


def main():
    modes = ["accompany", "accompanyDetached", "rescaleAux", "replace", "series"]
    cases = [case(m, m) for m in modes] + [case("enlarge", "accompany", eta=20)]
    cases += [case(m, m) for m in ("detection", "expectedIoU")]
    with open("branches.json", "w") as file:
        json.dump({"format": 1, "made_by": "scripts/branches.py",
                   "versions": {"torch": torch.__version__, "numpy": np.__version__},
                   "seed": 0, "cases": cases}, file, indent=1)


if __name__ == "__main__":
    main()
