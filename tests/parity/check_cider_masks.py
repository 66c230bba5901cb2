"""CIDer's masks, from the recorded draws and from the seed."""

import numpy as np

from mien.research.protocols.masks import LegacyDraws, rmfm, rmfm_same, rmm, stmfm, tmfm, unknown_words, zeroed

from .compare import compare

FIELDS = {
    "text_missing_mask",
    "audio_missing_mask",
    "vision_missing_mask",
    "text_m",
    "audio_m",
    "vision_m",
}
NAMES = ("text", "audio", "vision")


class Recorded:
    """The draws of a case, one call after another."""

    def __init__(self, calls):
        self.calls = list(calls)

    def take(self, names, shape):
        call = self.calls.pop(0)
        assert call["call"] in names
        assert tuple(call["shape"]) == shape
        return np.array(call["values"])

    def random(self, size):
        return self.take(("uniform", "rand"), tuple(size))

    def integers(self, low, high):
        value = self.take(("randint",), ())
        assert low <= value < high
        return int(value)


def real_steps(case):
    """Masks of what exists; the text's is given, the others follow from their lengths."""
    inputs = case["inputs"]
    real = {"text": np.array(inputs["text_mask"], dtype=bool)}
    for name in NAMES[1:]:
        steps = np.arange(len(inputs[name][0]))
        real[name] = steps[None] < np.array(inputs[f"{name}_lengths"])[:, None]
    return real


def kept_steps(config, real, draws):
    mode, rate = config["mode"], config["missing_rate"]
    if rate == "train":
        assert mode == "RMFM"
        return rmfm(real, "position", draws)
    if mode in ("RMFM_same", "SMM"):
        return rmfm_same(real, dict(zip(NAMES, rate * 3 if len(rate) == 1 else rate, strict=True)), draws)
    (only,) = rate
    return {"RMFM": rmfm, "RMM": rmm, "TMFM": tmfm, "STMFM": stmfm}[mode](real, only, draws)


def masks(case):
    config, inputs = case["config"], case["inputs"]
    assert set(inputs) <= {"text", "text_mask", "audio", "vision", "draws", *(f"{name}_lengths" for name in NAMES)}
    assert config["keep_rule"] == "draw > rate (strict)"
    assert config["aligned"] or config["mode"] not in ("TMFM", "STMFM")
    assert set(case["expected"]) <= FIELDS
    text = np.array(inputs["text"])
    real = real_steps(case)
    rows, last = np.arange(len(text)), real["text"].sum(axis=1) - 1
    assert (last + 1).tolist() == inputs["text_lengths"]
    assert (text[:, 0] == config["cls_id"]).all() and (text[rows, last] == config["sep_id"]).all()
    recorded = Recorded(inputs["draws"])
    for draws in (recorded, LegacyDraws(config["numpy_legacy_seed"])):
        kept = kept_steps(config, real, draws)
        found = {f"{name}_missing_mask": kept[name].astype(float).tolist() for name in NAMES}
        found["text_m"] = unknown_words(text, real["text"], kept["text"], unknown=config["unk_id"]).tolist()
        for name in NAMES[1:]:
            found[f"{name}_m"] = zeroed(np.array(inputs[name]), kept[name]).tolist()
        compare(case, found)
    assert not recorded.calls


CHECKS = {"cider-masks": masks}
