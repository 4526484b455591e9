"""Pictures that people bring: decoded within bounds and written anew, so that only what is seen goes on."""

from io import BytesIO

from PIL import Image, ImageOps

from mentorlink.core.errors import RuleViolation, TooMuch

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 64_000_000  # a telephone's largest usual picture has 50 million
LONGEST_EDGE = 2560  # enough to read a page of paper
QUALITY = 88


def clean_image(content: bytes) -> bytes:
    """The picture upright, at most 2,560 pixels long, in its own format, without a word about where and by what it was taken.

    Raises TooMuch ``image_too_large`` before anything is decoded, RuleViolation ``file_kind`` where it is no picture.
    """
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            _refuse_flood(image)
            return _written_anew(image, image.format or "PNG")
    except RuleViolation:
        raise
    except Image.DecompressionBombError:
        raise TooMuch("image_too_large") from None
    except Exception:  # noqa: BLE001 - fed with broken bytes a decoder raises whatever it likes; nothing else is done here
        raise RuleViolation("file_kind") from None


def _refuse_flood(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise TooMuch("image_too_large")


def _written_anew(image: Image.Image, kind: str) -> bytes:
    image.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))  # a JPEG is decoded no larger than needed
    image.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
    upright = ImageOps.exif_transpose(image)
    pixels = upright.convert("RGBA" if kind != "JPEG" and upright.has_transparency_data else "RGB")
    pixels.info = {}  # Pillow writes comments and profiles from here
    written = BytesIO()
    pixels.save(written, format=kind, quality=QUALITY)
    return written.getvalue()
