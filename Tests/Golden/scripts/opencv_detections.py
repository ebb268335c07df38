"""What OpenCV finds with Darknet's files, from which detector must find the same.

Draws a picture, makes seeded weights for the networks in Tests/Golden/opencv/ and lets OpenCV's
DNN module run them. Run: python opencv_detections.py (PyPI: opencv-python-headless<5, numpy; writes
../opencv/picture.png, ../opencv/*.weights and ../opencv.json).

The picture has exactly the size of the networks' input, so that nothing is resized.
"""

import struct
import sys

import cv2
import numpy as np

import golden

SEED = 11
FOLDER = golden.FOLDER / "opencv"
# OpenCV leaves out confidences below .2 itself, and suppresses within a region head at .4.
CONFIDENCE, OVERLAP = 0.25, 0.4


def sections(path):
    """The sections of a cfg as (name, {key: value})."""
    found = []
    for line in path.read_text().splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("["):
            found.append((line[1:-1], {}))
        elif line:
            key, value = line.split("=", 1)
            found[-1][1][key.strip()] = value.strip()
    return found


def channels(parts):
    """The number of channels that each layer gives."""
    given = []
    for name, keys in parts[1:]:
        last = given[-1] if given else int(parts[0][1]["channels"])
        if name == "convolutional":
            last = int(keys["filters"])
        elif name == "route":
            places = [int(v) for v in keys["layers"].split(",")]
            last = sum(given[len(given) + v if v < 0 else v] for v in places)
            last //= int(keys.get("groups", 1))
        elif name == "reorg":
            last *= int(keys["stride"]) ** 2
        given.append(last)
    return given


def weights(parts, rng):
    """The bytes of a weights file: biases, scales, means, variances and kernels of each layer.

    Kernels keep the size of what goes through them; those of a head make logits of a few units, of
    which the objectness is mostly negative.
    """
    given = channels(parts)
    data = struct.pack("<iiiQ", 0, 2, 0, 3200)
    put = lambda values: np.asarray(values, dtype="<f4").tobytes()
    for index, (name, keys) in enumerate(parts[1:]):
        if name != "convolutional":
            continue
        before = given[index - 1] if index else int(parts[0][1]["channels"])
        count, size = int(keys["filters"]), int(keys["size"])
        inputs = before // int(keys.get("groups", 1)) * size * size
        normalised = keys.get("batch_normalize") == "1"
        if normalised:
            data += put(rng.normal(0.1, 0.4, count))
            data += put(rng.uniform(0.7, 1.6, count))
            data += put(rng.normal(0, 0.2, count))
            data += put(rng.uniform(0.3, 1.2, count))
            data += put(rng.normal(0, (1.3 / inputs) ** 0.5, (count, inputs)))
            continue
        head = parts[index + 2][1]
        anchors = len(head["mask"].split(",")) if "mask" in head else int(head["num"])
        biases = rng.normal(0, 0.5, (anchors, count // anchors))
        biases[:, 4] = -3 if "mask" in head else -1
        spread = np.full((anchors, count // anchors), 1.4)
        spread[:, 2:4] = 0.4
        kernels = rng.normal(0, 1 / inputs ** 0.5, (count, inputs))
        data += put(biases.ravel()) + put(kernels * spread.reshape(-1, 1))
    return data


def picture(size):
    """Shapes on a slope of colour, as RGB."""
    y, x = np.mgrid[:size, :size]
    image = np.stack([30 + 2 * x, 200 - y - x, 60 + y], -1).clip(0, 255).astype(np.uint8)
    cv2.rectangle(image, (6, 10), (30, 40), (220, 40, 30), -1)
    cv2.circle(image, (60, 28), 16, (30, 210, 240), -1)
    cv2.line(image, (5, 85), (90, 60), (250, 250, 250), 5)
    cv2.ellipse(image, (45, 72), (20, 9), 30, 0, 360, (10, 10, 60), -1)
    return image


def run(name, rgb, rng):
    """The case of one network."""
    cfg, file = FOLDER / f"{name}.cfg", FOLDER / f"{name}.weights"
    file.write_bytes(weights(sections(cfg), rng))
    network = cv2.dnn.readNetFromDarknet(str(cfg), str(file))
    network.setPreferableBackend(cv2.dnn.DNN_BACKEND_OPENCV)
    network.setInput(cv2.dnn.blobFromImage(rgb, 1 / 255))
    outputs = network.forward(network.getUnconnectedOutLayersNames())
    # Rows of centre, size (fractions), objectness, and objectness times class, of every anchor.
    rows = np.concatenate([np.asarray(o).reshape(-1, o.shape[-1]) for o in outputs])
    found = []
    for row in rows.astype(np.float64):
        x, y, w, h = row[:4]
        for index, confidence in enumerate(row[5:]):
            if confidence > CONFIDENCE:
                found.append([index, confidence, row[4], x - w / 2, y - h / 2, x + w / 2, y + h / 2])
    found = np.array(found)
    margin = np.abs(rows[:, 5:] - CONFIDENCE).min()
    kept = []
    for index in np.unique(found[:, 0]):
        own = found[found[:, 0] == index]
        boxes = [[l, t, r - l, b - t] for l, t, r, b in own[:, 3:7] * rgb.shape[0]]
        kept += [own[i] for i in np.ravel(
            cv2.dnn.NMSBoxes(boxes, [float(c) for c in own[:, 1]], CONFIDENCE, OVERLAP))]
    kept = np.array(sorted(np.asarray(kept).tolist(), key=lambda d: -d[1]))
    gaps = -np.diff(kept[:, 1])
    print(f"{name}: {len(rows)} anchors, {len(found)} detections, {len(kept)} kept; least distance "
          f"from the threshold {margin:.1e}, from each other {gaps.min():.1e}; largest side "
          f"{(kept[:, 5:] - kept[:, 3:5]).max():.2f}, confidence {kept[0, 1]:.3f}", file=sys.stderr)
    assert margin > 1e-4 and len(kept) > 10
    return {"name": name,
            "arrays": {"detections": golden.array(kept, 8)},
            "numbers": {"confidence": CONFIDENCE, "overlap": OVERLAP}}


rng = np.random.default_rng(SEED)
rgb = picture(96)
cv2.imwrite(str(FOLDER / "picture.png"), rgb[..., ::-1])
cases = [run(name, rgb, rng) for name in ["yolo", "region", "csp"]]
golden.write("opencv.json", cases, made_by="scripts/opencv_detections.py", seed=SEED,
             versions={"opencv": cv2.__version__, "numpy": np.__version__})
