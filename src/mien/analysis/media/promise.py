"""Lengths that the headers of sounds state: FFmpeg corrects them by the file's size, so that a cut would go unseen."""

from __future__ import annotations

import struct
from typing import BinaryIO

_HEAD = 1 << 16
_CHUNKS = 200  # more chunks than this before the sound is no WAV that anybody writes


def stated_length(path: str, form: str) -> float | None:
    """Seconds of sound that the header promises (`form`: FFmpeg's short name), None where it does not say."""
    try:
        with open(path, "rb") as stream:
            read = {"wav": _wav, "w64": _w64, "caf": _caf, "mp3": _mp3}.get(form)
            return read(stream) if read else None
    except (OSError, struct.error, ValueError, IndexError):
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


def _w64(stream: BinaryIO) -> float | None:
    """Sony Wave64: chunks named by GUIDs that begin with the names of WAV, sizes with their own 24 bytes."""
    if stream.read(40)[:4] != b"riff":
        return None
    bytes_a_second = 0
    for _ in range(_CHUNKS):
        name, size = struct.unpack("<16sQ", stream.read(24))
        if name[:4] == b"fmt ":
            bytes_a_second = struct.unpack("<HHIIHH", stream.read(16))[3]
            size -= 16
        elif name[:4] == b"data":
            return (size - 24) / bytes_a_second if bytes_a_second and 24 < size < 1 << 62 else None
        stream.seek((size - 24 + 7) // 8 * 8, 1)
    return None


def _caf(stream: BinaryIO) -> float | None:
    """Apple's Core Audio Format: of samples of a fixed size; -1 stands for a length that is not known yet."""
    if stream.read(8)[:4] != b"caff":
        return None
    bytes_a_second = 0.0
    for _ in range(_CHUNKS):
        name, size = struct.unpack(">4sq", stream.read(12))
        if name == b"desc":
            rate, _, _, packet, frames = struct.unpack(">d4sIII", stream.read(24))
            bytes_a_second = rate * packet / frames if packet and frames else 0.0
            size -= 24
        elif name == b"data":
            return (size - 4) / bytes_a_second if bytes_a_second > 0 and size > 4 else None
        stream.seek(size, 1)
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
