#!/usr/bin/env python3
"""Kills training and comparisons at random moments and asks that they end with the same bytes.

    Tests/Storm/storm.py DETECTOR [--rounds N] [--seed S] [--keep FOLDER]

One run of each kind is left alone. Every round starts the same run anew, disturbs it one to four
times, resumes it after each, and compares what it ends with to the undisturbed one: every weight of
the checkpoints byte for byte, the log's iterations and evaluations, the comparison's table. Disturbances,
at random moments:

    kill      SIGKILL
    stop      SIGINT or SIGTERM, which must save and exit with 130
    full      writes fail beyond a random size of a file, as on a full disk; the program must say
              so in one line with the file's name and exit with neither 0 nor a signal
    log       the log loses its end after a SIGKILL; its lines are not compared then
    partial   a hidden file that a killed writer left lies where the next one writes

The exit code is 1 if a round ends differently; its folder is then kept and named.
"""

import argparse
import csv
import json
import pathlib
import random
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

TRAIN = [
    "--recipe", "darknet", "--epochs", "6", "--batch", "8", "--size", "96", "--save-every", "3",
    "--evaluate-every", "1", "--ema", "0.9", "--seed", "5",
]  # fmt: skip
COMPARE = [
    "--recipe", "darknet", "--epochs", "1", "--batch", "8", "--size", "96", "--save-every", "3",
    "--rows", "baseline,uncertainty", "--seeds", "2",
]  # fmt: skip


def tensors(path):
    """The bytes of every tensor of a safetensors file, by name."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    start = 8 + length
    return {
        name: (entry["dtype"], data[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]])
        for name, entry in header.items()
    }


def logged(row):
    """What of a line must be the same: means over iterations begin anew where a run is resumed."""
    kept = {"kind", "iteration", "epoch"}
    if row["kind"] == "evaluation":
        kept |= {name for name in row if name.startswith("mAP")}
    return {name: value for name, value in row.items() if name in kept}


def ending(folder):
    """What a run or a comparison ends with, by file."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.suffix == ".safetensors":
            found[name] = tensors(path)
        elif path.name == "log.csv":
            found[name] = [logged(row) for row in csv.DictReader(path.open())]
        elif path.name == "comparison.csv":
            found[name] = path.read_bytes()
    return found


class Storm:
    def __init__(self, detector, folder, random):
        self.detector, self.folder, self.random = str(detector), folder, random
        self.data = folder / "data"
        self.counts = {}

    def command(self, kind, out, resumes):
        data = ["--voc", str(self.data), "--model", str(self.model)]
        if kind == "train":
            arguments = ["--resume"] if resumes else [*data, *TRAIN, "--loss", "uncertainty"]
            return [self.detector, "train", *arguments, "--out", str(out)]
        return [self.detector, "compare", *data, *COMPARE, "--out", str(out)]

    def start(self, kind, out, resumes, limit=None):
        def prepare():
            if limit is not None:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

        return subprocess.Popen(
            self.command(kind, out, resumes),
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, preexec_fn=prepare,
        )  # fmt: skip

    def undisturbed(self, kind):
        out = self.folder / f"{kind}-alone"
        began = time.monotonic()
        process = self.start(kind, out, resumes=False)
        _, errors = process.communicate()
        if process.returncode != 0:
            sys.exit(f"{kind} fails on its own: {errors}")
        return ending(out), time.monotonic() - began

    def disturb(self, kind, out, resumes, duration):
        """Starts a run and disturbs it; returns whether it ended, or a text if it misbehaved."""
        how = self.random.choice(["kill", "kill", "kill", "stop", "full", "log", "partial"])
        self.counts[how] = self.counts.get(how, 0) + 1
        if how == "full":
            process = self.start(kind, out, resumes, limit=int(10 ** self.random.uniform(1, 6)))
            _, errors = process.communicate()
            if process.returncode == 0:
                return True
            if process.returncode < 0 or str(out) not in errors:
                return f"full disk: exit {process.returncode}, said: {errors.strip() or 'nothing'}"
            return False
        if how == "partial":
            for checkpoint in out.rglob("last.safetensors"):
                partial = checkpoint.parent / ".last.safetensors.partial"
                partial.write_bytes(self.random.randbytes(1000))
        process = self.start(kind, out, resumes)
        try:
            process.wait(self.random.uniform(0, duration))
            return True if process.returncode == 0 else f"ended with {process.returncode}: {process.stderr.read()}"
        except subprocess.TimeoutExpired:
            pass
        process.send_signal(
            self.random.choice([signal.SIGINT, signal.SIGTERM]) if how == "stop" else signal.SIGKILL
        )
        _, errors = process.communicate()
        # A signal in the first milliseconds meets a program that does not listen yet.
        if how == "stop" and process.returncode not in (0, 130, -signal.SIGINT, -signal.SIGTERM):
            return f"stopped: exit {process.returncode}: {errors.strip()}"
        if how == "log":
            self.log_is_cut = True
            for log in out.rglob("log.csv"):
                with log.open("r+b") as file:
                    file.truncate(max(0, log.stat().st_size - self.random.randrange(200)))
        return process.returncode == 0

    def begun(self, kind, out):
        # A run that was killed before its first save has nothing to resume and starts anew.
        return kind == "train" and (out / "last.safetensors").exists()

    def round(self, kind, out, duration):
        """Returns None if a disturbed run ends as the undisturbed one, otherwise what happened."""
        self.log_is_cut = False
        for _ in range(self.random.randint(1, 4)):
            resumes = self.begun(kind, out)
            if kind == "train" and not resumes:
                shutil.rmtree(out, ignore_errors=True)
            ended = self.disturb(kind, out, resumes, duration)
            if isinstance(ended, str):
                return ended
            if ended:
                break
        else:
            resumes = self.begun(kind, out)
            if kind == "train" and not resumes:
                shutil.rmtree(out, ignore_errors=True)
            process = self.start(kind, out, resumes)
            _, errors = process.communicate()
            if process.returncode != 0:
                return f"cannot go on: exit {process.returncode}: {errors.strip()}"
        found = ending(out)
        different = sorted(
            name for name in self.alone[kind].keys() | found.keys()
            if self.alone[kind].get(name) != found.get(name)
            and not (self.log_is_cut and name.endswith("log.csv") and name in found)
        )  # fmt: skip
        return f"differs in {', '.join(different)}" if different else None

    def run(self, rounds):
        self.model = pathlib.Path(__file__).resolve().parents[2] / "Models" / "small-voc.cfg"
        subprocess.run(
            [self.detector, "synthesize", "--out", str(self.data), "--count", "60", "--size", "96"],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        self.alone, durations = {}, {}
        for kind in ("train", "compare"):
            self.alone[kind], durations[kind] = self.undisturbed(kind)
            print(f"{kind}: {durations[kind]:.1f} s and {len(self.alone[kind])} files alone", flush=True)
        failed = 0
        for index in range(rounds):
            kind = "compare" if index % 5 == 4 else "train"
            out = self.folder / f"round-{index}"
            problem = self.round(kind, out, durations[kind])
            if problem:
                failed += 1
                print(f"round {index} ({kind}, {out}): {problem}", flush=True)
            else:
                shutil.rmtree(out)
        disturbances = ", ".join(f"{count} {how}" for how, count in sorted(self.counts.items()))
        print(f"{rounds - failed} of {rounds} rounds end with the same bytes ({disturbances})")
        return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("detector", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path, help="where to work; kept")
    arguments = parser.parse_args()
    folder = arguments.keep or pathlib.Path(tempfile.mkdtemp(prefix="storm-"))
    folder.mkdir(parents=True, exist_ok=True)
    storm = Storm(arguments.detector.resolve(), folder, random.Random(arguments.seed))
    failed = storm.run(arguments.rounds)
    if not failed and not arguments.keep:
        shutil.rmtree(folder)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
