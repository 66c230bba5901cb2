"""Lengths that WAV and MP3 headers state: FFmpeg corrects them by the file's size, so that a cut would go unseen."""

from __future__ import annotations

import struct
from typing import BinaryIO

_HEAD = 1 << 16
_CHUNKS = 200  # more chunks than this before the sound is no WAV that anybody writes


def stated_length(path: str, form: str) -> float | None:
    """Seconds of sound that the header promises (`form`: FFmpeg's short name), None where it does not say."""
    try:
        with open(path, "rb") as stream:
            if form == "wav":
                return _wav(stream)
            return _mp3(stream) if form == "mp3" else None
    except (OSError, struct.error, ValueError):
        return None


def _wav(stream: BinaryIO) -> float | None:
    if stream.read(12)[:4] != b"RIFF":
        return None
    bytes_a_second = 0
    for _ in range(_CHUNKS):
        name, size = struct.unpack("<4sI", stream.read(8))
        if name == b"fmt ":
            fields = struct.unpack("<HHIIHH", stream.read(16))
            bytes_a_second = fields[3]
            size -= 16
        elif name == b"data":
            # 0 and the largest values are written by programs that do not know the length yet.
            known = bytes_a_second and 0 < size < 0xFFFFFF00
            return size / bytes_a_second if known else None
        stream.seek(size + (size & 1), 1)
    return None


def _mp3(stream: BinaryIO) -> float | None:
    """By the Xing or Info header: frames times samples a frame."""
    head = stream.read(10)
    if head[:3] == b"ID3":
        tag = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        stream.seek(10 + tag)
    else:
        stream.seek(0)
    frame = stream.read(_HEAD)
    begin = frame.find(b"\xff")
    if begin < 0 or frame[begin + 1] & 0xE0 != 0xE0:
        return None
    version, rate_code = frame[begin + 1] >> 3 & 3, frame[begin + 2] >> 2 & 3
    at = max(frame.find(b"Xing", begin, begin + 200), frame.find(b"Info", begin, begin + 200))
    if at < 0 or rate_code == 3 or not frame[at + 7] & 1:
        return None
    rate = (44100, 48000, 32000)[rate_code] >> (0 if version == 3 else 1 if version == 2 else 2)
    count = int.from_bytes(frame[at + 8 : at + 12], "big")
    return float(count * (1152 if version == 3 else 576) / rate)
