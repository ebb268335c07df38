"""Reference detections of a network that ends with [Gaussian_yolo], computed with NumPy in double precision.

A 3x3 convolution with stride 2, batch normalisation and leaky ReLU, a 1x1 convolution, the head, and greedy
suppression within each class. Weights lie as in a Darknet file.

Run: python gaussian_yolo.py (writes ../gaussian_yolo.json).
"""

import sys

import numpy as np

from golden import array, write

SEED = 11
rng = np.random.default_rng(SEED)
sigmoid = lambda z: 1 / (1 + np.exp(-z))
WIDTH, HEIGHT, HIDDEN, CLASSES, THRESHOLD, OVERLAP = 8, 6, 4, 2, 0.12, 0.3
ANCHORS = np.array([[2., 3.], [5., 4.]])


def convolved(x, kernel, stride):
    """Of [C, H, W] by [F, C, S, S], padded by half of S."""
    size = kernel.shape[-1]
    x = np.pad(x, ((0, 0), (size // 2,) * 2, (size // 2,) * 2))
    rows = range(0, x.shape[1] - size + 1, stride)
    columns = range(0, x.shape[2] - size + 1, stride)
    return np.stack([[np.tensordot(kernel, x[:, i:i + size, j:j + size], 3) for j in columns]
                     for i in rows], 0).transpose(2, 0, 1)


def iou(a, b, exponent):
    """IoU of two boxes l, t, r, b; less (rho^2 / c^2)^exponent if that is given."""
    w = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    h = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    area = lambda q: (q[2] - q[0]) * (q[3] - q[1])
    value = w * h / (area(a) + area(b) - w * h)
    if exponent is None:
        return value
    centre = lambda q: np.array([(q[0] + q[2]) / 2, (q[1] + q[3]) / 2])
    diagonal = (max(a[2], b[2]) - min(a[0], b[0])) ** 2 + (max(a[3], b[3]) - min(a[1], b[1])) ** 2
    return value - (((centre(a) - centre(b)) ** 2).sum() / diagonal) ** exponent


def case(name, point, scale, exponent):
    image = np.round(rng.uniform(0, 1, (3, HEIGHT, WIDTH)), 3)
    biases, means = np.round(rng.normal(0, .2, (2, HIDDEN)), 3)
    scales, variances = np.round(rng.uniform(.6, 1.4, (2, HIDDEN)), 3)
    kernel = np.round(rng.normal(0, .4, (HIDDEN, 3, 3, 3)), 3)
    outputs = len(ANCHORS) * (9 + CLASSES)
    last_biases = np.round(rng.normal(0, 1.2, outputs), 3)
    last = np.round(rng.normal(0, 1.2, (outputs, HIDDEN)), 3)

    x = convolved(image, kernel, 2)
    x = (x - means[:, None, None]) / np.sqrt(variances[:, None, None] + 1e-5)
    x = scales[:, None, None] * x + biases[:, None, None]
    x = np.where(x > 0, x, .1 * x)
    z = np.tensordot(last, x, 1) + last_biases[:, None, None]
    rows, columns = z.shape[1:]
    found = []
    for i in range(rows):
        for j in range(columns):
            for a, anchor in enumerate(ANCHORS):
                e = z[a * (9 + CLASSES):(a + 1) * (9 + CLASSES), i, j]
                p = sigmoid(e)
                w, h = np.exp(e[[4, 6]]) * anchor
                x0 = (j + scale * p[0] - (scale - 1) / 2) / columns * WIDTH
                y0 = (i + scale * p[2] - (scale - 1) / 2) / rows * HEIGHT
                shift = {"center": 0, "left_top": .5, "right_bottom": -.5}[point]
                x0, y0 = x0 + shift * w, y0 + shift * h
                sure = 1 - (p[1] + p[3] + p[5] + p[7]) / 4
                for k in range(CLASSES):
                    score = p[8] * p[9 + k] * sure
                    assert abs(score - THRESHOLD) > 1e-4
                    if score > THRESHOLD:
                        found.append([k, score, p[8], x0 - w / 2, y0 - h / 2, x0 + w / 2, y0 + h / 2])
    kept = []
    for box in sorted(found, key=lambda row: -row[1]):
        rivals = [iou(box[3:], other[3:], exponent) for other in kept if other[0] == box[0]]
        assert all(abs(value - OVERLAP) > 1e-4 for value in rivals)
        if all(value <= OVERLAP for value in rivals):
            kept.append(box)
    print(name, len(found), "found,", len(kept), "kept", file=sys.stderr)
    weights = np.concatenate([biases, scales, means, variances, kernel.ravel(), last_biases, last.ravel()])
    return {"name": name,
            "arrays": {"image": array(image.transpose(1, 2, 0)), "weights": array(weights),
                       "detections": array(kept)},
            "numbers": {"scaleXY": scale, "exponent": -1 if exponent is None else exponent,
                        "threshold": THRESHOLD, "overlap": OVERLAP}}


cases = [case("center", "center", 1.1, None), case("left_top", "left_top", 1, None),
         case("right_bottom", "right_bottom", 1.2, .6)]
write("gaussian_yolo.json", cases, made_by="scripts/gaussian_yolo.py",
      versions={"python": sys.version.split()[0], "numpy": np.__version__}, seed=SEED)
