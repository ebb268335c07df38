"""Reference values of the loss of the expected IoU and of objectness with IoU for its target.

Run in Tests/Golden: python scripts/expected_iou.py   (writes expected_iou.json)
Head, logits and objects are those of YOLOLoss.json; gradients are autograd's, in double precision.
"""

import json
import sys

import numpy as np
import torch
import torch.nn.functional as F

import golden
import yolo_loss

SEED, WEIGHT, FLOOR = 31, .7, .4
rng = np.random.default_rng(SEED)


def case(source):
    arrays, numbers = source["arrays"], source["numbers"]
    read = lambda name: np.array(arrays[name]["values"]).reshape(arrays[name]["shape"])
    z = torch.tensor(golden.f32(read("logits")))
    n, h, w, _ = z.shape
    z = z.view(n, h, w, 3, -1).requires_grad_()
    truths, pixels = golden.f32(read("truths")), read("anchors")
    mask = [int(m) for m in read("mask")]
    size = np.array([numbers["inputWidth"], numbers["inputHeight"]])
    anchors = pixels[mask] / size
    s = float(np.float32(numbers["scaleXY"]))

    def choose(img, row, col, wh):
        best = int(yolo_loss.size_iou(pixels, wh * size).argmax())
        return mask.index(best) if best in mask else None

    # The objectness of positives is to be their box's IoU.
    _, objectness, _, _, _, _ = yolo_loss.loss(
        z, truths, anchors, numbers["classCount"], numbers["ignoreThreshold"],
        numbers["truthThreshold"], s, choose, "yolo", rescore=True)
    of_head = torch.autograd.grad(objectness, z)[0]

    boxes = yolo_loss.boxes_of(z.detach(), torch.tensor(anchors), s)
    overlaps = torch.zeros(n, h, w, 3)
    counts = torch.zeros(n, h, w, 3, dtype=torch.bool)
    for image in range(n):
        own = truths[(truths[:, 0] == image) & (truths[:, 6] == 0)]
        overlaps[image] = yolo_loss.iou(boxes[image], torch.tensor(own[:, 1:5])).max(-1).values
        counts[image] = overlaps[image] > FLOOR
        counts[image] |= overlaps[image] > numbers["truthThreshold"]
        for truth in own:
            row, col = yolo_loss.cell(truth, h, w)
            k = choose(image, row, col, truth[3:5] - truth[1:3])
            if k is not None:
                counts[image, row, col, k] = True
    y = torch.tensor(golden.f32(np.round(rng.normal(0, 2, (n, h, w, 3)), 3)), requires_grad=True)
    loss = WEIGHT * F.binary_cross_entropy_with_logits(y[counts], overlaps[counts], reduction="sum")
    gradient = torch.autograd.grad(loss, y)[0]
    below = int((counts & (overlaps <= FLOOR)).sum())
    print(source["name"], int(counts.sum()), "of", counts.numel(), "anchors count,", below,
          "of them below the floor", file=sys.stderr)
    return {
        "name": source["name"],
        "arrays": {"overlaps": golden.array(overlaps), "branch": golden.array(y),
                   "gradient": golden.array(gradient),
                   "objectnessGradient": golden.array(of_head[..., 4])},
        "numbers": {"weight": WEIGHT, "floor": FLOOR, "loss": loss.item(), "counted": int(counts.sum()),
                    "objectness": objectness.item()},
    }


def main():
    cases = json.loads((golden.FOLDER / "YOLOLoss.json").read_text())["cases"]
    golden.write(
        "expected_iou.json", [case(c) for c in cases if c["name"].startswith("yolo")],
        made_by="scripts/expected_iou.py",
        versions={"python": sys.version.split()[0], "numpy": np.__version__,
                  "torch": torch.__version__}, seed=SEED)


if __name__ == "__main__":
    main()
