"""Where knowing may pay: do labels lie, and has the world changed?

    python3 doubts.py DETECTOR --study FOLDER [--row uncertainty] [--seeds 1,2,3] [--noise 0.1,0.3]
        [--foreign FOLDER] [--limit 500]

Takes the runs of rescaling.py. Of those that were trained with wrong labels `detector check --run` ranks the
labels that they were trained on; the errors are known, so that every score has an AUROC and a precision at as
many as are wrong. Of those that were trained with clean labels `detector shift` compares numbers of single
images, disturbed ones and foreign ones with clean test images. Means and 95 % intervals (Student's t) over
seeds. What is there already is kept.
"""
import argparse
from pathlib import Path

from scenes import interval, load, run


def cell(values):
    mean, _, half = interval([100 * value for value in values])
    return f"{mean:.1f} ± {half:.1f}" if half == half else f"{mean:.1f}"


def labels(options, share):
    rows = {}
    for seed in options.seeds:
        place = options.study / f"noise-{share}/{options.row}/seed-{seed}"
        result = place / "labels/label-errors.json"
        if not result.exists():
            run(options.detector, "check", "--run", place, "--voc", f"{options.data}:train", "--label-noise", "run",
                "--threads", options.threads, "--out", place / "labels")
        for entry in load(result)["trial"]:
            if entry["auroc"] is not None:
                rows.setdefault((entry["error"], entry["score"]), []).append(entry)
    print(f"\nlabels that are wrong, noise {share}, row {options.row}, {len(options.seeds)} seeds: AUROC, precision in %")
    for (error, score), entries in rows.items():
        print(f"{error:12}{score:12}{entries[0]['wrong']:>5} of {entries[0]['wrong'] + entries[0]['right']:<6}"
              f"{cell([entry['auroc'] for entry in entries]):>16}{cell([entry['precision'] for entry in entries]):>16}")


def shifts(options):
    found = {}
    for seed in options.seeds:
        place = options.study / f"noise-0/{options.row}/seed-{seed}"
        result = place / "shift.json"
        if not result.exists():
            run(options.detector, "shift", "--run", place, "--voc", f"{options.data}:test", "--limit", options.limit,
                "--severities", options.severities, "--threads", options.threads, "--json", result,
                *(["--foreign", options.foreign] if options.foreign else []))
        for entry in load(result)["imageShifts"]:
            if "severity" not in entry:
                pair = [number["value"] if isinstance(number, dict) else number
                        for number in (entry["auroc"], entry["missed"])]
                found.setdefault(entry["shift"], {}).setdefault(entry["score"], []).append(pair)
    scores = list(dict.fromkeys(score for own in found.values() for score in own))
    for title, place in [("AUROC of shifted against clean images", 0),
                         ("shifted images that pass where 95 % of the clean ones do", 1)]:
        print(f"\n{title}, in %, severities {options.severities} together, {len(options.seeds)} seeds")
        print(f"{'':16}" + "".join(f"{name:>16}" for name in found))
        for score in scores:
            print(f"{score:16}" + "".join(
                f"{cell([pair[place] for pair in own[score]]) if score in own else '':>16}" for own in found.values()))
    # Paired by seed: what each number is ahead of confidence.
    print("\nAUROC over `leastConfident`, paired by seed, all corruptions" + (" and foreign" if "foreign" in found else ""))
    for name in [name for name in ["all", "foreign"] if name in found]:
        for score in scores:
            ahead = [a[0] - b[0] for a, b in zip(found[name][score], found[name]["leastConfident"])]
            print(f"{name:10}{score:16}{cell(ahead):>16}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("detector", type=Path)
    parser.add_argument("--study", required=True, type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--row", default="uncertainty")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--noise", default="0.1,0.3")
    parser.add_argument("--foreign", type=Path)
    parser.add_argument("--limit", type=int, default=500)
    parser.add_argument("--severities", default="0,1,3,5")
    parser.add_argument("--threads", default="2")
    options = parser.parse_args()
    options.data = options.data or options.study / "data"
    options.seeds = options.seeds.split(",")
    for share in options.noise.split(","):
        labels(options, share)
    shifts(options)


if __name__ == "__main__":
    main()
