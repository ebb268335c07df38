"""Reference values of the YOLOv3 and YOLOv2 losses and of decoding, by automatic differentiation.

Run in Tests/Golden: python scripts/yolo_loss.py   (writes YOLOLoss.json)
Everything is computed in double precision, with whole-tensor operations and a target table,
from the published description of the losses; gradients are autograd's.
"""

import math
import sys

import numpy as np
import torch
import torch.nn.functional as F

import golden

torch.set_default_dtype(torch.float64)
SEED = 20
rng = np.random.default_rng(SEED)


def f32(values):
    return np.asarray(values, dtype=np.float32).astype(np.float64)


def array(values):
    return golden.array(values, 8)


def boxes_of(z, anchors, s):
    """Edges of all boxes [N,H,W,A,4] as fractions of the input; anchors as fractions too."""
    n, h, w, a, _ = z.shape
    col = torch.arange(w).view(1, 1, w, 1)
    row = torch.arange(h).view(1, h, 1, 1)
    cx = (col + s * torch.sigmoid(z[..., 0]) - (s - 1) / 2) / w
    cy = (row + s * torch.sigmoid(z[..., 1]) - (s - 1) / 2) / h
    bw = torch.exp(z[..., 2]) * anchors[:, 0]
    bh = torch.exp(z[..., 3]) * anchors[:, 1]
    return torch.stack([cx - bw / 2, cy - bh / 2, cx + bw / 2, cy + bh / 2], -1)


def iou(a, b):
    """a [..., 4], b [T, 4] -> [..., T]"""
    a = a.unsqueeze(-2)
    lo = torch.maximum(a[..., :2], b[:, :2])
    hi = torch.minimum(a[..., 2:], b[:, 2:])
    inter = (hi - lo).clamp(min=0).prod(-1)
    area = lambda x: (x[..., 2:] - x[..., :2]).prod(-1)
    return inter / (area(a) + area(b) - inter)


def size_iou(sizes, wh):
    inter = np.minimum(sizes, wh).prod(1)
    return inter / (sizes.prod(1) + wh.prod() - inter)


def loss(z, truths, anchors, classes, ignore, truth_threshold, s, choose, kind, weights=None,
         softmax=False, rescore=False, scales=(1, 1, 1, 1), prior=0.0):
    """scales: object, no object, class, coord. choose(n, row, col, wh) -> anchor or None.

    weights: of the objectness, or a function of the factors so far and the targets.
    """
    n, h, w, a, _ = z.shape
    anchors = torch.tensor(anchors)
    detached = boxes_of(z.detach(), anchors, s)
    obj_t = torch.zeros(n, h, w, a)
    obj_on = torch.ones(n, h, w, a)
    positive = torch.zeros(n, h, w, a, dtype=torch.bool)
    target = {}  # (n, row, col, a) -> truth index, set of classes
    for img in range(n):
        rows = [t for t in range(len(truths)) if truths[t][0] == img and not truths[t][6]]
        if not rows:
            continue
        gt = torch.tensor(truths[rows][:, 1:5])
        overlap = iou(detached[img], gt)
        value, which = overlap.max(-1)
        obj_on[img][value > ignore] = 0
        for r, c, k in torch.nonzero(value > truth_threshold).tolist():
            t = rows[which[r, c, k]]
            target[img, r, c, k] = (t, {int(truths[t][5])})
        for t in rows:
            l, top, r, b = truths[t][1:5]
            c, row = math.floor((l + r) / 2 * w), math.floor((top + b) / 2 * h)
            k = choose(img, row, c, np.array([r - l, b - top]))
            if k is None:
                continue
            old = target.get((img, row, c, k), (None, set()))[1]
            target[img, row, c, k] = (t, old | {int(truths[t][5])})
    box = torch.zeros(())
    cls = torch.zeros(())
    iou_sum = 0.0
    for (img, row, c, k), (t, labels) in target.items():
        p = z[img, row, c, k]
        l, top, r, b = truths[t][1:5]
        m = scales[3] * (2 - (r - l) * (b - top))
        for e, pos in ((0, (l + r) / 2 * w - c), (1, (top + b) / 2 * h - row)):
            # the BCE whose derivative is decoded - target
            box = box + m * (s * F.softplus(p[e]) - ((s - 1) / 2 + pos) * p[e])
        box = box + m * 0.5 * (p[2] - math.log((r - l) / anchors[k, 0])) ** 2
        box = box + m * 0.5 * (p[3] - math.log((b - top) / anchors[k, 1])) ** 2
        o = iou(detached[img, row, c, k], torch.tensor(truths[[t]][:, 1:5]))[0].item()
        iou_sum += o
        positive[img, row, c, k] = True
        obj_on[img, row, c, k] = scales[0]
        obj_t[img, row, c, k] = o if rescore else 1
        if softmax:
            cls = cls + scales[2] * F.cross_entropy(p[5:], torch.tensor(int(truths[t][5])))
        else:
            y = torch.tensor([1.0 if i in labels else 0.0 for i in range(classes)])
            cls = cls + scales[2] * F.binary_cross_entropy_with_logits(p[5:], y, reduction="sum")
    obj_on = torch.where(positive, obj_on, obj_on * scales[1])
    if callable(weights):
        obj_on = obj_on * weights(obj_on, obj_t)
    elif weights is not None:
        obj_on = obj_on * torch.tensor(weights).view(n, h, w, a)
    obj = (obj_on * F.binary_cross_entropy_with_logits(z[..., 4], obj_t, reduction="none")).sum()
    if prior:
        rest = (~positive).double()
        half = torch.full_like(z[..., 0], 0.5)
        for e in (0, 1):
            box = box + prior * (
                rest * F.binary_cross_entropy_with_logits(z[..., e], half, reduction="none")).sum()
        box = box + prior * 0.5 * (rest.unsqueeze(-1) * z[..., 2:4] ** 2).sum()
    ignored = int(((obj_on == 0) & ~positive).sum())
    return box, obj, cls, len(target), ignored, iou_sum


def case(name, z, truths, head, numbers, weights=None, **options):
    n, h, w, a, e = z.shape
    z = torch.tensor(z, requires_grad=True)
    box, obj, cls, count, ignored, iou_sum = loss(z, truths, weights=weights, **options)
    (box + obj + cls).backward()
    print(f"{name}: positives {count}, ignored {ignored}", file=sys.stderr)
    arrays = dict(head)
    arrays.update(
        logits=array(z.reshape(n, h, w, a * e)), truths=array(truths),
        gradient=array(z.grad.reshape(n, h, w, a * e)))
    if weights is not None:
        arrays["weights"] = array(weights)
    numbers = dict(numbers)
    numbers.update(
        box=box.item(), objectness=obj.item(), classification=cls.item(), positives=count,
        ignored=ignored, iouSum=iou_sum, classCount=e - 5)
    return {"name": name, "arrays": arrays, "numbers": numbers}


def fit(z, truth, row, col, k, anchors, noise=0.0):
    """Makes a prediction lie on a truth."""
    _, h, w, _, _ = z.shape
    img = int(truth[0])
    l, top, r, b = truth[1:5]
    logit = lambda p: math.log(min(max(p, .02), .98) / (1 - min(max(p, .02), .98)))
    z[img, row, col, k, 0] = logit((l + r) / 2 * w - col)
    z[img, row, col, k, 1] = logit((top + b) / 2 * h - row)
    z[img, row, col, k, 2] = math.log((r - l) / anchors[k][0]) + noise
    z[img, row, col, k, 3] = math.log((b - top) / anchors[k][1])


def cell(truth, h, w):
    return (math.floor((truth[2] + truth[4]) / 2 * h), math.floor((truth[1] + truth[3]) / 2 * w))


def yolo(name, batch, s, truth_threshold, weighted):
    in_w, in_h, h, w, classes = 128, 96, 3, 4, 4
    pixels = f32([[10, 13], [16, 30], [33, 23], [30, 61], [62, 45], [110, 80]])
    mask = [1, 3, 4]
    anchors = pixels[mask] / [in_w, in_h]
    truths = f32([
        # image, edges, class, difficult
        [0, .05, .05, .30, .70, 1, 0],   # 32 x 62 pixels: anchor 3
        [0, .07, .06, .31, .68, 2, 0],   # the same anchor, another class
        [0, .40, .30, .88, .75, 0, 0],   # 61 x 43: anchor 4
        [0, .41, .33, .89, .76, 0, 0],   # the same anchor, the same class
        [0, .70, .70, .78, .83, 3, 0],   # 10 x 12: another scale's
        [0, .60, .05, .72, .35, 3, 1],   # difficult
        [1, .80, .60, .93, .92, 3, 0],   # 17 x 31: anchor 1
        [1, .10, .20, .60, .68, 2, 0],   # anchor 4
    ])
    truths = truths[truths[:, 0] < batch]
    z = rng.normal(0, 1, (batch, h, w, 3, 5 + classes))
    for t, k in ((0, 1), (2, 2)):
        row, col = cell(truths[t], h, w)
        fit(z, truths[t], row, col, k, anchors, .1)
    # neighbours that overlap a truth without being its anchor
    row, col = cell(truths[0], h, w)
    fit(z, truths[0], row, col, 2, anchors, .05)
    row, col = cell(truths[4], h, w)
    fit(z, truths[4], row, col, 0, anchors, -.05)
    z = f32(np.round(z, 3))

    def choose(img, row, col, wh):
        best = int(size_iou(pixels, wh * [in_w, in_h]).argmax())
        return mask.index(best) if best in mask else None

    weights = f32(np.round(rng.uniform(.2, 1.5, batch * h * w * 3), 3)) if weighted else None
    return case(
        name, z, truths,
        {"anchors": array(pixels), "mask": array(mask)},
        {"inputWidth": in_w, "inputHeight": in_h, "scaleXY": s, "ignoreThreshold": .5,
         "truthThreshold": truth_threshold},
        weights=weights, anchors=anchors, classes=classes, ignore=.5,
        truth_threshold=truth_threshold, s=s, choose=choose, kind="yolo")


def region(name, softmax, rescore, bias_match, seen):
    h, w, classes = 2, 3, 3
    cells = f32([[.8, .7], [1.9, 1.4]])
    anchors = cells / [w, h]
    truths = f32([
        [0, .06, .10, .32, .48, 1, 0],
        [0, .08, .08, .34, .50, 2, 0],
        [0, .30, .25, .95, .95, 0, 0],
        [1, .45, .55, .75, .85, 2, 0],
    ])
    z = rng.normal(0, .7, (2, h, w, 2, 5 + classes))
    row, col = cell(truths[2], h, w)
    fit(z, truths[2], row, 1, 1, anchors, .1)
    fit(z, truths[2], row, 1, 0, anchors, .1)
    z = f32(np.round(z, 3))
    scales = (5, .5, 1.5, 2)

    def choose(img, row, col, wh):
        sizes = anchors if bias_match else np.exp(z[img, row, col, :, 2:4]) * anchors
        return int(size_iou(sizes, wh).argmax())

    return case(
        name, z, truths, {"anchors": array(cells)},
        {"threshold": .6, "softmax": softmax, "rescore": rescore, "biasMatch": bias_match,
         "seen": seen, "objectScale": scales[0], "noObjectScale": scales[1],
         "classScale": scales[2], "coordScale": scales[3]},
        anchors=anchors, classes=classes, ignore=.6, truth_threshold=math.inf, s=1, choose=choose,
        kind="region", softmax=softmax, rescore=rescore, scales=scales,
        prior=.01 if seen < 12800 else 0)


def main():
    cases = [
        yolo("yolo", 2, 1, 1, False),
        yolo("yolo scaled weighted", 1, 1.2, .7, True),
        region("region softmax", 1, 1, 1, 12800),
        region("region logistic", 0, 0, 0, 12799),
    ]
    golden.write("YOLOLoss.json", cases, made_by="scripts/yolo_loss.py",
                 versions={"python": sys.version.split()[0], "numpy": np.__version__,
                           "torch": torch.__version__}, seed=SEED)


if __name__ == "__main__":
    main()
