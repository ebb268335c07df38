"""Reference values of the objectness, classification and heatmap losses, by autograd.

Run in Tests/Golden: python scripts/losses.py   (writes losses.json)
Everything is computed in double precision with whole-tensor operations, straight from the
formulas of the papers; gradients are autograd's, with anchor probabilities detached.
"""

import sys

import numpy as np
import torch
import torch.nn.functional as F

from golden import add, array, f32, write

torch.set_default_dtype(torch.float64)
SEED = 31
rng = np.random.default_rng(SEED)


def focal_terms(z, t, gamma, alpha=None):
    q = torch.sigmoid(z)
    terms = -t * (1 - q) ** gamma * F.logsigmoid(z) - (1 - t) * q ** gamma * F.logsigmoid(-z)
    return terms if alpha is None else terms * torch.where(t == 1, alpha, 1 - alpha)


def objectness():
    """2 x 2 cells, anchors of 8 and 24 pixels in an input of 64; the third image is empty."""
    truths = [  # image, edges, class, difficult
        [0, 12 / 64, 12 / 64, 20 / 64, 20 / 64, 0, 0],  # cell 0 0, anchor 0
        [0, 36 / 64, 38 / 64, 60 / 64, 62 / 64, 0, 0],  # cell 1 1, anchor 1
        [1, 35 / 64, 4 / 64, 59 / 64, 28 / 64, 0, 0],   # cell 0 1, anchor 1
    ]
    t = torch.zeros(3, 2, 2, 2)
    t[0, 0, 0, 0] = t[0, 1, 1, 1] = t[1, 0, 1, 1] = 1
    values = rng.normal(0, .4, (3, 2, 2, 2, 6))
    values[..., 4] = rng.uniform(-3, 3, (3, 2, 2, 2))
    values[0, 0, 0, 0, 4], values[0, 1, 1, 1, 4] = -1.2, 1.4
    values[1, 0, 1, 1, 4] = -3.5   # q* below the slack
    values = f32(np.round(values, 3))
    weights = f32(np.round(rng.uniform(.2, 1.5, (3, 2, 2, 2)), 3))
    z = torch.tensor(values[..., 4], requires_grad=True)
    w = torch.tensor(weights)
    arrays = {"logits": array(values.reshape(3, 2, 2, 12)), "truths": array(truths),
              "weights": array(weights.ravel())}
    numbers = {}
    bce = F.binary_cross_entropy_with_logits(z, t, reduction="none")
    add(arrays, numbers, "binaryCrossEntropy", z, (w * bce).sum())
    add(arrays, numbers, "focal", z, (w * focal_terms(z, t, 2)).sum())
    add(arrays, numbers, "focalWeighted", z, (w * focal_terms(z, t, 1.5, .25)).sum())
    q = torch.sigmoid(z)
    largest = torch.where(t == 1, q, -1.).amax((1, 2, 3), keepdim=True).detach()
    for name, gamma, slack in (("anchor", .5, .05), ("anchorSquare", 2, 0)):
        modulator = (1 + q - (largest - slack).clamp(min=0)) ** gamma
        modulator = torch.where((t == 1) | (largest < 0), 1., modulator)
        add(arrays, numbers, name, z, (w * modulator * bce).sum())
    return {"name": "objectness", "arrays": arrays, "numbers": numbers}


def classification():
    labels = [3, 0, 2, 2, 1, 4]
    values = f32(np.round(rng.normal(0, 1.6, (6, 5)), 3))
    values[1, 0] = -4    # q_y below the slack
    values[2, 0] = 4     # the largest background above 1 - slack
    z = torch.tensor(values, requires_grad=True)
    y = torch.tensor(labels)
    t = F.one_hot(y, 5).double()
    arrays = {"logits": array(values), "labels": array(labels)}
    numbers = {"correct": int((z.argmax(1) == y).sum())}
    bce = F.binary_cross_entropy_with_logits(z, t, reduction="none")
    ce = F.cross_entropy(z, y, reduction="none")
    add(arrays, numbers, "crossEntropy", z, ce.sum())
    add(arrays, numbers, "binaryCrossEntropy", z, bce.sum())
    add(arrays, numbers, "focal", z, focal_terms(z, t, 2).sum())
    add(arrays, numbers, "focalWeighted", z, focal_terms(z, t, .5, .25).sum())
    add(arrays, numbers, "focalSoftmax", z, ((1 - torch.exp(-ce)) ** 1.5 * ce).sum())
    q = torch.sigmoid(z)
    gamma, slack = .5, .05
    a = (q[range(6), y].detach() - slack).clamp(min=0).unsqueeze(1)
    add(arrays, numbers, "anchorBackground", z,
        (torch.where(t == 1, 1., (1 + q - a) ** gamma) * bce).sum())
    a = (torch.where(t == 1, -1., q).amax(1, keepdim=True).detach() + slack).clamp(max=1)
    gamma = 2
    add(arrays, numbers, "anchorTarget", z,
        (torch.where(t == 1, (1 - q + a) ** gamma, 1.) * bce).sum())
    # The average over the ⌊.7 · 6⌋ kept, times the size of the batch.
    add(arrays, numbers, "hardExamples", z, 6 * ce.sort(descending=True)[0][:4].mean())
    q = torch.softmax(z, 1)
    for name, gamma, modulated in (("anchorSoftmaxBackground", .5, t == 0),
                                   ("anchorSoftmaxTarget", 2, t == 1)):
        target = q[range(6), y].detach().unsqueeze(1)
        rival = torch.where(t == 1, -1., q).amax(1, keepdim=True).detach()
        m = torch.where(t == 1, 1 - q + (rival + slack).clamp(max=1),
                        1 + q - (target - slack).clamp(min=0))
        bce = -(t * torch.log(q) + (1 - t) * torch.log(1 - q))
        add(arrays, numbers, name, z, (torch.where(modulated, m ** gamma, 1.) * bce).sum())
    return {"name": "classification", "arrays": arrays, "numbers": numbers}


def gaussian(h, w, row, col, radius, sigma):
    """A bump with a square window, in double precision."""
    y, x = np.mgrid[:h, :w]
    bump = np.exp(-((y - row) ** 2 + (x - col) ** 2) / (2 * sigma ** 2))
    return bump * ((abs(y - row) <= radius) & (abs(x - col) <= radius))


def targets(n, h, w, channels, bumps):
    maps = np.zeros((n, h, w, channels))
    for image, channel, row, col, radius, sigma in bumps:
        old = maps[image, :, :, channel]
        maps[image, :, :, channel] = np.maximum(old, gaussian(h, w, row, col, radius, sigma))
    return f32(maps)


def pose():
    n, h, w, joints = 2, 5, 4, 3
    bumps = [(0, 0, 1, 1, 1, 1.), (0, 1, 4, 3, 2, 1.), (1, 0, 2, 2, 1, .7), (1, 2, 0, 0, 2, 1.)]
    p = torch.tensor(targets(n, h, w, joints, bumps))   # the other two maps are empty
    values = f32(np.round(rng.normal(-.5, 1.5, (n, h, w, joints)), 3))
    labelled = torch.tensor([[1., 1, 1], [1, 0, 1]])
    z = torch.tensor(values, requires_grad=True)
    q = torch.sigmoid(z)
    bce = F.binary_cross_entropy_with_logits(z, p, reduction="none")
    largest = torch.where(p > .5, q, -1.).amax((1, 2), keepdim=True).detach()
    arrays = {"logits": array(values), "targets": array(p), "bumps": array(bumps),
              "labelled": array(labelled)}
    numbers = {}
    for name, gamma, slack in (("loss", 2, 0), ("slackLoss", .5, .1)):
        modulator = (1 + q - (largest - slack).clamp(min=0)) ** gamma
        modulator = torch.where((p == 0) & (largest > 0), modulator, 1.)
        loss = (labelled[:, None, None, :] * modulator * bce).sum() / (h * w * joints)
        add(arrays, numbers, name, z, loss)
    return {"name": "pose", "arrays": arrays, "numbers": numbers}


def distance_aware():
    n, h, w, channels = 2, 5, 6, 2
    bumps = [  # image, channel, row, column, radius, sigma
        (0, 0, 2, 2, 2, 5 / 6), (0, 0, 3, 4, 1, .5), (0, 1, 0, 5, 2, 5 / 6), (1, 1, 4, 0, 3, 7 / 6)]
    y = torch.tensor(targets(n, h, w, channels, bumps))
    values = f32(np.round(rng.normal(-1.5, 1.5, (n, h, w, channels)), 3))
    values[0, 2, 2, 0] = .7
    values[0, 0, 0, 0], values[1, 0, 0, 0], values[0, 0, 5, 1] = 10, -10, -11   # all cut
    z = torch.tensor(values, requires_grad=True)
    p = torch.sigmoid(z).clamp(1e-4, 1 - 1e-4)
    positive = (y == 1).double()
    arrays = {"logits": array(values), "targets": array(y), "bumps": array(bumps)}
    numbers = {}
    for name, alpha, beta in (("loss", 2, 4), ("fractional", .5, 1.5)):
        terms = positive * (1 - p) ** alpha * torch.log(p)
        terms = terms + (1 - positive) * (1 - y) ** beta * p ** alpha * torch.log(1 - p)
        add(arrays, numbers, name, z, -terms.sum() / positive.sum())
    return {"name": "distance aware", "arrays": arrays, "numbers": numbers}


def main():
    cases = [objectness(), classification(), pose(), distance_aware()]
    write("losses.json", cases, made_by="scripts/losses.py",
          versions={"python": sys.version.split()[0], "numpy": np.__version__,
                    "torch": torch.__version__}, seed=SEED)


if __name__ == "__main__":
    main()
