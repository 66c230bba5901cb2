"""A long recording needs no more memory than a short one."""

import subprocess
import sys
import wave

import numpy as np
import pytest

PROGRAM = """
import resource, sys
from mien.analysis.media.reader import open_recording
from mien.analysis.moments.hear import hear
heard = hear(open_recording(sys.argv[1]))
print(len(heard.speech), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.slow
def test_twenty_minutes_of_sound_are_not_held_in_memory(tmp_path):
    peaks = {}
    for minutes in (2, 20):
        path = tmp_path / f"{minutes}.wav"
        rng = np.random.default_rng(minutes)
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 16000, 0, "NONE", ""))
            for _ in range(minutes):
                file.writeframes(rng.normal(0, 30, 16000 * 60).astype(np.int16).tobytes())
        done = subprocess.run([sys.executable, "-c", PROGRAM, str(path)], capture_output=True, text=True, check=True)
        stretches, peaks[minutes] = map(int, done.stdout.split())
        assert stretches == 0
    assert peaks[20] - peaks[2] < 25, f"{peaks} MB; the samples alone would be 69 MB more"
