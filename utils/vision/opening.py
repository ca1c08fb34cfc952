"""The one way from a file to pixels: upright, 8 bits, on white. Whatever opens a picture in this course opens it here.

picture = open_picture("line.tif")     # grey or RGB
picture = as_pixels(picture)           # the same for a PIL picture that is already open
"""

import hashlib
import io
import warnings
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image

# Pillow knows these by name, but shows them only with another program's help, or runs a program on them.
UNREADABLE = {"BUFR", "EPS", "GRIB", "HDF5", "MPEG", "WMF"}
APPLE = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypmif1", b"ftypmsf1")
APPLE_REMEDY = (
    "is a HEIC picture, which cannot be read here: save it as JPEG "
    "(an iPhone takes JPEG with Settings > Camera > Formats > Most Compatible)"
)
POINTER = b"version https://git-lfs"
WHITES = (1, 255, 65535)
BEYOND = 0.1  # of white: so far a filter that sharpens goes past black and white
SEVERAL = {"AVIF", "GIF", "PNG", "TIFF", "WEBP"}  # further frames of other kinds are previews and layers
TURNS = {  # by the number that the camera notes
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip


def kinds() -> dict[str, str]:
    """The endings of files that can be read here, in small letters, with Pillow's names: {".png": "PNG", …}."""
    known = Image.registered_extensions()
    return {ending: kind for ending, kind in known.items() if kind in Image.OPEN and kind not in UNREADABLE}


def open_picture(file: str | Path | BinaryIO) -> Image.Image:
    """The picture in a file (a path, `~` allowed, or an open file), as `as_pixels` gives it.

    Raises FileNotFoundError if there is no file, ValueError if it cannot be read or is too large. UserWarning as for
    `as_pixels`.
    """
    return as_pixels(load(file))


def load(file: str | Path | BinaryIO) -> Image.Image:
    """The picture as it lies in the file, its first page, loaded. Errors as for `open_picture`."""
    name = str(getattr(file, "name", "this file"))
    if isinstance(file, str | Path):
        file, name = Path(file).expanduser(), str(file)
        if not _is_file(file):
            raise FileNotFoundError(f"{name} is missing: give the path of a picture")
    try:
        with _large_ones(), Image.open(file, formats=sorted(set(kinds().values()))) as picture:
            picture.load()
        return picture
    except Image.DecompressionBombError as error:
        limit = 2 * Image.MAX_IMAGE_PIXELS // 10**6
        raise ValueError(f"{name} has more than {limit} million pixels: save it smaller") from error
    except OSError as error:
        if error.errno:
            raise ValueError(f"{name} cannot be opened ({error.strerror}): may you read it?") from error
        raise _no_picture(name, file) from error
    except Exception as error:  # broken files make Pillow's readers raise whatever Python has
        raise _no_picture(name, file) from error


def as_pixels(picture: Image.Image) -> Image.Image:
    """The picture as mode L or RGB: upright as its camera noted, what is transparent on white.

    Of 16-bit grey, 65535 is white. Other whole numbers and fractions have no such promise: white is 1 (of fractions),
    255 or 65535, whichever is the first that is not exceeded by more than a tenth. Where none fits (a value far below 0
    or beyond, or 4095 as the largest), the darkest value (at most 0) is black and the lightest white. A UserWarning
    tells that, names values that are no numbers, and 16-bit grey that is nearly black.
    """
    name = getattr(picture, "filename", "") or "a picture"
    if (turn := TURNS.get(orientation(picture))) is not None:
        see_through = picture.info.get("transparency")
        format_ = picture.format
        picture = picture.transpose(turn)
        picture.format = format_
        picture.info = {} if see_through is None else {"transparency": see_through}  # not to be turned twice
    if picture.mode.startswith(("I", "F")):
        return _in_eight_bits(picture, str(name))
    if picture.mode in ("RGBa", "La"):
        picture = picture.convert(picture.mode.upper())
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    return picture if picture.mode in ("L", "RGB") else picture.convert("L" if picture.mode == "1" else "RGB")


def orientation(picture: Image.Image) -> int:
    """1 (upright) to 8, as the camera noted it; 1 if it noted nothing, or nothing that can be read."""
    try:
        return int(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # broken notes make Pillow raise whatever Python has; the pixels are sound
        return 1


def pages(file: str | Path) -> int:
    """How many pictures lie in a file that `load` can read: more than 1 for animations and scans of several pages."""
    with _large_ones(), Image.open(file) as picture:
        return getattr(picture, "n_frames", 1) if picture.format in SEVERAL else 1


def load_first(file: Path, smallest: int, remedy: str, notes: list[str]) -> Image.Image:
    """As `load`; that the file has further pages is added to `notes`.

    ValueError, too, if a side has less than `smallest` pixels, with what to do about it.
    """
    picture = load(file)
    if min(size := picture.size) < smallest:
        raise ValueError(f"{file} is only {size[0]} x {size[1]} pixels: {remedy}")
    if (count := pages(file)) > 1:
        notes.append(f"{file}: {count - 1} of its {count} pages (only the first is taken)")
    return picture


def as_png(picture: Image.Image) -> bytes:
    """The picture as the bytes of a PNG file, without its notes."""
    file = io.BytesIO()
    Image.fromarray(np.asarray(picture)).save(file, "PNG", compress_level=1)  # it stays in memory: fast, not small
    return file.getvalue()


def fingerprint(pixels: Image.Image) -> bytes:
    """The same for the same pixels of one mode, from whatever file they came."""
    return hashlib.sha256(f"{pixels.size}".encode() + pixels.tobytes()).digest()


def is_blank(pixels: Image.Image) -> bool:
    """Whether all pixels have one colour."""
    return pixels.getcolors(1) is not None


def _in_eight_bits(picture: Image.Image, name: str) -> Image.Image:
    """Modes I, I;16 and F as L: PIL would cut them off at 255."""
    values = np.asarray(picture, dtype=float)
    finite = np.isfinite(values)
    least, most = (values[finite].min(), values[finite].max()) if finite.any() else (0, 1)
    if picture.mode.startswith("I;16") or (picture.mode == "I" and picture.format in ("PNG", "PPM")):
        black, white = 0, 65535
        if 0 < most < 4096:
            warnings.warn(f"{name} is nearly black: of 65535 for white it has up to {most:.0f}", stacklevel=3)
    else:
        black, white = _range(least, most, WHITES if picture.mode == "F" else WHITES[1:])
        if white not in WHITES or black:
            told = f"{name} has values from {least:.6g} to {most:.6g}: {black:.6g} is taken for black"
            warnings.warn(f"{told}, {white:.6g} for white", stacklevel=3)
    if odd := int((~finite).sum()):
        warnings.warn(f"{name} has {odd} values that are no finite numbers: they are white", stacklevel=3)
    grey = np.clip((np.where(finite, values, white) - black) / (white - black), 0, 1)
    grey = np.uint8(np.rint(grey * 255))
    if isinstance(paper := picture.info.get("transparency"), int):
        grey[values == paper] = 255
    return Image.fromarray(grey)


def _range(least: float, most: float, whites: tuple[int, ...]) -> tuple[float, float]:
    """Which values are black and white (see `as_pixels`)."""
    for white in whites:
        fits = -BEYOND * white <= least and most <= (1 + BEYOND) * white
        if fits and (white == whites[0] or most > white / 4):
            return 0, white
    return (min(0, least), most) if most > 0 else (least, max(most, least + 1))


def _no_picture(name: str, file: Path | BinaryIO) -> ValueError:
    start = _starts(file)
    if start.startswith(APPLE, 4):
        return ValueError(f"{name} {APPLE_REMEDY}")
    if start.startswith(POINTER):
        return ValueError(f"{name} is only a pointer of Git LFS: fetch the file itself by `git lfs pull`")
    return ValueError(f"{name} cannot be read as a picture: take a PNG or JPEG in its place, or none")


def _large_ones() -> warnings.catch_warnings:
    """Pillow warns of pictures over half of its limit; they are read all the same."""
    return warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long a name, or one that no file can have
        return False


def _starts(file: Path | BinaryIO) -> bytes:
    try:
        if isinstance(file, Path):
            with file.open("rb") as opened:
                return opened.read(32)
        file.seek(0)
        return file.read(32)
    except (OSError, ValueError):
        return b""
