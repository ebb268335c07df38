#!/usr/bin/env python3
"""Which detector comes out of the same computing time: our defaults, and models of Ultralytics.

    quality_for_time.py DETECTOR --out DIR --set bccd=PATH --set raccoon=PATH
        [--minutes 5,10,20] [--seeds 1,2,3] [--peers yolov8n.yaml,yolov3-tiny.yaml] [--size 320]

Everything starts at random. A budget of m minutes is 2 m minutes of processor time, what two threads
can use in m minutes: a first run of few epochs tells what one costs, and the budget is spent to the
last whole epoch. So a machine that is busy with other work makes a run longer, but not worse. Peers
train without evaluating on the way, which is charged to us alone. All detections of the test images
(confidence from .001) are judged by `detector eval` and by pycocotools. Lines of results.csv are kept
when the script is started again. Needs ultralytics, pycocotools and Pillow.
"""

import argparse
import csv
import json
import os
import pathlib
import random
import resource
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

from PIL import Image

COLUMNS = ["set", "model", "minutes", "seed", "epochs", "size", "cpu_seconds", "voc12", "voc07",
           "ap50", "ap", "pycocotools_ap50", "pycocotools_ap"]


def say(*words):
    print(*words, flush=True)


class Data:
    """A VOC set with lists, made of one that may have none, and the same for YOLO and COCO tools."""

    def __init__(self, name, source, folder):
        self.name, self.folder = name, folder
        source = pathlib.Path(source).resolve()
        xml = source / "Annotations" if (source / "Annotations").is_dir() else source / "annotations"
        images = source / "JPEGImages" if (source / "JPEGImages").is_dir() else source / "images"
        lists = source / "ImageSets" / "Main"
        folder.mkdir(parents=True, exist_ok=True)
        for link, target in [("Annotations", xml), ("JPEGImages", images)]:
            if not (folder / link).exists():
                (folder / link).symlink_to(target)
        self.ids = {}
        if lists.is_dir():
            for split in ["train", "val", "test"]:
                self.ids[split] = (lists / f"{split}.txt").read_text().split()
        else:
            ids = sorted(path.stem for path in xml.glob("*.xml"))
            random.Random(0).shuffle(ids)
            tenth = len(ids) // 10
            self.ids = {"val": ids[:tenth], "test": ids[tenth:3 * tenth], "train": ids[3 * tenth:]}
        (folder / "ImageSets" / "Main").mkdir(parents=True, exist_ok=True)
        for split, ids in self.ids.items():
            (folder / "ImageSets" / "Main" / f"{split}.txt").write_text("\n".join(ids) + "\n")
        self.pictures = {path.stem: path for path in images.iterdir()}
        objects = {name: self.objects(name) for ids in self.ids.values() for name in ids}
        self.classes = sorted({name for boxes in objects.values() for name, *_ in boxes})
        self.write_yolo(objects)
        self.write_coco(objects)

    def objects(self, image):
        """Class, edges (from 0) and whether it is difficult, of every box that is one."""
        root = ElementTree.parse(self.folder / "Annotations" / f"{image}.xml").getroot()
        found = []
        for item in root.iter("object"):
            box = item.find("bndbox")
            left, top, right, bottom = (
                float(box.find(key).text) for key in ["xmin", "ymin", "xmax", "ymax"])
            if right > left and bottom > top:
                difficult = item.findtext("difficult", "0").strip() == "1"
                found.append((item.findtext("name").strip(), left - 1, top - 1, right, bottom, difficult))
        return found

    def write_yolo(self, objects):
        for split, ids in self.ids.items():
            for kind in ["images", "labels"]:
                (self.folder / "yolo" / kind / split).mkdir(parents=True, exist_ok=True)
            for image in ids:
                picture = self.pictures[image]
                link = self.folder / "yolo" / "images" / split / picture.name
                if not link.exists():
                    link.symlink_to(picture)
                width, height = Image.open(picture).size
                lines = []
                for name, left, top, right, bottom, difficult in objects[image]:
                    if not difficult:
                        lines.append(
                            f"{self.classes.index(name)} {(left + right) / 2 / width:.6f} "
                            f"{(top + bottom) / 2 / height:.6f} {(right - left) / width:.6f} "
                            f"{(bottom - top) / height:.6f}\n")
                label = self.folder / "yolo" / "labels" / split / f"{image}.txt"
                label.write_text("".join(lines))
        names = "".join(f"  {index}: {name}\n" for index, name in enumerate(self.classes))
        (self.folder / "yolo" / "data.yaml").write_text(
            f"path: {self.folder.resolve() / 'yolo'}\ntrain: images/train\nval: images/val\n"
            f"test: images/test\nnames:\n{names}")

    def write_coco(self, objects):
        images, annotations = [], []
        for number, image in enumerate(self.ids["test"], 1):
            width, height = Image.open(self.pictures[image]).size
            images.append({"id": number, "file_name": self.pictures[image].name,
                           "width": width, "height": height})
            for name, left, top, right, bottom, difficult in objects[image]:
                annotations.append({
                    "id": len(annotations) + 1, "image_id": number, "iscrowd": int(difficult),
                    "category_id": self.classes.index(name) + 1,
                    "bbox": [left, top, right - left, bottom - top],
                    "area": (right - left) * (bottom - top)})
        self.truth = self.folder / "test.json"
        self.truth.write_text(json.dumps({
            "images": images, "annotations": annotations,
            "categories": [{"id": i, "name": n} for i, n in enumerate(self.classes, 1)]}))


def child(command, log):
    """Runs a program; gives the processor seconds that it and its children used."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(log, "w") as output:
        subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=True,
                       env={**os.environ, "YOLO_OFFLINE": "true"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


TRAIN_PEER = """
import sys
from ultralytics import YOLO
model, data, epochs, size, seed, out = sys.argv[1:]
YOLO(model).train(data=data, epochs=int(epochs), imgsz=int(size), batch=8, device="cpu", seed=int(seed),
                  pretrained=False, val=False, plots=False, workers=0, project=out, name="run",
                  exist_ok=True, amp=False, patience=0, verbose=False)
"""

DETECT_PEER = """
import json, pathlib, sys
from ultralytics import YOLO
weights, truth, images, size, out = sys.argv[1:]
model = YOLO(weights)
found = []
for image in json.load(open(truth))["images"]:
    path = pathlib.Path(images) / image["file_name"]
    result = model.predict(str(path), imgsz=int(size), conf=.001, max_det=300, verbose=False, device="cpu")[0]
    for box in result.boxes:
        left, top, right, bottom = box.xyxy[0].tolist()
        found.append({"image_id": image["id"], "category_id": int(box.cls) + 1, "score": float(box.conf),
                      "bbox": [left, top, right - left, bottom - top]})
json.dump(found, open(out, "w"))
"""


class Ours:
    def __init__(self, detector, size):
        self.detector, self.size = detector, size

    def train(self, data, epochs, seed, folder):
        command = [self.detector, "train", "--voc", str(data.folder), "--epochs", str(epochs),
                   "--seed", str(seed), "--threads", "2", "--from-scratch", "--overwrite",
                   "--out", str(folder / "run")]
        if self.size:
            command += ["--size", str(self.size)]
        return child(command, folder / "train.log")

    def detect(self, data, folder):
        pictures = [str(data.pictures[image]) for image in data.ids["test"]]
        child([self.detector, "detect", *pictures, "--run", str(folder / "run"), "--confidence",
               ".001", "--all-classes", "--json", str(folder / "ours.json")], folder / "detect.log")
        numbers = {image["file_name"]: image["id"]
                   for image in json.loads(data.truth.read_text())["images"]}
        found = []
        for image in json.loads((folder / "ours.json").read_text())["images"]:
            sizes = (image["width"], image["height"])
            for detection in image["detections"]:
                left, top, width, height = detection["box"]
                # The peers' boxes end with the image.
                right, bottom = min(left + width, sizes[0]), min(top + height, sizes[1])
                left, top = max(left, 0), max(top, 0)
                if right <= left or bottom <= top:
                    continue
                found.append({
                    "image_id": numbers[pathlib.Path(image["file"]).name],
                    "category_id": data.classes.index(detection["class"]) + 1,
                    "score": detection["confidence"],
                    "bbox": [left, top, right - left, bottom - top]})
        path = folder / "found.json"
        path.write_text(json.dumps(found))
        return path


class Peer:
    def __init__(self, model, size):
        self.model, self.size = model, size

    def train(self, data, epochs, seed, folder):
        return child([sys.executable, "-c", TRAIN_PEER, self.model, str(data.folder / "yolo" / "data.yaml"),
                      str(epochs), str(self.size), str(seed), str(folder)], folder / "train.log")

    def detect(self, data, folder):
        found = folder / "found.json"
        child([sys.executable, "-c", DETECT_PEER, str(folder / "run" / "weights" / "last.pt"),
               str(data.truth), str(data.folder / "JPEGImages"), str(self.size), str(found)],
              folder / "detect.log")
        return found


def judge(detector, data, found, folder):
    """VOC's and COCO's numbers by us, and COCO's by pycocotools."""
    report = folder / "eval.json"
    child([detector, "eval", "--coco", str(data.truth), "--detections", str(found), "--metric",
           "voc12,voc07,coco", "--json", str(report)], folder / "eval.log")
    ours = json.loads(report.read_text())
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
    output, sys.stdout = sys.stdout, open(os.devnull, "w")
    try:
        truth = COCO(str(data.truth))
        evaluation = COCOeval(truth, truth.loadRes(str(found)), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    finally:
        sys.stdout = output
    metrics = ours["metrics"]
    return {"voc12": metrics["voc12"]["mAP"], "voc07": metrics["voc07"]["mAP"],
            "ap50": metrics["coco"]["ap50"], "ap": metrics["coco"]["mAP"],
            "pycocotools_ap50": evaluation.stats[1], "pycocotools_ap": evaluation.stats[0]}


def cost(model, data, folder):
    """Processor seconds of an epoch, and of everything else in a run."""
    def seconds(epochs):
        place = folder / f"cost-{epochs}"
        place.mkdir(parents=True, exist_ok=True)
        return model.train(data, epochs, 1, place)

    one = seconds(1)
    # What is told by a few seconds is told badly; what takes minutes is told by two epochs.
    more = 5 if one < 20 else 2
    each = (seconds(more) - one) / (more - 1)
    return each, max(0, one - each)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("detector")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--set", action="append", required=True, dest="sets")
    parser.add_argument("--minutes", default="5,10,20")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--peers", default="yolov8n.yaml,yolov3-tiny.yaml")
    parser.add_argument("--size", type=int, default=320, help="the peers' input size")
    parser.add_argument("--our-size", type=int, help="ours; the default is chosen for the data")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    table = arguments.out / "results.csv"
    rows = list(csv.DictReader(open(table))) if table.exists() else []
    done = {(row["set"], row["model"], row["minutes"], row["seed"]) for row in rows}
    detector = str(pathlib.Path(arguments.detector).resolve())
    models = {"ours": Ours(detector, arguments.our_size)}
    for peer in filter(None, arguments.peers.split(",")):
        models[peer] = Peer(peer, arguments.size)
    sets = [Data(*entry.split("=", 1), arguments.out / entry.split("=")[0]) for entry in arguments.sets]
    costs = {}
    for seed in arguments.seeds.split(","):
        for minutes in arguments.minutes.split(","):
            for data in sets:
                for name, model in models.items():
                    if (data.name, name, minutes, seed) in done:
                        continue
                    place = arguments.out / f"{data.name}-{name}"
                    if (data.name, name) not in costs:
                        costs[data.name, name] = cost(model, data, place)
                        say(f"{data.name} {name}: %.1f s an epoch, %.1f s beside" % costs[data.name, name])
                    each, beside = costs[data.name, name]
                    epochs = max(1, int((120 * float(minutes) - beside) / each))
                    folder = place / f"{minutes}-{seed}"
                    folder.mkdir(parents=True, exist_ok=True)
                    seconds = model.train(data, epochs, int(seed), folder)
                    row = {"set": data.name, "model": name, "minutes": minutes, "seed": seed,
                           "epochs": epochs, "size": arguments.size if name != "ours" else "",
                           "cpu_seconds": round(seconds, 1),
                           **judge(detector, data, model.detect(data, folder), folder)}
                    is_new = not table.exists()
                    with open(table, "a") as file:
                        writer = csv.DictWriter(file, COLUMNS)
                        if is_new:
                            writer.writeheader()
                        writer.writerow(row)
                    say(" ".join(f"{key}={row[key]:.4f}" if isinstance(row[key], float) else
                                 f"{key}={row[key]}" for key in COLUMNS))


if __name__ == "__main__":
    main()
