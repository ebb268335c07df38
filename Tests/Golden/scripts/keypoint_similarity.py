"""Object keypoint similarity and COCO's ten numbers of keypoints by pycocotools.

Four keypoints with deviations of their own; crowds, persons without keypoints, small persons, equal
scores and more than 20 persons in an image. All numbers of the input are multiples of 1/64.
Run: python keypoint_similarity.py (writes ../keypoint_similarity.json).
"""
import contextlib
import io
from importlib.metadata import version

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

import golden

NAMES = ["ap", "ap50", "ap75", "apMedium", "apLarge", "ar", "ar50", "ar75", "arMedium", "arLarge"]
DEVIATIONS = [0.026, 0.079, 0.107, 0.087]


def case(name, seed, crowded):
    rng = np.random.default_rng(seed)
    count = len(DEVIATIONS)
    images = [{"id": i} for i in range(1, 9)]
    truths, found = [], []
    for image in images:
        persons = 26 if crowded and image["id"] == 3 else int(rng.integers(0, 5))
        for _ in range(persons):
            side = float(rng.choice([20, 50, 80, 150]))
            corner = rng.integers(0, 300, 2).astype(float)
            places = corner + np.round(rng.uniform(0, side, (count, 2)) * 4) / 4
            flags = rng.choice([0, 1, 2, 2], count)
            if rng.random() < 0.15:
                flags[:] = 0
            crowd = int(rng.random() < 0.15)
            triples = np.concatenate([places, flags[:, None]], axis=1)
            triples[flags == 0] = 0
            truths.append({
                "id": len(truths) + 1, "image_id": image["id"], "category_id": 1, "iscrowd": crowd,
                "area": float(round(side * side * rng.uniform(0.4, 0.9))),
                "bbox": [*corner.tolist(), side, side + 7], "keypoints": triples.ravel().tolist(),
                "num_keypoints": int((flags > 0).sum())})
            for _ in range(int(rng.integers(0, 4)) if persons < 20 else 1):
                shake = rng.normal(0, side * rng.choice([0.02, 0.08, 0.3]), (count, 2))
                there = np.round((places + shake) * 4) / 4
                found.append({
                    "image_id": image["id"], "category_id": 1, "score": float(rng.integers(0, 40)) / 64,
                    "keypoints": np.concatenate([there, np.ones((count, 1))], axis=1).ravel().tolist()})
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {"images": images, "annotations": truths,
                         "categories": [{"id": 1, "name": "animal"}]}
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(found), "keypoints")
        evaluation.params.kpt_oks_sigmas = np.array(DEVIATIONS)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    # Rows of similarities are the persons of an image by falling score.
    similarities = np.concatenate(
        [np.asarray(evaluation.ious[i["id"], 1]).ravel() for i in images if len(
            evaluation.ious[i["id"], 1]) > 0])
    return {
        "name": name,
        "arrays": {
            "deviations": golden.exact(np.array(DEVIATIONS)),
            "truths": golden.exact(np.array([
                [t["image_id"], t["area"], t["iscrowd"], *t["bbox"], *t["keypoints"]] for t in truths])),
            "found": golden.exact(np.array([
                [f["image_id"], f["score"], *np.reshape(f["keypoints"], (-1, 3))[:, :2].ravel()]
                for f in found])),
            # Smaller ones are none of single precision.
            "similarities": golden.array(np.where(similarities < 1e-30, 0, similarities)),
        },
        "numbers": dict(zip(NAMES, map(float, evaluation.stats))),
    }


golden.write(
    "keypoint_similarity.json", [case("usual", 4, False), case("crowded", 5, True)],
    made_by="scripts/keypoint_similarity.py", seed=[4, 5],
    versions={"numpy": np.__version__, "pycocotools": version("pycocotools")})
