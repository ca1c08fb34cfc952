"""From scanned pages to lines: a cutter for plain pages, and a folder of pages made a folder of lines.

    lines = cut_lines(open_picture("page.png"))                  # grey pictures, from top to bottom
    python -m utils.handwriting.pages --data scans --out lines   # both with a metadata.csv as load_lines wants it

Where the rows of a page hold much ink there is a line (projection profile). Each connected piece of ink belongs to the
nearest; a piece that reaches into two is cut between them. So it wants one column of straight, level lines that don't
reach far into each other. It cannot part columns, straighten a page that lies askew, find a line of one short word
below long ones, or tell writing from print, stamps and drawings: look at what it cut.
"""

import argparse
import warnings
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from scipy.ndimage import gaussian_filter1d
from skimage.feature import peak_local_max
from skimage.filters import threshold_otsu
from skimage.measure import label, regionprops_table
from skimage.morphology import dilation, opening, remove_small_objects
from tqdm.auto import tqdm

from utils.handwriting.lines import CONTRAST, dark_on_light, picture_path, read_metadata
from utils.vision.opening import as_pixels, load_first

SMALLEST = 64  # pixels: a page with a shorter side shows no line that anybody could read
DIRT = 8  # pixels: a piece of ink that is no larger is none
RULE = 12  # a level stroke is printed if it is longer than this part of the page's width
FULL = 0.15  # of the fullest line's ink: rows with less, between lines or below them, are no line
NEAR = 0.8  # two lines are at least so many heights of usual letters apart
TALL = 2.5  # ink higher than so many distances between lines is no line
MARGINS = (0.1, 0.35)  # paper beside and above the ink, in heights of the ink: as in the lines trained on


def cut_lines(page: Image.Image) -> list[Image.Image]:
    """The lines of a page: grey pictures (mode L) from top to bottom, a little of the page's paper around the ink.

    Ink that belongs to another line is covered with paper. ValueError if the page is too small, shows no writing, or
    if a piece of ink is too high for a line.
    """
    grey = np.asarray(dark_on_light(as_pixels(page).convert("L")))
    if min(grey.shape) < SMALLEST:
        raise ValueError(f"only {grey.shape[1]} x {grey.shape[0]} pixels: scan the page larger")
    ink = _ink(grey)
    if not ink.any():
        raise ValueError("no writing is found: take a page with dark ink on light paper")
    pieces = label(ink, connectivity=2)
    centres = _centres(pieces, ink)
    line_of = _lines(pieces, ink, centres)
    boxes = {int(number): _box(line_of == number) for number in np.unique(line_of[line_of > 0])}
    return [_cut(grey, line_of, number, box) for number, box in boxes.items()]


def pages_to_lines(folder: str | Path, out: str | Path) -> int:
    """Cut all pages that `folder`/metadata.csv lists, and write the lines and their metadata.csv to the folder `out`.

    The table is that of `load_lines`, a row for a page; each line gets its page's row, but `-` for its text. Returns
    the number of lines. FileNotFoundError and ValueError as for `load_lines` and `cut_lines`, and if `out` holds
    something already. A UserWarning names files of whose pages only the first was taken.
    """
    folder, out = (Path(path).expanduser() for path in (folder, out))
    table = read_metadata(folder)
    files = [picture_path(folder, file) for file in table["file"]]
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ValueError(f"{out} holds something already: take another --out, or empty it")
    rows, notes = [], []
    for number, (file, page) in enumerate(zip(tqdm(files, desc="pages"), table.to_dict("records"), strict=True)):
        try:
            lines = cut_lines(load_first(file, SMALLEST, "scan the page larger, or take its row out", notes))
        except ValueError as error:
            raise ValueError(str(error) if str(file) in str(error) else f"{file}: {error}") from error
        (out / page["split"]).mkdir(parents=True, exist_ok=True)
        for k, line in enumerate(lines):
            name = f"{page['split']}/{number:05}-{k:02}.png"
            line.save(out / name)
            rows.append(page | {"file": name, "text": "-"})
    if notes:
        warnings.warn("; ".join(notes), stacklevel=2)
    pd.DataFrame(rows).to_csv(out / "metadata.csv", index=False)
    return len(rows)


def _ink(grey: np.ndarray) -> np.ndarray:
    """Where there is ink, without dirt and printed rules: a mask like `grey`."""
    dark = np.median(grey) - grey.astype(np.float32)
    if np.percentile(dark, 99.9) < CONTRAST:
        return np.zeros(grey.shape, bool)
    ink = dark > max(threshold_otsu(dark), CONTRAST / 2)
    ink &= ~opening(ink, np.ones((1, max(2, grey.shape[1] // RULE)), bool))
    return remove_small_objects(ink, max_size=DIRT, connectivity=2)


def _centres(pieces: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """The rows, in order, in whose neighbourhood there is more ink than above and below: the middles of lines."""
    sizes = regionprops_table(pieces, properties=("bbox", "area"))
    heights, areas = sizes["bbox-2"] - sizes["bbox-0"], sizes["area"]
    order = np.argsort(heights)
    height = heights[order][np.searchsorted(areas[order].cumsum(), areas.sum() / 2)]  # half the ink is in higher ones
    profile = gaussian_filter1d(ink.sum(axis=1).astype(float), max(1, 0.35 * height))
    apart = max(1, round(NEAR * height))
    return np.sort(peak_local_max(profile, apart, threshold_rel=FULL, exclude_border=False).ravel())


def _lines(pieces: np.ndarray, ink: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """For each pixel the number, from 1, of the line that its ink belongs to; 0 for paper. ValueError as told above."""
    found = regionprops_table(pieces, properties=("bbox", "centroid"))
    top, bottom = found["bbox-0"], found["bbox-2"]
    apart = np.median(np.diff(centres)) if len(centres) > 1 else len(ink)
    if (bottom - top).max() > TALL * apart:
        raise ValueError("a piece of ink is too high for a line: cut away what is no writing, or cut the lines by hand")
    nearest = abs(found["centroid-0"][:, None] - centres).argmin(axis=1) + 1
    several = ((top[:, None] <= centres) & (centres < bottom[:, None])).sum(axis=1) > 1
    profile = gaussian_filter1d(ink.sum(axis=1).astype(float), 1)
    edges = [a + int(profile[a:b].argmin()) for a, b in pairwise(centres)]
    by_row = 1 + np.searchsorted(edges, np.arange(len(ink)), side="right")
    line_of = np.r_[0, nearest][pieces]
    torn = np.r_[False, several][pieces]
    return np.where(torn, by_row[:, None], line_of)


def _box(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Top, bottom, left and right of what is true."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return rows[0], rows[-1] + 1, columns[0], columns[-1] + 1


def _cut(grey: np.ndarray, line_of: np.ndarray, number: int, box: tuple[int, int, int, int]) -> Image.Image:
    """The line with this number, with margins; other lines' ink, and one pixel around it, becomes paper."""
    top, bottom, left, right = box
    beside, above = (round(margin * (bottom - top)) for margin in MARGINS)
    there = slice(max(0, top - above), bottom + above), slice(max(0, left - beside), right + beside)
    line, lines = grey[there].copy(), line_of[there]
    others = dilation((lines > 0) & (lines != number), np.ones((3, 3), bool))
    line[others & (lines != number)] = np.median(grey)
    return Image.fromarray(line)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with pages and metadata.csv")
    parser.add_argument("--out", type=Path, required=True, help="new folder for the lines")
    given = parser.parse_args(arguments)
    print(f"{pages_to_lines(given.data, given.out)} lines in {given.out}: look at some of them")


if __name__ == "__main__":
    main()
