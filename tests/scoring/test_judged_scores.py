"""Benchmarks scored with a judge, from files to result: the process is named, failures are counted, a rerun is free."""

import json
import re
import sys

import pytest
from tests.scoring.endpoint_server import FakeEndpoint, completion, says, status

from mien.errors import RequestError
from mien.scoring.benchmarks import score

MOODS = ("happy", "sad", "angry", "worried")


def reply(content):
    """What a helpful model would say to each of our prompts."""
    text = content if isinstance(content, str) else content[0]["text"]
    material = text[text.index("is material to look at") :]
    named = [mood for mood in MOODS if mood in material]
    if "in square brackets, commas between them" in text:
        return f"<think>Is it angry? No.</think>[{', '.join(named)}]"
    if "groups of the same meaning" in text:
        return json.dumps([[word] for word in json.loads(re.search(r"\n(\[.*\])\n", material).group(1))])
    if "positive, negative or neutral" in text:
        return "positive" if named == ["happy"] else "negative"
    if "Score: N" in text:
        return "Much the same.\nScore: 7"
    if "Break the answer into its steps" in text:
        return f"<step>Step 1: He moves.\nStep 2: The emotion is: {named[0]}</step>"
    steps = re.findall(r"Step (\d+):", material)
    right = re.search(r"Correct \w+:\n-+\n(\w+)", material).group(1) in material.split("Step", 1)[1]
    scores = [f"Step {n}: {int(right) if n == steps[-1] else 1}/1" for n in steps]
    return f"<score>{', '.join(scores)}</score>"


@pytest.fixture
def server():
    fake = FakeEndpoint(reply)
    yield fake
    fake.close()


@pytest.fixture
def run(server, tmp_path):
    """Score rows against rows, with the judge at the server."""

    def go(name, answers, truth=None, **options):
        (tmp_path / "answers.jsonl").write_text("\n".join(map(json.dumps, answers)), encoding="utf-8")
        if truth is not None:
            (tmp_path / "truth.jsonl").write_text("\n".join(map(json.dumps, truth)), encoding="utf-8")
        asked = {"judge": server.url, "model": "m", "cache": str(tmp_path / "cache"), "rounds": 0, **options}
        return score(name, tmp_path / "answers.jsonl", tmp_path / "truth.jsonl" if truth else None, **asked)

    return go


FREE = [
    {"id": "1", "answer": "He beams; he must be happy."},
    {"id": "2", "answer": "She weeps and is sad, I think."},
    {"id": "3", "answer": ""},
]
LISTS = [
    {"id": "1", "openset": ["happy"]},
    {"id": "2", "openset": ["sad", "worried"]},
    {"id": "3", "openset": ["angry"]},
]


def values(result, part=0):
    return {one.metric: one.value for one in result.parts[part].scores}


def test_open_sets_by_a_judge(run, server):
    result = run("mer-unibench", FREE, LISTS)
    assert result.process.startswith(f"model: m at {server.url}") and result.settings["temperature"] == 0
    assert result.settings["model"] == "m" and values(result)["openset_precision"] == pytest.approx(2 / 3)
    assert any("offline rule beside the judge, labels: same 1.000" in text for text in result.warnings)
    asked = len(server.bodies)
    again = run("mer-unibench", FREE, LISTS)
    assert len(server.bodies) == asked and again == result


def test_sentiment_by_a_judge(run):
    truth = [{"id": "1", "label": 0.5}, {"id": "2", "label": -1.0}, {"id": "3", "label": 0.2}]
    result = run("mer-unibench", FREE, truth)
    assert values(result)["waf"] < 1 and any("polarity" in text for text in result.warnings)


def test_a_failed_reply_is_wrong_and_not_neutral(run, server):
    server.faults = [says(completion(None, refusal="no"))]
    truth = [{"id": "1", "label": -0.5}, {"id": "2", "label": -1.0}]
    result = run("mer-unibench", FREE[:2], truth, jobs=1)
    assert any(
        "1 answers are none of positive, negative, neutral; counted as wrong" in text for text in result.warnings
    )


def test_emer_by_a_judge(run):
    truth = [{**row, "reasons": "He seems to be " + " and ".join(row["openset"])} for row in LISTS]
    result = run("emer", FREE, truth)
    assert "the judge" in result.process and result.settings["groups"] == "the judge"
    judged = next(part for part in result.parts if part.name == "judged overlap")
    assert {one.metric: one.value for one in judged.scores} == {"clue_overlap": 7.0, "label_overlap": 7.0}
    assert any("beside the judge, groups" in text for text in result.warnings)


MME = [
    {"video_id": "1", "task": "ER-Lab", "label": "happy", "response": "He beams.\nSo he is happy."},
    {"video_id": "2", "task": "ER-Lab", "label": "sad", "response": "She shouts.\nShe is angry."},
]


@pytest.mark.parametrize("options", [{}, {"replicate": "mme-emotion"}])
def test_mme_emotion_by_a_judge(run, options):
    result = run("mme-emotion", MME, **options)
    found = values(result)
    assert (found["recognition"], found["reasoning"], found["cot"]) == (0.5, 1.0, 0.75)
    assert result.process.startswith("model: m at")


def test_a_failing_judge_is_counted_and_the_next_run_asks_only_what_is_missing(run, server):
    server.faults = [says(completion(None, refusal="no")), status(400, "too long")]
    result = run("mer-unibench", FREE, LISTS, jobs=1)
    assert sum("questions to the judge failed (first: extract: " in text for text in result.warnings) == 2
    server.bodies.clear()
    again = run("mer-unibench", FREE, LISTS, jobs=1)
    assert len(server.bodies) == 2 and not any("failed" in text for text in again.warnings)


def test_a_wrong_key_ends_in_one_line(run, server):
    server.faults = [status(401)] * 20
    with pytest.raises(RequestError, match="refuses the key"):
        run("mer-unibench", FREE, LISTS, jobs=1)
    assert len(server.bodies) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="written for a POSIX shell")
def test_a_command_gets_json_lines_and_answers_json_lines(run, tmp_path):
    (tmp_path / "judge.py").write_text(
        "import json, sys\n"
        "for line in sys.stdin:\n"
        "    q = json.loads(line)\n"
        "    steps = q['prompt'].rsplit('Steps:', 1)[1].count('Step ')\n"
        "    scores = ', '.join(f'Step {n + 1}: 1/1' for n in range(steps))\n"
        "    print(json.dumps({'id': q['id'], 'answer': f'<score>{scores}</score>'}))\n"
    )
    result = run("mme-emotion", MME, judge=f"command:{sys.executable} {tmp_path / 'judge.py'}", model=None)
    assert result.process.startswith("program: ") and values(result)["recognition"] == 1.0
