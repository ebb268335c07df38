"""Losses of heatmaps by PyTorch: terms, normalisations and weights of HeatmapLoss.

Run in Tests/Golden: python scripts/heatmaps.py   (writes heatmaps.json)
"""
import sys

import numpy as np
import torch
import torch.nn.functional as F

from golden import add, array, f32, write

torch.set_default_dtype(torch.float64)
SEED = 14
rng = np.random.default_rng(SEED)
N, H, W, J = 2, 5, 4, 3


def bump(maps, image, joint, x, y, sigma, radius):
    """Middles between pixels; the window is around the pixel of the middle."""
    for row in range(H):
        for column in range(W):
            if abs(row - int(y)) <= radius and abs(column - int(x)) <= radius:
                d = (column + .5 - x) ** 2 + (row + .5 - y) ** 2
                maps[image, row, column, joint] = max(
                    maps[image, row, column, joint], np.exp(-d / (2 * sigma ** 2)))


def main():
    soft, hard = np.zeros((N, H, W, J)), np.zeros((N, H, W, J))
    places = [(0, 0, 1.2, 1.9), (0, 1, 3.5, 4.0), (1, 0, 2.5, 2.5), (1, 0, .2, 4.9), (1, 2, .1, .1)]
    for image, joint, x, y in places:
        bump(soft, image, joint, x, y, 1., 2)
        bump(hard, image, joint, int(x) + .5, int(y) + .5, 1., 2)
    objects = torch.zeros(N, J)
    for image, joint, _, _ in places:
        objects[image, joint] += 1
    labelled = torch.tensor([[1., 1, 0], [1, 1, 1]])[:, None, None, :]
    values = f32(np.round(rng.normal(-.5, 1.5, (N, H, W, J)), 3))
    weights = f32(np.round(rng.uniform(0, 2, (N, H, W, J)), 3))
    w = torch.tensor(weights)
    z = torch.tensor(values, requires_grad=True)
    p, y = torch.tensor(f32(soft)), torch.tensor(f32(hard))

    def squared(t):
        return .5 * (z - t) ** 2

    def cross(t):
        return F.binary_cross_entropy_with_logits(z, t, reduction="none")

    arrays = {"logits": array(values), "weights": array(weights), "soft": array(p),
              "hard": array(y), "places": array(np.array(places)),
              "labelled": array(labelled.flatten())}
    numbers = {}
    mean = 1 / (H * W * J)
    add(arrays, numbers, "mse", z, mean * (labelled * squared(p)).sum())
    add(arrays, numbers, "bce", z, mean * (labelled * cross(p)).sum())
    add(arrays, numbers, "weighted", z, mean * (labelled * w * cross(p)).sum())
    # OHKM: of each image the two maps with the largest loss, as many halves of three.
    maps = (labelled * squared(p)).sum((1, 2)) / (H * W)
    add(arrays, numbers, "ohkm", z, maps.topk(2, 1).values.sum() / 2)
    balance = (labelled.expand_as(y).sum() - objects.sum()) / objects.sum()
    balanced = torch.where(y == 1, balance, 1.)
    point = (y == 1).double()
    add(arrays, numbers, "balanced", z, mean * (labelled * balanced * cross(point)).sum())
    per_map = objects.clamp(min=1)[:, None, None, :]
    per_image = objects.sum(1).clamp(min=1)[:, None, None, None]
    add(arrays, numbers, "map", z, (labelled * cross(p) / per_map).sum())
    add(arrays, numbers, "image", z, (labelled * cross(p) / per_image).sum())
    add(arrays, numbers, "batch", z, N * (labelled * cross(p)).sum() / objects.sum())
    write("heatmaps.json", [{"name": "heatmaps", "arrays": arrays, "numbers": numbers}],
          made_by="scripts/heatmaps.py",
          versions={"python": sys.version.split()[0], "numpy": np.__version__,
                    "torch": torch.__version__}, seed=SEED)


if __name__ == "__main__":
    main()
