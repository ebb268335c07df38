"""Searches a film with detector and with OpenCV's DNN module in turn, from the file to the list of boxes.

    python film_peer.py DETECTOR FILM CFG WEIGHTS [--opencv FOLDER] [--rounds 3] [--threads 2]

OpenCV reads the film by its own VideoCapture, the network by its importer for Darknet (OpenCV 4), resizes by
blobFromImage and keeps boxes by NMSBoxes; detector writes its table of the film. Printed are pictures a
second of both, the median over the rounds, and how many objects each found. FOLDER is where pip put
OpenCV with --target, where the installed one is another.
"""

import argparse
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

CONFIDENCE, OVERLAP = 0.25, 0.45


def with_opencv(cv2, arguments):
    """Seconds, pictures and objects."""
    start = time.perf_counter()
    network = cv2.dnn.readNetFromDarknet(str(arguments.cfg), str(arguments.weights))
    names = network.getUnconnectedOutLayersNames()
    size = int(re.search(r"^width\s*=\s*(\d+)", arguments.cfg.read_text(), re.M)[1])
    film = cv2.VideoCapture(str(arguments.film))
    pictures = objects = 0
    while True:
        more, picture = film.read()
        if not more:
            return time.perf_counter() - start, pictures, objects
        pictures += 1
        height, width = picture.shape[:2]
        network.setInput(cv2.dnn.blobFromImage(picture, 1 / 255, (size, size), swapRB=True))
        rows = np.concatenate(network.forward(names))
        scores = rows[:, 5:]
        classes = scores.argmax(1)
        best = scores[np.arange(len(rows)), classes]
        kept = best >= CONFIDENCE
        centres = rows[kept, :4] * [width, height, width, height]
        boxes = np.concatenate([centres[:, :2] - centres[:, 2:] / 2, centres[:, 2:]], 1)
        if len(boxes):
            objects += len(cv2.dnn.NMSBoxesBatched(
                boxes.tolist(), best[kept].tolist(), classes[kept].tolist(), CONFIDENCE, OVERLAP))


def with_detector(arguments):
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        done = subprocess.run(
            [str(arguments.detector), "detect", str(arguments.film), "--model", str(arguments.cfg), "--weights",
             str(arguments.weights), "--resize", "stretch", "--confidence", str(CONFIDENCE), "--nms", str(OVERLAP),
             "--threads", str(arguments.threads), "--json", f"{folder}/found.json"], capture_output=True, text=True)
        seconds = time.perf_counter() - start
        if done.returncode:
            sys.exit(done.stderr)
        pictures, objects = map(int, re.findall(r"(\d+) pictures?, (\d+) objects?", done.stdout + done.stderr)[-1])
        return seconds, pictures, objects


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("detector", "film", "cfg", "weights"):
        parser.add_argument(name, type=pathlib.Path)
    parser.add_argument("--opencv")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    if arguments.opencv:
        sys.path.insert(0, arguments.opencv)
    import cv2

    cv2.setNumThreads(arguments.threads)
    rates = {"detector": [], f"OpenCV {cv2.__version__}": []}
    for _ in range(arguments.rounds):
        for name, result in zip(rates, (with_detector(arguments), with_opencv(cv2, arguments))):
            seconds, pictures, objects = result
            rates[name].append(pictures / seconds)
            print(f"{name}: {pictures} pictures, {objects} objects, {pictures / seconds:.1f} pictures/s", flush=True)
    medians = {name: statistics.median(own) for name, own in rates.items()}
    print(", ".join(f"{name} {value:.1f} pictures/s" for name, value in medians.items())
          + f"; {medians['detector'] / list(medians.values())[1]:.2f} times as many")


if __name__ == "__main__":
    main()
