"""Ten training steps of Tests/Golden/training.cfg, by PyTorch in double precision.

Run in Tests/Golden: python scripts/training.py   (writes training.json)
The network is written out by hand, the loss is that of yolo_loss.py, gradients are autograd's, the
update is torch.optim.SGD. Weights, pictures and objects come from sines, so nothing is stored but
the losses.
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
import yolo_loss

torch.set_default_dtype(torch.float64)
ANCHORS = np.array([[4, 5], [9, 8], [16, 18], [30, 26]]) / 64
# image, left, top, right, bottom (fractions), class, difficult
TRUTHS = np.array(
    [[0, .10, .15, .32, .40, 0, 0], [0, .50, .45, .95, .88, 1, 0], [0, .70, .10, .80, .18, 1, 0],
     [1, .20, .30, .34, .42, 0, 0], [1, .05, .55, .50, .97, 0, 0]])


def sines(count, salt):
    return np.sin(1.3 * np.arange(count, dtype=np.float64) + 0.7 * salt)


def conv(inputs, filters, size, stride, layer, bias):
    c = nn.Conv2d(inputs, filters, size, stride, size // 2, bias=bias)
    w = sines(c.weight.numel(), layer) * math.sqrt(2 / (inputs * size * size))
    c.weight.data = torch.tensor(w.astype(np.float32).astype(np.float64)).view_as(c.weight)
    if bias:
        nn.init.zeros_(c.bias)
    return c


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        spec = {0: (3, 8, 3, 1), 2: (8, 16, 3, 2), 3: (16, 8, 1, 1), 4: (8, 16, 3, 1),
                7: (16, 24, 3, 1)}
        self.conv = nn.ModuleDict({str(i): conv(*s, i, False) for i, s in spec.items()})
        self.norm = nn.ModuleDict(
            {str(i): nn.BatchNorm2d(s[1], eps=1e-5, momentum=.01) for i, s in spec.items()})
        self.head = nn.ModuleDict({"9": conv(24, 14, 1, 1, 9, True),
                                   "14": conv(40, 14, 1, 1, 14, True)})

    def block(self, i, x):
        y = self.norm[str(i)](self.conv[str(i)](x))
        return F.mish(y) if i == 3 else F.leaky_relu(y, .1)

    def forward(self, x):
        x = self.block(2, F.max_pool2d(self.block(0, x), 2))
        trunk = x + self.block(4, self.block(3, x))
        x = self.block(7, F.max_pool2d(trunk, 2))
        x = F.max_pool2d(F.pad(x, (0, 1, 0, 1), value=-math.inf), 2, 1)
        fine = torch.cat([F.interpolate(x, scale_factor=2), trunk], 1)
        return self.heads(x, fine)

    def heads(self, coarse, fine):
        return self.head["9"](coarse), self.head["14"](fine)


def chooser(mask):
    def choose(_, row, column, wh):
        best = int(yolo_loss.size_iou(ANCHORS, wh).argmax())
        return mask.index(best) if best in mask else None
    return choose


def main():
    net = Network()
    x = (sines(2 * 64 * 64 * 3, 0) * .5 + .5).astype(np.float32).astype(np.float64)
    x = torch.tensor(x).view(2, 64, 64, 3).permute(0, 3, 1, 2)
    weights = [p for p in net.parameters() if p.dim() == 4]
    others = [p for p in net.parameters() if p.dim() == 1]
    optimizer = torch.optim.SGD(
        [{"params": weights, "weight_decay": 5e-4}, {"params": others, "weight_decay": 0}],
        lr=1e-4, momentum=.9)
    steps = []
    for _ in range(10):
        total = 0
        row = []
        for z, mask in zip(net(x), ([2, 3], [0, 1])):
            n, _, h, w = z.shape
            z = z.permute(0, 2, 3, 1).reshape(n, h, w, 2, 7)
            box, obj, cls, *_ = yolo_loss.loss(
                z, TRUTHS, ANCHORS[mask], 2, .5, 1, 1, chooser(mask), "yolo")
            total = total + (box + obj + cls) / 2
            row += [box.item(), obj.item(), cls.item()]
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        steps.append(row)
    values = [float(f"{v:.9g}") for row in steps for v in row]
    case = {"name": "ten steps", "numbers": {},
            "arrays": {"losses": {"shape": [10, 6], "values": values}}}
    with open("training.json", "w") as file:
        json.dump({"format": 1, "made_by": "scripts/training.py",
                   "versions": {"torch": torch.__version__, "numpy": np.__version__},
                   "seed": 0, "cases": [case]}, file, indent=1)
    print(np.array(steps).round(4))


if __name__ == "__main__":
    main()
