"""Writes a Darknet network as ONNX, for other tools to run the same computation.

    python darknet_onnx.py NET.cfg NET.onnx --weights NET.weights --size 320

Without weights they are random. Batch normalisation is folded into the convolutions. Input is
[batch, channels, height, width]; outputs are the logits that [yolo] and [region] read, in the order
of the cfg, or the last layer where there is no head.
"""

import argparse
import struct
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

EPSILON = 1e-5  # Inside the root, as detector has it.
HEADS = ("yolo", "region")
LAYERS = ("convolutional", "connected", "maxpool", "avgpool", "upsample", "route", "shortcut",
          "scale_channels", "softmax", "dropout", "cost")


def read_cfg(path):
    """Sections in order: (name, {key: value})."""
    sections = []
    for line in Path(path).read_text().splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("["):
            sections.append((line[1:line.index("]")], {}))
        elif line and not line.startswith(";"):
            key, _, value = line.partition("=")
            sections[-1][1][key.strip()] = value.strip()
    return sections


class Weights:
    """The floats of a weights file in the order of the layers, or random ones of like scale."""

    def __init__(self, path):
        self.random = np.random.default_rng(1)
        self.floats = None
        self.position = 0
        if path:
            data = Path(path).read_bytes()
            major, minor = struct.unpack_from("<ii", data)
            start = 20 if 2 <= major * 10 + minor and major < 1000 and minor < 1000 else 16
            self.floats = np.frombuffer(data, "<f4", offset=start)

    def take(self, count, draw):
        if self.floats is None:
            return draw(count)
        part = self.floats[self.position:self.position + count]
        if len(part) < count:
            raise SystemExit("the weights file is too short for the cfg")
        self.position += count
        return part.astype(np.float64)

    def end(self):
        if self.floats is not None and self.position != len(self.floats):
            raise SystemExit(f"{len(self.floats) - self.position} floats of the weights are left")

    def between(self, low, high):
        return lambda count: self.random.uniform(low, high, count)

    def layer(self, shape, normalized, weights_first):
        """Folded weights and biases of a layer; `shape` begins with the number of its outputs."""
        outputs, inputs = shape[0], int(np.prod(shape[1:]))

        def weights():
            scale = np.sqrt(2 / inputs)
            return self.take(outputs * inputs, lambda n: self.random.normal(0, scale, n))

        def normalization():
            return [self.take(outputs, self.between(*range_))
                    for range_ in ((.7, 1), (-.1, .1), (.8, 1.3))]

        biases = self.take(outputs, self.between(-.1, .1))
        if weights_first:  # [connected] has its statistics after the weights
            w = weights()
            scales, mean, variance = normalization() if normalized else (1, 0, 1 - EPSILON)
        else:
            scales, mean, variance = normalization() if normalized else (1, 0, 1 - EPSILON)
            w = weights()
        factor = scales / np.sqrt(variance + EPSILON)
        w = w.reshape(outputs, inputs) * np.reshape(factor, (-1, 1))
        return w.reshape(shape), biases - mean * factor


class Exporter:
    def __init__(self, cfg, weights, size, batch):
        sections = read_cfg(cfg)
        net = sections[0][1]
        self.sections = sections[1:]
        self.weights = Weights(weights)
        width, height = (size or int(net[key]) for key in ("width", "height"))
        self.input_shape = [batch, int(net.get("channels", 3)), height, width]
        self.nodes, self.constants, self.outputs = [], [], []
        self.layers = []  # name and shape of every layer's output

    def constant(self, values, kind=np.float32):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, kind), name))
        return name

    def node(self, kind, inputs, **attributes):
        name = f"{len(self.layers)}_{len(self.nodes)}_{kind.lower()}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def activate(self, x, name):
        if name == "linear":
            return x
        if name == "relu6":
            return self.node("Clip", [x, self.constant(0), self.constant(6)])
        if name == "swish":
            return self.node("Mul", [x, self.node("Sigmoid", [x])])
        plain = {"relu": "Relu", "logistic": "Sigmoid", "mish": "Mish"}
        if name == "leaky":
            return self.node("LeakyRelu", [x], alpha=.1)
        if name not in plain:
            raise SystemExit(f"activation={name} is not exported")
        return self.node(plain[name], [x])

    def slice(self, x, axis, start, end, step=1):
        bounds = [self.constant([v], np.int64) for v in (start, end, axis, step)]
        return self.node("Slice", [x, *bounds])

    def convolutional(self, s, x, shape):
        filters, size = int(s.get("filters", 1)), int(s.get("size", 1))
        stride, groups = int(s.get("stride", 1)), int(s.get("groups", 1))
        pad = size // 2 if int(s.get("pad", 0)) else int(s.get("padding", 0))
        w, b = self.weights.layer(
            [filters, shape[1] // groups, size, size], int(s.get("batch_normalize", 0)), False)
        y = self.node("Conv", [x, self.constant(w), self.constant(b)], group=groups,
                      kernel_shape=[size] * 2, strides=[stride] * 2, pads=[pad] * 4)
        sides = [(side + 2 * pad - size) // stride + 1 for side in shape[2:]]
        return self.activate(y, s.get("activation", "logistic")), [shape[0], filters, *sides]

    def connected(self, s, x, shape):
        outputs = int(s["output"])
        w, b = self.weights.layer(
            [outputs, int(np.prod(shape[1:]))], int(s.get("batch_normalize", 0)), True)
        y = self.node("Gemm", [self.node("Flatten", [x]), self.constant(w), self.constant(b)],
                      transB=1)
        y = self.node("Reshape", [y, self.constant([shape[0], outputs, 1, 1], np.int64)])
        return self.activate(y, s.get("activation", "logistic")), [shape[0], outputs, 1, 1]

    def maxpool(self, s, x, shape):
        stride = int(s.get("stride", 1))
        size = int(s.get("size", stride))
        pad = int(s.get("padding", size - 1))
        before, after = pad // 2, pad - pad // 2
        y = self.node("MaxPool", [x], kernel_shape=[size] * 2, strides=[stride] * 2,
                      pads=[before, before, after, after])
        return y, shape[:2] + [(side + pad - size) // stride + 1 for side in shape[2:]]

    def upsample(self, s, x, shape):
        stride = int(s.get("stride", 2))
        y = self.node("Resize", [x, "", self.constant([1, 1, stride, stride])], mode="nearest",
                      coordinate_transformation_mode="asymmetric", nearest_mode="floor")
        return y, shape[:2] + [side * stride for side in shape[2:]]

    def sources(self, s, key):
        numbers = [int(v) for v in s[key].split(",")]
        return [self.layers[n if n >= 0 else len(self.layers) + n] for n in numbers]

    def route(self, s, x, shape):
        sources = self.sources(s, "layers")
        groups, group = int(s.get("groups", 1)), int(s.get("group_id", 0))
        if groups > 1:
            parts = [(n, [c[0], c[1] // groups, *c[2:]]) for n, c in sources]
            sources = [(self.slice(n, 1, group * c[1], (group + 1) * c[1]), c) for n, c in parts]
        shape = list(sources[0][1])
        shape[1] = sum(c[1] for _, c in sources)
        names = [n for n, _ in sources]
        return (names[0] if len(names) == 1 else self.node("Concat", names, axis=1)), shape

    def shortcut(self, s, x, shape):
        """Unequal shapes: the common channels, at every n-th pixel of a larger map."""
        for other, theirs in self.sources(s, "from"):
            if theirs[2] < shape[2]:
                raise SystemExit("a [shortcut] from a smaller map is not exported")
            step = theirs[2] // shape[2]
            for axis in (2, 3) if step > 1 else ():
                other = self.slice(other, axis, 0, theirs[axis], step)
            if theirs[1] > shape[1]:
                other = self.slice(other, 1, 0, shape[1])
            elif theirs[1] < shape[1]:
                pads = [0, 0, 0, 0, 0, shape[1] - theirs[1], 0, 0]
                other = self.node("Pad", [other, self.constant(pads, np.int64)])
            x = self.node("Add", [x, other])
        return self.activate(x, s.get("activation", "linear")), shape

    def scale_channels(self, s, x, shape):
        (other, theirs), = self.sources(s, "from")
        return self.activate(self.node("Mul", [other, x]), s.get("activation", "linear")), theirs

    def avgpool(self, s, x, shape):
        return self.node("GlobalAveragePool", [x]), shape[:2] + [1, 1]

    def softmax(self, s, x, shape):
        if int(s.get("groups", 1)) != 1 or shape[2:] != [1, 1]:
            raise SystemExit("[softmax] is exported over the channels of one cell only")
        return self.node("Softmax", [x], axis=1), shape

    def dropout(self, s, x, shape):
        return x, shape

    cost = dropout

    def model(self):
        x, shape = "x", self.input_shape
        for name, section in self.sections:
            if name in HEADS:
                self.outputs.append((x, shape))
            elif name not in LAYERS:
                raise SystemExit(f"[{name}], layer {len(self.layers)}, is not exported")
            else:
                x, shape = getattr(self, name)(section, x, list(shape))
            self.layers.append((x, shape))
        self.weights.end()

        def value(item):
            return helper.make_tensor_value_info(item[0], TensorProto.FLOAT, item[1])

        graph = helper.make_graph(
            self.nodes, "darknet", [value(("x", self.input_shape))],
            [value(item) for item in self.outputs or self.layers[-1:]], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
        model.ir_version = 8
        onnx.checker.check_model(model, full_check=True)
        return model


def export(cfg, out, weights=None, size=None, batch=1):
    """Writes the network of a cfg; `size` replaces the cfg's width and height."""
    onnx.save(Exporter(cfg, weights, size, batch).model(), out)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cfg")
    parser.add_argument("out")
    parser.add_argument("--weights")
    parser.add_argument("--size", type=int)
    parser.add_argument("--batch", type=int, default=1)
    arguments = parser.parse_args()
    export(**vars(arguments))


if __name__ == "__main__":
    main()
