"""Ten training steps of two small stacked hourglasses, by PyTorch in double precision.

Run in Tests/Golden: python scripts/pose_training.py   (writes pose.cfg and pose_training.json)
The cfg comes from Models/pose.py; the network is written out here after the paper, gradients are
autograd's, the update is torch.optim.RMSprop. Weights and pictures come from a formula that looks like
chance: with plain sines some channels are nearly constant, and normalising them is ill conditioned.
"""
import math
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from golden import FOLDER, array, write

sys.path.insert(0, str(Path(FOLDER).parent.parent / "Models"))
import pose

torch.set_default_dtype(torch.float64)
STACKS, FILTERS, JOINTS, SIZE, DEPTH, STEM = 2, 8, 3, 32, 2, (4, 8)
# image, joint, x, y as fractions; the third joint of the second image is not labelled.
PLACES = [(0, 0, .31, .42), (0, 1, .77, .18), (0, 2, .55, .93), (1, 0, .12, .66), (1, 1, .5, .5)]
NET = f"""
batch=2
subdivisions=1
width={SIZE}
height={SIZE}
channels=3
optimizer=rmsprop
alpha=.99
eps=1e-8
decay=0
learning_rate=.00005
"""


def scattered(count, salt):
    """Values in -1...1."""
    values = np.sin(12.9898 * np.arange(1, count + 1, dtype=np.float64) + 78.233 * salt) * 43758.5453
    return 2 * (values - np.floor(values)) - 1


class Builder:
    """Convolutions in the order of the cfg: their place in it chooses their weights."""

    def __init__(self):
        self.count = 0

    def conv(self, inputs, filters, size=1, stride=1, bias=False):
        c = nn.Conv2d(inputs, filters, size, stride, size // 2, bias=bias)
        w = scattered(c.weight.numel(), self.count) * math.sqrt(6 / (inputs * size * size))
        c.weight.data = torch.tensor(w.astype(np.float32).astype(np.float64)).view_as(c.weight)
        if bias:
            nn.init.zeros_(c.bias)
        self.count += 1
        return c

    def block(self, inputs, filters, size=1, stride=1):
        return nn.Sequential(self.conv(inputs, filters, size, stride), norm(filters), nn.ReLU())


def norm(channels):
    return nn.BatchNorm2d(channels, eps=1e-5, momentum=.01)


class Residual(nn.Module):
    def __init__(self, b, inputs, filters):
        super().__init__()
        half = filters // 2
        self.first = nn.Sequential(norm(inputs), nn.ReLU())
        self.main = nn.Sequential(b.block(inputs, half), b.block(half, half, 3),
                                  b.conv(half, filters, bias=True))
        self.skip = b.conv(inputs, filters, bias=True) if inputs != filters else nn.Identity()

    def forward(self, x):
        return self.main(self.first(x)) + self.skip(x)


class Hourglass(nn.Module):
    def __init__(self, b, depth, filters):
        super().__init__()
        self.up = Residual(b, filters, filters)
        self.down = Residual(b, filters, filters)
        self.inner = (Hourglass(b, depth - 1, filters) if depth > 1
                      else Residual(b, filters, filters))
        self.last = Residual(b, filters, filters)

    def forward(self, x):
        low = self.last(self.inner(self.down(F.max_pool2d(x, 2))))
        return self.up(x) + F.interpolate(low, scale_factor=2)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        b = Builder()
        first, second = STEM
        self.stem = b.block(3, first, 7, 2)
        self.before = Residual(b, first, second)
        self.after = nn.Sequential(Residual(b, second, second), Residual(b, second, FILTERS))
        self.stacks = nn.ModuleList()
        for stack in range(STACKS):
            parts = [Hourglass(b, DEPTH, FILTERS), Residual(b, FILTERS, FILTERS),
                     b.block(FILTERS, FILTERS), b.conv(FILTERS, JOINTS, bias=True)]
            if stack < STACKS - 1:
                parts += [b.conv(FILTERS, FILTERS, bias=True), b.conv(JOINTS, FILTERS, bias=True)]
            self.stacks.append(nn.ModuleList(parts))

    def forward(self, x):
        x = self.after(F.max_pool2d(self.before(self.stem(x)), 2))
        maps = []
        for glass, residual, features, heat, *merge in self.stacks:
            f = features(residual(glass(x)))
            maps.append(heat(f))
            if merge:
                x = x + merge[0](f) + merge[1](maps[-1])
        return maps


def main():
    (FOLDER / "pose.cfg").write_text(
        "# Two small hourglasses, for the comparison with pose_training.py.\n"
        + pose.hourglass(STACKS, FILTERS, NET, depth=DEPTH, stem=STEM, keypoints=JOINTS,
                         sigma=1))
    net = Network()
    x = (scattered(2 * SIZE * SIZE * 3, 1000) * .5 + .5).astype(np.float32).astype(np.float64)
    x = torch.tensor(x).view(2, SIZE, SIZE, 3).permute(0, 3, 1, 2)
    side = SIZE // 4
    rows, columns = np.mgrid[:side, :side] + .5
    target, labelled = torch.zeros(2, JOINTS, side, side), torch.zeros(2, JOINTS, 1, 1)
    for image, joint, fx, fy in PLACES:
        px, py = fx * side, fy * side
        bump = np.exp(-((columns - px) ** 2 + (rows - py) ** 2) / 2)
        bump *= (abs(rows - .5 - int(py)) <= 3) & (abs(columns - .5 - int(px)) <= 3)
        target[image, joint] = torch.tensor(bump)
        labelled[image, joint] = 1
    optimizer = torch.optim.RMSprop(net.parameters(), lr=5e-5, alpha=.99, eps=1e-8)
    steps, first = [], None
    for _ in range(10):
        maps = net(x)
        first = maps[-1].detach().permute(0, 2, 3, 1) if first is None else first
        losses = [(labelled * .5 * (z - target) ** 2).sum() / (side * side * JOINTS) for z in maps]
        optimizer.zero_grad()
        (sum(losses) / 2).backward()
        optimizer.step()
        steps.append([loss.item() for loss in losses])
    parameters = sum(p.numel() for p in net.parameters())
    write("pose_training.json", [{
        "name": "ten steps", "numbers": {"parameters": parameters},
        "arrays": {"losses": array(np.array(steps)), "logits": array(first),
                   "places": array(np.array(PLACES))}}],
        made_by="scripts/pose_training.py",
        versions={"torch": torch.__version__, "numpy": np.__version__}, seed=0)
    print(np.array(steps).round(5))


if __name__ == "__main__":
    main()
