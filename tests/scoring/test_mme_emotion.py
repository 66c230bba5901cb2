"""MME-Emotion: judged files, a judge, label match; tasks, floors, errors."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from mien.cli.score import command
from mien.errors import DataError, RequestError
from mien.scoring.judge import Tally
from mien.scoring.mme_emotion import score
from mien.scoring.mme_offline import read_level
from mien.scoring.mme_replies import REPLY_READERS, clamped, reply_reader
from mien.scoring.mme_tables import MERGED
from mien.scoring.mme_tasks import LEVELS, TASKS, common, find_task, split_labels
from mien.scoring.result import Options

PLAIN = Options(rounds=0)


def reply(*steps):
    return "<score>" + ", ".join(f"Step {n}: {step}" for n, step in enumerate(steps, start=1)) + "</score>"


def entry(number, label, judged=None, answer=None, **more):
    row = {"video_id": f"v{number}", "ground_truth": label, **more}
    if judged is not None:
        row["score"] = judged
    if answer is not None:
        row["model_response"] = answer
    return row


def write(folder, content, name="ER_Lab_model_eval.json"):
    path = folder / name
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def values(part):
    return {one.metric: one.value for one in part.scores}


def test_three_scores_and_their_categories(tmp_path):
    path = write(tmp_path, [entry(0, "angry", reply("1/1", "0/1", "1/1")), entry(1, "Anger", reply("0/1"))])
    (part,) = score(path, None, PLAIN).parts
    assert part.name == "ER-Lab"
    assert values(part) == {"recognition": 0.5, "reasoning": 0.25, "cot": 0.375, "steps": 2}
    assert dict(part.scores[0].per_class) == {"anger": 0.5}
    assert part.floors["majority"][0].value == 1 and part.floors["majority"][2].value == 0.5


@pytest.mark.parametrize(("alpha", "same"), [(0, "reasoning"), (1, "recognition")])
def test_alpha_at_its_ends(tmp_path, alpha, same):
    path = write(tmp_path, [entry(0, "sad", reply("1/1", "0/1", "1/1"))])
    found = values(score(path, None, replace(PLAIN, alpha=alpha)).parts[0])
    assert found["cot"] == found[same]
    with pytest.raises(RequestError, match="alpha is 2"):
        score(path, None, replace(PLAIN, alpha=2))


def test_alpha_from_the_command_line(tmp_path):
    path = write(tmp_path, [entry(0, "sad", reply("1/1", "0/1", "1/1"))])
    done = CliRunner().invoke(command, ["mme-emotion", str(path), "--alpha", "0.25", "--json", "--rounds", "0"])
    told = json.loads(done.stdout)
    found = {one["metric"]: one["value"] for one in told["parts"][0]["scores"]}
    assert told["settings"]["alpha"] == 0.25
    assert found["cot"] == pytest.approx(0.25 * found["recognition"] + 0.75 * found["reasoning"])
    with pytest.raises(RequestError, match="classification has no alpha; it is the weight of recognition"):
        CliRunner().invoke(command, ["classification", str(path), "--alpha", "1"], catch_exceptions=False)


def test_strange_replies_are_counted_and_never_crash(tmp_path):
    odd = ["<score>Step 1: 1/1,\nStep 2: 1/1</score>", "Step 1: 1/1", reply("2/1"), reply("1/0"), None, "<score>"]
    path = write(tmp_path, [entry(n, "sad", text) for n, text in enumerate(odd)], "SA_x.json")
    rows = [row | {"score": row.get("score")} for row in json.loads(path.read_text())]
    path.write_text(json.dumps(rows))
    result = score(path, None, PLAIN)
    whole, readable = result.parts
    assert readable.name == "SA, readable only"
    assert values(whole)["recognition"] == pytest.approx(2 / 6)
    assert values(readable)["recognition"] == pytest.approx(2 / 3)
    assert any("1 of 6 entries have no reply" in text for text in result.warnings)
    assert any("2 of 6 replies hold no readable score" in text for text in result.warnings)
    assert any("2 replies were mended" in text for text in result.warnings)
    skipped = score(path, None, Options(rounds=0, unreadable="skip"))
    assert values(skipped.parts[0])["recognition"] == pytest.approx(2 / 3)


def test_published_rules_exceed_one_where_the_default_does_not(tmp_path):
    path = write(tmp_path, [entry(0, "sad", reply("1/1", "3/10"))])
    path.write_text(json.dumps([entry(0, "sad", "<score>Step 1: 1/1, Step 2: 3/1</score>")]))
    assert values(score(path, None, PLAIN).parts[0])["recognition"] == 1
    published = score(path, None, Options(rounds=0, replicate="mme-emotion"))
    assert values(published.parts[0])["recognition"] == 3
    assert published.settings["unreadable"] == "skip"


def test_published_categories_merge_by_spelling_only(tmp_path):
    path = write(
        tmp_path,
        [entry(n, label, reply("1/1")) for n, label in enumerate(["happy", "happiness", "Happy"])],
        "ER_SL_Wild_x.json",
    )
    published = score(path, None, Options(rounds=0, replicate="mme-emotion")).parts[0]
    assert set(published.scores[0].per_class) == {"happiness", "Happy"}
    assert set(score(path, None, PLAIN).parts[0].scores[0].per_class) == {"happiness"}


def test_overall_pools_entries_and_the_mean_of_tasks_stands_beside(tmp_path):
    content = {
        "ER-Lab": [entry(n, "sad", reply("1/1")) for n in range(3)],
        "IR": [entry(0, "agreeing", reply("0/1"))],
    }
    result = score(write(tmp_path, content, "all.json"), None, PLAIN)
    assert [part.name for part in result.parts] == ["ER-Lab", "IR", "mean of tasks"]
    assert result.overall[0].value == 0.75
    assert values(result.parts[-1])["recognition"] == 0.5


def test_a_column_for_the_task_goes_before_that_of_the_data_set(tmp_path):
    rows = [
        entry(0, "sad", reply("1/1"), dataset="IEMOCAP", task="er-lab"),
        entry(1, "agreeing", reply("1/1"), task="IR"),
    ]
    names = [part.name for part in score(write(tmp_path, rows, "all.json"), None, PLAIN).parts]
    assert names == ["ER-Lab", "IR", "mean of tasks"]


def test_the_merged_spellings_are_those_of_the_label_space():
    assert {common(old): common(new) for old, new in MERGED.items()} == {
        common(new): common(new) for new in MERGED.values()
    }


def test_a_folder_with_one_file_per_task(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    for name in ("FG_SA_m_eval.json", "ER_SL_Wild_m_eval.json", "ML_ER_m_eval.json"):
        write(folder, [entry(0, "neutral", reply("1/1"))], name)
    names = [part.name for part in score(folder, None, PLAIN).parts]
    assert names == ["ER-Wild", "ML-ER", "FG-SA", "mean of tasks"]


def test_naming_everything_has_recall_one_and_shows_its_precision(tmp_path):
    everything = ", ".join(TASKS["ML-ER"].labels)
    path = write(tmp_path, [entry(0, "anger, sadness", answer=everything)], "ML_ER.json")
    (part,) = score(path, None, PLAIN).parts
    found = values(part)
    assert found["recognition"] == 1
    assert found["samples_precision"] == pytest.approx(2 / len(TASKS["ML-ER"].labels))
    assert {one.metric: one.value for one in part.floors["names every label"]}["recognition"] == 1


def test_without_a_judge_labels_are_matched_and_said_so(tmp_path):
    rows = [
        entry(0, "happy", answer="She smiles. She is joyful."),
        entry(1, "sad", answer="not sad"),
        entry(2, "angry", answer="angry or sad"),
    ]
    result = score(write(tmp_path, rows), None, Options(rounds=0, keep=True))
    assert result.process.startswith("rule: label match")
    assert values(result.parts[0]) == {"recognition": pytest.approx(1 / 3), "steps": pytest.approx(4 / 3)}
    assert [one.credit for one in result.parts[0].readings] == [1, 0, 0]
    assert any("2 of 3 answers name no label or several" in text for text in result.warnings)


def test_levels_of_fine_sentiment(tmp_path):
    rows = [
        entry(0, "strong positive", answer="It is positive."),
        entry(1, "weak negative", answer="slightly negative"),
        entry(2, "neutral", answer="None"),
    ]
    (part,) = score(write(tmp_path, rows, "FG_SA.json"), None, PLAIN).parts
    found = values(part)
    assert found["recognition"] == pytest.approx(1 / 3)
    assert found["accuracy_within_1"] == pytest.approx(2 / 3)


@given(st.sampled_from(LEVELS))
def test_every_level_reads_as_itself(level):
    assert read_level(f"The sentiment is {level}.").label == level


class Judge:
    """Splits into two steps, gives every step 1, cannot read one clip."""

    process, settings = "model: test", {"model": "test"}

    def __init__(self):
        self.tally, self.roles = Tally(), []

    def ask_many(self, role, prompts):
        self.roles += [role] * len(prompts)
        return [self.one(role, prompt) for prompt in prompts]

    def forget(self, role, prompt):
        pass

    def one(self, role, prompt):
        if role == "split":
            return "<step>\nStep 1: a smile\nStep 2: The emotion is: happy\n</step>"
        if "mumble" in prompt:
            return "?"
        return reply(*["1/1"] * prompt.rsplit("Steps:", 1)[1].count("Step "))


def test_a_judge_grades_the_answers_own_steps(tmp_path):
    rows = [entry(0, "happy", answer="A smile. She is happy."), entry(1, "sad", answer="mumble")]
    judge = Judge()
    result = score(write(tmp_path, rows), None, PLAIN, judge=judge)
    assert result.process == "model: test" and result.settings["steps"] == "native"
    assert set(judge.roles) == {"grade"}
    assert values(result.parts[0])["recognition"] == 0.5
    assert any("no audio clue" in text for text in result.warnings)
    assert any("label match, the offline rule" in text for text in result.warnings)


def test_the_published_process_extracts_steps(tmp_path):
    judge = Judge()
    options = Options(rounds=0, replicate="mme-emotion")
    result = score(write(tmp_path, [entry(0, "happy", answer="happy")]), None, options, judge=judge)
    assert judge.roles == ["split", "grade"]
    assert values(result.parts[0])["steps"] == 2


def test_steps_of_the_file_are_used(tmp_path):
    judge = Judge()
    step = "<step>Step 1: one. Step 2: two. Step 3: The emotion is happy.</step>"
    result = score(write(tmp_path, [entry(0, "happy", answer="x", step=step)]), None, PLAIN, judge=judge)
    assert values(result.parts[0])["steps"] == 3


def test_reference_joins_and_counts(tmp_path):
    reference = write(tmp_path, [entry(0, "happy"), entry(1, "sad")], "reference.json")
    answers = write(tmp_path, [{"id": "v0", "answer": "happy"}, {"id": "v9", "answer": "sad"}], "answers.json")
    result = score(answers, reference, PLAIN)
    assert values(result.parts[0])["recognition"] == 0.5
    assert any("1 of 2 questions have no answer (v1)" in text for text in result.warnings)
    assert any("(v9)" in text for text in result.warnings)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"video_id": "a", "score": "x"}], "row 1: has no column for the label"),
        ([entry(0, "", "x")], "'v0' has an empty reference label"),
        ([entry(0, "sad"), entry(0, "sad")], "row 2: the id 'v0' was there before, in row 1"),
        ([{"ground_truth": "sad"}], "no column for the id"),
    ],
)
def test_bad_rows(tmp_path, rows, words):
    with pytest.raises(DataError, match=words):
        score(write(tmp_path, rows), None, PLAIN)


def test_published_rules_need_replies(tmp_path):
    with pytest.raises(RequestError, match="need a judge"):
        score(write(tmp_path, [entry(0, "sad", answer="sad")]), None, Options(replicate="mme-emotion"))


def test_unknown_names():
    with pytest.raises(RequestError, match="clamped, strict, fraction"):
        reply_reader("lax")
    assert find_task("nothing known") is None
    assert find_task("er lab").name == "ER-Lab"


@given(st.text(max_size=120))
def test_no_reply_breaks_a_reader(text):
    for read in REPLY_READERS.values():
        found = read(f"<score>{text}</score>")
        assert found is None or all(value >= 0 for value in found.values)
    found = clamped(text)
    assert found is None or all(0 <= value <= 1 for value in found.values)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 4)), min_size=1, max_size=8))
def test_readers_agree_on_plain_fractions(pairs):
    text = reply(*(f"{min(a, b)}/{b}" for a, b in pairs))
    expected = tuple(min(a, b) / b for a, b in pairs)
    assert clamped(text).values == REPLY_READERS["fraction"](text).values == expected


def test_spellings():
    assert common("Happy") == common("joy") == "happiness"
    assert split_labels("Fear; Anger，Fear") == ("Fear", "Anger")
