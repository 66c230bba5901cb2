"""File endings: which are worth opening in a folder, and which kind of content each one promises."""

from __future__ import annotations

FAMILIES: dict[str, frozenset[str]] = {
    "MP4": frozenset({"mp4", "m4v", "mov", "m4a", "m4b", "3gp", "3g2", "f4v", "qt", "mp4v"}),
    "Matroska": frozenset({"mkv", "mka", "mks", "webm", "mk3d"}),
    "AVI": frozenset({"avi", "divx"}),
    "MPEG": frozenset({"mpg", "mpeg", "ts", "m2ts", "mts", "vob", "m2v"}),
    "Flash": frozenset({"flv"}),
    "Windows Media": frozenset({"wmv", "wma", "asf"}),
    "Ogg": frozenset({"ogg", "oga", "ogv", "opus", "spx"}),
    "WAV": frozenset({"wav", "wave", "w64", "rf64"}),
    "MP3": frozenset({"mp3", "mp2", "mpga"}),
    "FLAC": frozenset({"flac"}),
    "AAC": frozenset({"aac"}),
    "AIFF": frozenset({"aif", "aiff", "aifc"}),
    "other sound": frozenset({"amr", "au", "snd", "caf", "ac3", "dts", "wv", "tta", "ape"}),
    "image": frozenset({"png", "jpg", "jpeg", "jfif", "gif", "webp", "bmp", "tif", "tiff", "avif"})
    | frozenset({"jp2", "j2k", "ppm", "pgm", "pbm", "pnm", "apng"}),
    "text": frozenset({"txt", "text"}),
    "captions": frozenset({"srt", "vtt", "ass", "ssa", "eaf", "textgrid", "rttm"}),
    "table or JSON": frozenset({"csv", "tsv", "json", "jsonl", "parquet", "zip"}),
}
"""Family of content -> its endings."""
_FORMATS = {
    "mov": "MP4", "matroska": "Matroska", "avi": "AVI", "mpeg": "MPEG", "mpegts": "MPEG", "mpegvideo": "MPEG",
    "flv": "Flash", "asf": "Windows Media", "ogg": "Ogg", "wav": "WAV", "w64": "WAV", "mp3": "MP3", "flac": "FLAC",
    "aac": "AAC", "aiff": "AIFF", "image": "image", "text": "text", "srt": "captions", "vtt": "captions",
    "ass": "captions", "eaf": "captions", "textgrid": "captions", "rttm": "captions", "json": "table or JSON",
    "dialogue table": "table or JSON", "wearable": "table or JSON",
}  # fmt: skip

SOUND_OR_PICTURE = frozenset[str]().union(
    *(found for name, found in FAMILIES.items() if name not in ("image", "text", "captions", "table or JSON"))
)
"""Endings of files that may have a transcript beside them."""
CAPTIONS = FAMILIES["captions"] | FAMILIES["table or JSON"] - {"zip", "parquet", "tsv"}
"""Endings of files that may be such a transcript."""
SURE = SOUND_OR_PICTURE | FAMILIES["image"] | FAMILIES["text"] | FAMILIES["captions"] - {"rttm"}
"""Endings that are inputs wherever they lie; tables, JSON and zips are looked into first, RTTM has no text."""


def ending(name: str) -> str:
    """The ending of a file's name without its dot, in small letters."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def mismatch(name: str, form: str) -> str | None:
    """A sentence if the name's ending promises another family than the content (`form`) is, else None."""
    promised = next((family for family, endings in FAMILIES.items() if ending(name) in endings), None)
    found = _FORMATS.get(form)
    if promised is None or found is None or promised == found or {promised, found} <= {"text", "captions"}:
        return None
    return f"the name ends in .{ending(name)}, but the content is {form}; it was read as that"
