#!/usr/bin/env python3
"""Compares what two builds of `detector` compute, byte for byte.

    Tests/SameBytes/same_bytes.py BEFORE AFTER [--shared FOLDER]

BEFORE and AFTER are the programs. Both train three networks for ten iterations on the same drawn
images (plain, anchor loss, uncertainty), evaluate them and find objects with them. Every tensor of
the checkpoints, the exported weights, the detections, the maps of uncertainty and the evaluations
must be equal. With --shared, the same is asked of published weights. The metadata of checkpoints
may differ: they name the program's version and may gain fields.
"""

import argparse
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

RUNS = {
    "plain": ["--loss", "bce"],
    "anchor": ["--loss", "anchor", "--set", "yolo.objectness_warmup=3"],
    "uncertainty": ["--loss", "uncertainty", "--ema", "0.9"],
}
PUBLISHED = [
    ("mobilenet-yolo/MobileNetV2-YOLOv3-Nano/VOC/MobileNetV2-YOLOv3-Nano-voc", "stretch"),
    ("yolov3-tiny/yolov3-tiny", "letterbox"),
]


def tensors(path):
    """The tensors of a safetensors file by name."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    start = 8 + length
    return {
        name: (entry["dtype"], tuple(entry["shape"]),
               data[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]])
        for name, entry in header.items()
    }


def files(folder, suffixes):
    """The bytes of the files below a folder that end so, by name."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*")) if path.suffix in suffixes
    }


def detector(program, *arguments, cwd):
    """Runs a program; its output matters only if it fails."""
    done = subprocess.run(
        [str(program), *map(str, arguments)], cwd=cwd, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(f"{program} {' '.join(map(str, arguments))}\n{done.stdout}")


def results(program, cwd, root, shared):
    """Everything that must be equal, by name; paths are the same for both programs."""
    found = {}
    # Older programs know no other recipe.
    help_text = subprocess.run([program, "help", "train"], capture_output=True, text=True).stdout
    recipe = ["--recipe", "darknet"] if "--recipe" in help_text else []
    detector(program, "synthesize", "--out", "data", "--count", 72, "--size", 96, cwd=cwd)
    photos = [f"data/JPEGImages/{path.name}"
              for path in sorted((cwd / "data/JPEGImages").iterdir())[:6]]
    for name, options in RUNS.items():
        run = f"runs/{name}"
        detector(
            program, "train", "--voc", "data", "--model", root / "Models/small-voc.cfg", "--out",
            run, "--size", 96, "--batch", 4, "--subdivisions", 2, "--epochs", 1, "--clip", 20,
            "--learning-rate", 0.01, "--seed", 7, "--evaluate-every", 0, *recipe,
            *options, cwd=cwd)
        for tensor, value in tensors(cwd / run / "last.safetensors").items():
            found[f"{name}: {tensor}"] = value
        detector(program, "convert", "--run", run, "--out", f"{name}.weights", cwd=cwd)
        detector(
            program, "eval", "--voc", "data:test", "--run", run, "--bootstrap", 50, "--confidence",
            0.001, "--json", f"{name}-eval.json", cwd=cwd)
        detector(
            program, "detect", *photos, "--run", run, "--confidence", 0.01, "--json",
            f"{name}-detections.json", cwd=cwd)
    detector(
        program, "uncertainty", *photos[:2], "--run", "runs/uncertainty", "--out", "maps", cwd=cwd)
    for stem, resize in PUBLISHED if shared else []:
        model = shared / "datasets/weights" / stem
        name = model.name
        arguments = ["--model", f"{model}.cfg", "--weights", f"{model}.weights", "--resize", resize]
        pictures = sorted((shared / "datasets/voc07-mini/JPEGImages").iterdir())[:8]
        detector(
            program, "detect", *pictures, *arguments, "--json", f"{name}-detections.json", cwd=cwd)
        if "voc" in name:
            detector(
                program, "eval", "--voc", f"{shared}/datasets/voc07-mini:val", *arguments,
                "--bootstrap", 50, "--relative-variance", 0.25, "--json", f"{name}-eval.json",
                cwd=cwd)
    return found | files(cwd, {".json", ".weights", ".npy"}) | files(cwd / "data", {".xml", ".jpg"})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("before", type=pathlib.Path)
    parser.add_argument("after", type=pathlib.Path)
    parser.add_argument("--shared", type=pathlib.Path)
    arguments = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parents[2]
    shared = arguments.shared.resolve() if arguments.shared else None
    both = []
    for program in (arguments.before, arguments.after):
        with tempfile.TemporaryDirectory() as folder:
            both.append(results(program.resolve(), pathlib.Path(folder), root, shared))
    # The options of a run may be written down in another way; what they do may not change.
    before, after = ({name: value for name, value in one.items()
                      if not name.endswith("config.json")} for one in both)
    wrong = sorted(name for name in before.keys() | after.keys()
                   if before.get(name) != after.get(name))
    for name in wrong[:20]:
        kind = ("only before" if name not in after else
                "only after" if name not in before else "differs")
        print(f"{name}: {kind}")
    print(f"{len(before) - len(wrong)} of {len(before)} results are the same"
          + (f", {len(wrong)} are not" if wrong else ""))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
