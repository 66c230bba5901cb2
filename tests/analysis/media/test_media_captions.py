"""Subtitles, transcripts, dialogues, texts: what is written comes back; nonsense is one plain error."""

import csv
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mien.analysis.media.captions import find_sidecar, read_captions, read_script
from mien.analysis.media.recording import Caption
from mien.errors import InputError

words = st.text(st.characters(categories=["L"], max_codepoint=0xFFFF), min_size=1, max_size=8)
lines = st.lists(words, min_size=1, max_size=5).map(" ".join)
names = st.sampled_from(["Anna", "Bo Li", "Ömer", "李雷", "Dr. No"])
turns = st.lists(
    st.tuples(st.integers(0, 7_200_000), st.integers(1, 60_000), names, lines),
    min_size=1,
    max_size=12,
    unique_by=lambda t: t[0],
).map(sorted)
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(folder: Path, name: str, content: str | bytes) -> tuple[list[Caption], list[str]]:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    captions, notices = read_captions(path)
    return captions, [notice.code for notice in notices]


def stamp(ms: int, comma: str = ",") -> str:
    return f"{ms // 3600000:02d}:{ms // 60000 % 60:02d}:{ms // 1000 % 60:02d}{comma}{ms % 1000:03d}"


def told(captions: list[Caption]) -> list[tuple[int, int, str | None, str]]:
    return [(round(c.start * 1000), round(c.end * 1000), c.speaker, c.text) for c in captions]


@quick
@given(turns, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.sampled_from(["\n", "\r\n"]))
def test_subrip_comes_back(tmp_path, said, encoding, ending):
    text = "\n".join(f"{i}\n{stamp(t)} --> {stamp(t + d)}\n{s}\n" for i, (t, d, _, s) in enumerate(said, 1))
    captions, _ = read(tmp_path, "talk.srt", text.replace("\n", ending).encode(encoding))
    assert told(captions) == [(t, t + d, None, s) for t, d, _, s in said]


@quick
@given(turns)
def test_webvtt_comes_back_with_its_voices(tmp_path, said):
    text = "WEBVTT - a title\n\nNOTE nobody\nreads this\n\nSTYLE\n::cue { color: red }\n\n" + "\n".join(
        f"cue {t}\n{stamp(t, '.')} --> {stamp(t + d, '.')} align:start\n<v.loud {who}>{s}</v>\n"
        for t, d, who, s in said
    )
    captions, codes = read(tmp_path, "talk.vtt", text)
    assert told(captions) == [(t, t + d, who, s) for t, d, who, s in said] and codes == []


@quick
@given(turns, st.booleans(), st.sampled_from(["utf-8", "utf-16"]))
def test_textgrids_come_back_long_and_short(tmp_path, said, short, encoding):
    said, at = list(said), 0
    for index, (_, d, who, s) in enumerate(said):  # intervals of a tier do not overlap
        said[index], at = (at, d, who, s), at + d
    tiers = {who: [(t, d, s) for t, d, w, s in said if w == who] for who in sorted({w for _, _, w, _ in said})}
    head = 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n'
    key = (lambda name: "") if short else (lambda name: f"{name} = ")
    parts = [
        f"{key('xmin')}0\n{key('xmax')}{at / 1000}\n{'' if short else 'tiers? '}<exists>\n{key('size')}{len(tiers)}\n"
    ]
    for number, (who, rows) in enumerate(tiers.items(), 1):
        parts.append("" if short else f"item [{number}]:\n")
        parts.append(f'{key("class")}"IntervalTier"\n{key("name")}"{who}"\n{key("xmin")}0\n{key("xmax")}{at / 1000}\n')
        parts.append(f"{'' if short else 'intervals: size = '}{len(rows)}\n")
        for index, (t, d, s) in enumerate(rows, 1):
            parts.append("" if short else f"intervals [{index}]:\n")
            parts.append(f'{key("xmin")}{t / 1000}\n{key("xmax")}{(t + d) / 1000}\n{key("text")}"{s}"\n')
    captions, _ = read(tmp_path, "talk.TextGrid", (head + "".join(parts)).encode(encoding))
    silent = {"sil", "sp", "spn", "_"}
    assert told(captions) == [(t, t + d, who, s) for t, d, who, s in said if s.lower() not in silent]


@quick
@given(turns)
def test_rttm_says_who_and_no_text(tmp_path, said):
    text = "".join(
        f"SPEAKER talk 1 {t / 1000} {d / 1000} <NA> <NA> {w.replace(' ', '_')} <NA> <NA>\n" for t, d, w, _ in said
    )
    captions, _ = read(tmp_path, "talk.rttm", text)
    assert told(captions) == [(t, t + d, w.replace(" ", "_"), "") for t, d, w, _ in said]


@quick
@given(turns, st.sampled_from(["list", "turns", "segments", "lines", "csv", "tsv", "semicolon"]))
def test_dialogues_come_back(tmp_path, said, shape):
    rows = [{"speaker": w, "start": t / 1000, "end": (t + d) / 1000, "text": s} for t, d, w, s in said]
    if shape == "lines":
        captions, _ = read(tmp_path, "talk.jsonl", "\n".join(map(json.dumps, rows)))
    elif shape in ("csv", "tsv", "semicolon"):
        path = tmp_path / f"talk.{'tsv' if shape == 'tsv' else 'csv'}"
        with path.open("w", newline="") as out:
            writer = csv.DictWriter(out, list(rows[0]), delimiter={"csv": ",", "tsv": "\t", "semicolon": ";"}[shape])
            writer.writeheader(), writer.writerows(rows)
        captions = read_captions(path)[0]
    else:
        captions, _ = read(tmp_path, "talk.json", json.dumps(rows if shape == "list" else {shape: rows, "version": 1}))
    assert told(captions) == [(t, t + d, w, s) for t, d, w, s in said]


PIECES = [
    "1\n", "\n", "00:00:01,000 --> ", "99:99:99.999", "-00:01:00,5", "WEBVTT\n", "<v X>", '"', "<exists>", "ooTextFile",
    "TextGrid", "SPEAKER a 1 2 x", "SPEAKER a 1 nan 2 <NA> <NA> b", "{", "[", "]", '{"text":"a","start":1e999}', "\n",
    "speaker,text,start\n", "a;b\n", "<?xml version='1.0'?>", "<ANNOTATION_DOCUMENT>", "<TIER ", "[Script Info]\n",
    "Dialogue: ", "Format: Start,End,Text\n", "3", " 1e9 ", "\x00", "\ufeff", "text", "9" * 400, "[" * 500,
]  # fmt: skip


@settings(quick, max_examples=200)
@given(
    st.one_of(
        st.text(max_size=300),
        st.binary(max_size=300),
        st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    ),
    st.sampled_from([None, ".srt", ".vtt", ".eaf", ".TextGrid", ".rttm", ".json", ".csv", ".txt", ".ass"]),
    st.sampled_from([None, "srt", "vtt", "ass", "eaf", "textgrid", "rttm", "json", "dialogue table", "text"]),
)  # fmt: skip
def test_whatever_is_in_it_only_our_own_error_comes(tmp_path, content, ending, form):
    path = tmp_path / f"any{ending or ''}"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    try:
        script = read_script(str(path), str(path), form)
    except InputError as error:
        assert str(error).startswith(str(path)) and "\n" not in str(error)
        return
    assert all(0 <= c.start <= c.end for c in script.captions)
    starts = [caption.start for caption in script.captions]
    assert starts == sorted(starts)


def test_what_people_call_subtitles(tmp_path):
    text = (
        "\ufeff\n7\n0:00:05.5 --> 00:00:06,250 X1:40\n<font color=red>Tom &amp; {\\an8}Jerry</font>\n\n"
        "still the same\n\n"
        "7\n00:01,000 --> 00:02,000\nearlier\n\n00:00:09,000 --> 00:00:08,000\ninverted\n12\n"
        "x\n-00:00:05,000 --> 00:00:03,000\nbefore zero\n\n1:2:3 --> nothing\n"
    )
    captions, codes = read(tmp_path, "talk.srt", text)
    assert [(c.start, c.end) for c in captions] == [(0, 3), (1, 2), (5.5, 6.25), (8, 9)]
    assert [c.text for c in captions][2] == "Tom & Jerry still the same"
    assert set(codes) == {"times", "order"}


def test_two_voices_in_one_cue(tmp_path):
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Yes</v>\n<v Bob><i>No</i>\n"
    captions, _ = read(tmp_path, "talk.vtt", text)
    assert told(captions) == [(1000, 2000, "Ann", "Yes"), (1000, 2000, "Bob", "No")]


def test_broken_letters_are_replaced_and_told(tmp_path):
    captions, codes = read(tmp_path, "talk.srt", b"1\n00:00:01,000 --> 00:00:02,000\ncaf\xe9 society\n")
    assert captions[0].text == "caf\ufffd society" and codes == ["encoding"]


ELAN = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="milliseconds"/><TIME_ORDER>
<TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="1000"/><TIME_SLOT TIME_SLOT_ID="ts2"/><TIME_SLOT TIME_SLOT_ID="ts3"/>
<TIME_SLOT TIME_SLOT_ID="ts4" TIME_VALUE="4000"/><TIME_SLOT TIME_SLOT_ID="ts5" TIME_VALUE="500"/></TIME_ORDER>
<TIER TIER_ID="A_speech" PARTICIPANT="Ann" LANG_REF="eng"><ANNOTATION>
<ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2"><ANNOTATION_VALUE>one &lt; two
</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION><ANNOTATION>
<ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="ts3" TIME_SLOT_REF2="ts4">
<ANNOTATION_VALUE>three</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>
<TIER TIER_ID="B"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="b1" TIME_SLOT_REF1="ts5" TIME_SLOT_REF2="ts1">
<ANNOTATION_VALUE>zero</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>
<TIER TIER_ID="gloss" PARENT_REF="A_speech"><ANNOTATION><REF_ANNOTATION ANNOTATION_ID="g1" ANNOTATION_REF="a1">
<ANNOTATION_VALUE>uno</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION></TIER>
</ANNOTATION_DOCUMENT>"""


def test_elan_tiers_are_speakers_and_open_times_lie_between(tmp_path):
    captions, codes = read(tmp_path, "talk.eaf", ELAN)
    assert told(captions) == [(500, 1000, "B", "zero"), (1000, 2000, "Ann", "one < two"), (3000, 4000, "Ann", "three")]
    assert captions[1].language == "eng" and codes == ["tiers"]


def test_elan_text_may_hang_on_empty_tiers(tmp_path):
    bare = ELAN.replace("one &lt; two", "").replace("three", "").replace("zero", "")
    captions, _ = read(tmp_path, "talk.eaf", bare)
    assert told(captions) == [(1000, 2000, "gloss", "uno")]


@pytest.mark.parametrize(
    "evil",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><ANNOTATION_DOCUMENT>&b;</ANNOTATION_DOCUMENT>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><ANNOTATION_DOCUMENT>&a;</ANNOTATION_DOCUMENT>',
        "<ANNOTATION_DOCUMENT>" + "<a>" * 5000,
        "<ANNOTATION_DOCUMENT><TIER></ANNOTATION_DOCUMENT>",
    ],
)
def test_unsafe_or_damaged_xml_is_refused(tmp_path, evil):
    with pytest.raises(InputError, match="line 1: "):
        read(tmp_path, "talk.eaf", f'<?xml version="1.0"?>{evil}')


def test_forced_alignment_words_become_lines_and_phones_are_left_out(tmp_path):
    def tier(name: str, rows: list[tuple[float, float, str]]) -> str:
        return f'"IntervalTier" "{name}" 0 9 {len(rows)} ' + " ".join(f'{a} {b} "{t}"' for a, b, t in rows) + "\n"

    spoken = [(0, 0.5, "I"), (0.5, 1, "do"), (1, 3, ""), (3, 3.4, 'say ""no""')]
    grid = '"ooTextFile" "TextGrid" 0 9 <exists> 2 ! a comment\n'
    captions, codes = read(
        tmp_path, "a.TextGrid", grid + tier("Ann - words", spoken) + tier("Ann - phones", [(0, 0.5, "AY1")])
    )
    assert told(captions) == [(0, 1000, "Ann", "I do"), (3000, 3400, "Ann", 'say "no"')]
    assert codes == ["tiers"]


def test_lines_without_times_are_spread_only_over_a_known_length(tmp_path):
    (tmp_path / "talk.json").write_text('[{"speaker": "A", "text": "four"}, {"speaker": "B", "text": "twelve chars"}]')
    assert read_script(str(tmp_path / "talk.json"), "x").clock == "lines"
    with pytest.raises(InputError, match="no times"):
        read_captions(tmp_path / "talk.json")
    captions, notices = read_captions(tmp_path / "talk.json", duration=8.0)
    assert told(captions) == [(0, 2000, "A", "four"), (2000, 8000, "B", "twelve chars")]
    assert [notice.code for notice in notices] == ["untimed"]


def test_dialogue_times_in_other_words(tmp_path):
    captions, codes = read(
        tmp_path, "a.csv", 'Speaker;Start Time;Utterance\nA;1:05,5;"Hi; you"\nB;70;Bye now then you\nC;oops;x\n'
    )
    assert told(captions) == [
        (65500, 70000, "A", "Hi; you"),
        (70000, 71600, "B", "Bye now then you"),
        (71600, 72000, "C", "x"),
    ]
    assert codes == ["times", "times"]
    captions, _ = read(tmp_path, "a.json", '[{"start_ms": 1500, "duration_ms": 500, "text": "a"}]')
    assert told(captions) == [(1500, 2000, None, "a")]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.json", '{"a": [1, 2]}', "text"),
        ("a.json", "[1, 2]", "list of objects"),
        ("a.json", '[{"text": "a"', "damaged JSON"),
        ("a.json", "[" * 100_000, "damaged JSON"),
        ("a.srt", "no times at all", "no line of"),
        ("a.TextGrid", '"ooTextFile" "TextGrid" 0 9 <exists> 1 "IntervalTier"', "cut off"),
        ("a.TextGrid", '"ooTextFile" "Pitch" 0 9', "no text TextGrid"),
        ("a.txt", "\n \n", "holds no line of text"),
        ("a.txt", "", "is empty"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, name, content, says):
    with pytest.raises(InputError, match=says):
        read(tmp_path, name, content)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dr. Smith came. He said: “Go!” Then 3.5 hours passed... and on?",
         ["Dr. Smith came.", "He said: “Go!”", "Then 3.5 hours passed...", "and on?"]),
        ("我很高兴。真的吗？「是的！」好", ["我很高兴。", "真的吗？", "「是的！」", "好"]),
        ("मैं खुश हूँ। तुम कैसे हो?", ["मैं खुश हूँ।", "तुम कैसे हो?"]),
        ("هل أنت بخير؟ نعم.", ["هل أنت بخير؟", "نعم."]),
        ("Oh no. No.\nNo stop here", ["Oh no.", "No.", "No stop here"]),
        ("J. K. Rowling wrote it. Ende z. B. hier.", ["J. K. Rowling wrote it.", "Ende z. B. hier."]),
    ],
)  # fmt: skip
def test_sentences_in_many_scripts(tmp_path, text, expected):
    (tmp_path / "a.txt").write_text(text)
    script = read_script(str(tmp_path / "a.txt"), "a.txt")
    assert [caption.text for caption in script.captions] == expected
    assert [(caption.start, caption.end) for caption in script.captions] == [(i, i + 1) for i in range(len(expected))]


@quick
@given(st.lists(st.sampled_from("ab. !?。\n\"'’éу3-"), min_size=1, max_size=200).map("".join))
def test_splitting_a_text_loses_nothing_but_blanks(tmp_path, text):
    if not text.strip():
        return
    (tmp_path / "a.txt").write_text(text)
    script = read_script(str(tmp_path / "a.txt"), "a.txt", "text")
    assert "".join("".join(c.text.split()) for c in script.captions) == "".join(text.split())


def test_sidecars_are_found_by_name_and_never_our_own_results(tmp_path):
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"x")
    assert find_sidecar(clip) is None
    (tmp_path / "clip.csv").write_text("speaker,text,start,end\nA,hi,0,1\n")
    (tmp_path / "other.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nhi\n")
    assert find_sidecar(clip) == tmp_path / "clip.csv"
    (tmp_path / "clip.json").write_text('{"schema": "mien.analysis/1", "affects": []}')
    (tmp_path / "clip.vtt").write_text(
        "WEBVTT\n\nNOTE Labels say what was shown or heard\n\n00:01.000 --> 00:02.000\nangry\n"
    )
    assert find_sidecar(clip) == tmp_path / "clip.csv"
    (tmp_path / "clip.en.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nhi\n")
    assert find_sidecar(clip) == tmp_path / "clip.en.srt"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.TextGrid", '"ooTextFile" "TextGrid" ! ' + '""' * 100_000 + '"'),
        ("a.TextGrid", '"ooTextFile" "TextGrid" ' + "1" * 300_000 + "x"),
        ("a.rttm", ";; x\n" + "\n" * 20_000 + "SPEAKERS"),
        ("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<v " * 200_000),
        ("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n<v" + " " * 200_000),
        ("a.srt", "1\n00:00:01,000 --> 00:00:02,000\n&#" + "9" * 5000 + ";\n"),
        ("a.txt", "a" + "." * 300_000 + "b " + "x" * 500_000),
        ("a.txt", "word " * 500_000),
        ("a.csv", "1" * 60_000 + "x,2\n" * 5),
        ("a.json", "[" + ",".join(f'{{"k{i}": 1, "text": "a", "start": {i}}}' for i in range(20_000)) + "]"),
        ("a.json", '[{"text": ' + "[" * 900 + "]" * 900 + "}]"),
        ("a.json", '[{"text": "a", "start": "' + "1" * 5000 + ':00:00"}]'),
        ("a.eaf", "<ANNOTATION_DOCUMENT>" + "<TIER/>" * 50_000 + "</ANNOTATION_DOCUMENT>"),
    ],
)
def test_texts_made_to_hang_a_parser_do_not(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    try:
        read_script(str(tmp_path / name), name)
    except InputError as error:
        assert str(error).startswith(f"{name}: ")
