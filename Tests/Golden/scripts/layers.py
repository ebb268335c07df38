#!/usr/bin/env python3
"""Golden values of the layers, from PyTorch in double precision (NCHW there, NHWC here) and from
independent NumPy code where PyTorch has no such layer.

    python3 Tests/Golden/scripts/layers.py

Inputs are not stored: `pattern` makes them here and in LayerGoldenTests.swift. The scalar that is
differentiated is sum(pattern(seed 9) * output).
"""

import math

import numpy as np
import torch
from torch.nn import functional as F

import golden

EPSILON = 1e-5
cases = []


def pattern(shape, seed, low=-1.0, high=1.0):
    """Values in low...high that any language can repeat: 24 bits of a 32-bit hash of the index."""
    i = np.arange(math.prod(shape), dtype=np.uint64)
    mask = np.uint64(0xFFFFFFFF)
    h = (i * np.uint64(2654435761) + np.uint64(seed) * np.uint64(40503) + np.uint64(1)) & mask
    h = ((h ^ (h >> np.uint64(15))) * np.uint64(2246822519)) & mask
    h = ((h ^ (h >> np.uint64(13))) * np.uint64(3266489917)) & mask
    h = h ^ (h >> np.uint64(16))
    unit = (h >> np.uint64(8)).astype(np.float32) * np.float32(2.0**-24)
    low, high = np.float32(low), np.float32(high)
    return (low + unit * (high - low)).astype(np.float32).astype(np.float64).reshape(shape)


def nchw(values):
    """An NHWC array as a tensor to differentiate by, NCHW."""
    return torch.tensor(np.ascontiguousarray(np.moveaxis(values, -1, 1)), requires_grad=True)


def nhwc(tensor):
    return np.moveaxis(np.asarray(tensor.detach() if torch.is_tensor(tensor) else tensor), 1, -1)


def leaf(values):
    return torch.tensor(values, requires_grad=True)


def oihw(hwio):
    """[R, S, C / groups, K] to PyTorch's [K, C / groups, R, S]."""
    return hwio.permute(3, 2, 0, 1)


def add(name, arrays, **numbers):
    def pack(a):
        a = np.asarray(a, dtype=np.float64)
        # What is no normal float is 0 in the engine.
        a = np.where(np.abs(a) < 2.0**-126, 0, a)
        return {"shape": list(a.shape), "values": [float(f"{v:.7g}") for v in a.ravel()]}

    cases.append({
        "name": name,
        "arrays": {k: pack(v) for k, v in arrays.items()},
        "numbers": {k: float(v) for k, v in numbers.items()},
    })


# In the order of Activation.swift, with Darknet's digits where it has fewer.
ACTIVATIONS = {
    "linear": lambda v: v,
    "leaky": lambda v: F.leaky_relu(v, 0.1),
    "relu": F.relu,
    "relu6": F.relu6,
    "logistic": torch.sigmoid,
    "mish": F.mish,
    "swish": F.silu,
    "hard_mish": lambda v: v / 2 * torch.clamp(v + 2, 0, 2),
    "gelu": lambda v: F.gelu(v, approximate="tanh"),
    "elu": F.elu,
    "selu": lambda v: 1.0507 * torch.where(v > 0, v, 1.6732 * torch.expm1(v)),
    "tanh": torch.tanh,
    "loggy": lambda v: 2 * torch.sigmoid(v) - 1,
    "hardtan": F.hardtanh,
    "relie": lambda v: F.leaky_relu(v, 0.01),
    "ramp": lambda v: F.relu(v) + 0.1 * v,
}


def activate(name, x):
    return ACTIVATIONS[name](x)


def backward(output):
    """Differentiates sum(w * output); w is a pattern in NHWC order."""
    shape = nhwc(output).shape if output.dim() == 4 else tuple(output.shape)
    w = pattern(shape, 9)
    if output.dim() == 4:
        w = np.ascontiguousarray(np.moveaxis(w, -1, 1))
    (output * torch.tensor(w)).sum().backward()


# ------------------------------------------------------------------ convolutions

def convolution(name, batch, height, width, channels, filters, size, stride, padding, groups,
                normalize, activation, dilation=1):
    x = nchw(pattern((batch, height, width, channels), 1))
    weights = leaf(pattern((size, size, channels // groups, filters), 2))
    bias = leaf(pattern((filters,), 3))
    z = F.conv2d(x, oihw(weights), None, stride, padding, dilation, groups)
    arrays, extra = {}, []
    if normalize:
        scales = leaf(pattern((filters,), 4, 0.5, 1.5))
        mean = torch.tensor(pattern((filters,), 5))
        variance = torch.tensor(pattern((filters,), 6, 0.5, 2))
        folded = F.batch_norm(z, mean, variance, scales, bias, False, eps=EPSILON)
        arrays["inference"] = nhwc(activate(activation, folded))
        z = F.batch_norm(z, mean, variance, scales, bias, True, 0.01, EPSILON)
        arrays["rolling_mean"], arrays["rolling_variance"] = mean.numpy(), variance.numpy()
        extra = [("d_scales", scales)]
    else:
        z = z + bias.view(1, -1, 1, 1)
    y = activate(activation, z)
    backward(y)
    arrays["output"] = nhwc(y)
    arrays["d_input"] = nhwc(x.grad)
    for key, tensor in [("d_weights", weights), ("d_biases", bias)] + extra:
        arrays[key] = tensor.grad.numpy()
    add("convolution " + name, arrays, batch=batch, height=height, width=width, channels=channels,
        filters=filters, size=size, stride=stride, padding=padding, groups=groups,
        normalize=normalize, activation=list(ACTIVATIONS).index(activation), dilation=dilation)


convolution("3x3", 2, 4, 3, 3, 5, 3, 1, 1, 1, False, "leaky")
convolution("3x3 stride 2 normalised", 2, 5, 4, 3, 5, 3, 2, 1, 1, True, "leaky")
convolution("1x1 normalised mish", 3, 3, 2, 5, 3, 1, 1, 0, 1, True, "mish")
convolution("5x5 grouped swish", 1, 4, 5, 4, 2, 5, 1, 2, 2, False, "swish")
convolution("depthwise stride 2 normalised", 2, 5, 5, 3, 3, 3, 2, 1, 3, True, "relu6")
convolution("3x3 without padding logistic", 1, 5, 4, 2, 3, 3, 1, 0, 1, False, "logistic")
convolution("dilated stride 2 normalised", 2, 6, 5, 2, 3, 3, 2, 2, 1, True, "hard_mish", 2)
convolution("dilated grouped", 1, 5, 6, 4, 2, 3, 1, 3, 2, False, "selu", 3)

# ------------------------------------------------------------------ connected

x = leaf(pattern((5, 2, 3, 2), 1))
weights, bias = leaf(pattern((12, 3), 2)), leaf(pattern((3,), 3))
scales = leaf(pattern((3,), 4, 0.5, 1.5))
mean, variance = torch.tensor(pattern((3,), 5)), torch.tensor(pattern((3,), 6, 0.5, 2))
y = F.batch_norm(x.reshape(5, 12) @ weights, mean, variance, scales, bias, True, 0.01, EPSILON)
y = activate("leaky", y)
backward(y)
add("connected normalised", {
    "output": y.detach(), "d_input": x.grad, "d_weights": weights.grad, "d_biases": bias.grad,
    "d_scales": scales.grad, "rolling_mean": mean, "rolling_variance": variance,
})

# ------------------------------------------------------------------ normalisation by itself

def batchnorm(name, batch, height, width, channels, activation):
    x = nchw(pattern((batch, height, width, channels), 1, -2.0, 3.0))
    bias = leaf(pattern((channels,), 3))
    scales = leaf(pattern((channels,), 4, 0.5, 1.5))
    mean = torch.tensor(pattern((channels,), 5))
    variance = torch.tensor(pattern((channels,), 6, 0.5, 2))
    folded = F.batch_norm(x, mean, variance, scales, bias, False, eps=EPSILON)
    arrays = {"inference": nhwc(activate(activation, folded))}
    y = activate(activation, F.batch_norm(x, mean, variance, scales, bias, True, 0.01, EPSILON))
    backward(y)
    arrays |= {
        "output": nhwc(y), "d_input": nhwc(x.grad), "d_biases": bias.grad,
        "d_scales": scales.grad, "rolling_mean": mean, "rolling_variance": variance,
    }
    add("batchnorm " + name, arrays, batch=batch, height=height, width=width, channels=channels,
        activation=list(ACTIVATIONS).index(activation))


batchnorm("linear", 2, 3, 4, 5, "linear")
batchnorm("relu", 3, 2, 3, 3, "relu")
batchnorm("mish of pixels", 7, 1, 1, 5, "mish")

# ------------------------------------------------------------------ activations

points = [-100.0, -30.0, -10.0, -3.0, -1.0, -0.25, -1e-3, 1e-3, 0.25, 1.0, 3.0, 5.5, 6.5, 10.0,
          30.0, 100.0]
for name in ACTIVATIONS:
    x = leaf(np.array(points))
    y = activate(name, x)
    y.sum().backward()
    add("activation " + name, {"input": points, "output": y.detach(), "slope": x.grad})

# ------------------------------------------------------------------ pooling, resizing, softmax

def maxpool(size, stride, height, width, padding=None):
    """Darknet: `padding` in all, half of it (rounded down) in front, filled with minus infinity."""
    padding = size - 1 if padding is None else padding
    front = padding // 2
    out_height = (height + padding - size) // stride + 1
    out_width = (width + padding - size) // stride + 1
    back = [max(0, (o - 1) * stride + size - front - n)
            for o, n in [(out_height, height), (out_width, width)]]
    x = nchw(pattern((2, height, width, 3), 1))
    padded = F.pad(x, (front, back[1], front, back[0]), value=-math.inf)
    y = F.max_pool2d(padded, size, stride)[:, :, :out_height, :out_width]
    backward(y)
    add(f"maxpool {size}/{stride} {height}x{width} pad {padding}",
        {"output": nhwc(y), "d_input": nhwc(x.grad)}, size=size, stride=stride, height=height,
        width=width, padding=padding)


maxpool(2, 2, 4, 6)
maxpool(2, 2, 5, 3)
maxpool(2, 1, 3, 4)
maxpool(3, 1, 3, 4)
maxpool(5, 1, 4, 5)
maxpool(3, 2, 5, 4, 0)

x = nchw(pattern((2, 3, 5, 3), 1))
y = x.mean(dim=(2, 3), keepdim=True)
backward(y)
add("avgpool", {"output": nhwc(y), "d_input": nhwc(x.grad)})


def local_avgpool(size, stride, height, width, padding):
    """As `maxpool`; the mean is over the pixels that lie inside."""
    front = padding // 2
    sides = [(n + padding - size) // stride + 1 for n in (height, width)]
    back = [max(0, (o - 1) * stride + size - front - n) for o, n in zip(sides, (height, width))]
    x = nchw(pattern((2, height, width, 3), 1))
    pad = lambda v: F.avg_pool2d(F.pad(v, (front, back[1], front, back[0])), size, stride)
    y = (pad(x) / pad(torch.ones_like(x)))[:, :, :sides[0], :sides[1]]
    backward(y)
    add(f"local_avgpool {size}/{stride} {height}x{width} pad {padding}",
        {"output": nhwc(y), "d_input": nhwc(x.grad)}, size=size, stride=stride, height=height,
        width=width, padding=padding)


local_avgpool(2, 2, 5, 4, 1)
local_avgpool(3, 1, 3, 4, 2)
local_avgpool(3, 2, 5, 4, 0)

x = nchw(pattern((2, 2, 3, 6), 1))
y = torch.stack([x[:, k::2].amax(dim=1) for k in range(2)], dim=1)
backward(y)
add("depth_maxpool", {"output": nhwc(y), "d_input": nhwc(x.grad)})

x = nchw(pattern((2, 2, 3, 2), 1))
y = 0.5 * F.interpolate(x, scale_factor=2, mode="nearest")
backward(y)
add("upsample", {"output": nhwc(y), "d_input": nhwc(x.grad)})

x = leaf(pattern((3, 1, 1, 10), 1, -5, 5))
y = torch.softmax(x.reshape(3, 2, 5), dim=2).reshape(3, 1, 1, 10)
(y * torch.tensor(pattern((3, 1, 1, 10), 9))).sum().backward()
add("softmax", {"output": y.detach(), "d_input": x.grad})

gates, x = nchw(pattern((2, 1, 1, 3), 1)), nchw(pattern((2, 2, 3, 3), 2))
y = torch.sigmoid(gates * x)
backward(y)
add("scale_channels", {"output": nhwc(y), "d_gates": nhwc(gates.grad), "d_input": nhwc(x.grad)})

gates, x = nchw(pattern((2, 2, 3, 3), 1)), nchw(pattern((2, 2, 3, 3), 2))
y = activate("leaky", gates * x)
backward(y)
add("sam", {"output": nhwc(y), "d_gates": nhwc(gates.grad), "d_input": nhwc(x.grad)})

# ------------------------------------------------------------------ shortcut of unequal shapes

def shortcut(first, other):
    """The formula of Darknet's documentation, index by index on C, H, W."""
    a, b = pattern((2,) + first, 1), pattern((2,) + other, 2)
    out = a.copy()
    (h, w, c), (h2, w2, c2) = first, other
    step, sample = max(1, w2 // w), max(1, w // w2)
    source = np.zeros(out.shape, dtype=int) - 1
    for n in range(2):
        for k in range(min(c, c2)):
            for j in range(min(h, h2)):
                for i in range(min(w, w2)):
                    out[n, j * sample, i * sample, k] += b[n, j * step, i * step, k]
                    source[n, j * sample, i * sample, k] = np.ravel_multi_index(
                        (n, j * step, i * step, k), b.shape)
    y = np.where(out > 0, out, 0.1 * out)
    d = pattern(out.shape, 9) * np.where(out > 0, 1, 0.1)
    d_other = np.zeros(b.size)
    for s, g in zip(source.ravel(), d.ravel()):
        if s >= 0:
            d_other[s] += g
    add(f"shortcut {first} {other}",
        {"output": y, "d_input": d, "d_other": d_other.reshape(b.shape)},
        height=h, width=w, channels=c, other_height=h2, other_width=w2, other_channels=c2)


shortcut((2, 4, 3), (4, 8, 2))
shortcut((4, 2, 2), (2, 1, 3))
shortcut((2, 3, 2), (2, 3, 5))

# ------------------------------------------------------------------ reorg

def reorg(height, width, channels, stride):
    """Darknet's `reorg_cpu(x, w, h, c, batch, stride, forward=0, out)`: an image of C, H, W is
    written from a view of it that has C / s² channels of s·H rows of s·W."""
    x = pattern((2, height, width, channels), 1)
    flat = np.ascontiguousarray(np.moveaxis(x, -1, 1)).reshape(2, -1)
    out = np.zeros_like(flat)
    narrow = channels // stride**2
    for k in range(channels):
        offset, c2 = divmod(k, narrow)
        for j in range(height):
            for i in range(width):
                w2 = i * stride + offset % stride
                h2 = j * stride + offset // stride
                out[:, i + width * (j + height * k)] = (
                    flat[:, w2 + width * stride * (h2 + height * stride * c2)])
    shape = (2, channels * stride**2, height // stride, width // stride)
    y = np.moveaxis(out.reshape(shape), 1, -1)
    add(f"reorg {stride}", {"output": y}, height=height, width=width, channels=channels,
        stride=stride)


reorg(4, 6, 4, 2)
reorg(2, 4, 8, 2)

# ------------------------------------------------------------------ random numbers

def splitmix(seed, count):
    """Steele, Lea and Flood 2014, started one step in so that nearby seeds differ at once."""
    mask, gamma = 2**64 - 1, 0x9E3779B97F4A7C15

    def mix(z):
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)

    state = mix((seed + gamma) & mask)
    for _ in range(count):
        state = (state + gamma) & mask
        yield mix(state)


for seed in [0, 1, 2**64 - 1]:
    numbers = {}
    for i, value in enumerate(splitmix(seed, 4)):
        numbers[f"high{i}"], numbers[f"low{i}"] = value >> 32, value & 0xFFFFFFFF
    add(f"random {seed}", {}, **numbers)

golden.write("layers.json", cases, made_by="scripts/layers.py",
             versions={"torch": torch.__version__.split("+")[0], "numpy": np.__version__}, seed=9)
