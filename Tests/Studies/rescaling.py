"""Does rescaling the objectness loss by uncertainty help a detector, with clean labels and with wrong ones?

    python3 rescaling.py DETECTOR --out FOLDER [--rows baseline,uncertainty,constant-u,shuffled-u] [--size 192]
        [--seeds 1,2,3,4,5] [--noise 0,0.1,0.3] [--noise-rows baseline,uncertainty] [--noise-seeds 1,2,3]

Draws scenes (600 training, 300 validation, 1,500 test images). Every row is tuned on the validation images
with one seed of its own and the same budget: the gain of the objectness loss first (--gains), then
the rate at the best gain (--rates). Then `detector compare` trains the rows with their own
gain and rate, judges the last weights on the test images, and says what the seeds can see. With noise every
third of the share of the training labels is dropped, moved and renamed, the same for all rows and seeds. What
is there already is kept: the same command goes on.
"""
import argparse
import json
import time
from pathlib import Path

from scenes import draw, load, run

USUAL = 0.01


def compare(options, out, rows, seeds, epochs, judged, *words):
    return run(options.detector, "compare", "--voc", f"{options.data}:train", "--validate", f"{options.data}:{judged}",
               "--model", options.model, "--from-scratch", "--size", options.size, "--epochs", epochs, "--rows", ",".join(rows),
               "--seeds", ",".join(map(str, seeds)), "--threads", options.threads, "--out", out, *words)


def tuned(options, rows):
    """The best gain and rate of each row."""
    def values(gain, rate, rows):
        out = options.out / f"tuning/gain-{gain}-rate-{rate}"
        missing = [row for row in rows if not (out / row / "seed-101/result.json").exists()]
        if missing:
            compare(options, out, missing, [101], options.tuning_epochs, "val", "--bootstrap", 1, "--learning-rate",
                    rate, "--set", f"yolo.obj_normalizer={gain}")
        return {row: load(out / row / "seed-101/result.json")["meanAveragePrecision"]["voc12"] for row in rows}

    gains, rates = ([float(value) for value in text.split(",")] for text in (options.gains, options.rates))
    by_gain = {gain: values(gain, USUAL, rows) for gain in gains}
    best = {}
    for row in rows:
        gain = max(gains, key=lambda gain: by_gain[gain][row])
        by_rate = {rate: values(gain, rate, [row])[row] for rate in rates}
        rate = max(rates, key=lambda rate: by_rate[rate])
        best[row] = (gain, rate)
        print(f"{row}: " + ", ".join(f"gain {g} {100 * by_gain[g][row]:.1f}" for g in gains) + "; "
              + ", ".join(f"rate {r} {100 * by_rate[r]:.1f}" for r in rates) + f" -> gain {gain}, rate {rate}",
              flush=True)
    (options.out / "tuned.json").write_text(json.dumps(best, indent=1))
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("detector", type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--model", default="small-voc")
    parser.add_argument("--rows", default="baseline,uncertainty,constant-u,shuffled-u")
    parser.add_argument("--seeds", default="1,2,3,4,5")
    parser.add_argument("--noise", default="0,0.1,0.3")
    parser.add_argument("--noise-rows", default="baseline,uncertainty")
    parser.add_argument("--noise-seeds", default="1,2,3")
    parser.add_argument("--gains", default="0.5,1,2,4")
    parser.add_argument("--rates", default="0.005,0.01,0.02")
    parser.add_argument("--size", type=int, default=192)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--tuning-epochs", type=int, default=15)
    parser.add_argument("--threads", default="2")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    options.data = options.data or draw(options.detector, options.out / "data", 600, 300, 1500, options.threads)
    rows = options.rows.split(",")
    best = tuned(options, rows)
    for share in options.noise.split(","):
        noisy = float(share) > 0
        own = options.noise_rows.split(",") if noisy else rows
        settings = []
        for row in own:
            gain, rate = best[row]
            settings += ["--row-set", f"{row}:yolo.obj_normalizer={gain}", "--row-set", f"{row}:net.learning_rate={rate}"]
        if noisy:
            third = float(share) / 3
            settings += ["--label-noise", f"drop={third:.6f},move={third:.6f},rename={third:.6f},seed=1"]
        start = time.time()
        print(f"\nlabel noise {share}\n" + compare(
            options, options.out / f"noise-{share}", own, (options.noise_seeds if noisy else options.seeds).split(","),
            options.epochs, "test", *settings), f"({time.time() - start:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
