"""A dozen things that a ruler and a patient eye could measure on a line of handwriting, each with a name.

stroke_features([picture, other])      # a table: a row for each picture, a column for each of FEATURES
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from PIL import Image
from scipy import ndimage

from utils.handwriting.lines import dark_on_light
from utils.vision.opening import as_pixels

HEIGHT = 64  # pixels: pictures of other heights are brought to this one first
FEATURES = {  # what each of them is
    "letter height": "median height of the connected pieces of ink, in pixels",
    "height spread": "how much these heights differ (standard deviation of their logarithms)",
    "baseline spread": "how far the pieces' lower ends lie from a straight line, in letter heights",
    "pieces": "connected pieces of ink in a hundred pixels of line (few: the letters are joined)",
    "slant": "lean to the right (tangent of the angle)",
    "stroke width": "in pixels",
    "darkness": "of the ink, from 0 (like the paper) to 1 (black)",
    "darkness spread": "how much it differs along the strokes (standard deviation over mean)",
    "pale ends": "share of the ink that is less than half as dark as its darkest tenth",
    "roughness": "share of the ink's contrast in details of about one pixel",
    "wobble": "the same for details of about two pixels",
    "swing": "the same for details of about four pixels",
}
SMALLEST = 8  # pixels of ink that a piece has at least; what is smaller is dirt


def stroke_features(pictures: Sequence[Image.Image]) -> pd.DataFrame:
    """Measure pictures of one line of writing each: FEATURES, all of them finite numbers.

    Raises ValueError if a picture shows no ink.
    """
    return pd.DataFrame([_measure(_ink(picture)) for picture in pictures], columns=list(FEATURES))


def _ink(picture: Image.Image) -> np.ndarray:
    """(HEIGHT, width), 0 where there is paper, 1 where the ink is black."""
    picture = dark_on_light(as_pixels(picture).convert("L"))
    if picture.height != HEIGHT:
        picture = picture.resize((max(1, round(picture.width * HEIGHT / picture.height)), HEIGHT))
    grey = np.asarray(picture, dtype=np.float32)
    paper = max(float(np.median(grey)), 1.0)
    return np.clip((paper - grey) / paper, 0, 1)


def _measure(ink: np.ndarray) -> list[float]:
    mask = ink > max(0.12, 0.35 * float(ink.max()))
    pieces, count = ndimage.label(mask, np.ones((3, 3)))
    large = np.bincount(pieces.ravel(), minlength=count + 1)[1:] >= SMALLEST
    if not large.any():
        raise ValueError("there is no ink in this picture: is it a line of writing, dark on light?")
    boxes = [box for box, keep in zip(ndimage.find_objects(pieces), large, strict=True) if keep]
    top, bottom, left, right = (np.array(v, float) for v in zip(*[(b[0].start, b[0].stop, b[1].start, b[1].stop)
                                                                  for b in boxes], strict=True))  # fmt: skip
    heights = bottom - top
    height = np.median(heights)
    letters = heights > 0.5 * height
    place = np.stack([left[letters], np.ones(letters.sum())], 1)
    off = bottom[letters] - place @ np.linalg.lstsq(place, bottom[letters], rcond=None)[0]

    down, across = np.gradient(ink)
    steep = across[mask] ** 2 > down[mask] ** 2  # edges of what goes up and down
    slant = (across[mask] * down[mask])[steep].sum() / max((across[mask] ** 2)[steep].sum(), 1e-6)
    outline = mask.sum() - ndimage.binary_erosion(mask).sum()
    dark = ink[mask]
    layers = [ink, *(ndimage.gaussian_filter(ink, spread, truncate=3) for spread in (0.8, 1.6, 3.2))]
    contrast = [float(((a - b) ** 2).sum() / (ink**2).sum()) for a, b in pairwise(layers)]
    return [
        height,
        float(np.log(heights[letters]).std()),
        float(abs(off).mean() / height),
        100 * len(boxes) / (right.max() - left.min()),
        float(slant),
        float(2 * mask.sum() / outline),
        float(dark.mean()),
        float(dark.std() / dark.mean()),
        float((dark < 0.5 * np.quantile(dark, 0.9)).mean()),
        *contrast,
    ]
