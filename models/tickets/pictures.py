"""A photo is decoded and written anew: what is kept is a picture and nothing else, neither place nor hidden file."""

import threading
from io import BytesIO

from PIL import Image, ImageOps

from models.errors import MoveRefused
from models.states.tickets import PhotoKind

_KINDS = {"JPEG": PhotoKind.JPEG, "PNG": PhotoKind.PNG, "WEBP": PhotoKind.WEBP}
_ENOUGH = (2048, 2048)
"""A JPEG at least twice as wide and high as this is decoded smaller, which takes a fraction of the memory."""
_WHOLE = 4
"""Other kinds are decoded whole: they may have the n-th part of the pixels."""
_QUALITY = 90
_ONE_AT_A_TIME = threading.Lock()
"""Decoding takes a core and some 100 MB for a moment: photos wait for one another, calls do not."""

# Our own limit is checked before anything is decoded.
Image.MAX_IMAGE_PIXELS = None


class PhotoRefused(MoveRefused):
    """Not kept; the text says why."""


def rewritten(content: bytes, *, megapixels: int) -> tuple[PhotoKind, bytes]:
    """Its kind, and the picture alone, upright. Raises PhotoRefused for what is none, is broken, or is larger."""
    with _ONE_AT_A_TIME:
        image = _opened(content)
        most = megapixels if image.format == "JPEG" else megapixels // _WHOLE
        if image.width * image.height > most * 1_000_000:
            raise PhotoRefused(
                f"the picture is too large: at most {most} million pixels", f"照片尺寸太大：最多 {most * 100} 万像素"
            )
        kind = _KINDS[image.format or ""]
        try:
            return kind, _as_file(image, kind)
        # The decoders raise whatever they stumble over.
        except Exception:
            raise PhotoRefused(
                "the photo is broken: take it, or send it, once more", "照片已损坏：请重新拍摄或重新上传"
            ) from None


def _opened(content: bytes) -> Image.Image:
    try:
        return Image.open(BytesIO(content), formats=list(_KINDS))
    except Exception:
        raise PhotoRefused("that is no photo: JPEG, PNG or WebP", "这不是照片：请用 JPEG、PNG 或 WebP") from None


def _as_file(image: Image.Image, kind: PhotoKind) -> bytes:
    image.draft("RGB", _ENOUGH)
    upright = ImageOps.exif_transpose(image)
    if kind is PhotoKind.JPEG:
        picture = upright.convert("RGB")
    else:
        picture = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    picture.info.clear()
    written = BytesIO()
    picture.save(written, image.format, quality=_QUALITY)
    return written.getvalue()
