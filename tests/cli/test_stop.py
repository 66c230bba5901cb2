"""A command that is told to stop says one line and ends, also while compiled code does not come back."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

LINE = "mien: stopped; what was trained is kept"
LONG = """
import hashlib, signal, sys
from mien.cli.stop import stopping
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
with stopping({line!r}):
    print("ready", flush=True)
    {work}
print("went on")
"""
COMPILED = "hashlib.pbkdf2_hmac('sha256', b'', b'', 2**31 - 1)"
"""Many minutes in which Python runs no handler."""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
@pytest.mark.parametrize("work", [COMPILED, "import time; time.sleep(600)"])
def test_a_stop_is_one_line(number, code, work):
    process = subprocess.Popen(
        [sys.executable, "-c", LONG.format(line=LINE, work=work)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        told = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, *told) == (code, "", LINE + "\n")


def test_a_block_that_ends_leaves_all_as_it_was():
    made = LONG.format(line=LINE, work="pass") + "print(signal.set_wakeup_fd(-1))"
    done = subprocess.run([sys.executable, "-c", made], capture_output=True, text=True, check=True)
    assert done.stdout == "ready\nwent on\n-1\n" and not done.stderr
