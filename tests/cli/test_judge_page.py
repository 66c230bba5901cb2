"""The pages on judges and judgments are true: their commands are run from top to bottom and say what they show."""

import os
import re
import stat
import subprocess
import sys

import pytest

BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(os.name == "nt", reason="the page is written for a POSIX shell")
@pytest.mark.parametrize("page", ["judge.md", "judgments.md"])
def test_the_commands_of_the_page(root, tmp_path, page):
    tools, work = tmp_path / "bin", tmp_path / "work"
    tools.mkdir()
    work.mkdir()
    for name, call in (("mien", "-m mien"), ("python", "")):
        (tools / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {call} "$@"\n', "utf-8")
        (tools / name).chmod(stat.S_IRWXU)
    env = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "PYTHONUTF8": "1"}
    said = ""
    for kind, code in BLOCK.findall((root / "docs" / page).read_text("utf-8")):
        if kind == "sh":
            done = subprocess.run(["bash", "-e", "-c", code], cwd=work, env=env, capture_output=True, encoding="utf-8")
            said = done.stderr + done.stdout
            assert done.returncode == 0 and "Traceback" not in said, said
        else:
            lines = iter(said.splitlines())
            assert all(any(found.startswith(line) for found in lines) for line in code.splitlines()), said
