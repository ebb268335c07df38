"""What golden files have in common: named cases of arrays and numbers in one line of JSON."""

import json
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent.parent


def array(values, digits=9):
    """Shape and row-major values of an array or a tensor, rounded to significant digits."""
    a = np.asarray(values.detach() if hasattr(values, "detach") else values, dtype=np.float64)
    return {"shape": list(a.shape), "values": [float(f"{v:.{digits}g}") for v in a.ravel()]}


def f32(values):
    """Values that a float holds, in double precision."""
    return np.asarray(values, dtype=np.float32).astype(np.float64)


def add(arrays, numbers, name, logits, loss):
    """Stores a loss of the logits and its gradient, autograd's, under a name."""
    from torch.autograd import grad

    numbers[name] = loss.item()
    arrays[name] = array(grad(loss, logits, retain_graph=True)[0])


def exact(values):
    """Shape and row-major values of an array, as few digits as tell them apart."""
    return {"shape": list(values.shape),
            "values": [int(v) if v == int(v) else float(str(v)) for v in values.ravel()]}


def write(name, cases, **about):
    """Writes Tests/Golden/NAME; `about` says how it was made, in the order given."""
    path = FOLDER / name
    path.write_text(
        json.dumps({"format": 1, **about, "cases": cases}, separators=(",", ":")) + "\n")
    print(path.name, path.stat().st_size, "bytes,", len(cases), "cases")
