#!/usr/bin/env python3
"""What `detector convert --onnx` writes must give in other runtimes what detector gives.

    onnx_export.py DETECTOR [CFG...] [--limit 1e-4]

Each cfg (all of Models/ without any) gets random weights and a picture of noise of the input's size, so
that nothing is resized. ONNX Runtime and OpenVINO then run the file, and every detection, probability
and height of a peak that detector reports must be among their outputs. A detector with a Bayesian branch
is trained for one epoch on drawn scenes, and mean, variance and BALD are compared as well. Heights of maps
are compared relative to the largest. Files must
pass onnx.checker, and with --open-batch a batch of two must give each image's outputs. Needs numpy,
pillow, onnx, onnxruntime and openvino.
"""

import argparse
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
import openvino
from PIL import Image

MODELS = pathlib.Path(__file__).resolve().parents[2] / "Models"
FLOOR = 0.001


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}")
    return done.stdout


def section(lines, start):
    """The settings of the section that begins at a line, counted from 1."""
    found = {}
    for line in lines[start:]:
        line = line.split("#")[0].strip()
        if line.startswith("["):
            break
        if "=" in line:
            key, value = line.split("=", 1)
            found[key.strip()] = value.strip()
    return found


def write_weights(detector, cfg, path, random):
    """Weights of a scale at which signals neither vanish nor grow, and statistics that are not 0 and 1.

    What is added to a shortcut is small, or the signal would double with every one of them.
    """
    lines = cfg.read_text().splitlines()
    summary = json.loads(run(detector, "summary", cfg, "--json", "-"))
    parts, classes = [], 0
    kinds = [layer["layer"] for layer in summary["layers"]] + [""]
    for index, layer in enumerate(summary["layers"]):
        kind, channels = layer["layer"], layer["output"][2]
        normal = [random.normal(0, 0.1, channels), random.uniform(0.8, 1.2, channels),
                  random.normal(0, 0.1, channels), random.uniform(0.8, 1.2, channels)]
        if kind in ("yolo", "Gaussian_yolo", "region"):
            classes = int(section(lines, layer["line"])["classes"])
        if kind == "batchnorm":
            parts += normal
        if kind not in ("convolutional", "connected"):
            continue
        keys = section(lines, layer["line"])
        is_normal = keys.get("batch_normalize", "0") == "1"
        count = layer["parameters"] - (4 if is_normal else 1) * channels
        gain = 0.05 if kinds[index + 1] == "shortcut" else 1.5
        weights = random.normal(0, np.sqrt(gain * channels / count), count)
        if kind == "connected":
            parts += [normal[0], weights] + (normal[1:] if is_normal else [])
        else:
            parts += (normal if is_normal else normal[:1]) + [weights]
    floats = np.concatenate(parts).astype("<f4")
    if classes:
        path.with_suffix(".names").write_text("".join(f"c{index}\n" for index in range(classes)))
    path.write_bytes(struct.pack("<iiiq", 0, 2, 0, 0) + floats.tobytes())
    return tuple(summary["layers"][0]["input"])


class Runtimes:
    """The outputs of a file in both runtimes, by name."""

    def __init__(self, path):
        onnx.checker.check_model(str(path), full_check=True)
        self.session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        core = openvino.Core()
        self.compiled = core.compile_model(
            core.read_model(str(path)), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})

    def __call__(self, images):
        names = [output.name for output in self.session.get_outputs()]
        first = dict(zip(names, self.session.run(names, {"images": images})))
        result = self.compiled({"images": images})
        second = {name: result[name] for name in names}
        return {"onnxruntime": first, "openvino": second}


def tensor(picture):
    values = np.asarray(picture, np.float32) / 255
    return values.transpose(2, 0, 1)[None]


def largest_difference(detections, outputs, names):
    """Every detection must be an anchor and class of the outputs, and there must be as many as those say.

    About two thousand of many are looked at. Boxes are compared relative to their largest coordinate.
    """
    scores, boxes = outputs["scores"][0], outputs["boxes"][0]
    sure = int((scores > FLOOR * 1.001).sum())
    possible = int((scores > FLOOR * 0.999).sum())
    if not sure <= len(detections) <= possible:
        raise SystemExit(f"{len(detections)} detections, {sure} to {possible} in the outputs")
    worst = 0.0
    step = max(1, len(detections) // 2000)
    for detection in detections[::step]:
        left, top, width, height = detection["box"]
        box = np.array([left, top, left + width, top + height])
        column = scores[:, names.index(detection["class"])]
        # An anchor is told by its box and confidence together.
        apart = np.maximum(np.abs(boxes - box).max(1) / max(1, np.abs(box).max()),
                           np.abs(column - detection["confidence"]))
        anchor = int(apart.argmin())
        worst = max(worst, float(apart[anchor]))
        uncertainty = detection.get("uncertainty")
        if uncertainty and "bald" in outputs:
            for key, name in [("objectnessMean", "mean"), ("objectnessVariance", "variance"),
                              ("bald", "bald")]:
                value = float(outputs[name][0, anchor, 0])
                worst = max(worst, abs(uncertainty[key] - value) / max(1, abs(value)))
    return worst


def compare(detector, source, task, picture, folder, limit):
    """The largest difference between detector and each runtime, and how much was compared."""
    path = folder / "net.onnx"
    run(detector, "convert", *source, "--onnx", path, "--open-batch")
    image = folder / "picture.png"
    picture.save(image)
    runtimes = Runtimes(path)
    entries = {entry.key: entry.value for entry in onnx.load(str(path)).metadata_props}
    names = json.loads(entries["names"]) if "names" in entries else None
    outputs = runtimes(tensor(picture))
    both = runtimes(np.concatenate([tensor(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)),
                                    tensor(picture)]))
    differences, count = {}, 0
    for name, values in outputs.items():
        if task == "detection":
            text = run(detector, "detect", image, *source, "--confidence", FLOOR, "--all-classes", "--nms",
                       1, "--raw-confidence" if "--run" in source else "--quiet", "--json", "-")
            detections = json.loads(text)["images"][0]["detections"]
            worst, count = largest_difference(detections, values, names), len(detections)
        elif task == "classification":
            text = run(detector, "predict", image, *source, "--top", 1000, "--json", "-")
            classes = json.loads(text)["images"][0]["classes"]
            found = values["probabilities"][0]
            worst = max(abs(entry["probability"] - found[int(entry["class"][5:])]) for entry in classes)
            # Where one class has all, every difference is lost.
            count = len(classes) if classes[0]["probability"] < 0.999 else 0
        else:
            text = run(detector, "predict", image, *source, "--json", "-")
            persons = json.loads(text)["images"][0]["persons"]
            points = persons[0]["keypoints"] if persons else []
            maps = values["heatmaps"][0]
            # Of joints one a map, of centres any pixel.
            # Of joints each is the highest pixel of its map, of centres some pixel.
            apart = [abs(maps[index].max() - point["score"]) if task == "joints"
                     else abs(maps - point["score"]).min() for index, point in enumerate(points)]
            worst = max(apart, default=1) / max(1, float(abs(maps).max()))
            count = len(points)
        batch = max(float(np.abs(both[name][key][1] - values[key][0]).max() /
                          max(1, np.abs(values[key]).max())) for key in values)
        differences[name] = max(worst, batch)
    return differences, count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("detector", type=pathlib.Path)
    parser.add_argument("cfgs", nargs="*", type=pathlib.Path)
    parser.add_argument("--limit", default=1e-4, type=float)
    arguments = parser.parse_args()
    random = np.random.default_rng(1)
    failed = 0

    def judge(name, source, task, picture, folder):
        differences, count = compare(
            arguments.detector, source, task, picture, folder, arguments.limit)
        bad = max(differences.values()) > arguments.limit or count == 0
        print(f"{name}: {task}, {count} compared, largest difference "
              + ", ".join(f"{key} {value:.1e}" for key, value in differences.items())
              + (" TOO MUCH" if bad else ""), flush=True)
        return bad

    for cfg in arguments.cfgs or sorted(MODELS.glob("*.cfg")):
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place)
            text = cfg.read_text()
            task = ("detection" if re.search(r"^\[(yolo|Gaussian_yolo|region)\]", text, re.M) else
                    "centres" if "kind=centers" in text else
                    "joints" if "[heatmap]" in text else "classification")
            copy = folder / "net.cfg"
            copy.write_text(text)
            height, width, channels = write_weights(
                arguments.detector, copy, folder / "net.weights", random)
            noise = random.integers(0, 256, (height, width, channels), dtype=np.uint8)
            failed += judge(cfg.name, ["--model", copy, "--weights", folder / "net.weights"], task,
                            Image.fromarray(noise), folder)
    if not arguments.cfgs:
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place)
            run(arguments.detector, "synthesize", "--count", 24, "--out", folder / "scenes")
            run(arguments.detector, "train", "--voc", folder / "scenes", "--model", MODELS / "small-voc.cfg",
                "--loss", "uncertainty", "--epochs", 1, "--out", folder / "run")
            noise = random.integers(0, 256, (192, 192, 3), dtype=np.uint8)
            size = re.search(r"^width=(\d+)", (folder / "run" / "model.cfg").read_text(), re.M)
            picture = Image.fromarray(noise).resize((int(size[1]), int(size[1])))
            failed += judge("small-voc with a Bayesian branch", ["--run", folder / "run"], "detection",
                            picture, folder)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
