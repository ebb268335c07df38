"""Which images to label next: mAP against labelled images, for several ways to choose them.

    python3 selection_curves.py DETECTOR --out FOLDER [--data VOC] [--start 60] [--step 60] [--rounds 4]
        [--seeds 1,2,3] [--scores random,bald,entropy,least-confident] [--epochs 30] [--model small-voc]

Starts from the same random images for all scores of a seed, trains on what is labelled from the same first
weights, lets `detector select` choose the next ones from the rest by the run's own uncertainty (at random: by
the seed), and judges every run on the test images, which nothing chose. Without --data it draws scenes. It needs
lists train and test in ImageSets/Main, and names.txt. Runs have a Bayesian branch that leaves the detector alone
(accompanyDetached), so that all scores are of the same kind of detector. Differences from random are paired by
seed; the area is the mean mAP over the rounds after the first. Writes FOLDER/curves.csv. What is there already
is kept: the same command goes on.
"""
import argparse
import csv
import os
import random
import statistics
from pathlib import Path

from scenes import draw, interval, load, names, run


def picture(data, name):
    return next(path for path in (data / "JPEGImages").iterdir() if path.stem == name)


def labelled_set(data, folder, chosen):
    """A VOC folder of links whose list `train` has the chosen images."""
    lists = folder / "ImageSets/Main"
    lists.mkdir(parents=True, exist_ok=True)
    for part in ["JPEGImages", "Annotations"]:
        link = folder / part
        if not link.exists():
            os.symlink((data / part).resolve(), link)
    (lists / "train.txt").write_text("".join(name + "\n" for name in chosen))
    return folder


def mean_ap(options, data, place, chosen, seed):
    """Trains on the chosen images and judges the last weights on the test images."""
    result = place / "eval.json"
    if not result.exists():
        labelled = labelled_set(data, place.parent / (place.name + "-data"), chosen)
        run(options.detector, "train", "--voc", f"{labelled}:train", "--validate",
            f"{data}:val", "--model", options.model, "--epochs",
            options.epochs, "--seed", seed, "--names", data / "names.txt", "--evaluate-every", 0, "--branch",
            "convBayes", "--branch-mode", "accompanyDetached", "--threads", options.threads, "--out", place,
            "--overwrite", *options.train.split())
        run(options.detector, "eval", "--run", place, "--voc", f"{data}:test", "--metric", "voc12", "--bootstrap", 0,
            "--threads", options.threads, "--json", result)
    return 100 * load(result)["metrics"]["voc12"]["mAP"]


def next_images(options, data, place, rest, score, seed):
    """The images of `rest` to label next."""
    if score == "random":
        return random.Random(f"{seed}-{len(rest)}").sample(rest, min(options.step, len(rest)))
    folder = place / f"select-{score}"
    if not (folder / "selected.txt").exists():
        pool = folder / "pool"
        pool.mkdir(parents=True, exist_ok=True)
        for name in rest:
            source = picture(data, name)
            link = pool / source.name
            if not link.is_symlink():
                os.symlink(source.resolve(), link)
        run(options.detector, "select", pool, "--run", place, "--budget", options.step, "--score", score,
            "--aggregate", options.aggregate, "--keep-copies", "--threads", options.threads, "--quiet", "--out",
            folder)
    return [Path(line).stem for line in (folder / "selected.txt").read_text().split("\n") if line]


def curve(options, data, score, seed):
    everything = names(data, "train")
    chosen = random.Random(f"start-{seed}").sample(everything, options.start)
    values = []
    for round_number in range(options.rounds + 1):
        # All scores share the first round.
        place = options.out / f"seed-{seed}" / ("start" if round_number == 0 else f"{score}-{round_number}")
        values.append((len(chosen), mean_ap(options, data, place, chosen, seed)))
        print(f"seed {seed} {score}: {len(chosen)} images, mAP {values[-1][1]:.1f}", flush=True)
        if round_number < options.rounds:
            taken = set(chosen)
            rest = [name for name in everything if name not in taken]
            chosen = chosen + next_images(options, data, place, rest, score, seed)
    return values


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("detector", type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--start", type=int, default=60)
    parser.add_argument("--step", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--scores", default="random,bald,entropy,least-confident")
    parser.add_argument("--aggregate", default="sum")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--model", default="small-voc")
    parser.add_argument("--train", default="--from-scratch --size 192", help="further options of detector train")
    parser.add_argument("--threads", default="2")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    data = options.data or draw(options.detector, options.out / "data", 600, 50, 1500, options.threads)
    seeds = [int(seed) for seed in options.seeds.split(",")]
    curves = {}
    # Whole seeds first: what is there after an interruption can be compared.
    for seed in seeds:
        for score in options.scores.split(","):
            curves[seed, score] = curve(options, data, score, seed)
    with open(options.out / "curves.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["seed", "score", "images", "mAP"])
        for (seed, score), values in curves.items():
            writer.writerows([seed, score, images, value] for images, value in values)
    scores = options.scores.split(",")
    counts = [images for images, _ in curves[seeds[0], scores[0]]]
    print("\nmAP (voc12), mean over seeds\nscore            " + "".join(f"{count:>8}" for count in counts)
          + "    area - random, 95 % over seeds")
    for score in scores:
        means = [statistics.mean(curves[seed, score][place][1] for seed in seeds) for place in range(len(counts))]
        areas = [statistics.mean(value for _, value in curves[seed, score][1:]) for seed in seeds]
        line = f"{score:17}" + "".join(f"{value:8.1f}" for value in means)
        if score != "random" and "random" in scores:
            others = [statistics.mean(value for _, value in curves[seed, "random"][1:]) for seed in seeds]
            mean, deviation, half = interval([a - b for a, b in zip(areas, others)])
            line += f"    {mean:+.2f} [{mean - half:+.2f}, {mean + half:+.2f}]  (seeds scatter by {deviation:.2f})"
        print(line)


if __name__ == "__main__":
    main()
