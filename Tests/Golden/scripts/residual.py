"""Two tiny residual classifiers, forward and backward in training mode, by PyTorch in doubles.

Run in Tests/Golden: python scripts/residual.py   (writes residual.json)
"projection" has bottlenecks whose shortcuts are convolved where shapes differ, "optionA" has basic
blocks whose shortcuts are subsampled and padded with zero channels (He et al. 2015, section 3.3).
Parameters and pictures come from sines. A gradient is stored as its norm and its projection onto
sines: parameter by parameter, in the order of Darknet's layers.
"""

import json

import numpy as np
import torch
import torch.nn.functional as F

from training import sines

torch.set_default_dtype(torch.float64)
LABELS = [1, 4]


class Net:
    """Parameters are made in the order in which layers are used: cfg order."""

    def __init__(self):
        self.parameters = []

    def parameter(self, values):
        p = torch.tensor(values.astype(np.float32).astype(np.float64), requires_grad=True)
        self.parameters.append(p)
        return p

    def conv(self, x, filters, size, stride=1, normalized=True):
        salt = len(self.parameters)
        channels = x.shape[1]
        weights = sines(filters * channels * size * size, salt)
        weights = weights * np.sqrt(2 / (channels * size * size))
        biases = self.parameter(.2 * sines(filters, salt + 1))
        scales = self.parameter(1 + .2 * sines(filters, salt + 2)) if normalized else None
        w = self.parameter(weights.reshape(filters, channels, size, size))
        if not normalized:
            return F.conv2d(x, w, biases)
        x = F.conv2d(x, w, stride=stride, padding=size // 2)
        return F.batch_norm(x, None, None, scales, biases, training=True, eps=1e-5)

    def bottleneck(self, x, filters, stride):
        y = F.relu(self.conv(x, filters, 1))
        y = F.relu(self.conv(y, filters, 3, stride))
        y = self.conv(y, 4 * filters, 1)
        if x.shape != y.shape:
            x = self.conv(x, 4 * filters, 1, stride)
        return F.relu(x + y)

    def basic(self, x, filters, stride):
        y = F.relu(self.conv(x, filters, 3, stride))
        y = self.conv(y, filters, 3)
        if x.shape != y.shape:
            x = F.pad(x[:, :, ::stride, ::stride], (0, 0, 0, 0, 0, filters - x.shape[1]))
        return F.relu(x + y)

    def forward(self, x, block, blocks):
        x = F.relu(self.conv(x, 4, 3))
        for filters, stride in blocks:
            x = block(self, x, filters, stride)
        x = x.mean((2, 3), keepdim=True)
        return self.conv(x, 5, 1, normalized=False).flatten(1)


def case(name, block, blocks):
    net = Net()
    x = (sines(2 * 8 * 8 * 3, 0) * .5 + .5).astype(np.float32).astype(np.float64)
    z = net.forward(torch.tensor(x).view(2, 8, 8, 3).permute(0, 3, 1, 2), block, blocks)
    loss = F.cross_entropy(z, torch.tensor(LABELS), reduction="sum")
    loss.backward()
    gradients = [p.grad.flatten().numpy() for p in net.parameters]
    rows = [[np.linalg.norm(g), g @ sines(len(g), i)] for i, g in enumerate(gradients)]

    def array(values):
        values = np.asarray(values)
        return {"shape": list(values.shape), "values": [float(f"{v:.7g}") for v in values.ravel()]}

    print(name, len(gradients), "parameters, loss", loss.item())
    return {"name": name, "numbers": {"loss": loss.item()},
            "arrays": {"logits": array(z.detach().numpy()), "gradients": array(rows)}}


def main():
    cases = [case("projection", Net.bottleneck, [(2, 1), (2, 1), (3, 2)]),
             case("optionA", Net.basic, [(4, 1), (8, 2), (8, 1)])]
    with open("residual.json", "w") as file:
        json.dump({"format": 1, "made_by": "scripts/residual.py",
                   "versions": {"torch": torch.__version__, "numpy": np.__version__},
                   "seed": 0, "cases": cases}, file)
        file.write("\n")


if __name__ == "__main__":
    main()
