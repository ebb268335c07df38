#!/usr/bin/env python3
"""Golden values of how classifiers see pictures in training: Darknet's crop with rotation and aspect,
pixel by pixel in NumPy, and PyTorch's way to pad with zeros, crop and mirror.

    python3 Tests/Golden/scripts/random_view.py

Darknet takes a pixel's corner for its place; here it is its centre, half a pixel further.
"""

import math

import numpy as np
import torch
from torch.nn import functional as F

import golden


def picture(width, height, seed):
    """Bytes that any language can repeat, [height, width, 3]."""
    i = np.arange(width * height * 3, dtype=np.uint64)
    mask = np.uint64(0xFFFFFFFF)
    h = (i * np.uint64(2654435761) + np.uint64(seed) * np.uint64(40503) + np.uint64(1)) & mask
    h = ((h ^ (h >> np.uint64(15))) * np.uint64(2246822519)) & mask
    return (h >> np.uint64(24)).astype(np.float64).reshape(height, width, 3)


def pixel(image, x, y):
    height, width, _ = image.shape
    return image[y, x] if 0 <= x < width and 0 <= y < height else np.zeros(3)


def view(image, width, height, side, aspect, degrees, across, down):
    """`across` and `down` are shares of the largest shift, -1...1."""
    rows, columns, _ = image.shape
    scale = side / min(rows, columns * aspect)
    dx = across * abs(columns * scale / aspect - width) / 2
    dy = down * abs(rows * scale - height) / 2
    turn = degrees * 2 * math.pi / 360
    seen = np.zeros((height, width, 3))
    for j in range(height):
        for i in range(width):
            u = (i + 0.5 - width / 2 + dx) / scale * aspect
            v = (j + 0.5 - height / 2 + dy) / scale
            x = math.cos(turn) * u - math.sin(turn) * v + columns / 2 - 0.5
            y = math.sin(turn) * u + math.cos(turn) * v + rows / 2 - 0.5
            left, top = math.floor(x), math.floor(y)
            a, b = x - left, y - top
            seen[j, i] = (
                (1 - b) * (1 - a) * pixel(image, left, top)
                + b * (1 - a) * pixel(image, left, top + 1)
                + (1 - b) * a * pixel(image, left + 1, top)
                + b * a * pixel(image, left + 1, top + 1))
    return seen / 255


cases = []
for number, (columns, rows, *drawn) in enumerate([
    (12, 9, 8, 8, 16, 1.0, 0.0, 0.0, 0.0),
    (12, 9, 8, 8, 8, 1.0, 0.0, 1.0, -1.0),
    (9, 13, 8, 6, 11, 0.8, 7.0, -0.4, 0.9),
    (16, 16, 8, 8, 6, 1.25, -30.0, 0.7, 0.3),
    (10, 7, 6, 8, 10, 1.3, 90.0, 0.5, -0.25),
    (7, 20, 8, 8, 24, 0.75, -5.0, -1.0, 1.0),
]):
    keys = ["width", "height", "side", "aspect", "degrees", "across", "down"]
    seen = view(picture(columns, rows, number), *drawn)
    cases.append({
        "name": f"view {number}",
        "numbers": dict(zip(keys, map(float, drawn)), columns=columns, rows=rows, seed=number),
        "arrays": {"input": golden.array(seen, 7)},
    })

for number, (x, y, mirrored) in enumerate([(0, 0, False), (-4, 3, False), (2, -1, True)]):
    image = torch.tensor(picture(8, 6, 10 + number)).permute(2, 0, 1) / 255
    padded = F.pad(image, (4, 4, 4, 4))
    # What lay at (0, 0) comes to lie at (x, y).
    seen = padded[:, 4 - y:10 - y, 4 - x:12 - x]
    seen = seen.flip(2) if mirrored else seen
    cases.append({
        "name": f"pad {number}", "numbers": {
            "x": float(x), "y": float(y), "mirrored": float(mirrored), "seed": 10.0 + number},
        "arrays": {"input": golden.array(seen.permute(1, 2, 0).numpy(), 7)},
    })

golden.write("random_view.json", cases, made_by="scripts/random_view.py",
             versions={"torch": torch.__version__.split("+")[0], "numpy": np.__version__})
