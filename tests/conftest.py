"""What all tests share: where the shared material lies, and that nothing reaches the network."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Shells start background jobs with Ctrl-C ignored, and children inherit that: tests that interrupt one would wait.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def examples() -> Path:
    """Small real recordings that ship with the repository."""
    return ROOT / "examples"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Further real material beside the repository; tests that need it are skipped where it is absent."""
    where = Path(os.environ.get("MIEN_SHARED", ROOT.parent / "shared"))
    if not where.is_dir():
        pytest.skip("the shared material is not beside the repository (set MIEN_SHARED)")
    return where


@pytest.fixture(scope="session")
def samples(shared: Path) -> Path:
    """Real clips of speech, faces and video with their truth in samples.csv."""
    return shared / "data" / "samples"


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mien never needs the network: a connection to anything but this machine fails the test."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else address
        local = isinstance(host, str) and (host.startswith(("127.", "/")) or host in ("localhost", "::1"))
        if self.family in (socket.AF_INET, socket.AF_INET6) and not local:
            raise AssertionError(f"a connection to {host} was tried")
        return real(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", connect)
