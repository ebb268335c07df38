"""Times detector against OpenVINO, ONNX Runtime and PyTorch on the same networks, in turn.

The peers' scripts come from a folder of their own (--peers); they need the Python packages listed
there. Every round times each program once; the table shows medians over rounds, and the median of
the rounds' ratios ours / theirs: below 1, detector is faster.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INFERENCE = {
    "OpenVINO": ["--backend", "ov"],
    "ONNX Runtime": ["--backend", "ort"],
    "PyTorch, folded, channels last": ["--backend", "torch", "--variant", "fold_cl"],
}
TRAINING = {"PyTorch, channels last": ["--variant", "channels_last"]}


def milliseconds_of_peer(folder, script, model, size, batch, runs, options):
    """The median that a peer's script reports, None if it could not run."""
    command = [sys.executable, script, "--model", model, "--size", str(size)]
    command += ["--batch", str(batch), "--runs", str(runs), *options]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    for line in result.stdout.splitlines():
        if line.startswith("JSON "):
            return json.loads(line[5:])["median_ms"]
    reason = result.stderr.strip().splitlines()
    print(f"  left out: {' '.join(options)}: {reason[-1] if reason else 'no result'}")
    return None


def milliseconds_of_ours(detector, model, size, batch, mode, runs, options):
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command = [detector, "bench", "--model", str(ROOT / "Models" / f"{model}.cfg")]
        command += ["--size", str(size), "--batch", str(batch), "--mode", mode]
        command += ["--runs", str(runs), "--json", file.name, *options]
        subprocess.run(command, check=True, capture_output=True)
        return json.load(open(file.name))["medianMs"]


def compare(folder, arguments, model, mode):
    training = mode == "training"
    peers = dict(TRAINING if training else INFERENCE)
    script = "bench_train.py" if training else "bench_infer.py"
    batch = 8 if training else 1
    runs = 3 if training else 15
    size = arguments.size
    print(f"{model} {size}x{size}, {mode}, batch {batch}:")
    times = {name: [] for name in ["detector", *peers]}
    ratios = {name: [] for name in peers}
    for _ in range(arguments.rounds):
        ours = milliseconds_of_ours(
            arguments.detector, model, size, batch, mode, runs, arguments.options.split())
        times["detector"].append(ours)
        for name in list(peers):
            theirs = milliseconds_of_peer(
                folder, script, model, size, batch, runs, peers[name])
            if theirs is None:
                del peers[name]
                continue
            times[name].append(theirs)
            ratios[name].append(ours / theirs)
    for name, values in times.items():
        if not values:
            continue
        line = f"  {name:32} {statistics.median(values):10.1f} ms"
        if ratios.get(name):
            line += f"   ours / theirs {statistics.median(ratios[name]):.2f}"
        print(line, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, default=ROOT.parent / "shared" / "peers")
    parser.add_argument("--detector", default=str(ROOT / ".build" / "release" / "detector"))
    parser.add_argument("--models", nargs="+", default=["yolov3", "yolov3-tiny"])
    parser.add_argument("--modes", nargs="+", default=["inference", "training"])
    parser.add_argument("--size", type=int, default=416)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--options", default="", help="more options of detector bench")
    arguments = parser.parse_args()
    if not (arguments.peers / "bench_infer.py").exists():
        sys.exit(f"{arguments.peers}: no peers' scripts there; name their folder with --peers")
    # They write networks beside themselves: a copy in the build folder serves for the next time.
    folder = ROOT / ".build" / "peers"
    shutil.copytree(arguments.peers, folder, dirs_exist_ok=True)
    if not (folder / "gen").exists():
        subprocess.run([sys.executable, "models.py", "gen"], cwd=folder, check=True)
    for model in arguments.models:
        for mode in arguments.modes:
            compare(folder, arguments, model, mode)


if __name__ == "__main__":
    main()
