"""Whether a file breaks off, told from its last bytes, where its container states no length.

Ogg ends with a page that bears the end mark; MPEG transport streams are whole packets; ADTS, AC-3 and MPEG audio are
whole frames; ASF states the size of the file. A cut exactly between two packets or frames cannot be seen.
"""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

_PAGE = 65_307
"""Bytes of the largest Ogg page."""
_FRAMES = 16_384
"""Bytes at the end of a file in which whole frames are looked for; none is longer than 8 KiB."""
_WALKED = 256 << 20
"""Bytes of a raw AAC file up to which its frames are counted."""
_CHAIN = 4
"""Frames after one another that make sure that these are frames."""


def broken_off(path: str, form: str) -> str | None:
    """Why the end of the file says that it is cut off (`form`: FFmpeg's short name); None where nothing says so."""
    tell = {"ogg": _ogg, "mpegts": _packets, "asf": _asf, "aac": _frames, "ac3": _frames, "mp3": _frames}.get(form)
    if tell is None:
        return None
    try:
        with open(path, "rb") as stream:
            return tell(stream, os.fstat(stream.fileno()).st_size)
    except (OSError, struct.error, ValueError, IndexError):
        return None


def _ogg(stream: BinaryIO, size: int) -> str | None:
    stream.seek(max(0, size - _PAGE))
    tail = stream.read(_PAGE)
    at = tail.rfind(b"OggS")
    if at < 0:
        return None
    count = tail[at + 26] if len(tail) > at + 26 else 0
    whole = at + 27 + count + sum(tail[at + 27 : at + 27 + count])
    if len(tail) < at + 27 or whole > len(tail):
        return "it ends in the middle of a page"
    return None if tail[at + 5] & 4 else "it has no end mark, so it was cut off or its recording was not ended"


def _packets(stream: BinaryIO, size: int) -> str | None:
    head = stream.read(192 * 3)
    for length, first in ((188, 0), (192, 4)):
        if len(head) > first + 2 * length and all(head[first + length * i] == 0x47 for i in range(3)):
            return "it ends in the middle of a packet" if size % length else None
    return None


def _asf(stream: BinaryIO, size: int) -> str | None:
    """The file properties object says how large the file is, unless it is a broadcast (flag 1)."""
    head = stream.read(1 << 16)
    at = head.find(bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365"))
    if at < 0:
        return None
    stated, flags = struct.unpack_from("<Q", head, at + 40)[0], struct.unpack_from("<I", head, at + 88)[0]
    return f"it has {size} bytes and states {stated}" if not flags & 1 and size < stated else None


def _frames(stream: BinaryIO, size: int) -> str | None:
    """Whether the last frame of a chain of frames reaches beyond the end."""
    stream.seek(max(0, size - _FRAMES - 128))
    tail = stream.read()
    if tail[-128:-125] == b"TAG":
        tail = tail[:-128]
    tail = tail[-_FRAMES:]
    for begin in range(len(tail) - 7):
        at, chain = begin, 0
        while at + 7 <= len(tail) and (length := _length(tail, at)):
            at, chain = at + length, chain + 1
        if chain >= _CHAIN:
            begun = at < len(tail) <= at + 7 and tail[at] == tail[begin]  # less than a header is left of it
            return "it ends in the middle of a frame" if begun or at > len(tail) else None
    return None


def adts_length(path: str) -> float | None:
    """Seconds of a raw AAC file by counting its frames (1024 samples a block); None where one is no frame."""
    rates = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
    try:
        with open(path, "rb") as stream:
            data = stream.read(_WALKED)
    except OSError:
        return None
    at, blocks, rate = 0, 0, 0
    if data[:3] == b"ID3" and len(data) > 10:
        at = 10 + (data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9])
    while at + 7 <= len(data) and data[at : at + 3] != b"TAG":
        if data[at] != 0xFF or data[at + 1] & 0xF6 != 0xF0 or (size := _length(data, at)) < 7:
            return None
        code = data[at + 2] >> 2 & 15
        if code >= len(rates):
            return None
        at, blocks, rate = at + size, blocks + 1 + (data[at + 6] & 3), rates[code]
    return blocks * 1024 / rate if rate and len(data) < _WALKED else None


def _length(data: bytes, at: int) -> int:
    """Bytes of the frame at that place: ADTS, AC-3 or MPEG layer III; 0 where there is none."""
    if data[at : at + 2] == b"\x0b\x77":
        rate, code = data[at + 4] >> 6, data[at + 4] & 0x3F
        return _AC3[code >> 1] * (4, 0, 6)[rate] + (0 if rate != 1 else _ac3_441(code)) if rate < 3 and code < 38 else 0
    if data[at] != 0xFF:
        return 0
    if data[at + 1] & 0xF6 == 0xF0:  # ADTS
        return (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
    if data[at + 1] & 0xE6 != 0xE2:  # not layer III
        return 0
    version, kilobits, rate = data[at + 1] >> 3 & 3, data[at + 2] >> 4, data[at + 2] >> 2 & 3
    if version == 1 or rate == 3 or not 0 < kilobits < 15:
        return 0
    hertz = (44100, 48000, 32000)[rate] >> (0 if version == 3 else 1 if version == 2 else 2)
    bits = 1000 * (_MP3 if version == 3 else _MP3_LOW)[kilobits - 1]
    return (144 if version == 3 else 72) * bits // hertz + (data[at + 2] >> 1 & 1)


def _ac3_441(code: int) -> int:
    return 2 * (320 * _AC3[code >> 1] // 147 + (code & 1))


_AC3 = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640)
_MP3 = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MP3_LOW = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
"""Kilobits a second by their code."""
