"""One row per span and person: CSV with the standard library, Parquet and data frames with the extra `table`."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from mien.affect.space import space
from mien.analysis.fusion.affect import Affect
from mien.analysis.report.beside import names
from mien.analysis.report.json import number, printable
from mien.analysis.result import Analysis
from mien.errors import MissingExtra

if TYPE_CHECKING:
    import pandas as pd

MODALITIES = ("audio", "face", "text", "signal")
_BESIDE = ("top", "probability", "modalities", "insufficient")


def rows(analysis: Analysis) -> list[dict[str, Any]]:
    """Plain rows: recording, times, person, fused label and probabilities, dimensions, and each modality's own."""
    called = {person.id: person.name for person in analysis.persons}
    return [_row(analysis, affect, called.get(affect.span.person or "")) for affect in analysis.affects]


def columns(analysis: Analysis) -> list[str]:
    """The columns in order: fixed for a given space, whatever was found; then those of each system beside the answer,
    which begin with `beside_` and its name, one for each label that it knows."""
    labels = space(analysis.space).labels if analysis.space != "va" else ()
    per_modality = [f"{m}_{what}" for m in MODALITIES for what in ("top", "probability", "quality", "weight")]
    return [
        *("recording", "start", "end", "person", "name", "top", "confidence", "valence", "arousal"),
        *("conflict", "conflict_words", "insufficient", "stress"),
        *(f"p_{label}" for label in labels),
        *per_modality,
        "words",
        *(
            f"beside_{name}_{what}"
            for model, name in names(analysis).items()
            for what in (*_BESIDE, *_labels(analysis, model))
        ),
    ]


def to_csv(analysis: Analysis) -> str:
    """CSV text (RFC 4180, UTF-8, one header line); an empty cell means that there is no value."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns(analysis), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _safe(value) for name, value in row.items()} for row in rows(analysis))
    return out.getvalue()


def to_frame(analysis: Analysis) -> pd.DataFrame:
    """A pandas DataFrame of `rows`; MissingExtra without pandas."""
    try:
        import pandas as pd
    except ImportError:
        raise MissingExtra("table", "a data frame needs pandas") from None
    return pd.DataFrame(rows(analysis), columns=columns(analysis))


def to_parquet(analysis: Analysis) -> bytes:
    """Parquet bytes of `rows`; MissingExtra without pyarrow."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise MissingExtra("table", "Parquet needs pyarrow") from None
    text = {"recording", "person", "name", "top", "conflict_words", "insufficient", "words"}
    text |= {f"{modality}_top" for modality in MODALITIES}
    text |= {f"beside_{name}_{what}" for name in names(analysis).values() for what in _BESIDE if what != "probability"}
    fields = [pa.field(name, pa.string() if name in text else pa.float64()) for name in columns(analysis)]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows(analysis), schema=pa.schema(fields)), sink)
    return sink.getvalue()


def _row(analysis: Analysis, affect: Affect, name: str | None) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(columns(analysis))
    row |= {
        "recording": printable(analysis.recording.path),
        "start": number(affect.span.start),
        "end": number(affect.span.end),
        "person": affect.span.person,
        "name": printable(name),
        "confidence": number(affect.confidence) if affect.insufficient is None else None,
        "conflict": number(affect.conflict.score),
        "conflict_words": affect.conflict.words or None,
        "insufficient": affect.insufficient,
        "words": printable(_words(analysis, affect)),
    }
    if affect.distribution is not None:
        row["top"] = affect.distribution.top
        row |= {f"p_{label}": number(value) for label, value in affect.distribution.as_dict().items()}
    if affect.dimensions is not None:
        row |= {"valence": number(affect.dimensions.valence), "arousal": number(affect.dimensions.arousal)}
    for item, weight in zip(affect.evidence, affect.weights, strict=True):
        if item.modality in MODALITIES and item.distribution is not None:
            row[f"{item.modality}_top"] = item.distribution.top
            row[f"{item.modality}_probability"] = number(float(item.distribution.values.max()))
            row[f"{item.modality}_quality"] = number(item.quality)
            row[f"{item.modality}_weight"] = number(weight)
            if item.distribution.space.name == "stress2":
                row["stress"] = number(item.distribution["stress"])
    return row | _beside(analysis, affect)


def _beside(analysis: Analysis, affect: Affect) -> dict[str, Any]:
    """The cells of the systems beside the answer; a dimensional answer has no top."""
    cells: dict[str, Any] = {}
    for item in affect.beside:
        start = f"beside_{names(analysis)[item.model]}_"
        cells |= {f"{start}modalities": item.modality, f"{start}insufficient": item.insufficient}
        if (given := item.distribution) is None:
            continue
        cells |= {f"{start}{label}": number(value) for label, value in given.as_dict().items()}
        if given.space.kind != "dimensional":
            cells |= {f"{start}top": given.top, f"{start}probability": number(float(given.values.max()))}
    return cells


def _labels(analysis: Analysis, model: str) -> tuple[str, ...]:
    """What a system beside the answer can say; nothing where it never answered."""
    said = (item for affect in analysis.affects for item in affect.beside if item.model == model)
    return next((item.distribution.space.labels for item in said if item.distribution is not None), ())


def _words(analysis: Analysis, affect: Affect) -> str | None:
    lines = (
        line.text
        for line in analysis.transcript
        if line.speaker == affect.span.person and affect.span.overlap(line.start, line.end) > 0
    )
    return " ".join(lines) or None


def _safe(value: object) -> object:
    """Text that a spreadsheet would run as a formula gets a leading apostrophe."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") else value
