"""A judgment set for one's own images: votes, statements, refinement by people, prototypes by a judge."""

import json
from collections import Counter

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from mien.cli.score import command
from mien.errors import DataError
from mien.scoring.judge import Tally
from mien.scoring.mvei_build import build
from mien.scoring.mvei_items import FAMILIES, read_judgments
from mien.scoring.mvei_labels import Mention, elect, quota
from mien.scoring.mvei_refine import read_votes, refine, refine_file
from mien.scoring.mvei_statements import polarity_claims
from mien.scoring.mvei_tree import SECONDARY, opposite, place
from mien.scoring.records import read_rows

WORDS = ["happy", "lonely", "fearful", "proud", "angry", "calm", "ashamed", "amused", "worried", "hopeful"]


def table(folder, images=10, prototypes=True):
    """Ten images with two to five labels each."""
    lines = ["image,word,cause,situation,person,similar"]
    for image in range(images):
        for k in range(2 + image % 4):
            word = WORDS[(image + 3 * k) % len(WORDS)]
            told = (f"cause {image}-{k}", f"at scene {image}-{k}", f"a person {image}-{k}") if prototypes else ("",) * 3
            lines.append(f"img{image},{word},{','.join(told)},img{(image + 1) % images}")
    path = folder / "labels.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_every_image_has_exactly_one_right_polarity_claim(tmp_path):
    made = build(table(tmp_path))
    claims = [one for one in made.statements if one.family == FAMILIES[0]]
    right = Counter(one.image for one in claims if one.label == "correct")
    assert set(right.values()) == {1} and len(right) == 10
    assert Counter(one.image for one in claims) == {f"img{n}": 3 for n in range(10)}


def test_counts_are_told_and_balanced(tmp_path):
    made = build(table(tmp_path))
    assert made.counts()[FAMILIES[0]] == (10, 20)
    for family in FAMILIES[1:]:
        right, wrong = made.counts()[family]
        assert right == sum(len(image.words) for image in made.images)
        assert 0 < wrong <= right
    assert all(family in str(made) for family in FAMILIES)


def test_no_emotion_with_its_own_cause_is_incorrect(tmp_path):
    made = build(table(tmp_path))
    own = {(image.id, word.word, word.cause) for image in made.images for word in image.words}
    for one in made.statements:
        if one.family == FAMILIES[1]:
            pair = [
                (i, w, c) for i, w, c in own if i == one.image and f'"{w}"' in one.text and f"because {c}." in one.text
            ]
            assert bool(pair) == (one.label == "correct"), one


def test_flipped_words_are_not_among_the_labels(tmp_path):
    for image in (made := build(table(tmp_path))).images:
        mine = {word.category for word in image.words}
        for one in made.statements:
            if one.image == image.id and one.subclass == "polarity flipped":
                named = one.text.rsplit('"', 2)[1]
                assert place(named).secondary not in mine


def test_equal_seeds_give_equal_bytes(tmp_path):
    first, again = (
        build(table(tmp_path), tmp_path / "a.json", seed=3),
        build(table(tmp_path), tmp_path / "b.json", seed=3),
    )
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert first == again
    assert any(build(table(tmp_path), seed=seed).statements != first.statements for seed in range(4, 9))


def test_the_file_is_one_that_the_scorer_reads(tmp_path):
    made = build(table(tmp_path), tmp_path / "set.json")
    items = read_judgments(read_rows(tmp_path / "set.json"), "set.json", labelled=True)
    assert [one.statement for one in items] == [one.text for one in made.statements]
    assert len({one.id for one in items}) == len(items)


def test_labels_alone_give_polarity_claims_alone(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text('image,emotions\na,"happy, sad"\nb,joyful\n', encoding="utf-8")
    made = build(path)
    assert {one.family for one in made.statements} == {FAMILIES[0]}
    assert any("have no cause" in text for text in made.warnings)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("image,mood\na,sad\n", "no column for the word"),
        ("picture,word\n,sad\n", "row 1: the image is empty"),
        ("image,word\na,\n", "row 1: the word is empty"),
        ("image,word,polarity\na,sad,bad\n", "row 1: the polarity is 'bad'; allowed: positive, negative"),
        ("image,word\na,table\nb,chair\n", "none of its words is a known emotion"),
    ],
)
def test_bad_tables(tmp_path, text, words):
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=words):
        build(path)


def test_quota_of_the_figure():
    assert [quota(votes, 4) for votes in (4, 3, 1)] == [3, 1, 0]


@given(st.integers(1, 30), st.integers(1, 30))
def test_more_votes_never_keep_fewer_words(votes, voters):
    assert 0 <= quota(votes, voters) <= quota(votes + 1, voters) <= 3


def said(source, word, category, row):
    return Mention("a", word, category, "negative", source=source, row=row)


def test_models_vote_per_category_and_frequent_words_win():
    mentions = [said(f"m{n}", "sad", "sadness", n) for n in range(4)]
    mentions += [
        said("m0", "gloomy", "sadness", 10),
        said("m1", "gloomy", "sadness", 11),
        said("m2", "woe", "sadness", 12),
    ]
    mentions += [said("m3", "grief", "sadness", 13), said("m0", "envious", "envy", 14)]
    assert [one.word for one in elect(mentions)] == ["sad", "gloomy", "woe"]
    assert [one.word for one in elect([said("", "sad", "sadness", 1), said("", "envious", "envy", 2)])] == [
        "sad",
        "envious",
    ]


def test_tree_is_whole():
    assert len(SECONDARY) == 25
    for category in SECONDARY:
        assert place(opposite(category)).polarity != place(category).polarity


def test_no_labels_give_no_claims():
    assert polarity_claims([]) is None


def test_refinement_keeps_turns_and_drops(tmp_path):
    build(table(tmp_path, images=2), tmp_path / "set.json")
    items = read_judgments(read_rows(tmp_path / "set.json"), "set", labelled=True)
    votes = {
        one.id: [True] * agree + [False] * (5 - agree) for one, agree in zip(items, (5, 4, 3, 2, 1, 0), strict=False)
    }
    left = refine(items, votes)
    ids = [one.id for one in items]
    assert left.dropped == (ids[2], ids[3]) and left.turned == (ids[4], ids[5])
    assert [one.id for one in left.items] == [ids[0], ids[1], ids[4], ids[5]]
    assert left.items[2].label != items[4].label
    assert len(left.unrated) == len(items) - 6
    assert left.accuracy["overall"] == 0.5


def test_votes_from_a_file(tmp_path):
    path = tmp_path / "votes.csv"
    path.write_text("id,rater,agree\na,r1,yes\na,r2,no\n", encoding="utf-8")
    assert read_votes(path) == {"a": [True, False]}
    path.write_text("id,rater,agree\na,r1,yes\na,r1,no\n", encoding="utf-8")
    with pytest.raises(DataError, match="row 2: the rater 'r1' votes twice on 'a'"):
        read_votes(path)
    path.write_text("id,rater,agree\na,r1,perhaps\n", encoding="utf-8")
    with pytest.raises(DataError, match="the vote is 'perhaps'; allowed: 1, true, yes"):
        read_votes(path)
    build(table(tmp_path), tmp_path / "set.json")
    path.write_text("id,rater,agree\nzz,r1,yes\n", encoding="utf-8")
    with pytest.raises(DataError, match="none of its ids"):
        refine_file(tmp_path / "set.json", path)


class Writer:
    """A judge that writes the three lines, and fails for one label."""

    process, settings = "program: writer", {}

    def __init__(self):
        self.tally, self.asked = Tally(), []

    def ask_many(self, role, prompts):
        self.asked += prompts
        told = "Cause: a dog runs\nSituation: on a walk\nPerson: a child"
        return ["no" if "lonely" in prompt.text else told for prompt in prompts]

    def forget(self, role, prompt):
        pass


def test_a_judge_writes_what_is_missing_where_the_image_is_there(tmp_path):
    path = table(tmp_path, images=2, prototypes=False)
    (tmp_path / "img0.png").write_bytes(b"\x89PNG")
    judge = Writer()
    made = build(path, judge=judge)
    assert judge.asked and all(prompt.pictures == (tmp_path / "img0.png",) for prompt in judge.asked)
    assert {one.image for one in made.statements if one.family == FAMILIES[1]} == {"img0"}
    assert any("1 images are not in" in text for text in made.warnings)


def test_command_builds_and_refines(tmp_path):
    path, out = table(tmp_path), tmp_path / "set.json"
    done = CliRunner().invoke(command, ["mvei", str(path), "--build", str(out), "--json", "--quiet"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["images"] == 10
    votes = tmp_path / "votes.csv"
    votes.write_text("id,rater,agree\n" + "".join(f"img0,r{n},yes\n" for n in range(5)), encoding="utf-8")
    left = tmp_path / "left.json"
    done = CliRunner().invoke(command, ["mvei", str(out), "--reference", str(votes), "--build", str(left), "--quiet"])
    assert done.exit_code == 0, done.output
    assert "1 kept, 0 turned, 0 dropped" in done.stdout
