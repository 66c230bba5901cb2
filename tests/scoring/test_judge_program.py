"""A local program as judge: what it gets, how its answers are read, and every way it fails."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mien.errors import RequestError
from mien.scoring.judge import Asker, Failure, open_judge
from mien.scoring.program import Program
from mien.scoring.replies import Replies
from mien.scoring.result import Options

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="written for a POSIX shell")

HEAD = "import json, sys\nlines = [json.loads(line) for line in sys.stdin]\n"


@pytest.fixture
def judge(tmp_path):
    """A judge that runs Python code; without waits between attempts."""

    def make(code, way="command", limit=10.0, tries=2, jobs=1, model=None):
        path = tmp_path / "judge.py"
        path.write_text(code)
        machine = Program(f"{sys.executable} {path}", lines=way == "command", model=model, seed=3, limit=limit)
        asker = Asker(
            machine, Replies(tmp_path / "cache", machine.settings), tries=tries, jobs=jobs, sleep=lambda _: None
        )
        return asker

    return make


def test_a_program_gets_a_json_object_a_line_and_answers_a_line(judge):
    code = (
        HEAD
        + "for q in lines: print(json.dumps({'id': q['id'], 'answer': f\"{q['role']} {q['prompt']} {q['seed']} {q['model']}\"}))"
    )
    asked = judge(code, model="m")
    assert asked.ask_many("x", ["a\nb", "c"]) == ["x a\nb 3 m", "x c 3 m"]
    assert asked.process.startswith("program: ") and asked.settings["seed"] == 3


def test_plain_lines_and_json_strings_are_answers_too(judge):
    assert judge(HEAD + "for q in lines: print(q['prompt'].upper())").ask_many("x", ["a", "b"]) == ["A", "B"]
    assert judge(HEAD + "for q in lines: print(json.dumps(q['prompt'] * 2))").ask_many("y", ["é\n"]) == ["é\né\n"]
    assert judge(HEAD + "for q in lines: print('{\"groups\": [1]}')").ask_many("z", ["a"]) == ['{"groups": [1]}']


def test_answers_with_ids_may_come_in_any_order(judge):
    code = HEAD + "for q in reversed(lines): print(json.dumps({'id': q['id'], 'answer': q['prompt']}))"
    prompts = [str(i) for i in range(40)]
    assert judge(code, jobs=2).ask_many("x", prompts) == prompts


def test_a_stray_line_shifts_nothing(judge):
    found = judge(HEAD + "print('loading model ...')\nfor q in lines: print(q['prompt'])").ask_many("x", ["a", "b"])
    assert all(isinstance(one, Failure) and "gave 2 lines for 1 questions" in one.why for one in found)


def test_one_bad_question_does_not_cost_the_others(judge):
    code = HEAD + "for q in lines:\n    if q['prompt'] == '3': sys.exit('no 3')\n    print(q['prompt'], flush=True)"
    found = judge(code).ask_many("x", [str(i) for i in range(6)])
    assert [one for one in found if isinstance(one, str)] == ["0", "1", "2", "4", "5"]
    assert found[3] == Failure("x", "ended with exit code 1: no 3", 2)


def test_an_error_line_is_a_failure_of_that_question(judge):
    code = HEAD + "for q in lines: print(json.dumps({'id': q['id'], 'error': 'refused'}))"
    assert "refused" in judge(code).ask_many("x", ["a"])[0].why


def test_the_bare_prompt_goes_through_a_pipe(judge, tmp_path):
    asked = judge("import sys; print(sys.stdin.read().upper())", way="pipe")
    assert asked.ask_many("x", ["two\nlines", "b"]) == ["TWO\nLINES", "B"]
    opened = open_judge(Options(judge="pipe:tr a-z A-Z", cache=str(tmp_path)))
    assert opened.ask("x", "abc") == "ABC"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; sys.stdin.read()", "answered nothing"),
        ("import sys; sys.exit('out of memory')", "exit code 1: out of memory"),
        ("import sys; sys.stdout.write('a' * (5 << 20))", "more than 4 MiB"),
    ],
)
def test_failures_of_a_piped_program(judge, code, said):
    (found,) = judge(code, way="pipe").ask_many("x", ["a"])
    assert isinstance(found, Failure) and said in found.why


def test_a_program_that_never_ends_is_ended_with_all_it_started(judge, tmp_path):
    mark = tmp_path / "alive"
    code = f"import subprocess, time\nsubprocess.Popen(['sh', '-c', 'sleep 1; touch {mark}'])\ntime.sleep(60)"
    for way in ("pipe", "command"):
        began = time.monotonic()
        (found,) = judge(code, way=way, limit=0.3, tries=1).ask_many("x", ["a"])
        assert "within 0.3 s" in found.why and time.monotonic() - began < 10
    time.sleep(1)
    assert not mark.exists()


def test_a_flood_of_errors_and_a_long_prompt_block_nothing(judge):
    code = "import sys\nsys.stderr.write('e' * 1_000_000)\nprint(len(sys.stdin.read()))"
    assert judge(code, way="pipe").ask("x", "a" * 1_000_000) == "1000000"


RUN = """
import sys
from mien.scoring.judge import open_judge
from mien.scoring.result import Options
open_judge(Options(judge=sys.argv[1], cache=sys.argv[2])).ask_many("x", ["a", "b"])
"""


def test_an_interruption_ends_the_program_too(tmp_path):
    mark, alive = tmp_path / "started", tmp_path / "alive"
    code = f"touch {mark}; sleep 4; touch {alive}"
    run = subprocess.Popen(
        [sys.executable, "-c", RUN, f"command:{code}", str(tmp_path / "cache")],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")},
        stderr=subprocess.DEVNULL,
    )
    while not mark.exists():
        time.sleep(0.01)
    run.send_signal(signal.SIGINT)
    assert run.wait(10) != 0
    time.sleep(4.2)
    assert not alive.exists()


def test_a_program_that_is_not_there_ends_the_run(tmp_path):
    with pytest.raises(RequestError, match="cannot be run"):
        open_judge(Options(judge="command:no-such-program-4711", cache=str(tmp_path))).ask_many("x", ["a", "b"])


def test_a_rerun_starts_no_program(judge):
    judge(HEAD + "for q in lines: print(q['prompt'])").ask_many("x", ["a", "b"])
    assert judge("raise SystemExit('not again')").ask_many("x", ["b", "a"]) == ["b", "a"]
