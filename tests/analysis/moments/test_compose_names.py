"""Names of speakers win over how voices sound, whichever modalities are read."""

from pathlib import Path

import mien

DIALOGUE = Path(__file__).parents[3] / "examples" / "dialogue.flac"
TURNS = [(1.0, 2.9, "Ewa"), (3.5, 5.4, "Wit"), (6.0, 8.0, "Ewa"), (8.6, 10.4, "Wit")]


def test_who_speaks_is_taken_from_rttm_where_no_words_are_read(tmp_path):
    rttm = tmp_path / "who.rttm"
    rttm.write_text("".join(f"SPEAKER x 1 {s} {e - s:.3f} <NA> <NA> {name} <NA> <NA>\n" for s, e, name in TURNS))
    analysis = mien.analyze(DIALOGUE, modalities=("audio",), transcript=rttm)
    names = {person.id: person.name for person in analysis.persons}
    assert [names[affect.span.person] for affect in analysis.affects] == [name for _, _, name in TURNS]
    assert not analysis.transcript
