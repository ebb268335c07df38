#!/usr/bin/env python3
"""Published classifiers, converted to Darknet's files, must give the numbers that NumPy gives.

    classifiers.py DETECTOR --shared DIR [--lossless DIR]

Takes the ResNet-20 and -56 for CIFAR-10 of akamaster/pytorch_resnet_cifar10 from
DIR/datasets/classifier-oracle, writes cfg and weights, and judges them on the test batch of
DIR/datasets/cifar10-mini. --lossless is a folder of classes with PNGs of the training set
(raywu60kg/small-cifar-10, image_data_format_2), of which every one must be right. Needs torch and NumPy.

Their shortcuts put the channels of the smaller map in the middle of the larger one; Darknet's put them
first. So the channels of the second and third stage are renumbered, and with them every weight that
writes or reads them.
"""

import argparse
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy as np
import torch

EXPECTED = {
    20: {"top1": 0.804, "top5": 0.990, "ece15": 0.1299, "nll": 0.8220, "brier": 0.3138,
         "entropy": 0.8721, "confidence": 0.8721},
    56: {"top1": 0.825, "top5": 0.993, "ece15": 0.1283, "nll": 0.8864, "brier": 0.2898,
         "entropy": 0.8720, "confidence": 0.8699}}
DIGITS = {"top1": 3, "top5": 3}
NET = """[net]
batch=1
width=32
height=32
channels=3
mean=.485,.456,.406
std=.229,.224,.225
"""


def convolution(filters, size, stride, activation, normalized=True):
    return (f"\n[convolutional]\n{'batch_normalize=1' if normalized else ''}\nfilters={filters}\n"
            f"size={size}\nstride={stride}\npad=1\nactivation={activation}\n")


def configuration(depth):
    text = NET + convolution(16, 3, 1, "relu")
    for stage, filters in enumerate([16, 32, 64]):
        for block in range((depth - 2) // 6):
            stride = 2 if stage > 0 and block == 0 else 1
            text += convolution(filters, 3, stride, "relu") + convolution(filters, 3, 1, "linear")
            text += "\n[shortcut]\nfrom=-3\nactivation=relu\n"
    return text + "\n[avgpool]\n" + convolution(10, 1, 1, "linear", normalized=False) + "\n[softmax]\n"


def weights(state, depth):
    state = {key.removeprefix("module."): value.numpy() for key, value in state.items()}
    # The place there of each channel here, by stage.
    places = [np.arange(16)]
    for count in [32, 64]:
        half = count // 4
        rest = [c for c in range(count) if not half <= c < half + count // 2]
        places.append(np.concatenate([places[-1] + half, rest]))
    values = []

    def add(convolution, norm, written, read):
        kernel = state[convolution + ".weight"]
        written = np.arange(kernel.shape[0]) if written is None else written
        read = np.arange(kernel.shape[1]) if read is None else read
        for part in ["bias", "weight", "running_mean", "running_var"]:
            values.append(state[f"{norm}.{part}"][written])
        values.append(kernel[written][:, read])

    add("conv1", "bn1", None, None)
    for stage in range(3):
        for block in range((depth - 2) // 6):
            name = f"layer{stage + 1}.{block}"
            read = places[stage - 1] if stage > 0 and block == 0 else places[stage]
            add(name + ".conv1", name + ".bn1", None, read)
            add(name + ".conv2", name + ".bn2", places[stage], None)
    values.append(state["linear.bias"])
    values.append(state["linear.weight"][:, places[2]])
    floats = np.concatenate([np.asarray(v, dtype=np.float32).ravel() for v in values])
    return struct.pack("<iiiQ", 0, 2, 0, 0) + floats.tobytes()


def evaluate(detector, folder, name, data):
    report = folder / f"{name}.json"
    subprocess.run(
        [detector, "eval", "--model", str(folder / f"{name}.cfg"), "--weights",
         str(folder / f"{name}.weights"), "--data", data, "--bootstrap", "0", "--json", str(report)],
        check=True, stdout=subprocess.DEVNULL)
    return json.loads(report.read_text())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("detector")
    parser.add_argument("--shared", required=True, type=pathlib.Path)
    parser.add_argument("--lossless", type=pathlib.Path)
    arguments = parser.parse_args()
    files = {20: "resnet20-12fca82f.th", 56: "resnet56-4bfd9763.th"}
    wrong = 0
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        for depth, file in files.items():
            path = arguments.shared / "datasets" / "classifier-oracle" / file
            state = torch.load(path, map_location="cpu", weights_only=False)["state_dict"]
            name = f"resnet{depth}"
            (folder / f"{name}.cfg").write_text(configuration(depth))
            (folder / f"{name}.weights").write_bytes(weights(state, depth))
            found = evaluate(arguments.detector, folder, name,
                             f"{arguments.shared / 'datasets' / 'cifar10-mini'}:test")
            for key, expected in EXPECTED[depth].items():
                value = found[key] if key in found else found["wrongAnswers"][key]["auroc"]
                value = value["value"] if isinstance(value, dict) else value
                digits = DIGITS.get(key, 4)
                verdict = "ok" if round(value, digits) == expected else "DIFFERS"
                wrong += verdict != "ok"
                print(f"{name} {key}: {value:.6f}, expected {expected} {verdict}")
            if arguments.lossless:
                found = evaluate(arguments.detector, folder, name, f"{arguments.lossless}:all")
                right = sum(row["right"] for row in found["classes"].values())
                verdict = "ok" if right == found["images"] else "DIFFERS"
                wrong += verdict != "ok"
                print(f"{name}: {right} of {found['images']} lossless images right {verdict}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
