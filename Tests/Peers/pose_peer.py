"""Times stacked hourglasses against PyTorch (training) and OpenVINO (inference), in turn.

    python3 pose_peer.py DETECTOR [--model small-hourglass,hourglass-2] [--rounds 5]

Every program runs in a process of its own with the same number of threads; each round times each of them
once. The table has the medians over rounds and the medians of the rounds' ratios ours / theirs: below 1,
detector is faster or smaller. Memory is the most that a process had resident; PyTorch's and OpenVINO's
includes Python. Needs torch, openvino and onnx.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MODELS = Path(__file__).resolve().parents[2] / "Models"
# Stacks, channels, joints, input size, batch of a training step.
NETWORKS = {"small-hourglass": (1, 64, 14, 128, 16), "hourglass-1": (1, 256, 16, 256, 4),
            "hourglass-2": (2, 256, 16, 256, 4)}


def network(stacks, filters, joints):
    """The hourglass of Newell, Yang and Deng (arXiv 1603.06937); normalised convolutions have no bias."""
    import torch.nn as nn
    import torch.nn.functional as F

    def block(a, b, size=1, stride=1):
        return nn.Sequential(nn.Conv2d(a, b, size, stride, size // 2, bias=False),
                             nn.BatchNorm2d(b), nn.ReLU(inplace=True))

    class Residual(nn.Module):
        def __init__(self, a, b):
            super().__init__()
            self.first = nn.Sequential(nn.BatchNorm2d(a), nn.ReLU())
            self.main = nn.Sequential(block(a, b // 2), block(b // 2, b // 2, 3),
                                      nn.Conv2d(b // 2, b, 1))
            self.skip = nn.Conv2d(a, b, 1) if a != b else nn.Identity()

        def forward(self, x):
            return self.main(self.first(x)) + self.skip(x)

    class Hourglass(nn.Module):
        def __init__(self, depth):
            super().__init__()
            self.up, self.down, self.last = (Residual(filters, filters) for _ in range(3))
            self.inner = Hourglass(depth - 1) if depth > 1 else Residual(filters, filters)

        def forward(self, x):
            low = self.last(self.inner(self.down(F.max_pool2d(x, 2))))
            return self.up(x) + F.interpolate(low, scale_factor=2.0)

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem = nn.Sequential(block(3, 64, 7, 2), Residual(64, 128), nn.MaxPool2d(2),
                                      Residual(128, 128), Residual(128, filters))
            self.glasses = nn.ModuleList(
                nn.Sequential(Hourglass(4), Residual(filters, filters), block(filters, filters))
                for _ in range(stacks))
            self.heat = nn.ModuleList(nn.Conv2d(filters, joints, 1) for _ in range(stacks))
            self.features = nn.ModuleList(
                nn.Conv2d(filters, filters, 1) for _ in range(stacks - 1))
            self.maps = nn.ModuleList(nn.Conv2d(joints, filters, 1) for _ in range(stacks - 1))

        def forward(self, x):
            x, found = self.stem(x), []
            for i, glass in enumerate(self.glasses):
                f = glass(x)
                found.append(self.heat[i](f))
                if i + 1 < len(self.glasses):
                    x = x + self.features[i](f) + self.maps[i](found[-1])
            return found

    return Network()


def timed(body, runs, warm_ups=2):
    for _ in range(warm_ups):
        body()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        body()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times)


def torch_training(name, threads, runs):
    import torch
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    stacks, filters, joints, size, batch = NETWORKS[name]
    net = network(stacks, filters, joints).to(memory_format=torch.channels_last)
    optimizer = torch.optim.RMSprop(net.parameters(), lr=2.5e-4)
    x = torch.rand(batch, 3, size, size).to(memory_format=torch.channels_last)
    target = torch.rand(batch, joints, size // 4, size // 4)

    def step():
        optimizer.zero_grad(set_to_none=True)
        sum(((z - target) ** 2).mean() for z in net(x)).backward()
        optimizer.step()

    return timed(step, runs)


def openvino_inference(name, threads, runs):
    import openvino
    import torch
    torch.manual_seed(1)
    stacks, filters, joints, size, _ = NETWORKS[name]
    net = network(stacks, filters, joints).eval()
    x = torch.rand(1, 3, size, size)
    model = openvino.convert_model(net, example_input=x, input=[1, 3, size, size])
    compiled = openvino.Core().compile_model(
        model, "CPU", {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY",
                       "INFERENCE_PRECISION_HINT": "f32"})
    request, values = compiled.create_infer_request(), x.numpy()
    return timed(lambda: request.infer([values]), runs)


def child(kind, name, threads, runs):
    """A peer in a process of its own: milliseconds and MiB."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    out = subprocess.run([sys.executable, __file__, "--child", kind, name, str(threads), str(runs)],
                         env=environment, capture_output=True, text=True)
    lines = [line for line in out.stdout.splitlines() if line.startswith("JSON ")]
    if not lines:
        sys.exit(f"{kind} of {name}: {out.stderr.strip().splitlines()[-1:]}")
    return json.loads(lines[-1][5:])


def ours(detector, mode, name, threads, runs):
    size, batch = NETWORKS[name][3], NETWORKS[name][4] if mode == "training" else 1
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder, "bench.json")
        subprocess.run([detector, "bench", "--model", MODELS / f"{name}.cfg", "--size", str(size),
                        "--batch", str(batch), "--mode", mode, "--threads", str(threads), "--runs",
                        str(runs), "--json", result], check=True, capture_output=True)
        numbers = json.loads(result.read_text())
    return [numbers["medianMs"], numbers["peakRssMiB"]]


def main():
    if sys.argv[1:2] == ["--child"]:
        kind, name, threads, runs = sys.argv[2:]
        work = {"training": torch_training, "inference": openvino_inference}[kind]
        value = work(name, int(threads), int(runs))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print("JSON " + json.dumps([value, memory]))
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("detector")
    parser.add_argument("--model", default="small-hourglass,hourglass-2")
    parser.add_argument("--mode", default="training,inference")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    print(f"{'network':16} {'work':10} {'ours ms':>9} {'theirs':>9} {'ratio':>6} {'MiB':>7}"
          f" {'theirs':>7} {'ratio':>6}")
    for name in options.model.split(","):
        for mode in options.mode.split(","):
            runs = options.runs if mode == "training" else 6 * options.runs
            pairs = [(ours(options.detector, mode, name, options.threads, runs),
                      child(mode, name, options.threads, runs)) for _ in range(options.rounds)]
            median = statistics.median
            values = [f([p[i] for p in pairs]) for i in (0, 1) for f in (
                lambda ps: median(v[0] for v in ps), lambda ps: median(v[1] for v in ps))]
            own_ms, own_memory, their_ms, their_memory = values
            ratios = [median(p[0][i] / p[1][i] for p in pairs) for i in (0, 1)]
            print(f"{name:16} {mode:10} {own_ms:9.1f} {their_ms:9.1f} {ratios[0]:6.2f}"
                  f" {own_memory:7.0f} {their_memory:7.0f} {ratios[1]:6.2f}", flush=True)


if __name__ == "__main__":
    main()
