"""Words for a text model of transformers: token numbers, padded and masked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mien.errors import RequestError
from mien.research.encoders import Rows
from mien.research.encoders.huggingface import States, tower
from mien.research.encoders.local import need, settings_of
from mien.research.encoders.tokens import Tokens


class Words:
    """A `Reader` of text."""

    def __init__(self, folder: Path, longest: int, device: str) -> None:
        self._model, self._device = tower(folder, "text", device), device
        most = _allowed(folder, self._model.config)
        if longest > most:
            raise RequestError(f"longest {longest}: this model reads {most} tokens at once; what is longer is cut up")
        self._tokens = Tokens(folder / "tokenizer.json", longest or most)
        self._pad = int(getattr(self._model.config, "pad_token_id", None) or 0)

    def pieces(self, material: str) -> list[list[int]]:
        """Token numbers; a text beyond the model's length in several pieces."""
        return self._tokens.pieces(material)

    def size(self, piece: Sequence[int]) -> int:
        """Tokens."""
        return len(piece)

    def run(self, pieces: Sequence[Sequence[int]], states: States) -> list[Rows]:
        """(tokens, width) of each, marks included."""
        torch = need("torch", "a model of transformers")
        numbers = np.full((len(pieces), max(map(len, pieces))), self._pad, np.int64)
        mask = np.zeros(numbers.shape, np.int64)
        for row, piece in enumerate(pieces):
            numbers[row, : len(piece)], mask[row, : len(piece)] = piece, 1
        with torch.inference_mode():
            given = {"input_ids": numbers, "attention_mask": mask}
            tensors = {name: torch.from_numpy(values).to(self._device) for name, values in given.items()}
            found = states.of(self._model(**tensors, output_hidden_states=True)).cpu().numpy()
        return [np.asarray(found[row, : len(piece)], np.float32) for row, piece in enumerate(pieces)]


def _allowed(folder: Path, config: Any) -> int:
    """Tokens the model reads at once: its positions, less those its family keeps, and its tokenizer's own limit."""
    positions = int(getattr(config, "max_position_embeddings", 0) or 0) or 512
    kept = int(getattr(config, "pad_token_id", 0) or 0) + 1 if "roberta" in str(config.model_type) else 0
    own = settings_of(folder / "tokenizer_config.json").get("model_max_length")
    limits = [positions - kept, *([int(own)] if isinstance(own, int | float) and 0 < own < 1 << 20 else [])]
    return min(limits)
