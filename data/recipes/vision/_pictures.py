"""The open pictures on which the vision models are pretrained: drawings of everything but the exotic animals."""

import re
import signal
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from data.recipes.common.sources import debian_package
from data.recipes.vision._animals import is_exotic
from data.recipes.vision._drawings import STYLES, centred, fetch_style, render

SIDE = 128  # pixels of the longer side
# Variants of one drawing, plain rectangles, patterns, and every animal whose name is not an emoji's
SKIN_TONE = re.compile(r"skin-tone|-(light|dark|medium|medium-light|medium-dark)$|-tone\d")
SKIPPED_FOLDERS = re.compile(r"/animals/|/shapes/|/special/|/flags/|/map_symbols/|/mimetypes/|/buttons/|/cards/")


def pictures(cache: Path) -> np.ndarray:
    """All pictures as RGBA, shape (pictures, 128, 128, 4), centred on a transparent ground; drawn once, then cached."""
    if not cache.is_file():
        cache.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as temporary:
            drawn = [*emoji(Path(temporary)), *clip_art(Path(temporary)), *stamps(Path(temporary))]
        partial = cache.with_suffix(".part.npy")
        np.save(partial, np.stack(drawn))
        partial.rename(cache)
    return np.load(cache, mmap_mode="r")


def emoji(folder: Path) -> list[np.ndarray]:
    drawn = []
    for style in STYLES:
        icons = fetch_style(style, folder)
        kept = [n for n in sorted(icons) if not is_exotic(n) and not SKIN_TONE.search(n) and not n.startswith("flag")]
        drawn += _centred(render_in_time(icons[name]) for name in kept)
        print(f"{style}: {len(kept):,} of {len(icons):,} drawings", flush=True)
    return drawn


def clip_art(folder: Path) -> list[np.ndarray]:
    files = _files(debian_package("openclipart-svg", folder), "*.svg")
    drawn = _centred(render_in_time(file.read_bytes()) for file in files)
    print(f"openclipart: {len(drawn):,} of {len(files):,} drawings", flush=True)
    return drawn


def stamps(folder: Path) -> list[np.ndarray]:
    root = debian_package("tuxpaint-stamps-default", folder)
    files = _files(root, "*.png")
    drawn = _centred(Image.open(file).convert("RGBA") for file in files)
    files = _files(root, "*.svg")
    drawn += _centred(render_in_time(file.read_bytes()) for file in files)
    print(f"tuxpaint: {len(drawn):,} stamps", flush=True)
    return drawn


def render_in_time(svg: str | bytes) -> Image.Image | None:
    """Draw an SVG; None if it cannot be drawn or takes more than three seconds."""

    def give_up(*_) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(3)
    try:
        return render(svg, SIDE)
    except Exception:  # cairosvg lets errors of every kind through; a few drawings of thousands are no loss
        return None
    finally:
        signal.alarm(0)


def _files(root: Path, pattern: str) -> list[Path]:
    files = (f for f in sorted(root.rglob(pattern)) if f.is_file() and not SKIPPED_FOLDERS.search(f.as_posix()))
    return [file for file in files if not is_exotic(file.stem)]


def _centred(drawn) -> list[np.ndarray]:
    squares = []
    for picture in drawn:
        if picture is None or picture.getextrema()[3][1] == 0:  # nothing to see
            continue
        squares.append(np.asarray(centred(picture, SIDE)))
    return squares
