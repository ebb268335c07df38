"""Ten steps of torch.optim's optimisers on a few parameters, in doubles.

Run in Tests/Golden: python scripts/optimizers.py   (writes optimizers.json)
Two parameters, of which only the first is a weight: without "all" the second has no decay, as with
Darknet. Gradients depend on the parameters, as they do in training: g = a * w + sin(step, index), of
very different sizes, one of them 0 all along. Rates fall from step to step. Stored are both parameters
after every step.
"""

import numpy as np
import torch

from golden import array, write

torch.set_default_dtype(torch.float64)
STEPS = 10


def gradient(w, step, salt):
    """The gradient of the mean loss of a batch; the size of element i is 10^(1 - i)."""
    i = torch.arange(len(w), dtype=torch.float64)
    g = (0.3 * w + torch.sin(1.7 * step + 0.9 * i + salt)) * 10 ** (1 - i)
    g[-1] = 0
    return g


def run(make, decays_all, decay):
    weights = torch.tensor([1.5, -0.75, 0.5, -2, 0.25, 0.125], requires_grad=True)
    biases = torch.tensor([0.5, -1.25, 0.75], requires_grad=True)
    groups = [{"params": [weights], "weight_decay": decay},
              {"params": [biases], "weight_decay": decay if decays_all else 0}]
    optimizer = make(groups)
    rows = []
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = 0.02 / (1 + step)
        weights.grad = gradient(weights.detach(), step, 0)
        biases.grad = gradient(biases.detach(), step, 3)
        optimizer.step()
        rows.append(np.concatenate([weights.detach().numpy(), biases.detach().numpy()]))
    return np.stack(rows)


optim = torch.optim
RULES = {
    "sgd": lambda g: optim.SGD(g, lr=1, momentum=0.9),
    "nesterov": lambda g: optim.SGD(g, lr=1, momentum=0.9, nesterov=True),
    "adam": lambda g: optim.Adam(g, lr=1),
    "adam, other numbers": lambda g: optim.Adam(g, lr=1, betas=(0.8, 0.95), eps=1e-3),
    "adamw": lambda g: optim.AdamW(g, lr=1),
    "rmsprop": lambda g: optim.RMSprop(g, lr=1),
    "rmsprop, momentum": lambda g: optim.RMSprop(g, lr=1, alpha=0.9, eps=1e-4, momentum=0.7),
}

cases = []
for rule, make in RULES.items():
    for decays_all, decay in [(False, 0), (False, 0.1), (True, 0.1)]:
        name = rule + ("; decay" if decay else "") + (" of all" if decays_all else "")
        cases.append({"name": name, "arrays": {"values": array(run(make, decays_all, decay))},
                      "numbers": {"decay": decay, "all": int(decays_all)}})

write("optimizers.json", cases, made_by="scripts/optimizers.py",
      versions={"torch": torch.__version__, "numpy": np.__version__}, seed=0)
