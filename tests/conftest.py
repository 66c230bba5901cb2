"""What all tests share: where the shared material lies, and that nothing reaches the network."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent.parent

# No test asserts a time, on a busy machine either.
settings.register_profile("mien", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("mien")

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


@pytest.fixture(scope="session", autouse=True)
def empty_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The models that the person who runs the tests has added do not answer in them."""
    os.environ["MIEN_CACHE"] = str(tmp_path_factory.mktemp("cache"))


FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A headless browser for pages opened from a file; tests that need it are skipped where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="the browser tests need selenium (extra dev)")
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    control = shutil.which("chromedriver")
    if browser is None or control is None:
        pytest.skip("the browser tests need chromium and chromedriver (apt install chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = webdriver.Chrome(options=options, service=webdriver.ChromeService(control))
    chrome.set_page_load_timeout(30)
    yield chrome
    chrome.quit()


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
