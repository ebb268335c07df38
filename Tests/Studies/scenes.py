"""What the studies of detectors share: drawn scenes with lists of their own, and running the program."""
import json
import math
import re
import statistics
import subprocess

# Student's t at 97.5 %, by degrees of freedom.
T = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}


def run(detector, *words):
    """Runs a command of the program; what it prints."""
    result = subprocess.run([str(detector), *map(str, words)], capture_output=True, text=True)
    if result.returncode:
        raise SystemExit(f"{' '.join(map(str, words))}\n{result.stderr.strip()[-2000:]}")
    return result.stdout


def draw(detector, folder, training, validation, test, threads=2):
    """A VOC data set of drawn scenes with lists of these lengths and names.txt; kept if it is there."""
    lists = folder / "ImageSets/Main"
    if not (folder / "names.txt").exists():
        run(detector, "synthesize", "--count", training + validation + test, "--threads", threads, "--out", folder)
        names = sorted(path.stem for path in (folder / "Annotations").glob("*.xml"))
        parts = {"train": names[:training], "val": names[training:training + validation],
                 "test": names[training + validation:]}
        for split, own in parts.items():
            (lists / f"{split}.txt").write_text("".join(name + "\n" for name in own))
        (lists / "trainval.txt").unlink(missing_ok=True)
        found = {match for path in (folder / "Annotations").glob("*.xml")
                 for match in re.findall(r"<name>(.*?)</name>", path.read_text())}
        (folder / "names.txt").write_text("".join(name + "\n" for name in sorted(found)))
    return folder


def names(data, split):
    """The images of a list."""
    lines = (data / f"ImageSets/Main/{split}.txt").read_text().split("\n")
    return [line.split()[0] for line in lines if line.strip()]


def load(path):
    return json.loads(path.read_text())


def interval(differences):
    """Mean, standard deviation and half of the 95 % interval over seeds, by Student's t."""
    count = len(differences)
    mean = statistics.mean(differences)
    if count < 2:
        return mean, math.nan, math.nan
    deviation = statistics.stdev(differences)
    return mean, deviation, T.get(count - 1, 1.96) * deviation / math.sqrt(count)
