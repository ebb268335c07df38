"""What losses of centres do when labels are not exact: F1 and place against the jitter of training labels.

    python3 label_jitter.py DETECTOR --out FOLDER [--jitter 0,1,2,4] [--seeds 1,2]

Draws cells whose training labels are moved by a normal deviate (`detector synthesize --kind dots`; pictures,
validation and test labels are the same for all), chooses a rate for each loss on the validation images of
the exact labels, trains each loss on each jitter with each seed (`detector compare`), chooses the height from
which on peaks count on the validation images, and counts on the test images, which nothing chose. Writes
FOLDER/jitter.csv and, if matplotlib is there, FOLDER/jitter.png. What is there already is kept: the same
command goes on.
"""
import argparse
import csv
import json
import os
import statistics
import subprocess
from pathlib import Path

ROWS = ["baseline", "balanced", "bce", "mse", "focal", "distance-aware", "anchor"]
RATES = ["0.001", "0.003", "0.01"]


def run(detector, *words):
    result = subprocess.run([str(detector), *map(str, words)], capture_output=True, text=True)
    if result.returncode:
        raise SystemExit(f"{' '.join(map(str, words))}\n{result.stderr.strip()[-2000:]}")
    return result.stdout


def compare(options, data, out, seeds, epochs, settings):
    words = ["compare", "--threads", options.threads, "--data", f"{data}:train", "--validate", f"{data}:val", "--model",
             "small-centers", "--recipe", "darknet", "--epochs", epochs, "--rows", options.rows,
             "--seeds", ",".join(map(str, seeds)), "--bootstrap", 100, "--out", out]
    run(options.detector, *words, *settings)


def average_precision(folder):
    return json.loads((folder / "result.json").read_text())["averagePrecisionOfPeaks"]["4px"]


def rates(options, folder):
    """The rate of each loss with the best AP on the validation images of exact labels."""
    best = {}
    for rate in RATES:
        out = folder / f"rates/{rate}"
        compare(options, folder / "data-0", out, [101], options.epochs // 2,
                ["--set", f"net.learning_rate={rate}"])
        for row in options.rows.split(","):
            value = average_precision(out / row / "seed-101")
            best[row] = max(best.get(row, (-1, "")), (value, rate))
    return {row: rate for row, (_, rate) in best.items()}


def judge(options, data, folder):
    """F1, place and AP on the test images, peaks counted from a height chosen on the validation images."""
    run(options.detector, "calibrate", "--run", folder, "--data", f"{data}:val", "--thresholds",
        "f1", "--overwrite", "--threads", options.threads)
    out = folder / "test.json"
    run(options.detector, "eval", "--run", folder, "--data", f"{data}:test", "--bootstrap", 0,
        "--threads", options.threads, "--json", out)
    metrics = json.loads(out.read_text())["metrics"]

    def value(name):
        found = metrics[name]
        return found["value"] if isinstance(found, dict) else found

    return {name: value(name) for name in ("f1@2", "f1@4", "f1@8", "ap@4", "meanError@4")}


def plot(table, path):
    try:
        import matplotlib
        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
    except ImportError:
        return
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.5))
    for axis, key, title in ((axes[0], "f1@4", "F1 within 4 pixels"),
                             (axes[1], "meanError@4", "mean distance of right peaks, pixels")):
        for row in dict.fromkeys(entry["row"] for entry in table):
            points = {}
            for entry in table:
                if entry["row"] == row and entry[key] is not None:
                    points.setdefault(float(entry["jitter"]), []).append(float(entry[key]))
            x = sorted(points)
            axis.plot(x, [statistics.mean(points[j]) for j in x], marker="o", label=row)
        axis.set_xlabel("standard deviation of the training labels, pixels")
        axis.set_title(title)
        axis.grid(alpha=.3)
    axes[0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("detector")
    parser.add_argument("--out", required=True)
    parser.add_argument("--jitter", default="0,1,2,4")
    parser.add_argument("--seeds", default="1,2")
    parser.add_argument("--images", type=int, default=250)
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--rows", default=",".join(ROWS))
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options = parser.parse_args()
    folder = Path(options.out)
    folder.mkdir(parents=True, exist_ok=True)
    seeds = [int(seed) for seed in options.seeds.split(",")]
    jitters = options.jitter.split(",")
    for jitter in dict.fromkeys(["0", *jitters]):
        if not (folder / f"data-{jitter}").exists():
            run(options.detector, "synthesize", "--kind", "dots", "--size", 192, "--count",
                options.images, "--jitter", jitter, "--out", folder / f"data-{jitter}")
    chosen = rates(options, folder)
    print("rates", chosen, flush=True)
    rows = options.rows.split(",")
    settings = [word for row in rows
                for word in ("--row-set", f"{row}:net.learning_rate={chosen[row]}")]
    table = []
    for jitter in jitters:
        data = folder / f"data-{jitter}"
        compare(options, data, folder / f"jitter-{jitter}", seeds, options.epochs, settings)
        for row in rows:
            for seed in seeds:
                values = judge(options, data, folder / f"jitter-{jitter}/{row}/seed-{seed}")
                table.append({"jitter": jitter, "row": row, "seed": seed, **values})
        print(f"jitter {jitter}: " + ", ".join(
            f"{row} {100 * statistics.mean(e['f1@4'] or 0 for e in table if e['jitter'] == jitter and e['row'] == row):.1f}"
            for row in rows), flush=True)
    with open(folder / "jitter.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, table[0].keys())
        writer.writeheader()
        writer.writerows(table)
    plot(table, folder / "jitter.png")


if __name__ == "__main__":
    main()
