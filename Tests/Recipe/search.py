#!/usr/bin/env python3
"""Searches the default model and recipe of `detector train`: the table in Models/README.md.

    search.py DETECTOR --out DIR --set raccoon=PATH --set bccd=PATH [--seeds 1,2] [--rows NAME,...]

Every row trains with the program's defaults and one thing changed, on the training images of every
set, and is judged on its validation images; test images are never looked at. Sets without lists give
30 % of their images for validation. Seconds are of training and judging together on this machine, in
turn: compare them within one table only.
"""

import argparse
import json
import pathlib
import subprocess
import sys

NET = """\
[net]
batch=16
subdivisions=1
width=320
height=320
channels=3
momentum=.9
decay=.0005
learning_rate=.01
burn_in=100
max_batches=3000
policy=cosine
saturation=1.5
exposure=1.5
hue=.1
"""
SMALL, LARGE = "12,18, 25,37, 47,70", "82,120, 137,197, 233,253"


class Network:
    """A detector of residual blocks in Darknet's cfg language, with a head at each of its last strides."""

    def __init__(self, widths, blocks, heads=2):
        self.sections = []
        ends = []
        for width, count in zip(widths, blocks):
            self.convolution(width, 3, stride=2)
            for _ in range(count):
                self.convolution(width // 2, 1)
                self.convolution(width, 3)
                self.add("shortcut", "from=-3\nactivation=linear")
            ends.append(len(self.sections) - 1)
        self.convolution(widths[-1] // 2, 1)
        neck = len(self.sections) - 1
        anchors = [SMALL, LARGE] if heads == 2 else ["8,10, 16,24, 30,30", SMALL, LARGE]
        self.head(widths[-1], heads - 1, anchors)
        for level in range(1, heads):
            width = widths[-1 - level]
            self.add("route", f"layers={neck}")
            self.convolution(width // 2, 1)
            self.add("upsample", "stride=2")
            self.add("route", f"layers=-1,{ends[-1 - level]}")
            neck = len(self.sections)
            self.head(width, heads - 1 - level, anchors)

    def add(self, name, keys):
        self.sections.append(f"[{name}]\n{keys}\n")

    def convolution(self, filters, size, stride=1, activation="leaky"):
        norm = "batch_normalize=1\n" if activation != "linear" else ""
        self.add(
            "convolutional",
            f"{norm}filters={filters}\nsize={size}\nstride={stride}\npad=1\nactivation={activation}")

    def head(self, width, level, anchors):
        self.convolution(width, 3)
        self.convolution(75, 1, activation="linear")
        mask = ",".join(str(3 * level + index) for index in range(3))
        self.add(
            "yolo",
            f"mask={mask}\nanchors={', '.join(anchors)}\nclasses=20\nnum={3 * len(anchors)}\n"
            "ignore_thresh=.5\ntruth_thresh=1\njitter=.2\nrandom=0")

    @property
    def text(self):
        return NET + "\n" + "\n".join(self.sections)


WIDTHS = (16, 32, 64, 128, 256)
MODELS = {
    "plain": Network(WIDTHS, (0, 0, 0, 0, 0)),
    "1-1-1": Network(WIDTHS, (0, 0, 1, 1, 1)),
    "2-2-1": Network(WIDTHS, (0, 0, 2, 2, 1)),
    "1-2-3-2": Network(WIDTHS, (0, 1, 2, 3, 2)),
    "2-2-1 three heads": Network(WIDTHS, (0, 0, 2, 2, 1), heads=3),
}
# What is changed of the defaults.
ROWS = {name: ("model", []) for name in MODELS} | {
    "rate 0.005": ("options", ["--learning-rate", "0.005"]),
    "rate 0.02": ("options", ["--learning-rate", "0.02"]),
    "no average": ("options", ["--ema", "0"]),
    "steps": ("options", ["--lr-steps", "0.7,0.9"]),
    "anchors of the cfg": ("options", ["--anchors", "cfg"]),
}
STANDARD = "2-2-1"


def train(detector, folder, cfg, data, seed, options):
    """The outcome of one run, from its file if it is there already."""
    outcome = folder / "outcome.json"
    if not outcome.exists():
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [detector, "train", "--voc", data, "--val-fraction", "0.3", "--split-seed", "1",
             "--seed", str(seed), "--model", cfg, "--overwrite", "--out", folder / "run", "--json",
             outcome, *options],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # fmt: skip
        if done.returncode != 0:
            sys.exit(f"{folder}: exit code {done.returncode}\n{done.stdout}")
    return json.loads(outcome.read_text())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("detector")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--set", action="append", required=True, metavar="NAME=PATH")
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--rows", default=",".join(ROWS))
    arguments = parser.parse_args()
    sets = dict(item.split("=", 1) for item in arguments.set)
    seeds = [int(seed) for seed in arguments.seeds.split(",")]
    rows = [name for name in ROWS if name in arguments.rows.split(",")]
    arguments.out.mkdir(parents=True, exist_ok=True)
    print("| row | " + " | ".join(f"{name}: mAP, s" for name in sets) + " |")
    print("|---" * (len(sets) + 1) + "|")
    for row in rows:
        kind, options = ROWS[row]
        model = row if kind == "model" else STANDARD
        cfg = arguments.out / f"{model.replace(' ', '-')}.cfg"
        cfg.write_text(MODELS[model].text)
        cells = []
        for name, data in sets.items():
            runs = [
                train(arguments.detector, arguments.out / name / row.replace(" ", "-") / f"seed-{seed}",
                      cfg, data, seed, options) for seed in seeds
            ]  # fmt: skip
            score = sum(run["lastScore"] for run in runs) / len(runs)
            seconds = sum(run["seconds"] for run in runs) / len(runs)
            cells.append(f"{100 * score:.1f}, {seconds:.0f}")
        print(f"| {row} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
