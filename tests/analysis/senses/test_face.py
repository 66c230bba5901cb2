"""What the face sense promises: expressions from real portraits, whatever their light and size; reasons where not."""

from __future__ import annotations

import csv
import re

import numpy as np
import pytest
from PIL import Image

from mien.analysis.media.recording import Recording
from mien.analysis.moments.crops import cut_out
from mien.analysis.moments.measure import sharpness
from mien.analysis.moments.moments import FaceCrops, FaceTrack, Moments
from mien.analysis.moments.span import Person, Span
from mien.analysis.senses.face import HIDDEN, WINDOW, FaceSense, classify
from mien.analysis.senses.face_cues import change
from mien.analysis.senses.model import card
from mien.errors import RequestError

NEUTRAL, HAPPINESS = 0, 1
LABELS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")


class Store:
    """Crops that a test made, given out by time as the spool on disk does."""

    def __init__(self, crops):
        self.all = crops

    def crops(self, tracks, start, end):
        times = self.all.times
        rows = (times >= start) & ((times < end) | (times == start))
        return FaceCrops(*(getattr(self.all, name)[rows] for name in FaceCrops.__slots__))

    def close(self):
        pass


def crops(images, *, times=None, quality=0.6, size=120.0, sharp=0.6, pose=0):
    n = len(images)
    times = np.arange(n) * 0.2 if times is None else np.asarray(times, float)
    full = [np.full(n, value, np.float32) for value in (quality, size, sharp)]
    return FaceCrops(times, np.asarray(images, np.uint8).reshape(n, 64, 64), *full, np.full(n, pose, np.int8))


def moments(found):
    track = FaceTrack("F1", found.times, np.zeros((len(found), 4), np.float32), found.quality, found.quality)
    recording = Recording("test", "video", 10.0, (), None)
    return Moments(recording, (Person("P1", ("F1",)),), tracks=(track,), store=Store(found))


def read(found, *spans):
    return list(FaceSense().read(moments(found), [Span(a, b, "P1") for a, b in spans or ((0.0, 10.0),)]))


@pytest.fixture(scope="module")
def portraits(request):
    """label -> (64, 64) crops of the sample portraits, cut about the boxes that samples.csv gives."""
    folder = request.getfixturevalue("shared") / "data" / "samples"
    found = {"neutral": [], "happiness": []}
    with (folder / "samples.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["modality"] == "image":
                box = [int(v) for v in re.search(r"= ([\d,]+)", row["note"]).group(1).split(",")]
                grey = np.asarray(Image.open(folder / row["file"]).convert("L"))
                found[row["label"]].append(cut_out(grey, box))
    assert [len(found[label]) for label in ("neutral", "happiness")] == [2, 2]
    return {label: np.stack(images) for label, images in found.items()}


@pytest.fixture(scope="module")
def faces(portraits):
    """(4, 48, 48): two neutral, then two happy faces."""
    return np.concatenate([portraits["neutral"], portraits["happiness"]])[:, *WINDOW]


def test_portraits_are_read_as_people_read_them(faces):
    top = classify(faces).probabilities.argmax(axis=1)
    assert top.tolist() == [NEUTRAL, NEUTRAL, HAPPINESS, HAPPINESS]


def test_a_reading_is_distributions_and_hidden_vectors(faces):
    reading = classify(faces)
    assert reading.probabilities.shape == (4, 8)
    assert np.allclose(reading.probabilities.sum(axis=1), 1)
    assert reading.hidden.shape == (4, HIDDEN)
    assert np.isfinite(reading.hidden).all()


@pytest.mark.parametrize(("gain", "offset"), [(0.5, 0), (0.6, 90), (0.25, 20)])
def test_brightness_and_contrast_change_little(faces, gain, offset):
    other = (faces * gain + offset).round().astype(np.uint8)
    assert np.abs(classify(other).probabilities - classify(faces).probabilities).max() < 0.1


@pytest.mark.parametrize(("side", "same"), [(36, 4), (28, 4), (24, 3)])
def test_a_smaller_face_says_the_same(faces, side, same):
    """At 24 pixels the first weights lose one of the four portraits (a neutral one)."""
    resample = Image.Resampling
    small = [Image.fromarray(f).resize((side, side), resample.BOX).resize((48, 48), resample.BILINEAR) for f in faces]
    top = classify(np.stack([np.asarray(image) for image in small])).probabilities.argmax(axis=1)
    assert (top == [NEUTRAL, NEUTRAL, HAPPINESS, HAPPINESS]).sum() >= same


def test_a_mirrored_face_says_the_same(faces):
    mirrored = np.ascontiguousarray(faces[:, :, ::-1])
    assert np.allclose(classify(mirrored).probabilities, classify(faces).probabilities, atol=1e-5)


def test_the_same_faces_give_the_same_bytes(faces):
    assert classify(faces).probabilities.tobytes() == classify(faces).probabilities.tobytes()


def test_what_is_read_together_does_not_matter(faces):
    alone = np.concatenate([classify(face[None]).probabilities for face in faces])
    assert np.allclose(classify(np.concatenate([faces] * 12)).probabilities[:4], alone, atol=1e-5)


def test_no_faces_give_no_rows():
    reading = classify(np.zeros((0, 48, 48), np.uint8))
    assert reading.probabilities.shape == (0, 8)
    assert reading.hidden.shape == (0, HIDDEN)


@pytest.mark.parametrize(
    "wrong", [np.zeros((1, 64, 64), np.uint8), np.zeros((48, 48), np.uint8), np.zeros((1, 48, 48))]
)
def test_other_shapes_are_refused_with_what_is_allowed(wrong):
    with pytest.raises(RequestError, match=r"\(n, 48, 48\) uint8"):
        classify(wrong)


def test_evidence_has_all_its_parts(portraits):
    (evidence,) = read(crops(np.repeat(portraits["happiness"], 3, axis=0)))
    assert evidence.modality == "face"
    assert evidence.distribution.space.name == "ferplus8"
    assert evidence.distribution.space.labels == LABELS
    assert evidence.distribution.top == "happiness"
    assert evidence.dimensions.valence > 0.3
    assert {"valence", "arousal"} <= set(evidence.dimensions.derived)
    assert 0.4 < evidence.quality <= 1
    assert evidence.model == card("face")["id"] == FaceSense().model
    assert {"agreement", "face size", "sharpness"} <= {cue.name for cue in evidence.cues}
    assert "happiness in 6 of 6 looks" in [cue.text for cue in evidence.cues]


def test_a_smile_that_begins_is_told_with_its_time(portraits):
    images = np.concatenate(
        [np.repeat(portraits["neutral"][:1], 6, axis=0), np.repeat(portraits["happiness"][:1], 5, axis=0)]
    )
    (evidence,) = read(crops(images))
    (cue,) = [cue for cue in evidence.cues if cue.name == "happiness change"]
    assert cue.value > 0.4
    assert re.fullmatch(r"happiness rose from 0\.\d\d to [01]\.\d\d at 1\.2 s", cue.text)
    assert evidence.quality < read(crops(images[:6]))[0].quality


def test_a_smile_that_ends_and_one_odd_look():
    def course(happy):
        p = np.zeros((len(happy), 8))
        p[:, HAPPINESS], p[:, NEUTRAL] = happy, 1 - np.array(happy)
        return change(np.arange(len(happy)) * 0.2, p)

    assert course([0.9, 0.9, 0.8, 0.2, 0.1, 0.1]).text == "happiness fell from 0.90 to 0.10 at 0.6 s"
    assert course([0.1, 0.1, 0.9, 0.1, 0.1]) is None
    assert course([0.1, 0.9, 0.9]) is None


def test_each_span_has_its_own_crops_and_none_without(portraits):
    images = np.concatenate([np.repeat(portraits["neutral"], 3, axis=0), np.repeat(portraits["happiness"], 3, axis=0)])
    times = [0, 0.2, 0.4, 0.6, 0.8, 1.0, 3.0, 3.2, 3.4, 3.6, 3.8, 4.0]
    found = read(crops(images, times=times), (0, 2), (2, 2.9), (2.9, 5))
    assert [(e.span.start, e.distribution.top) for e in found] == [(0, "neutral"), (2.9, "happiness")]


def test_a_still_is_one_look(portraits):
    (evidence,) = read(crops(portraits["happiness"][:1], times=[0.0]), (0.0, 0.0))
    assert evidence.distribution.top == "happiness"
    assert "happiness in the one look" in [cue.text for cue in evidence.cues]


def test_good_crops_count_more_than_poor_ones(portraits):
    found = crops(np.concatenate([portraits["neutral"], portraits["happiness"]]))
    found.quality[:] = [0.02, 0.02, 0.9, 0.9]
    assert read(found)[0].distribution.top == "happiness"
    found.quality[:] = [0.9, 0.9, 0.02, 0.02]
    assert read(found)[0].distribution.top == "neutral"


def test_quality_falls_with_conditions(portraits):
    images = np.repeat(portraits["happiness"], 2, axis=0)
    good = read(crops(images))[0].quality
    assert read(crops(images, pose=1))[0].quality < good
    assert read(crops(images, quality=0.03))[0].quality < good
    assert read(crops(images[:1]))[0].quality < good


def test_a_flat_or_tiny_face_is_no_evidence_and_says_why(portraits):
    (flat,) = read(crops(np.full((3, 64, 64), 127), sharp=0.0))
    assert flat.distribution is None
    assert flat.quality == 0
    assert "flat" in flat.insufficient
    (tiny,) = read(crops(portraits["neutral"], size=9.0))
    assert tiny.distribution is None
    assert tiny.insufficient == "face too small: 9 pixels across, 14 needed"


def test_noise_instead_of_a_face_has_low_quality(portraits):
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (3, 64, 64)).astype(np.uint8)
    found = crops(noise, quality=0.1, sharp=sharpness(noise[0]))
    assert read(found)[0].quality < 0.5 * read(crops(portraits["happiness"]))[0].quality


def test_a_long_span_is_read_piece_by_piece(portraits):
    images = np.resize(portraits["happiness"], (70, 64, 64))
    (evidence,) = read(crops(images, times=np.arange(70) * 2.0), (0, 140))
    assert "happiness in 70 of 70 looks" in [cue.text for cue in evidence.cues]


def test_the_card_says_what_a_user_must_know():
    told = card("face")
    assert told["terms"].startswith("unclear: research")
    assert set(told["scores"]["odd_rows"]["classes"]) == set(LABELS)
    assert told["scores"]["odd_rows"]["ece"] <= 0.05
    assert told["data_sha256"] and told["known_failures"]
