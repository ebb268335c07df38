"""Learning rates by Darknet's rules (get_current_rate), written from their description.

Makes ../learning_rates.json. t counts updates from 1; burn-in holds for t < burn_in.
"""

import json
import math
import pathlib
import platform


def rate(t, base, burn_in, power, policy):
    if t < burn_in:
        return base * (t / burn_in) ** power
    kind = policy[0]
    if kind == "constant":
        return base
    if kind == "step":
        return base * policy[2] ** (t // policy[1])
    if kind == "steps":
        result = base
        for step, scale in zip(policy[1], policy[2]):
            if step <= t:
                result *= scale
        return result
    if kind == "exp":
        return base * policy[1] ** t
    if kind == "poly":
        return base * (1 - t / policy[1]) ** policy[2] if t < policy[1] else 0.0
    if kind == "sig":
        return base / (1 + math.exp(policy[1] * (t - policy[2])))
    if kind == "cosine":
        return base * 0.5 * (1 + math.cos(math.pi * min(1, t / policy[1])))
    if kind == "sgdr":
        minimum, length, multiplier = policy[1:]
        start = 0
        while t > start + length:
            start, length = start + length, length * multiplier
        return minimum + (base - minimum) * (1 + math.cos(math.pi * (t - start) / length)) / 2
    raise ValueError(kind)


CASES = {
    # yolov3-voc.cfg
    "steps": (0.001, 1000, 4, ("steps", [40000, 45000], [0.1, 0.1]),
              [1, 2, 500, 999, 1000, 1001, 39999, 40000, 40001, 44999, 45000, 50200]),
    "constant": (0.01, 0, 4, ("constant",), [1, 1000]),
    "constant, burn-in squared": (0.01, 10, 2, ("constant",), [1, 5, 9, 10, 11]),
    "step": (0.1, 0, 4, ("step", 100, 0.5), [1, 99, 100, 199, 200, 1000]),
    "exp": (0.1, 0, 4, ("exp", 0.99), [1, 2, 10, 500]),
    "poly": (0.1, 1000, 4, ("poly", 500000, 4), [999, 1000, 250000, 499999, 500000, 600000]),
    "sig": (0.1, 0, 4, ("sig", 0.01, 500), [1, 499, 500, 501, 2000]),
    "sgdr": (0.01, 10, 4, ("sgdr", 0.00001, 1000, 2),
             [1, 9, 10, 500, 999, 1000, 1001, 2000, 3000, 3001, 5000, 7000, 7001, 9000]),
    "sgdr, equal cycles": (0.01, 0, 4, ("sgdr", 0.001, 300, 1), [1, 299, 300, 301, 600, 601, 1000]),
    "cosine": (0.002, 100, 4, ("cosine", 2000), [1, 99, 100, 1000, 1500, 1999, 2000, 2500]),
}

cases = []
for name, (base, burn_in, power, policy, iterations) in CASES.items():
    rates = [rate(t, base, burn_in, power, policy) for t in iterations]
    cases.append({
        "name": name,
        "arrays": {
            "iteration": {"shape": [len(iterations)], "values": iterations},
            "rate": {"shape": [len(rates)], "values": [float(f"{r:.9g}") for r in rates]},
        },
        "numbers": {"base": base, "burnIn": burn_in, "power": power},
    })

path = pathlib.Path(__file__).parent.parent / "learning_rates.json"
path.write_text(json.dumps({
    "format": 1, "made_by": "scripts/learning_rates.py",
    "versions": {"python": platform.python_version()}, "seed": 0, "cases": cases,
}) + "\n")
