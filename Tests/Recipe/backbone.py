#!/usr/bin/env python3
"""What trained first layers are worth: the table of backbones in Models/README.md.

    backbone.py DETECTOR --out DIR --set bccd=PATH --set raccoon=PATH [--seeds 1,2,3] [--epochs 15]
        [--size 320] [--model quick-voc] [--weights FILE]

Trains every set from random weights and from the backbone, with the program's defaults but for epochs
and size, and judges the last weights on the test images, which nothing was chosen by. Sets without lists
give 30 % of their images for it. Intervals are over the images; the deviation is over the seeds.
"""

import argparse
import json
import pathlib
import statistics
import subprocess


def run(command, log):
    with open(log, "w") as output:
        subprocess.run([str(word) for word in command], stdout=output, stderr=subprocess.STDOUT, check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("detector")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--set", action="append", required=True, dest="sets")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--epochs", default="15")
    parser.add_argument("--size", default="320")
    parser.add_argument("--model", default="quick-voc")
    parser.add_argument("--weights", help="the backbone; the one beside the model if none is given")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for entry in arguments.sets:
        name, path = entry.split("=", 1)
        found = {}
        for start in ["scratch", "backbone"]:
            for seed in arguments.seeds.split(","):
                place = arguments.out / f"{name}-{start}-{seed}"
                if start == "scratch":
                    weights = ["--from-scratch"]
                else:
                    weights = ["--weights", arguments.weights] if arguments.weights else []
                if not (place / "eval.json").exists():
                    run([arguments.detector, "train", "--voc", path, "--model", arguments.model, "--epochs",
                         arguments.epochs, "--size", arguments.size, "--seed", seed, "--split-seed", "1",
                         "--val-fraction", ".1", "--test-fraction", ".3", "--out", place, "--overwrite",
                         *weights], arguments.out / "train.log")
                    (place / "best.safetensors").unlink(missing_ok=True)
                    run([arguments.detector, "eval", "--run", place, "--voc", f"{path}:test", "--metric",
                         "voc12,coco"], arguments.out / "eval.log")
                metrics = json.loads((place / "eval.json").read_text())["metrics"]
                found.setdefault(start, []).append(metrics)
            values = [100 * metrics["voc12"]["mAP"] for metrics in found[start]]
            strict = [100 * metrics["coco"]["mAP"] for metrics in found[start]]
            interval = found[start][0]["voc12"]["mAPInterval"]
            deviation = statistics.stdev(values) if len(values) > 1 else 0
            print(f"{name} {start}: mAP {statistics.mean(values):.1f} ± {deviation:.1f} over seeds "
                  f"({', '.join(f'{v:.1f}' for v in values)}; of the first over images "
                  f"[{100 * interval['lower']:.1f}, {100 * interval['upper']:.1f}]), AP50:95 "
                  f"{statistics.mean(strict):.1f}", flush=True)


if __name__ == "__main__":
    main()
