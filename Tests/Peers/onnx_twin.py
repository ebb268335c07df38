"""Times what `detector convert --onnx` writes beside the file that PyTorch writes of the same network.

    python onnx_twin.py DETECTOR [CFG...] [--rounds 5] [--runs 40] [--threads 2]

The twin is built in PyTorch from the cfg and the same weights, which are drawn, and written by torch.onnx.
Both give the heads' logits, which must agree to 1e-4 of the largest. OpenVINO and ONNX Runtime then run them
in turn, in 32 bits; the ratio of a round is that of its medians, and the median over the rounds is printed:
below 1 the file of detector is faster. Files must pass onnx.checker with full_check.
"""

import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx
import torch
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE), str(HERE.parent / "Oracles")]
import bench_onnx  # noqa: E402
import onnx_export  # noqa: E402
from darknet_onnx import read_cfg  # noqa: E402

MODELS = HERE.parents[1] / "Models"


class Floats:
    """The numbers of a weights file, in their order."""

    def __init__(self, path):
        self.values = np.frombuffer(pathlib.Path(path).read_bytes(), "<f4", offset=20)
        self.position = 0

    def take(self, *shape):
        count = int(np.prod(shape))
        part = self.values[self.position:self.position + count].reshape(shape)
        self.position += count
        return torch.from_numpy(part.copy())


class DarknetMaxPool(nn.Module):
    """Windows reach out to the right and below, where nothing is a maximum."""

    def __init__(self, size, stride):
        super().__init__()
        self.pad = ((size - 1) // 2, size - 1 - (size - 1) // 2)
        self.pool = nn.MaxPool2d(size, stride)

    def forward(self, x):
        return self.pool(nn.functional.pad(x, self.pad * 2, value=float("-inf")))


class Twin(nn.Module):
    """A cfg of convolutions, pools, routes, shortcuts and upsampling as PyTorch users write it."""

    def __init__(self, cfg, weights):
        super().__init__()
        self.sections = read_cfg(cfg)[1:]
        floats = Floats(weights)
        channels, last = [], 3
        modules = []
        for kind, keys in self.sections:
            number = {key: int(value) for key, value in keys.items() if value.lstrip("-").isdigit()}
            module = nn.Identity()
            if kind == "convolutional":
                module, last = self.convolution(keys, number, last, floats), number["filters"]
            elif kind == "maxpool":
                size, stride = number.get("size", number["stride"]), number["stride"]
                module = DarknetMaxPool(size, stride)
            elif kind == "upsample":
                module = nn.Upsample(scale_factor=number["stride"], mode="nearest")
            elif kind == "route":
                last = sum(channels[self.absolute(layer, len(channels))] for layer in keys["layers"].split(","))
            elif kind not in ("yolo", "shortcut"):
                raise SystemExit(f"[{kind}] has no twin here")
            modules.append(module)
            channels.append(last)
        if floats.position != len(floats.values):
            raise SystemExit(f"{len(floats.values) - floats.position} floats of the weights are left")
        self.layers = nn.ModuleList(modules)
        self.eval()

    @staticmethod
    def absolute(layer, index):
        return int(layer) if int(layer) >= 0 else index + int(layer)

    @staticmethod
    def convolution(keys, number, inputs, floats):
        filters, size = number["filters"], number["size"]
        normal = number.get("batch_normalize", 0) == 1
        pad = size // 2 if number.get("pad", 0) else number.get("padding", 0)
        convolution = nn.Conv2d(inputs, filters, size, number.get("stride", 1), pad, bias=not normal)
        biases = floats.take(filters)
        parts = [convolution]
        if normal:
            norm = nn.BatchNorm2d(filters, eps=1e-5)
            norm.bias.data, norm.weight.data = biases, floats.take(filters)
            norm.running_mean, norm.running_var = floats.take(filters), floats.take(filters)
            parts.append(norm)
        else:
            convolution.bias.data = biases
        convolution.weight.data = floats.take(filters, inputs, size, size)
        if keys["activation"] == "leaky":
            parts.append(nn.LeakyReLU(0.1))
        elif keys["activation"] != "linear":
            raise SystemExit(f"activation={keys['activation']} has no twin here")
        return nn.Sequential(*parts)

    def forward(self, x):
        outputs, heads = [], []
        for index, ((kind, keys), module) in enumerate(zip(self.sections, self.layers)):
            if kind == "route":
                parts = [outputs[self.absolute(layer, index)] for layer in keys["layers"].split(",")]
                x = parts[0] if len(parts) == 1 else torch.cat(parts, 1)
            elif kind == "shortcut":
                x = x + outputs[self.absolute(keys["from"], index)]
            elif kind == "yolo":
                heads.append(x)
            else:
                x = module(x)
            outputs.append(x)
        return heads


def export(twin, shape, path):
    torch.onnx.export(twin, torch.zeros(shape), str(path), opset_version=17, input_names=["images"], dynamo=False)
    onnx.checker.check_model(str(path), full_check=True)


def rounds(load, files, image, arguments):
    """The ratio of the medians of each round: first file by second."""
    runs = [load(str(file), arguments.threads)[0](image) for file in files]
    for run in runs:
        for _ in range(5):
            run()
    ratios, medians = [], []
    for turn in range(arguments.rounds):
        times = [[], []]
        # One after the other: threads of a session that has just run still turn while they wait for work.
        for index in (turn % 2, 1 - turn % 2):
            time.sleep(0.05)
            for count in range(arguments.runs + 3):
                start = time.perf_counter()
                runs[index]()
                if count >= 3:
                    times[index].append((time.perf_counter() - start) * 1e3)
        medians.append([statistics.median(own) for own in times])
        ratios.append(medians[-1][0] / medians[-1][1])
    return ratios, [statistics.median(column) for column in zip(*medians)]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("detector", type=pathlib.Path)
    parser.add_argument("cfg", nargs="*", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    configurations = arguments.cfg or [MODELS / "yolov3-tiny-voc.cfg", MODELS / "small-voc.cfg"]
    random = np.random.default_rng(1)
    for cfg in configurations:
        with tempfile.TemporaryDirectory() as folder:
            weights = pathlib.Path(folder) / (cfg.stem + ".weights")
            width, height, channels = onnx_export.write_weights(arguments.detector, cfg, weights, random)
            shape = (1, channels, height, width)
            ours, theirs = (pathlib.Path(folder) / name for name in ("ours.onnx", "theirs.onnx"))
            subprocess.run(
                [str(arguments.detector), "convert", "--model", str(cfg), "--weights", str(weights), "--onnx",
                 str(ours), "--raw-heads"], check=True, capture_output=True)
            onnx.checker.check_model(str(ours), full_check=True)
            twin = Twin(cfg, weights)
            export(twin, shape, theirs)
            image = random.random(shape, dtype=np.float32)
            found = onnx_export.Runtimes(ours)(image)["onnxruntime"]
            with torch.no_grad():
                expected = twin(torch.from_numpy(image))
            for own, other in zip(found.values(), expected):
                apart = np.abs(own - other.numpy()).max() / other.abs().max().item()
                if not apart <= 1e-4:
                    sys.exit(f"{cfg.stem}: outputs are {apart:.2g} apart")
            for name, load in (("OpenVINO", bench_onnx.openvino), ("ONNX Runtime", bench_onnx.onnx_runtime)):
                ratios, medians = rounds(load, (ours, theirs), image, arguments)
                print(f"{cfg.stem} {width}x{height}, {name}: {statistics.median(ratios):.3f} of the twin's time"
                      f" (rounds {min(ratios):.3f} to {max(ratios):.3f}; {medians[0]:.1f} and"
                      f" {medians[1]:.1f} ms)", flush=True)


if __name__ == "__main__":
    main()
