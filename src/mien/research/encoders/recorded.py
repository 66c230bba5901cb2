"""How features were made, as plain values a trained system's folder keeps, and the same encoders built from them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mien.errors import RequestError
from mien.research.encoders import Encoder, encoder


def record(modality: str, options: Mapping[str, Any], made: Encoder) -> dict[str, Any]:
    """Modality, name, version, what it takes, the options it was built with and all that its numbers depend on."""
    return {
        "modality": modality,
        "name": made.name,
        "version": made.version,
        "takes": made.takes,
        "width": made.width,
        "options": dict(options),
        "settings": _plain(made.settings),
    }


def rebuild(kept: Sequence[Mapping[str, Any]]) -> dict[str, Encoder]:
    """Modality -> encoder. RequestError where this Mien's encoder is another version or gives other numbers."""
    found = {}
    for one in kept:
        made = encoder(one["name"], **one["options"])
        now = record(one["modality"], one["options"], made)
        for name in ("version", "takes", "width", "settings"):
            if now[name] != one[name]:
                raise RequestError(
                    f"its {one['modality']} was made by encoder {one['name']} with {name} {one[name]}, "
                    f"this Mien's has {now[name]}; train again"
                )
        found[one["modality"]] = made
    return found


def _plain(settings: Mapping[str, Any]) -> Any:
    return json.loads(json.dumps(dict(settings), sort_keys=True))
