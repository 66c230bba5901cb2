"""When a voice told what it told: the stretch pointed at is the one the network goes by."""

from pathlib import Path

import numpy as np

import mien
from mien.analysis.senses.speech import classify
from mien.analysis.senses.speech_cues import clearest

EXAMPLES = Path(__file__).parents[3] / "examples"


def test_the_stretch_lies_inside_what_was_heard():
    for affect in mien.analyze(EXAMPLES / "dialogue.flac", modalities=("audio",)).affects:
        cue = next(cue for cue in affect.evidence[0].cues if cue.name == "clearest")
        assert affect.span.start - 4 <= cue.value <= affect.span.end + 4
        assert affect.distribution.top in cue.text


def test_leaving_out_what_tells_most_costs_more_than_leaving_out_what_tells_least():
    from mien.analysis.media.reader import open_recording

    sound = np.concatenate([block.samples for block in open_recording(EXAMPLES / "dialogue.flac").audio(16_000)])
    most, least = [], []
    for start in (1.0, 6.0, 11.1, 14.1, 17.1):
        clip = sound[int(start * 16_000) : int((start + 2.4) * 16_000)]
        reading = classify([clip])
        top = int(reading.probabilities[0].argmax())
        order = np.argsort(-reading.told[0][:, top])
        size = len(order) * 3 // 10
        for falls, steps in ((most, order[:size]), (least, order[-size:])):
            keep = np.ones(len(clip), bool)
            for step in steps:
                keep[step * 1280 : (step + 1) * 1280] = False
            falls.append(reading.probabilities[0, top] - classify([clip[keep]]).probabilities[0, top])
    assert np.mean(most) > np.mean(least) + 0.05


def test_a_clip_that_is_hardly_longer_than_the_stretch_points_nowhere():
    assert clearest(np.ones(5, np.float32)) is None
    assert clearest(-np.ones(50, np.float32)) is None
    assert clearest(np.eye(1, 50, 20, dtype=np.float32)[0])[0] in range(15, 21)
