#!/usr/bin/env python3
"""Kills one rank of a training at random moments and asks that all end, and the run with the same bytes.

    Tests/Storm/ranks.py DETECTOR [--ranks N] [--rounds N] [--seed S] [--all]

Every round trains under mpirun, kills one rank, rank 1 unless --all, waits for the end of mpirun, for
which it has 30 s, looks for processes that are left, resumes with as many ranks, and compares every
weight with that of a run which was left alone. The exit code is 1 if a round ends differently.
"""

import argparse
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from storm import tensors

TRAIN = [
    "--recipe", "darknet", "--epochs", "6", "--batch", "8", "--size", "96", "--save-every", "3",
    "--evaluate-every", "1", "--ema", "0.9", "--seed", "5", "--loss", "uncertainty",
]  # fmt: skip
MODEL = pathlib.Path(__file__).resolve().parents[2] / "Models" / "small-voc.cfg"


def ranks_of(out):
    """The processes that train into a folder, by rank."""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes().split(b"\0")
            variables = (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if str(out).encode() not in command or b"train" not in command[1:2]:
            continue
        for variable in variables:
            if variable.startswith(b"OMPI_COMM_WORLD_RANK="):
                found[int(variable.split(b"=")[1])] = int(entry.name)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("detector", type=pathlib.Path)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all", action="store_true", help="kill any rank, not rank 1 alone")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ranks-"))
    detector = str(arguments.detector.resolve())
    environment = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}

    def start(out, resumes=False):
        data = [] if resumes else ["--voc", str(folder / "data"), "--model", str(MODEL), *TRAIN]
        return subprocess.Popen(
            ["mpirun", "-n", str(arguments.ranks), "--oversubscribe", "--bind-to", "none", detector]
            + ["train", *data, *(["--resume"] if resumes else []), "--out", str(out)]
            + ["--threads", "1"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip

    def finish(process):
        _, errors = process.communicate()
        if process.returncode != 0:
            sys.exit(f"ends with {process.returncode}: {errors}")

    subprocess.run(
        [detector, "synthesize", "--out", str(folder / "data"), "--count", "60", "--size", "96"],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    began = time.monotonic()
    finish(start(folder / "alone"))
    duration = time.monotonic() - began
    expected = {name: tensors(folder / "alone" / name) for name in ("last.safetensors", "best.safetensors")}
    print(f"{duration:.1f} s alone", flush=True)

    failed, slowest, ended, unsaid, saved = 0, 0.0, 0, 0, 0
    for index in range(arguments.rounds):
        out = folder / f"round-{index}"
        process = start(out)
        time.sleep(chance.uniform(0.3, duration))
        victim = chance.randrange(arguments.ranks) if arguments.all else 1
        pid = ranks_of(out).get(victim)
        problem = None
        if pid is None:
            process.wait()
            ended += 1
        else:
            os.kill(pid, signal.SIGKILL)
            began = time.monotonic()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                problem = "does not end within 30 s"
                process.kill()
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.2)
            left = ranks_of(out)
            if left:
                problem = f"leaves processes: {left}"
            errors = process.stderr.read()
            if process.returncode == 0:
                problem = "ends as if nothing had happened"
            elif "signal 9" not in errors and "Error: rank" not in errors:
                unsaid += 1
        if problem is None:
            resumes = (out / "last.safetensors").exists()
            saved += resumes
            if not resumes:
                shutil.rmtree(out, ignore_errors=True)
            finish(start(out, resumes))
            different = [name for name in expected if tensors(out / name) != expected[name]]
            problem = f"differs in {', '.join(different)}" if different else None
        if problem:
            failed += 1
            print(f"round {index} ({out}): {problem}", flush=True)
        else:
            shutil.rmtree(out)
    print(
        f"{arguments.rounds - failed} of {arguments.rounds} rounds end with the same bytes; {ended} were over "
        f"before the kill, {saved} resumed, the others began anew; the slowest end took {slowest:.1f} s; "
        f"{unsaid} ended without a line on who died"
    )
    if not failed:
        shutil.rmtree(folder)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
