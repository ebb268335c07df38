#!/usr/bin/env python3
"""The model behind the guide to several machines: prints its table and draws its plot.

    Tests/Scaling/scaling.py [--plot FILE.svg]

An update of p ranks with n parameters takes C + 8 n (p - 1) / (p beta) + 4 n gamma + messages * alpha seconds;
efficiency is the share of C, the time of computing.
"""

import argparse
import math
import pathlib

ALPHA = 30e-6  # seconds of a message
GAMMA = 0.62e-9  # seconds of copying and adding a byte, measured between two namespaces without a limit
NETWORKS = [
    ("YOLOv3-tiny, 416, 0.22 s", 8.86e6, 0.22),
    ("YOLOv3, 416, 2.3 s", 61.95e6, 2.3),
    ("ResNet-20, 32, 0.06 s", 0.27e6, 0.06),
]
RATES = [1, 10, 25, 100]  # Gbit/s
RANKS = [2, 4, 8, 16, 32, 64, 128, 256]
COLORS = ["#b33", "#c80", "#283", "#26a"]


def efficiency(parameters, seconds, ranks, rate):
    beta = rate * 1e9 / 8
    messages = 2 * (ranks - 1) + 4 * math.log2(ranks)
    sent = 8 * parameters * (ranks - 1) / ranks / beta
    return seconds / (seconds + sent + 4 * parameters * GAMMA + messages * ALPHA)


def table():
    lines = ["| network, C | Gbit/s | " + " | ".join(map(str, RANKS)) + " |", "|---|---|" + "---|" * len(RANKS)]
    for name, parameters, seconds in NETWORKS:
        for rate in RATES:
            values = [f"{efficiency(parameters, seconds, ranks, rate):.2f}" for ranks in RANKS]
            lines.append(f"| {name} | {rate} | " + " | ".join(values) + " |")
    return "\n".join(lines)


def plot():
    width, height, left, top = 250, 190, 40, 34
    parts = []
    for index, (name, parameters, seconds) in enumerate(NETWORKS):
        x0 = left + index * (width + 40)
        x = lambda ranks: x0 + width * (math.log2(ranks) - 1) / 7
        y = lambda value: top + height * (1 - value)
        parts.append(f'<text x="{x0}" y="{top - 12}">{name}</text>')
        for value in (0, 0.25, 0.5, 0.75, 1):
            parts.append(
                f'<path d="M{x0} {y(value):.1f}h{width}" stroke="#ccc"/>'
                f'<text x="{x0 - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:g}</text>'
            )
        for ranks in RANKS:
            parts.append(f'<text x="{x(ranks):.1f}" y="{top + height + 16}" text-anchor="middle">{ranks}</text>')
        for rate, color in zip(RATES, COLORS):
            points = " ".join(f"{x(r):.1f},{y(efficiency(parameters, seconds, r, rate)):.1f}" for r in RANKS)
            parts.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>')
    for index, (rate, color) in enumerate(zip(RATES, COLORS)):
        parts.append(f'<text x="{left + index * 90}" y="{top + height + 38}" fill="{color}">{rate} Gbit/s</text>')
    size = f'width="{left + 3 * (width + 40)}" height="{top + height + 50}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">'
        '<rect width="100%" height="100%" fill="#fff"/>' + "\n".join(parts) + "</svg>\n"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--plot", type=pathlib.Path, help="where to draw it")
    arguments = parser.parse_args()
    print(table())
    if arguments.plot:
        arguments.plot.write_text(plot())


if __name__ == "__main__":
    main()
