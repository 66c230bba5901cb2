"""Bad, odd and empty inputs made on the spot, each a function of a folder that returns the path."""

from __future__ import annotations

import io
import struct
import wave
import zipfile
import zlib
from pathlib import Path

import numpy as np

RATE = 16000
SCRIPTS = {
    "en": "I am so happy that you came, thank you!",
    "de": "Ich bin sehr wütend, das war gemein.",
    "ru": "Мне очень грустно сегодня.",
    "ar": "أنا سعيد جدا اليوم",
    "he": "אני מאוד כועס עליך",
    "zh": "我今天非常高兴。",
    "ja": "とても悲しいです。",
    "ko": "정말 무서워요.",
    "hi": "मैं बहुत खुश हूँ।",
    "th": "ฉันมีความสุขมาก",
    "am": "በጣም ደስ ብሎኛል",
    "emoji": "😡😡 🎉 👩‍👩‍👧‍👦",
    "marks": "z̸͎̈a̷l̶g̴o̵ \u202eright to left\u202c",
}


def write_wav(path: Path, samples: np.ndarray, rate: int = RATE) -> Path:
    """Mono integer PCM; uint8 gives 8 bit, int16 gives 16 bit."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(samples.dtype.itemsize)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path


def write_float_wav(path: Path, samples: np.ndarray, rate: int = RATE) -> Path:
    """Mono 32-bit float PCM, which may hold NaN and infinity."""
    data = samples.astype("<f4").tobytes()
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 3, 1, rate, rate * 4, 4, 32)
    body = b"WAVE" + form + struct.pack("<4sI", b"data", len(data)) + data
    path.write_bytes(struct.pack("<4sI", b"RIFF", len(body)) + body)
    return path


def tone(seconds: float, rate: int = RATE, hertz: float = 220.0) -> np.ndarray:
    """(n,) float sine at a quarter of full scale."""
    return 0.25 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def png(path: Path, width: int, height: int) -> Path:
    """A grey picture of one value, written row by row, so that a huge one is small on disk."""
    packer = zlib.compressobj(9)
    row = bytes(width + 1)
    data = b"".join([*(packer.compress(row) for _ in range(height)), packer.flush()])
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), (b"IDAT", data), (b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks))
    return path


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def zip_bomb(path: Path, mebibytes: int = 512) -> Path:
    """A wearable export of a few hundred KB whose EDA table would unpack to hundreds of MB."""
    rows = b"0.000000\r\n" * 104858
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("EDA.csv", "w", force_zip64=True) as entry,
    ):
        entry.write(b"1500000000.0\r\n4.0\r\n")
        for _ in range(mebibytes):
            entry.write(rows)
    return path


def lying_zip(path: Path) -> Path:
    """A zip bomb whose directory says that its table is small."""
    zip_bomb(path, 64)
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 1000)
    path.write_bytes(data)
    return path


def header_only_mp4(path: Path, source: Path) -> Path:
    """The boxes of a real MP4 up to the beginning of its data."""
    data = source.read_bytes()
    path.write_bytes(data[: data.index(b"mdat") + 4])
    return path


def video(path: Path, pictures: int, size: tuple[int, int] = (160, 120), sound: float = 0.0) -> Path:
    """A grey video with that many pictures at 10 a second; with none, a video stream that holds nothing."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        voice = container.add_stream("pcm_s16le", rate=RATE, layout="mono") if sound else None
        container.start_encoding()  # writes the header also where no picture follows
        for index in range(pictures):
            pixels = np.full((size[1], size[0], 3), 40 + index % 100, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
        if voice is not None:
            wave_ = (tone(sound) * 32767).astype(np.int16)[None]
            frame = av.AudioFrame.from_ndarray(wave_, format="s16", layout="mono")
            frame.sample_rate = RATE
            container.mux(voice.encode(frame))
            container.mux(voice.encode(None))
    return path


def crowd(path: Path, portrait: Path, across: int = 5, down: int = 4) -> Path:
    """Many faces in one picture: the portrait again and again, some mirrored."""
    from PIL import Image, ImageOps

    with Image.open(portrait) as opened:
        face = opened.convert("RGB").resize((240, 240))
    sheet = Image.new("RGB", (240 * across, 240 * down))
    for index in range(across * down):
        one = ImageOps.mirror(face) if index % 2 else face
        sheet.paste(one, (240 * (index % across), 240 * (index // across)))
    sheet.save(path, quality=90)
    return path


def srt(path: Path, lines: list[tuple[str, str, str]]) -> Path:
    """Subtitles in the order given, which need not be that of time."""
    text = "".join(f"{n}\n{start} --> {end}\n{said}\n\n" for n, (start, end, said) in enumerate(lines, 1))
    path.write_text(text, encoding="utf-8")
    return path


def gif_of_nothing() -> bytes:
    """A GIF header without any picture."""
    return io.BytesIO(b"GIF89a\x01\x00\x01\x00\x00\x00\x00;").getvalue()
