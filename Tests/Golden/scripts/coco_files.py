"""COCO's twelve numbers by pycocotools for a small annotation file with crowds and mask areas.

Run: python coco_files.py (writes ../coco_annotations.json, ../coco_results.json and ../coco.json).
"""
import contextlib
import io
import json

import numpy as np
import pycocotools
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

import golden

NAMES = ["ap", "ap50", "ap75", "apSmall", "apMedium", "apLarge", "ar1", "ar10", "ar100",
         "arSmall", "arMedium", "arLarge"]


def main():
    seed = 20250312
    rng = np.random.default_rng(seed)
    # Ids in no order and with gaps, as real files have them.
    images = [{"id": i, "file_name": f"folder/{i:06d}.jpg", "width": 400, "height": 300}
              for i in (31, 7, 19, 4, 52, 11)]
    categories = [{"id": c, "name": n} for c, n in ((18, "dog"), (1, "person"), (44, "bottle"))]
    annotations, results = [], []
    for image in images:
        for _ in range(7):
            side = float(rng.choice([12, 28, 60, 130]))
            box = [float(v) for v in rng.integers(0, 200, 2)] + [
                side, float(round(side * rng.uniform(0.6, 1.6)))]
            category = int(rng.choice([c["id"] for c in categories]))
            crowd = int(rng.random() < 0.15)
            annotations.append({
                "id": len(annotations) + 1, "image_id": image["id"], "category_id": category,
                "bbox": box, "area": round(box[2] * box[3] * float(rng.uniform(0.5, 1)), 1),
                "iscrowd": crowd})
            for _ in range(int(rng.integers(0, 4))):
                shake = rng.normal(0, 0.08, 4) * [box[2], box[3], box[2], box[3]]
                found = [round(float(v), 1) for v in np.array(box) + shake]
                if crowd:  # a part of the crowd
                    found[2] = round(found[2] / 2, 1)
                results.append({
                    "image_id": image["id"],
                    "category_id": category if rng.random() < 0.85 else 1, "bbox": found,
                    "score": round(float(rng.random()), 2)})
        for _ in range(4):
            results.append({
                "image_id": image["id"], "category_id": int(rng.choice([18, 1, 44])),
                "bbox": [float(v) for v in rng.integers(5, 150, 4)],
                "score": round(float(rng.random()) * 0.8, 2)})
    rng.shuffle(results)
    folder = golden.FOLDER
    compact = {"separators": (",", ":")}
    (folder / "coco_annotations.json").write_text(json.dumps(
        {"images": images, "categories": categories, "annotations": annotations}, **compact) + "\n")
    (folder / "coco_results.json").write_text(json.dumps(list(results), **compact) + "\n")
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(folder / "coco_annotations.json"))
        evaluation = COCOeval(truth, truth.loadRes(str(folder / "coco_results.json")), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    numbers = {n: float(v) for n, v in zip(NAMES, evaluation.stats)}
    golden.write(
        "coco.json", [{"name": "twelve", "arrays": {}, "numbers": numbers}],
        made_by="scripts/coco_files.py", seed=seed,
        versions={"numpy": np.__version__,
                  "pycocotools": getattr(pycocotools, "__version__", "2.0.11")})
    print(evaluation.stats)


if __name__ == "__main__":
    main()
