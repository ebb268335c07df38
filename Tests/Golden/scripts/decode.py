"""Reference detections of YOLOv3 and YOLOv2 heads, computed with NumPy in double precision.

Run: python decode.py (writes ../Decode.json).
"""

import sys

import numpy as np

from golden import array, write

SEED = 5
rng = np.random.default_rng(SEED)
sigmoid = lambda z: 1 / (1 + np.exp(-z))


def decode(name, anchors, fractions, s, softmax, threshold, numbers, squared=False):
    n, h, w, a, classes = 2, 2, 3, len(fractions), 3
    z = np.round(rng.normal(0, 1.5, (n, h, w, a, 5 + classes)), 3)
    row, col = np.meshgrid(np.arange(h), np.arange(w), indexing="ij")
    cx = (col[None, :, :, None] + .5 + s * (sigmoid(z[..., 0]) - .5)) / w
    cy = (row[None, :, :, None] + .5 + s * (sigmoid(z[..., 1]) - .5)) / h
    sides = 4 * sigmoid(z[..., 2:4]) ** 2 if squared else np.exp(z[..., 2:4])
    bw, bh = sides[..., 0] * fractions[:, 0], sides[..., 1] * fractions[:, 1]
    obj = sigmoid(z[..., 4])
    e = np.exp(z[..., 5:])
    p = e / e.sum(-1, keepdims=True) if softmax else sigmoid(z[..., 5:])
    score = obj[..., None] * p
    # n, h, w, a, class in row-major order
    found = [
        [i, k, score[i, r, c, b, k], obj[i, r, c, b],
         cx[i, r, c, b] - bw[i, r, c, b] / 2, cy[i, r, c, b] - bh[i, r, c, b] / 2,
         cx[i, r, c, b] + bw[i, r, c, b] / 2, cy[i, r, c, b] + bh[i, r, c, b] / 2]
        for i, r, c, b, k in np.argwhere(score > threshold)]
    assert np.abs(score - threshold).min() > 1e-4
    print(name, len(found), "detections", file=sys.stderr)
    return {"name": name,
            "arrays": {"anchors": array(anchors), "logits": array(z.reshape(n, h, w, -1)),
                       "detections": array(found)},
            "numbers": {**numbers, "scaleXY": s, "softmax": int(softmax), "threshold": threshold,
                        "classCount": classes}}


pixels = np.array([[10., 13.], [33., 23.]])
cells = np.array([[.8, 1.25], [2.5, 1.5]])
cases = [
    decode("yolo", pixels, pixels / [96, 64], 1, False, .3,
           {"inputWidth": 96, "inputHeight": 64}),
    decode("yolo scaled", pixels, pixels / [96, 64], 1.05, False, .3,
           {"inputWidth": 96, "inputHeight": 64}),
    decode("region softmax", cells, cells / [3, 2], 1, True, .3, {}),
    decode("region logistic", cells, cells / [3, 2], 1, False, .3, {}),
    decode("yolo new coords", pixels, pixels / [96, 64], 2, False, .3,
           {"inputWidth": 96, "inputHeight": 64, "newCoords": 1}, squared=True),
]
write("Decode.json", cases, made_by="scripts/decode.py",
      versions={"python": sys.version.split()[0], "numpy": np.__version__}, seed=SEED)
