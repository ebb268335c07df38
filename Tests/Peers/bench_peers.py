"""Times detector against OpenVINO, ONNX Runtime and PyTorch on the same networks, in turn.

Networks of --models are timed by the peers' own scripts, which come from a folder (--peers) and
need the Python packages listed there: YOLOv3 both ways, the CIFAR ResNets in training. Any other
network (--cfg, with the .weights beside it) is written as ONNX and timed in inference. --int8 adds
inference of quantised models: detector quantize's, and OpenVINO's by NNCF, both from random pictures
(speed only). --instruction-set times every row with those kernels; OpenVINO and PyTorch are then held
to the same set. Every round
times each program once; the table shows medians over rounds, and medians of the rounds' ratios
ours / theirs: below 1, detector is faster or smaller. Memory is the most that a process had
resident, so theirs includes Python and what it imports.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
ONNX = {"OpenVINO": ["--backend", "ov"], "ONNX Runtime": ["--backend", "ort"]}
INFERENCE = {**ONNX, "PyTorch, folded, channels last": [
    "--backend", "torch", "--variant", "fold_cl"]}
TRAINING = {"PyTorch, channels last": ["--variant", "channels_last"]}
# Input size and batch of a training step; classifiers are trained only.
MODELS = {"yolov3": (416, 8), "yolov3-tiny": (416, 8),
          "resnet50-cifar": (32, 128), "resnet110-cifar": (32, 128)}
# Instruction sets as oneDNN calls them, and the kernels of bytes that belong to them.
PEER_SETS = {"avx512": "AVX512_CORE_VNNI", "avx2": "AVX2", "generic": "SSE41"}
INT8_SETS = {"avx512": "avx512vnni", "avx2": "avx2", "generic": "generic"}
NANO = Path("datasets/weights/mobilenet-yolo/MobileNetV2-YOLOv3-Nano/VOC",
            "MobileNetV2-YOLOv3-Nano-voc.cfg")


@dataclass
class Row:
    """A network and what is done with it; commands of `peers` lack --runs and --threads."""

    name: str
    cfg: Path
    weights: Path | None
    size: int
    batch: int
    mode: str
    runs: int
    peers: dict
    folder: Path
    run: Path | None = None


@dataclass
class Cost:
    """Of one program in one round."""

    milliseconds: float
    mebibytes: float

    def __truediv__(self, other):
        return Cost(self.milliseconds / other.milliseconds, self.mebibytes / other.mebibytes)

    @staticmethod
    def median(costs):
        return Cost(statistics.median(c.milliseconds for c in costs),
                    statistics.median(c.mebibytes for c in costs))


def cost_of_peer(row, name, threads, instruction_set):
    """What a peer's script reports, None if it could not run."""
    environment = {**os.environ, "OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}
    if instruction_set:
        # oneDNN, which OpenVINO and PyTorch compute with; ONNX Runtime has no such switch.
        environment["ONEDNN_MAX_CPU_ISA"] = PEER_SETS[instruction_set]
        environment["ATEN_CPU_CAPABILITY"] = instruction_set.replace("generic", "default")
    command = [sys.executable, *row.peers[name], "--threads", threads, "--runs", str(row.runs)]
    result = subprocess.run(
        command, cwd=row.folder, env=environment, capture_output=True, text=True)
    for line in result.stdout.splitlines():
        if line.startswith("JSON "):
            numbers = json.loads(line[5:])
            return Cost(numbers["median_ms"], numbers["peak_rss_mib"])
    reason = result.stderr.strip().splitlines()
    print(f"  left out: {name}: {reason[-1] if reason else 'no result'}")
    return None


def cost_of_ours(row, detector, threads, options):
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        place = ["--run", row.run] if row.run else ["--model", row.cfg]
        command = [detector, "bench", *place, "--size", str(row.size)]
        command += ["--batch", str(row.batch), "--mode", row.mode, "--runs", str(row.runs)]
        command += ["--weights", row.weights] if row.weights and not row.run else []
        command += ["--threads", threads, "--json", file.name, *options]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(f"detector bench: {result.stderr.strip() or result.returncode}")
        numbers = json.load(open(file.name))
        return Cost(numbers["medianMs"], numbers["peakRssMiB"])


def compare(row, arguments):
    print(f"{row.name} {row.size}x{row.size}, {row.mode}, batch {row.batch}:", flush=True)
    ours, theirs = [], {name: [] for name in row.peers}
    threads = str(arguments.threads)
    kernels = arguments.instruction_set
    options = arguments.options.split() + (["--instruction-set", kernels] if kernels else [])
    for _ in range(arguments.rounds):
        ours.append(cost_of_ours(row, arguments.detector, threads, options))
        for name in list(theirs):
            cost = cost_of_peer(row, name, threads, kernels)
            if cost is None:
                del theirs[name]
            else:
                theirs[name].append(cost)
    for name, costs in {"detector": ours, **theirs}.items():
        cost = Cost.median(costs)
        line = f"  {name:32} {cost.milliseconds:10.1f} ms {cost.mebibytes:8.0f} MiB"
        if name != "detector":
            ratio = Cost.median([a / b for a, b in zip(ours, costs)])
            line += f"   ours / theirs {ratio.milliseconds:.2f}, memory {ratio.mebibytes:.2f}"
        print(line, flush=True)


def model_rows(names, arguments):
    """Networks that the peers' scripts have too."""
    folder = ROOT / ".build" / "peers"
    if names:
        if not (arguments.peers / "bench_infer.py").exists():
            sys.exit(f"{arguments.peers}: no peers' scripts there; name their folder with --peers")
        # They write networks beside themselves: a copy in the build folder serves again.
        shutil.copytree(arguments.peers, folder, dirs_exist_ok=True)
    for name in names:
        size, batch = arguments.size or MODELS[name][0], MODELS[name][1]
        for mode in arguments.modes:
            training = mode == "training"
            if not training and not name.startswith("yolo"):
                continue
            if not training and not (folder / "gen").exists():
                subprocess.run([sys.executable, "models.py", "gen"], cwd=folder, check=True)
            script = "bench_train.py" if training else "bench_infer.py"
            batch_here = batch if training else 1
            command = [script, "--model", name, "--size", str(size), "--batch", str(batch_here)]
            peers = TRAINING if training else INFERENCE
            yield Row(name, ROOT / "Models" / f"{name}.cfg", None, size, batch_here, mode,
                      3 if training else 15,
                      {peer: command + options for peer, options in peers.items()}, folder)


def int8_rows(names, arguments):
    """Quantised models of networks that the peers' scripts have too, with their weights."""
    folder = ROOT / ".build" / "peers"
    for name in names if arguments.int8 and "inference" in arguments.modes else []:
        if not name.startswith("yolo"):
            continue
        size = arguments.size or MODELS[name][0]
        if not (folder / "gen" / f"{name}-{size}-int8.xml").exists():
            subprocess.run([sys.executable, "quant_ov.py", name, str(size)], cwd=folder, check=True)
        run = ROOT / ".build" / "peers-int8" / f"{name}-{size}-{arguments.instruction_set or 'best'}"
        if not (run / "best.safetensors").exists():
            shutil.rmtree(run, ignore_errors=True)
            pictures = run.parent / "pictures"
            if not pictures.exists():
                subprocess.run([arguments.detector, "synthesize", "--out", pictures, "--count", "20",
                                "--size", "256"], check=True)
            kernels = arguments.instruction_set
            command = [arguments.detector, "quantize", "--model", folder / "gen" / f"{name}-{size}.cfg",
                       "--weights", folder / "gen" / f"{name}.weights", "--data", f"{pictures}:train",
                       "--images", "4", "--size", str(size), "--out", run]
            command += ["--instruction-set", INT8_SETS[kernels]] if kernels else []
            subprocess.run(command, check=True)
        yield Row(f"{name} int8", ROOT / "Models" / f"{name}.cfg", None, size, 1, "inference", 15,
                  {"OpenVINO int8": ["bench_infer.py", "--model", name, "--size", str(size),
                                     "--backend", "ov_int8"]}, folder, run)


def cfg_rows(files, arguments):
    """Any other network, in inference."""
    if not files or "inference" not in arguments.modes:
        return
    for cfg in files:
        if not cfg.exists():
            sys.exit(f"{cfg}: no such file")
        weights = cfg.with_suffix(".weights")
        weights = weights if weights.exists() else None
        width = re.search(r"^\s*width\s*=\s*(\d+)", cfg.read_text(), re.MULTILINE)
        if not width and not arguments.size:
            sys.exit(f"{cfg} has no width=; give --size")
        size = arguments.size or int(width[1])
        onnx = ROOT / ".build" / "peers-onnx" / f"{cfg.stem}-{size}.onnx"
        onnx.parent.mkdir(parents=True, exist_ok=True)
        # In a process of its own: a child's peak memory starts from what its parent has resident.
        command = [sys.executable, HERE / "darknet_onnx.py", cfg, onnx, "--size", str(size)]
        subprocess.run(command + (["--weights", weights] if weights else []), check=True)
        command = [HERE / "bench_onnx.py", onnx]
        yield Row(cfg.stem, cfg, weights, size, 1, "inference", 100,
                  {peer: command + options for peer, options in ONNX.items()}, ROOT)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, default=ROOT.parent / "shared" / "peers")
    parser.add_argument("--detector", default=str(ROOT / ".build" / "release" / "detector"))
    parser.add_argument("--models", nargs="+", choices=list(MODELS),
                        help="(default: all of them, and a MobileNet if its files are there)")
    parser.add_argument("--cfg", type=Path, nargs="+", help="other networks, as Darknet cfg")
    parser.add_argument("--modes", nargs="+", default=["inference", "training"],
                        choices=["inference", "training"])
    parser.add_argument("--size", type=int, help="input size (default: the network's)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--int8", action="store_true", help="quantised models too")
    parser.add_argument("--instruction-set", choices=list(PEER_SETS),
                        help="kernels of all programs (default: the best of this CPU)")
    parser.add_argument("--options", default="", help="more options of detector bench")
    arguments = parser.parse_args()
    arguments.detector = str(Path(arguments.detector).resolve())
    models, files = arguments.models or [], [cfg.resolve() for cfg in arguments.cfg or []]
    if not models and not files:
        models = list(MODELS)
        nano = arguments.peers.resolve().parent / NANO
        if nano.exists():
            files = [nano]
        else:
            print(f"skipped: {NANO.stem}: its cfg is not beside the peers' scripts")
    rows = [*model_rows(models, arguments), *int8_rows(models, arguments)]
    for row in [*rows, *cfg_rows(files, arguments)]:
        compare(row, arguments)


if __name__ == "__main__":
    main()
