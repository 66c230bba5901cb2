"""Model folders that a person has on disk: what must be in them, what is refused, and a hash that names the weights."""

from __future__ import annotations

import hashlib
import json
from importlib import import_module
from pathlib import Path
from typing import Any

from mien.errors import InputError, MienError, MissingExtra, RequestError
from mien.files import digest, read_bounded

_SMALL = 64 << 20
_PATTERNS = ("*.json", "*.safetensors", "*.txt", "*.model")


def need(module: str, what: str) -> Any:
    """The module; MissingExtra naming what needs it."""
    try:
        return import_module(module)
    except ImportError:
        raise MissingExtra("train", f"{what} needs {module}") from None


def folder_of(model: str, *, online: bool = False) -> Path:
    """The folder of a model; nothing is fetched unless `online`, and then weights as safetensors alone.

    RequestError where it is no folder, InputError where it holds no weights or only such as can carry code.
    """
    if not model:
        raise RequestError("the encoder hf needs model=FOLDER, with config.json and model.safetensors in it")
    folder = Path(model).expanduser()
    if not folder.is_dir():
        if not online:
            raise RequestError(
                f"model {model!r} is no folder here; nothing is downloaded unless online=true is said (then the name "
                "is looked up at the Hugging Face hub)"
            )
        folder = _fetched(model)
    if not (folder / "config.json").is_file():
        raise InputError(folder, "", "has no config.json: it is no model folder of transformers")
    if not list(folder.glob("*.safetensors")):
        others = [one.name for one in sorted(folder.iterdir()) if one.suffix in (".bin", ".pt", ".pth", ".ckpt")]
        carried = f"; {others[0]} can carry code and is not read: save it again as safetensors" if others else ""
        raise InputError(folder, "", f"has no weights as .safetensors{carried}")
    return folder


def settings_of(path: Path) -> dict[str, Any]:
    """A small JSON file of a model folder, {} where it is not there; InputError where it is no JSON object."""
    if not path.is_file():
        return {}
    try:
        found = json.loads(read_bounded(path, _SMALL))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InputError(path, "", "is no JSON object")
    return found


def weights_hash(folder: Path) -> str:
    """16 hexadecimal digits of all that numbers depend on: weights, configuration, tokenizer; not of where they lie."""
    files = [*sorted(folder.glob("*.safetensors")), *(folder / name for name in _NAMES if (folder / name).is_file())]
    told = "\n".join(f"{one.name} {digest(one)}" for one in files)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


_NAMES = ("config.json", "tokenizer.json", "preprocessor_config.json", "processor_config.json")


def _fetched(model: str) -> Path:
    hub = need("huggingface_hub", "fetching a model")
    try:
        return Path(hub.snapshot_download(model, allow_patterns=list(_PATTERNS)))
    except MienError:
        raise
    except Exception as error:
        raise InputError(model, "", f"could not be fetched ({str(error).splitlines()[0][:120]})") from None
