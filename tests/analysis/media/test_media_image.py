"""Images: upright, eight bits without clipping, bounded before a pixel is read, animations as video."""

import io
import struct
import zlib

import numpy as np
import pytest
from media_clips import codes
from PIL import Image

from mien.analysis.media.reader import open_recording
from mien.errors import InputError


def only(path):
    recording = open_recording(path)
    assert recording.kind == "image" and recording.duration is None
    (frame,) = recording.frames(5)
    assert frame.time == 0 and frame.before is None
    assert frame.grey().shape == frame.size[::-1] and frame.rgb().shape == (*frame.size[::-1], 3)
    assert frame.grey().dtype == frame.rgb().dtype == np.uint8
    return recording, frame


def test_sixteen_bits_are_scaled_not_clipped(tmp_path):
    ramp = np.linspace(0, 65535, 256 * 64).astype(np.uint16).reshape(64, 256)
    Image.fromarray(ramp).save(tmp_path / "ramp.png")
    Image.fromarray(ramp).save(tmp_path / "ramp.tif")
    for name in ("ramp.png", "ramp.tif"):
        _, frame = only(tmp_path / name)
        assert frame.grey().mean() == pytest.approx(127.5, abs=1) and frame.grey().max() == 255


def test_a_picture_taken_sideways_comes_out_upright(tmp_path):
    upright = np.zeros((40, 60, 3), np.uint8)
    upright[:10] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(upright)).save(tmp_path / "side.png", exif=exif)
    recording, frame = only(tmp_path / "side.png")
    assert np.array_equal(frame.rgb(), upright)
    assert dict(recording.streams[0].facts) == {"width": 60, "height": 40}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F"])
def test_every_mode_becomes_grey_or_colour(tmp_path, mode):
    base = Image.fromarray(np.tile(np.arange(0, 240, 4, dtype=np.uint8), (30, 1)))
    image = base.convert("RGB").convert(mode) if mode in ("LAB", "HSV") else base.convert(mode)
    if mode == "LAB":
        image = base.convert("RGB")
    ending = "tif" if mode in ("CMYK", "YCbCr", "I", "F") else "png"
    if mode == "HSV":
        image = image.convert("RGB")
    image.save(tmp_path / f"mode.{ending}")
    _, frame = only(tmp_path / f"mode.{ending}")
    grey = frame.grey().astype(int)
    assert grey[:, 50].mean() > grey[:, 5].mean() or mode == "1"


def test_transparent_parts_are_mid_grey(tmp_path):
    pixels = np.zeros((10, 10, 4), np.uint8)
    pixels[:5] = (255, 0, 0, 255)
    Image.fromarray(pixels).save(tmp_path / "alpha.png")
    _, frame = only(tmp_path / "alpha.png")
    assert (frame.rgb()[:5] == (255, 0, 0)).all() and (frame.rgb()[5:] == 128).all()


def test_one_pixel_is_a_picture(tmp_path):
    Image.new("RGB", (1, 1), (9, 9, 9)).save(tmp_path / "dot.png")
    _, frame = only(tmp_path / "dot.png")
    assert frame.size == (1, 1) and frame.rgb()[0, 0].tolist() == [9, 9, 9]
    assert frame.grey(40).shape == (40, 40)


@pytest.mark.parametrize("side", [12_000, 20_000, 60_000])
def test_a_bomb_is_refused_before_a_pixel_is_read(tmp_path, side):
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    with pytest.raises(InputError, match=r"bomb\.png: the image has .* pixels; at most 100 million"):
        open_recording(tmp_path / "bomb.png")


def test_a_huge_photograph_is_read_smaller(tmp_path):
    Image.new("L", (9000, 6000), 77).save(tmp_path / "huge.jpg")
    _, frame = only(tmp_path / "huge.jpg")
    assert frame.size == (4500, 3000) and abs(frame.grey(320).mean() - 77) < 2


@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_a_cut_picture_keeps_its_upper_part_and_says_so(tmp_path, ending):
    noise = np.random.default_rng(0).integers(0, 255, (200, 200), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, {"jpg": "JPEG", "png": "PNG"}[ending])
    (tmp_path / f"cut.{ending}").write_bytes(buffer.getvalue()[: buffer.tell() * 3 // 4])
    recording, frame = only(tmp_path / f"cut.{ending}")
    assert codes(recording) == ["truncated"] and frame.grey()[:100].std() > 30


@pytest.mark.parametrize("ending", ["gif", "png", "webp"])
def test_an_animation_is_a_video_at_its_own_times(tmp_path, ending):
    pages = [Image.fromarray(np.full((20, 30, 3), 30 + 40 * i, np.uint8)) for i in range(5)]
    shown = [100, 100, 400, 200, 200]
    pages[0].save(tmp_path / f"a.{ending}", save_all=True, append_images=pages[1:], duration=shown, lossless=True)
    recording = open_recording(tmp_path / f"a.{ending}")
    assert recording.kind == "video" and recording.duration == pytest.approx(1.0)
    frames = list(recording.frames(100))
    assert [round(f.time, 3) for f in frames] == [0, 0.1, 0.2, 0.6, 0.8]
    assert [abs(int(f.grey().mean()) - (30 + 40 * i)) < 6 for i, f in enumerate(frames)] == [True] * 5
    assert [round(f.time, 3) for f in recording.frames(5)] == [0, 0.2, 0.6, 0.8]
    assert round(frames[2].before.time, 3) == 0.1


def test_pages_are_no_animation(tmp_path):
    pages = [Image.new("L", (20, 30), value) for value in (10, 20)]
    pages[0].save(tmp_path / "fax.tif", save_all=True, append_images=pages[1:])
    recording, _ = only(tmp_path / "fax.tif")
    assert codes(recording) == ["pages"]


def test_real_photographs(samples, examples):
    _, frame = only(samples / "faces" / "nasa_astronaut.jpg")
    assert frame.size == (512, 512) and 90 < frame.grey().mean() < 140
    only(examples / "portrait.jpg")


def test_no_damage_to_a_picture_makes_anything_but_our_own_errors(examples, tmp_path):
    whole = (examples / "portrait.jpg").read_bytes()
    random = np.random.default_rng(5)
    refused = 0
    for _ in range(60):
        data = np.frombuffer(whole, np.uint8).copy()
        at = random.integers(2, 600, 10)
        data[at] = random.integers(0, 256, 10)
        (tmp_path / "torn.jpg").write_bytes(data.tobytes())
        try:
            for frame in open_recording(tmp_path / "torn.jpg").frames(5):
                assert frame.grey(100).shape[1] == 100
        except InputError as error:
            assert str(error).startswith(str(tmp_path / "torn.jpg"))
            refused += 1
    assert 0 < refused < 60
