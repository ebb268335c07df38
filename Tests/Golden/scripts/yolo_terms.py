"""Reference values of what AlexeyAB's keys change in the loss of a [yolo] head.

Run in Tests/Golden: python scripts/yolo_terms.py   (writes YOLOTerms.json)
PyTorch in double precision, gradients by autograd. Every case has the same logits and objects and
stores its three losses, four projections of the gradient onto sines, and the total loss before each
of ten plain SGD steps on the logits, of which each has the targets of its own boxes.
"""

import itertools
import math
import sys

import numpy as np
import torch
import torch.nn.functional as F

import golden
from yolo_loss import cell, f32, iou, size_iou

torch.set_default_dtype(torch.float64)
SEED = 78
IN_W, IN_H, H, W, CLASSES = 128, 96, 3, 4, 3
PIXELS = f32([[10, 13], [16, 30], [33, 23], [30, 61], [62, 45], [110, 80]])
MASK = [1, 3, 4]
ANCHORS = PIXELS[MASK] / [IN_W, IN_H]
MEASURES = ["iou", "giou", "diou", "ciou"]
RATE = 0.05
TRUTHS = f32([
    # edges, class
    [.05, .05, .30, .70, 1],   # 32 x 62 pixels: anchor 3
    [.07, .06, .31, .68, 2],   # the same anchor, another class
    [.40, .30, .88, .75, 0],   # 61 x 43: anchor 4
    [.41, .33, .89, .76, 0],   # the same anchor, the same class
    [.70, .70, .78, .83, 2],   # 10 x 12: another scale's
    [.80, .60, .93, .92, 1],   # 17 x 31: anchor 1
])


def start():
    """Logits of which some boxes fit an object in either code of sizes."""
    rng = np.random.default_rng(SEED)
    z = rng.normal(0, 1, (H, W, 3, 5 + CLASSES))
    for t, k in ((0, 1), (2, 2), (0, 2), (5, 0)):
        row, col = cell([0, *TRUTHS[t]], H, W)
        z[row, col, k, :4] = rng.normal(0, .3, 4)
    return f32(np.round(z, 3))


def boxes(z, scale, squared):
    """Centre and size of all boxes [H, W, A, 4] as fractions of the input."""
    col = torch.arange(W).view(1, W, 1)
    row = torch.arange(H).view(H, 1, 1)
    p = torch.sigmoid(z[..., :4])
    size = 4 * p[..., 2:] ** 2 if squared else torch.exp(z[..., 2:4])
    size = size * torch.tensor(ANCHORS)
    return torch.stack([(col + scale * p[..., 0] - (scale - 1) / 2) / W,
                        (row + scale * p[..., 1] - (scale - 1) / 2) / H,
                        size[..., 0], size[..., 1]], -1)


def edges(b):
    return torch.cat([b[..., :2] - b[..., 2:] / 2, b[..., :2] + b[..., 2:] / 2], -1)


def fit(kind, a, b):
    """A measure of two boxes given by centre and size."""
    ea, eb = edges(a), edges(b)
    inner = (torch.minimum(ea[2:], eb[2:]) - torch.maximum(ea[:2], eb[:2])).clamp(min=0).prod()
    outer = torch.maximum(ea[2:], eb[2:]) - torch.minimum(ea[:2], eb[:2])
    union = a[2:].prod() + b[2:].prod() - inner
    overlap = inner / union
    if kind == "iou":
        return overlap
    if kind == "giou":
        return overlap - (outer.prod() - union) / outer.prod()
    near = overlap - ((a[:2] - b[:2]) ** 2).sum() / (outer ** 2).sum()
    if kind == "diou":
        return near
    v = 4 / math.pi ** 2 * (torch.atan(b[2] / b[3]) - torch.atan(a[2] / a[3])) ** 2
    alpha = (v / (1 - overlap + v + 1e-6)).detach()
    return near - alpha * v


def squared_error(p, truth, row, col, k, scale, squared):
    x, y, w, h = truth.tolist()
    value = 0
    for e, place in ((0, x * W - col), (1, y * H - row)):
        target = torch.tensor((place + (scale - 1) / 2) / scale)
        value = value + scale * F.binary_cross_entropy_with_logits(p[e], target)
    for e, ratio in ((2, w / ANCHORS[k, 0]), (3, h / ANCHORS[k, 1])):
        error = torch.sigmoid(p[e]) - (ratio / 4) ** .5 if squared else p[e] - math.log(ratio)
        value = value + error ** 2 / 2
    return (2 - w * h) * value


def objectness(z, target, on, kind, positives):
    """The loss of one objectness; anchors of `positives` set the reference of anchor loss."""
    q = torch.sigmoid(z)
    bce = F.binary_cross_entropy_with_logits(z, target, reduction="none")
    if kind == 1:
        bce = (q - target).abs() ** 2 * torch.where(target > 0, .25, .75) * bce
    if kind == 2:
        best = max(q[p].item() for p in positives)
        modulator = (1 + q - max(0., best - .05)) ** .5
        bce = torch.where(target == 0, modulator * bce, bce)
    return (on * bce).sum()


def evaluate(z, o):
    """Losses, gradient, and how near a comparison was to its threshold."""
    z = torch.tensor(z, requires_grad=True)
    scale, squared = o.get("scaleXY", 1), o.get("newCoords", 0)
    kind = MEASURES[o["overlap"]] if "overlap" in o else None
    threshold = o.get("shapeThreshold", 1)
    ignore, truth_threshold = .45, o.get("truthThreshold", 1)
    all_boxes = boxes(z, scale, squared)
    truth_boxes = torch.tensor(np.concatenate(
        [(TRUTHS[:, :2] + TRUTHS[:, 2:4]) / 2, TRUTHS[:, 2:4] - TRUTHS[:, :2]], 1))
    overlap, which = iou(edges(all_boxes.detach()), torch.tensor(TRUTHS[:, :4])).max(-1)
    margin = min((overlap - t).abs().min().item() for t in (ignore, truth_threshold))
    labels = TRUTHS[:, 4].astype(int)
    found = {}  # (row, col, anchor) -> truths
    for r, c, k in torch.nonzero(overlap > truth_threshold).tolist():
        found.setdefault((r, c, k), []).append(which[r, c, k].item())
    for t, truth in enumerate(TRUTHS):
        row, col = cell([0, *truth], H, W)
        pixels = (truth[2:4] - truth[:2]) * [IN_W, IN_H]
        best = int(size_iou(PIXELS, pixels).argmax())
        chosen = [best] if best in MASK else []
        if threshold < 1:
            for n in MASK:
                shapes = [torch.tensor([0., 0., *s]) for s in (PIXELS[n], pixels)]
                value = fit(MEASURES[o.get("shapeMeasure", 0)], *shapes).item()
                margin = min(margin, abs(value - threshold))
                if n != best and value > threshold:
                    chosen.append(n)
        for n in chosen:
            found.setdefault((row, col, MASK.index(n)), []).append(t)
    factors = o.get("classFactors", [1] * CLASSES)
    box, cls, box_grad = 0., torch.zeros(()), torch.zeros_like(z)
    target, on = torch.zeros(H, W, 3), torch.ones(H, W, 3)
    smooth = o.get("smooth", 0)
    if smooth:
        target[overlap > ignore] = overlap[overlap > ignore]
        target[overlap > truth_threshold] = overlap[overlap > truth_threshold] ** 2
    else:
        on[overlap > ignore] = 0
    for (row, col, k), truths in found.items():
        classes = {labels[t] for t in truths}
        used = truths if o.get("sums", 0) else truths[-1:]
        for t in used:
            weight = o.get("boxWeight", 1) * factors[labels[t]]
            if kind:
                one = weight * (1 - fit(kind, all_boxes[row, col, k], truth_boxes[t]))
            else:
                one = weight * squared_error(
                    z[row, col, k], truth_boxes[t], row, col, k, scale, squared)
            (grad,) = torch.autograd.grad(one, z, retain_graph=True)
            share = 1 / len(classes) if threshold < 1 else 1
            limit = o.get("largestDerivative", math.inf) if kind else math.inf
            box += share * one.item()
            box_grad += share * grad.clamp(-limit, limit)
        if not smooth:
            target[row, col, k] = 1
            on[row, col, k] = factors[labels[truths[-1]]]
        for n in range(CLASSES):
            y, e = float(n in classes), o.get("smoothing", 0)
            weight = o.get("classWeight", 1) * (factors[n] if y else 1)
            logit = z[row, col, k, 5 + n]
            if o.get("isFocal", 0):
                q = torch.sigmoid(logit)
                bce = F.binary_cross_entropy_with_logits(logit, torch.tensor(y))
                cls = cls + weight * .5 * (q - y).abs() ** 2 * bce
            else:
                t = torch.tensor(y * (1 - e) + e / 2)
                cls = cls + weight * F.binary_cross_entropy_with_logits(logit, t)
    obj = objectness(z[..., 4], target, on, o.get("objectness", 0), list(found))
    gain = o.get("gain", 1)
    (grad,) = torch.autograd.grad(obj + cls, z)
    losses = [gain * box, gain * obj.item(), gain * cls.item()]
    return losses, gain * (grad + box_grad).numpy(), margin, found


def nearest_edges(z, options, found):
    """The least distance of an edge of a positive's box from the same edge of its object."""
    b = edges(boxes(torch.tensor(z), options.get("scaleXY", 1), options.get("newCoords", 0)))
    return min((b[place] - torch.tensor(TRUTHS[t, :4])).abs().min().item()
               for place, truths in found.items() for t in truths)


def case(name, options):
    z = start()
    losses, gradient, margin, found = evaluate(z, options)
    kink = nearest_edges(z, options, found)
    assert kink > 1e-3, (name, kink)
    i = np.arange(gradient.size) + 1
    projections = [(gradient.ravel() * np.sin(.7 * k * i)).sum() for k in (1, 2, 3, 4)]
    totals = []
    for _ in range(10):
        now, step, near, _ = evaluate(z, options)
        margin = min(margin, near)
        totals.append(sum(now))
        z = z - RATE * step
    assert margin > 2e-5, (name, margin)
    assert totals[-1] < totals[0], (name, totals)
    numbers = {k: v for k, v in options.items() if k != "classFactors"}
    arrays = {"losses": golden.array(losses, 8), "projections": golden.array(projections, 8),
              "totals": golden.array(totals, 8)}
    if "classFactors" in options:
        arrays["classFactors"] = golden.array(options["classFactors"])
    print(f"{name}: {len(found)} positives, {totals[0]:.3f} to {totals[-1]:.3f}, "
          f"margin {margin:.1e}", file=sys.stderr)
    return {"name": name, "arrays": arrays, "numbers": numbers}


def main():
    cases = [{"name": "setup", "arrays": {
        "anchors": golden.array(PIXELS), "mask": golden.array(MASK),
        "truths": golden.array(np.insert(np.insert(TRUTHS, 0, 0, 1), 6, 0, 1)),
        "logits": golden.array(start().reshape(1, H, W, -1))},
        "numbers": {"inputWidth": IN_W, "inputHeight": IN_H, "classCount": CLASSES,
                    "ignoreThreshold": .45, "rate": RATE}}]
    for measure, thresh, scale, coords, smoothing in itertools.product(
            [None, 0, 1, 2, 3], [0, 1], [0, 1], [0, 1], [0, 1]):
        options = {"sums": 1, "boxWeight": .75}
        name = MEASURES[measure] if measure is not None else "mse"
        if measure is not None:
            options["overlap"] = measure
        for flag, word, values in (
                (thresh, "thresh", {"shapeThreshold": .213}),
                (scale, "scale", {"scaleXY": 2 if coords else 1.2}),
                (coords, "coords", {"newCoords": 1}), (smoothing, "smooth", {"smoothing": .1})):
            if flag:
                name += " " + word
                options.update(values)
        cases.append(case(name, options))
    ciou = {"overlap": 3, "boxWeight": 2, "sums": 1, "shapeThreshold": .2}
    csp = {**ciou, "scaleXY": 2, "newCoords": 1, "smooth": 1, "classWeight": .5}
    cases += [
        case("last truth alone", {}),
        case("shapes by giou", {**ciou, "shapeThreshold": .4, "shapeMeasure": 1}),
        case("shapes by diou", {**ciou, "shapeThreshold": .4, "shapeMeasure": 2}),
        case("shapes by ciou", {**ciou, "shapeThreshold": .4, "shapeMeasure": 3}),
        case("truths above the threshold", {**ciou, "truthThreshold": .6}),
        case("counters", {**ciou, "classFactors": [1, 1.5, 3]}),
        case("counters mse", {"boxWeight": .75, "sums": 1, "classFactors": [1, 1.5, 3]}),
        case("largest derivative", {**ciou, "largestDerivative": .05}),
        case("focal classes", {**ciou, "isFocal": 1}),
        case("gain", {**ciou, "gain": 1.5, "classWeight": .5}),
        case("smooth objectness", csp),
        case("smooth objectness, truths", {**csp, "truthThreshold": .6, "classFactors": [2, 1, 4]}),
        case("focal", {**ciou, "objectness": 1}), case("anchor", {**ciou, "objectness": 2}),
        case("smooth focal", {**csp, "objectness": 1}),
        case("smooth anchor", {**csp, "objectness": 2}),
    ]
    golden.write("YOLOTerms.json", cases, made_by="scripts/yolo_terms.py",
                 versions={"python": sys.version.split()[0], "numpy": np.__version__,
                           "torch": torch.__version__}, seed=SEED)


if __name__ == "__main__":
    main()
