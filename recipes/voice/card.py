"""The card beside `voice.onnx`: what it was made from, how it was measured, where it fails, on which terms."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from corpora import LICENCES, fingerprint, walk

FAILURES = (
    "All training voices are acted, close-talk and clean; about ninety read the same few sentences. Expect worse on far "
    "microphones, children, and languages other than German, English, Polish and Arabic.",
    "A cosine says little below 1.5 s of speech; shouting, whispering, laughing and crying move a voice away from itself.",
    "Two voices at once give the embedding of neither.",
    "Not made and not fit to identify or verify a person across recordings: it tells voices of one recording apart.",
)


def write(path: Path, data: Path, scores: dict[str, object], *, steps: int, seed: int) -> None:
    """Write the card."""
    weights = path.with_suffix(".onnx").read_bytes()
    card = {
        "id": "voice-1",
        "what": "Speaker embedding: log-mel (frames, 64), 10 ms a frame, at least 40 frames, to 96 values of length 1.",
        "sha256": hashlib.sha256(weights).hexdigest(),
        "data": [
            {"name": name, "licence": LICENCES[name], "sha256": digest}
            for name, digest in fingerprint(walk(data)).items()
        ],
        "terms": "CC BY-NC-SA 4.0 (non-commercial: trained on RAVDESS, nEMO, TESS)",
        "made_by": f"python recipes/voice/train.py --data DIR --work DIR --steps {steps} --seed {seed}",
        "protocol": "recipes/voice/README.md; equal error rate of pairs of unseen speakers inside one corpus; development "
        "speakers set the thresholds of who-speaks-when, test speakers were read once; interval: bootstrap over speakers",
        "scores": scores,
        "known_failures": list(FAILURES),
    }
    path.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
