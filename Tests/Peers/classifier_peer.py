#!/usr/bin/env python3
"""ResNet-20 by `detector train` and by PyTorch on the same pictures, one recipe, in turn.

    classifier_peer.py DETECTOR DATA --out DIR [--epochs 30] [--seeds 1] [--images N] [--threads 2]

DATA holds train/CLASS/* and test/CLASS/* of 32 x 32 pixels. The recipe: SGD, momentum .9, batch 128, rate
.1 along half a cosine, decay 1e-4 of all parameters, pictures padded by 4 and cropped, half of them
mirrored, a tenth of each class set aside for validation; the last weights are judged on it and on
test. PyTorch gets all decoded pictures as one tensor in memory and varies them by tensor operations, so
that no time of its loader is counted; ours reads the files. An epoch's time is processor seconds divided
by the number of threads, and wall seconds beside: on a machine that does nothing else both are about
the same. Needs torch, numpy and Pillow. Writes DIR/results.csv, a line a program and seed.
"""

import argparse
import csv
import json
import pathlib
import random
import resource
import subprocess
import time

import numpy
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

MEAN, DEVIATION = (.4914, .4822, .4465), (.2023, .1994, .2010)


class Block(nn.Module):
    """Two convolutions and option A: every second pixel, and zeros for the channels that are new."""

    def __init__(self, channels, filters, stride):
        super().__init__()
        self.first = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.norms = nn.ModuleList([nn.BatchNorm2d(filters), nn.BatchNorm2d(filters)])
        self.stride, self.added = stride, filters - channels

    def forward(self, x):
        y = self.norms[1](self.second(functional.relu(self.norms[0](self.first(x)))))
        if self.added:
            x = functional.pad(x[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, 0, self.added))
        return functional.relu(x + y)


def resnet20(classes):
    layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    channels = 16
    for filters, stride in [(16, 1), (32, 2), (64, 2)]:
        for place in range(3):
            layers.append(Block(channels, filters, stride if place == 0 else 1))
            channels = filters
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, classes))
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight)
    return network


def pixels(files):
    images = numpy.stack([numpy.asarray(Image.open(file).convert("RGB")) for file in files])
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255


def normalized(x):
    return (x - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(DEVIATION).view(1, 3, 1, 1)


def varied(x):
    """Each picture moved by -4...4 pixels on black, half of them mirrored; before normalisation."""
    count = len(x)
    padded = functional.pad(x, (4, 4, 4, 4))
    left, top = torch.randint(0, 9, (2, count, 1, 1))
    rows = top + torch.arange(32).view(1, 32, 1)
    columns = left + torch.arange(32).view(1, 1, 32)
    columns = torch.where(torch.rand(count, 1, 1) < .5, columns, columns.flip(2))
    picture = torch.arange(count).view(count, 1, 1)
    return padded.permute(0, 2, 3, 1)[picture, rows, columns].permute(0, 3, 1, 2).contiguous()


def accuracy(network, x, y):
    network.eval()
    with torch.no_grad():
        right = sum(
            (network(normalized(x[i:i + 500])).argmax(1) == y[i:i + 500]).sum().item()
            for i in range(0, len(x), 500))
    return right / len(x)


def torch_run(splits, classes, epochs, seed):
    torch.manual_seed(seed)
    network = resnet20(len(classes))
    data = {name: (pixels([file for file, _ in files]), torch.tensor([c for _, c in files]))
            for name, files in splits.items()}
    x, y = data["train"]
    batches = len(x) // 128
    optimizer = torch.optim.SGD(network.parameters(), .1, momentum=.9, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * batches)
    start, used = time.perf_counter(), time.process_time()
    for epoch in range(epochs):
        network.train()
        order = torch.randperm(len(x))
        for batch in range(batches):
            chosen = order[128 * batch:128 * (batch + 1)]
            loss = functional.cross_entropy(network(normalized(varied(x[chosen]))), y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        print(f"torch, seed {seed}, epoch {epoch + 1}: loss {loss.item():.3f}", flush=True)
    wall, used = time.perf_counter() - start, time.process_time() - used
    return wall, used, [accuracy(network, *data[name]) for name in ["val", "test"]]


def write(splits, classes, folder):
    """The split as a table of paths and labels, so that both programs see the same pictures."""
    table = folder / "data.csv"
    with open(table, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "label", "split"])
        for split, files in splits.items():
            writer.writerows([path, classes[c], split] for path, c in files)
    return table


def our_run(detector, cfg, table, folder, epochs, seed):
    run = folder / f"ours-{epochs}-{seed}"
    start = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [detector, "train", "--data", table, "--model", cfg, "--out", run, "--epochs", str(epochs),
         "--set", "net.policy=cosine", "--seed", str(seed), "--from-scratch",
         "--evaluate-every", str(epochs)], check=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    scores = []
    for split in ["val", "test"]:
        result = folder / f"{run.name}-{split}.json"
        subprocess.run(
            [detector, "eval", "--run", run, "--data", f"{table}:{split}",
             "--json", result, "--bootstrap", "0"], check=True, stdout=subprocess.DEVNULL)
        value = json.loads(result.read_text())["top1"]
        scores.append(value["value"] if isinstance(value, dict) else value)
    return wall, used, scores


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("detector", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--images", type=int, help="training images, as many of each class")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    cfg = pathlib.Path(__file__).parents[2] / "Models" / "resnet20-cifar.cfg"
    classes = sorted(path.name for path in (options.data / "train").iterdir())
    splits = {"train": [], "val": [], "test": []}
    for index, name in enumerate(classes):
        files = sorted(path.resolve() for path in (options.data / "train" / name).iterdir())
        random.Random(index).shuffle(files)
        tenth = len(files) // 10
        kept = files[tenth:][:options.images // len(classes) if options.images else None]
        splits["val"] += [(path, index) for path in files[:tenth]]
        splits["train"] += [(path, index) for path in kept]
        test = sorted(path.resolve() for path in (options.data / "test" / name).iterdir())
        splits["test"] += [(path, index) for path in test]
    table = write(splits, classes, options.out)
    rows = []
    for seed in map(int, options.seeds.split(",")):
        for program, run in [
            ("detector", lambda: our_run(
                options.detector.resolve(), cfg, table, options.out, options.epochs, seed)),
            ("torch", lambda: torch_run(splits, classes, options.epochs, seed)),
        ]:
            wall, used, (validation, test) = run()
            rows.append([
                program, seed, len(splits["train"]), options.epochs,
                f"{used / options.threads / options.epochs:.2f}", f"{wall / options.epochs:.2f}",
                f"{validation:.4f}", f"{test:.4f}"])
            with open(options.out / "results.csv", "w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["program", "seed", "images", "epochs", "processor_seconds",
                                 "wall_seconds", "validation", "test"])
                writer.writerows(rows)
            print(*rows[-1], flush=True)


if __name__ == "__main__":
    main()
