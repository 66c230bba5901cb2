"""A judge behind an OpenAI-compatible endpoint: what is asked, what is kept, and every way the other side fails."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from email.utils import formatdate
from pathlib import Path

import pytest
from tests.scoring.endpoint_server import FakeEndpoint, completion, drops, half, raw, reset, says, silent, status

from mien.errors import MienError, RequestError
from mien.scoring.endpoint import Endpoint
from mien.scoring.judge import IN_A_ROW, Asker, Failure, JudgeError, WithPictures, open_judge, told
from mien.scoring.replies import Replies
from mien.scoring.result import Options

KEY = "sk-secret-4711"


class Time:
    """A clock that only sleeping moves; several threads may sleep on it."""

    def __init__(self):
        self.now, self.slept = 0.0, []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def clock(self):
        return self.now


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("MIEN_JUDGE_KEY", KEY)
    fake = FakeEndpoint()
    yield fake
    fake.close()


@pytest.fixture
def ask(server, tmp_path):
    """A judge at the server, with a clock of its own, one question at a time unless told otherwise."""

    def make(jobs=1, tries=5, limit=5.0, seed=0, model="m", cache=True):
        machine = Endpoint(server.url, model, seed=seed, limit=limit)
        kept = Replies(tmp_path / "cache", machine.settings) if cache else None
        time_ = Time()
        judge = Asker(machine, kept, jobs=jobs, tries=tries, sleep=time_.sleep, clock=time_.clock, chance=lambda: 0.0)
        judge.time = time_
        return judge

    return make


def test_the_request_is_the_protocols_own(server, ask):
    assert ask(seed=7).ask("extract", "he smiles") == "HE SMILES"
    (body,) = server.bodies
    assert body["path"] == "/v1/chat/completions"
    assert body["messages"] == [{"role": "user", "content": "he smiles"}]
    assert (body["model"], body["temperature"], body["seed"]) == ("m", 0, 7)
    assert body["headers"]["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("ending", ["", "/", "/chat/completions", "/chat/completions/?version=2"])
def test_the_address_may_be_written_in_full(server, ending):
    machine = Endpoint(server.url + ending, "m", seed=0, limit=5)
    assert Asker(machine, None).ask("x", "a") == "A" and machine.settings["judge"] == server.url
    assert server.bodies[0]["path"].startswith("/v1/chat/completions") and "/?" not in server.bodies[0]["path"]


def test_answers_come_in_the_order_of_the_prompts_and_equal_prompts_cost_one_request(server, ask):
    prompts = [f"p{i % 40}" for i in range(100)]
    assert ask(jobs=8).ask_many("x", prompts) == [p.upper() for p in prompts]
    assert len(server.bodies) == 40


def test_a_rerun_costs_nothing_and_another_question_does(server, ask):
    ask().ask_many("x", ["a", "b"])
    judge = ask()
    assert judge.ask_many("x", ["a", "b"]) == ["A", "B"]
    assert len(server.bodies) == 2 and judge.tally.remembered == 2 and judge.tally.answered == 0
    for other in (ask(seed=1), ask(model="n")):
        other.ask("x", "a")
    ask().ask("y", "a")
    assert len(server.bodies) == 5


def test_a_damaged_memory_is_asked_again(server, ask, tmp_path):
    ask().ask("x", "a")
    (kept,) = (tmp_path / "cache").rglob("*.json")
    for content in ("", "{", "[]", '{"prompt": "other", "role": "x", "answer": "B"}', '{"prompt": "a", "role": "x"}'):
        kept.write_text(content)
        assert ask().ask("x", "a") == "A"
    assert len(server.bodies) == 6


def test_the_key_is_neither_kept_nor_told(server, ask, tmp_path):
    server.faults = [status(500), status(401, "bad key " + "x" * 500)]
    judge = ask()
    with pytest.raises(RequestError) as caught:
        judge.ask_many("x", ["a"])
    judge.ask("x", "b")
    kept = "".join(path.read_text() for path in (tmp_path / "cache").rglob("*") if path.is_file())
    assert kept and KEY not in kept + str(caught.value) + judge.process + str(judge.settings) + repr(judge.tally)


def test_a_wrong_key_ends_the_run_at_once_with_one_line(server, ask):
    server.faults = [status(401, "Incorrect API key")] * 50
    with pytest.raises(RequestError, match=r"refuses the key \(HTTP 401\); set MIEN_JUDGE_KEY") as caught:
        ask().ask_many("x", list("abcdefgh"))
    assert len(server.bodies) == 1 and "\n" not in str(caught.value) and caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (status(404, "model m not found"), "model m not found"),
        (status(302, Location="http://127.0.0.1:9/"), "elsewhere"),
    ],
)
def test_a_wrong_address_or_model_ends_the_run(server, ask, fault, said):
    server.faults = [fault]
    with pytest.raises(RequestError, match=said):
        ask().ask("x", "a")
    assert len(server.bodies) == 1


@pytest.mark.parametrize(
    "fault",
    [
        *(status(code) for code in (408, 409, 429, 500, 502, 503, 529)),
        *(
            raw(data)
            for data in (b"", b"<html>", b'{"choices": [', b"[]", b"null", b'{"choices": []}', b"\xff\xfe\x00")
        ),
        *(
            says(held)
            for held in ({"choices": [{"message": {}}]}, {"choices": [None]}, completion(""), completion(None))
        ),
        half,
        reset,
    ],
)
def test_what_may_pass_is_asked_again_with_growing_waits(server, ask, fault):
    server.faults = [fault, fault]
    judge = ask()
    assert judge.ask("x", "a") == "A"
    assert judge.time.slept == [1.0, 2.0] and judge.tally.repeated == 2 and not judge.tally.failures


def test_silence_and_drops_are_bounded(server, ask):
    release = threading.Event()
    server.faults = [silent(release), drops(release)]
    began = time.monotonic()
    assert ask(limit=0.2).ask("x", "a") == "A"
    release.set()
    assert len(server.bodies) == 3 and time.monotonic() - began < 5


def test_jitter_shortens_a_wait_by_at_most_half(server, ask):
    server.faults = [status(500)] * 4
    judge = ask()
    judge._chance = lambda: 1.0
    judge.ask("x", "a")
    assert judge.time.slept == [0.5, 1.0, 2.0, 4.0]


def test_retry_after_is_kept_to_as_seconds_and_as_date(server, ask):
    date = formatdate(time.time() + 30, usegmt=True)
    server.faults = [status(429, Retry_After="17"), status(503, Retry_After=date), status(429, Retry_After="soon")]
    judge = ask()
    assert judge.ask("x", "a") == "A"
    first, second, third = judge.time.slept
    assert 17 <= first < 18 and 27 <= second < 32 and third == 4.0


def test_retry_after_holds_all_questions_back(server, ask):
    server.faults = [status(429, Retry_After="40")]
    judge = ask()
    assert judge.ask_many("x", ["a", "b"]) == ["A", "B"]
    assert judge.time.slept[0] == pytest.approx(40) and server.prompts == ["a", "b", "a"]


def test_a_wait_beyond_patience_is_a_failure_that_says_so(server, ask):
    server.faults = [status(429, "daily limit", Retry_After="86400")]
    judge = ask()
    (found,) = judge.ask_many("x", ["a"])
    assert isinstance(found, Failure) and "daily limit" in found.why and judge.time.slept == []


def test_failures_are_listed_and_the_rest_is_answered(server, ask):
    server.faults = [status(500, "overloaded")] * 3
    judge = ask(tries=3)
    assert judge.ask_many("x", ["a"]) == [Failure("x", "answers HTTP 500: overloaded", 3)]
    assert judge.ask_many("x", ["a", "b"]) == ["A", "B"]
    assert told(judge) == ("1 questions to the judge failed (first: x: answers HTTP 500: overloaded (asked 3 times))",)
    server.faults = [status(500)] * 3
    with pytest.raises(JudgeError, match="HTTP 500"):
        judge.ask("x", "c")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (status(400, "too long"), "too long"),
        (status(422), "HTTP 422"),
        (says(completion(None, refusal="I won't")), "refused to answer .I won't."),
        (says(completion("", "content_filter")), "content filter"),
        (says(completion("half a", "length")), "cut off at"),
        (raw(b" " * (5 << 20)), "more than 4 MiB"),
    ],
)
def test_what_will_not_pass_is_not_asked_again(server, ask, fault, said):
    server.faults = [fault]
    with pytest.raises(JudgeError, match=said):
        ask().ask("x", "a")
    assert len(server.bodies) == 1


def test_settings_that_a_model_refuses_are_left_out(server, ask):
    server.faults = [
        status(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."),
        status(400, "'temperature' does not support 0"),
    ]
    judge = ask()
    assert judge.ask_many("x", ["a", "b"]) == ["A", "B"]
    last = server.bodies[-1]
    assert "max_completion_tokens" in last and not {"max_tokens", "temperature"} & last.keys() and last["seed"] == 0
    assert len(server.bodies) == 4 and judge.time.slept == []


def test_no_more_questions_at_once_than_jobs(server, ask):
    server.hold.clear()
    judge = ask(jobs=3)
    done = []
    thread = threading.Thread(target=lambda: done.append(judge.ask_many("x", [str(i) for i in range(12)])))
    thread.start()
    while server.now < 3:
        time.sleep(0.005)
    server.hold.set()
    thread.join(10)
    assert server.busiest == 3 and len(done[0]) == 12


def test_failures_of_one_kind_are_one_line_with_their_count(server, ask):
    server.faults = [status(400, f"reason {n}") for n in range(7)] + [status(422)]
    judge = ask()
    judge.ask_many("x", [str(n) for n in range(8)])
    assert [line[:40] for line in told(judge)] == [
        "7 questions to the judge failed (first: ",
        "1 questions to the judge failed (first: ",
    ]


def test_a_watcher_hears_how_it_gets_on(server, ask):
    heard = []
    judge = ask()
    judge._watch = lambda *news: heard.append(news)
    judge.ask_many("x", ["a", "b", "a"])
    judge.ask_many("x", ["a", "b"])
    assert heard == [("x", 1, 2), ("x", 2, 2)]


def test_a_dead_server_is_not_asked_for_ever(server, ask):
    server.faults = [status(500, "down")] * 1000
    judge = ask(tries=2)
    found = judge.ask_many("x", [str(i) for i in range(50)])
    assert all(isinstance(one, Failure) for one in found) and len(server.bodies) <= 2 * 50
    assert sum("not asked after" in one.why and "down" in one.why for one in found) == 50 - IN_A_ROW


def test_nobody_at_the_address(tmp_path):
    machine = Endpoint("http://127.0.0.1:9/v1", "m", seed=0, limit=1)
    (found,) = Asker(machine, None, tries=1).ask_many("x", ["a"])
    assert isinstance(found, Failure) and "cannot be reached" in found.why


def test_pictures_are_shown_and_their_content_decides_the_memory(server, ask, tmp_path):
    server.reply = lambda content: str(len(content))
    picture = tmp_path / "f.jpg"
    picture.write_bytes(b"\xff\xd8\xff first")
    shown = WithPictures("look", (picture,))
    ask().ask("x", shown)
    ask().ask("x", shown)
    text, image = server.prompts[0]
    assert text == {"type": "text", "text": "look"} and image["image_url"]["url"].startswith("data:image/jpeg;base64,")
    picture.write_bytes(b"\xff\xd8\xff second")
    ask().ask("x", shown)
    assert len(server.bodies) == 2


@pytest.mark.parametrize("content", [None, b"no picture"])
def test_a_picture_that_cannot_be_shown_fails_alone(server, ask, tmp_path, content):
    if content:
        (tmp_path / "f.jpg").write_bytes(content)
    found = ask().ask_many("x", [WithPictures("look", (tmp_path / "f.jpg",)), "b"])
    assert isinstance(found[0], Failure) and "f.jpg" in found[0].why and found[1] == "B"


def test_memory_that_cannot_be_written_is_said(server, ask, tmp_path):
    (tmp_path / "cache").write_text("a file, no folder")
    with pytest.raises(MienError, match="cannot be written"):
        ask().ask("x", "a")


def test_unusual_text_survives(server, ask):
    server.reply = lambda text: text
    for text in ("高兴，难过", "\u2028\x00\U0001f600", "a" * 200_000):
        assert ask().ask("x", text) == ask().ask("x", text) == text


@pytest.mark.parametrize(
    "spec",
    [
        "nobody",
        "",
        "ftp://x/v1",
        "command:",
        "pipe: ",
        "http://",
        "http://user:pw@host/v1",
        "http://h:notaport/",
        "http://a b/",
    ],
)
def test_what_is_no_judge(spec):
    with pytest.raises(RequestError):
        open_judge(Options(judge=spec, model="m"))


def test_none_is_no_judge_and_a_url_needs_a_model():
    assert open_judge(Options()) is None and told(None) == ()
    with pytest.raises(RequestError, match="--model"):
        open_judge(Options(judge="http://localhost:1/v1"))


RUN = """
import sys
from mien.scoring.judge import open_judge
from mien.scoring.result import Options
judge = open_judge(Options(judge=sys.argv[1], model="m", cache=sys.argv[2], jobs=2))
try:
    judge.ask_many("x", [str(i) for i in range(10)])
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_goes_on_where_it_was(server, ask, tmp_path, how):
    release = threading.Event()
    plain = lambda handler: handler.send(200, completion("done"))  # noqa: E731
    server.faults = [plain] * 6 + [silent(release)] * 2
    run = subprocess.Popen(
        [sys.executable, "-c", RUN, server.url, str(tmp_path / "cache")],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")},
    )
    while len(server.bodies) < 8:
        time.sleep(0.01)
    run.send_signal(how)
    assert run.wait(10) == (130 if how == signal.SIGINT else -signal.SIGKILL)
    release.set()
    server.bodies.clear()
    judge = ask()
    found = judge.ask_many("x", [str(i) for i in range(10)])
    assert len(server.bodies) == 4 and found.count("done") == 6 and judge.tally.remembered == 6
    assert all(json.loads(path.read_text()) for path in (tmp_path / "cache").rglob("*.json"))
    assert not list((tmp_path / "cache").rglob("*.part"))
