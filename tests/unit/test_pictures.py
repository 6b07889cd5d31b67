"""What is kept of a photo is its picture alone."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image
from PIL.ExifTags import IFD, Base

from models.tickets.pictures import PhotoRefused, rewritten

pytestmark = pytest.mark.unit

FORMATS = ("JPEG", "PNG", "WEBP")
RED, BLUE = (200, 0, 0), (0, 0, 200)


def a_photo(kind: str = "JPEG", size: tuple[int, int] = (40, 20), **saved: object) -> bytes:
    """Its left half is red, the other one blue."""
    picture = Image.new("RGB", size, BLUE)
    picture.paste(RED, (0, 0, size[0] // 2, size[1]))
    written = BytesIO()
    picture.save(written, kind, **saved)  # type: ignore[arg-type]
    return written.getvalue()


def with_place(kind: str) -> bytes:
    """Taken with the telephone on its side: to be turned by 90 degrees."""
    exif = Image.Exif()
    exif[Base.Orientation], exif[Base.Make] = 6, "HIDDENMAKER"
    exif.get_ifd(IFD.GPSInfo).update({1: "N", 2: (31.0, 13.0, 59.0)})
    return a_photo(kind, exif=exif.tobytes())


@pytest.mark.parametrize("kind", FORMATS)
def test_place_and_camera_are_not_kept_and_the_picture_stands_upright(kind: str) -> None:
    sent = with_place(kind)
    assert b"HIDDENMAKER" in sent
    found, content = rewritten(sent + b"HIDDENFILE", megapixels=64)
    assert not any(hidden in content for hidden in (b"HIDDENMAKER", b"HIDDENFILE", b"Exif", b"GPS"))
    kept = Image.open(BytesIO(content))
    assert (kept.format, kept.size, dict(kept.getexif())) == (kind, (20, 40), {})
    assert found == {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}[kind]
    top, bottom = kept.convert("RGB").getpixel((10, 5)), kept.convert("RGB").getpixel((10, 35))
    assert top[0] > 150 > 60 > top[2]  # type: ignore[index]
    assert bottom[2] > 150 > 60 > bottom[0]  # type: ignore[index]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_photo_that_breaks_off_or_is_garbage_behind_its_head_is_refused(kind: str) -> None:
    whole = a_photo(kind, (400, 300))
    for broken in (whole[: len(whole) // 2], whole[:20] + bytes(200), whole[:24] + b"\xff" * 300):
        with pytest.raises(PhotoRefused):
            rewritten(broken, megapixels=64)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8\xff\xe0" + bytes(100), b"GIF89a", b"<svg/>", b"\x89PNG\r\n\x1a\n123"]
)
def test_what_is_no_photo_is_refused(content: bytes) -> None:
    with pytest.raises(PhotoRefused, match=r"no photo|broken"):
        rewritten(content, megapixels=64)


def test_a_small_file_that_claims_a_vast_picture_is_refused_before_it_is_decoded() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    with pytest.raises(PhotoRefused, match="at most 16 million pixels"):
        rewritten(bomb, megapixels=64)


def test_a_very_large_jpeg_is_kept_smaller() -> None:
    _, content = rewritten(a_photo(size=(8000, 6000)), megapixels=64)
    assert Image.open(BytesIO(content)).size == (4000, 3000)


def test_a_png_with_glass_stays_transparent() -> None:
    written = BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(written, "PNG")
    _, content = rewritten(written.getvalue(), megapixels=64)
    assert Image.open(BytesIO(content)).mode == "RGBA"
