#!/usr/bin/env python3
"""What `detector convert --onnx` writes of a quantised model must give in other runtimes what detector gives.

    onnx_quantized.py DETECTOR RUN DATA PICTURE... [--limit 0.25]

RUN is quantised on the images of DATA; ONNX Runtime and OpenVINO run the file on the pictures, brought to the
input's size so that nothing is resized, and every detection of detector is looked up among their outputs. Sums
between two bytes may be rounded to either, so that outputs are not equal to the last digit: the mean difference
of scores must stay below a share of what quantisation itself changes, which is the mean difference between the
outputs of the quantised model and those of RUN. Needs numpy, pillow, onnx, onnxruntime and openvino.
"""

import argparse
import json
import pathlib
import sys
import tempfile

import numpy as np
import onnx
from PIL import Image

from onnx_export import Runtimes, run, tensor

FLOOR = 0.05


def found(detector, folder, picture):
    text = run(detector, "detect", picture, "--run", folder, "--confidence", FLOOR, "--all-classes", "--nms", 1,
               "--raw-confidence", "--json", "-")
    return json.loads(text)["images"][0]["detections"]


def apart(detections, outputs, names):
    """The differences of scores and of boxes, relative to the largest coordinate, of each detection."""
    scores, boxes = outputs["scores"][0], outputs["boxes"][0]
    differences = []
    for detection in detections:
        left, top, width, height = detection["box"]
        box = np.array([left, top, left + width, top + height])
        column = scores[:, names.index(detection["class"])]
        of_boxes = np.abs(boxes - box).max(1) / max(1, np.abs(box).max())
        of_scores = np.abs(column - detection["confidence"])
        anchor = int(np.maximum(of_boxes, of_scores).argmin())
        differences.append((of_scores[anchor], of_boxes[anchor]))
    return differences


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("detector", type=pathlib.Path)
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("data")
    parser.add_argument("pictures", nargs="+", type=pathlib.Path)
    parser.add_argument("--limit", default=0.25, type=float)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        run(arguments.detector, "quantize", "--run", arguments.run, "--data", arguments.data, "--out",
            folder / "int8")
        for source, name in ((arguments.run, "plain"), (folder / "int8", "int8")):
            print(run(arguments.detector, "convert", "--run", source, "--onnx", folder / f"{name}.onnx").strip())
        plain, quantized = Runtimes(folder / "plain.onnx"), Runtimes(folder / "int8.onnx")
        model = onnx.load(str(folder / "int8.onnx"))
        kinds = [node.op_type for node in model.graph.node]
        names = json.loads({entry.key: entry.value for entry in model.metadata_props}["names"])
        dims = model.graph.input[0].type.tensor_type.shape.dim
        size = dims[3].dim_value, dims[2].dim_value
        differences, changes = {}, []
        for index, path in enumerate(arguments.pictures):
            picture = Image.open(path).convert("RGB").resize(size)
            file = folder / f"{index}.png"
            picture.save(file)
            detections = found(arguments.detector, folder / "int8", file)
            original = plain(tensor(picture))["onnxruntime"]["scores"][0]
            for name, outputs in quantized(tensor(picture)).items():
                differences.setdefault(name, []).extend(apart(detections, outputs, names))
                kept = outputs["scores"][0] > FLOOR
                if name == "onnxruntime":
                    changes.extend(np.abs(outputs["scores"][0] - original)[kept])
        change = float(np.mean(changes))
        print(f"{kinds.count('QuantizeLinear')} tensors and {kinds.count('Conv')} convolutions;"
              f" quantisation changes scores by {change:.2e} in the mean")
        failed = False
        for name, pairs in differences.items():
            scores, boxes = np.array(pairs).T
            bad = not scores.mean() <= arguments.limit * change
            failed |= bad
            print(f"{name}: {len(pairs)} detections, scores {scores.mean():.2e} apart in the mean,"
                  f" {scores.max():.2e} at most, boxes {boxes.mean():.2e} and {boxes.max():.2e}"
                  + (" TOO MUCH" if bad else ""))
    sys.exit(failed)


if __name__ == "__main__":
    main()
