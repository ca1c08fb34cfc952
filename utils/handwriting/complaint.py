"""What is wrong with a picture that should show one line of writing, as far as it can be told.

complaint(open_picture("line.png"))    # None
complaint(open_picture("page.png"))    # Complaint("This looks like several lines: cut out one", refuse=True)

A small reader reads the first letters: it is sure of a line, and not of anything else, nor of a line upside down. How
the ink looks says why. How often both are wrong stands in docs/your_own_data.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from PIL import Image
from scipy import ndimage
from transformers import TrOCRProcessor, VisionEncoderDecoderModel

from utils.checkpoints import REGISTRY
from utils.handwriting.lines import fit_line
from utils.quiet import quiet
from utils.vision.opening import as_pixels

HEIGHT, WIDTH = 48, 384  # pixels: the reader's
LETTERS = 8  # are read: they tell as much as all of them, in a third of the time
SURE, DOUBTFUL = 0.9, 0.75  # the reader's mean probability: from the one on all is well, below the other it is not
GAIN = 0.05  # by so much surer it is of a line that was upside down, once it is turned
COARSE = 16  # pixels: of a lower picture, too little is left
NOTHING, SMALL, LARGE = 4, 10, 40  # pixels, of HEIGHT: lower pieces of ink are no letters, small ones; higher, none
BLOTS = 0.01  # of the picture are dark and broader than any stroke of a pen
STROKE, BLOT, RULE = 13, 8, 24  # pixels: broader is no stroke; as broad is a blot; longer and straight is printed


@dataclass(frozen=True)
class Complaint:
    """`text`: what looks wrong and what to do, a sentence. `refuse`: what is said of such a picture means nothing."""

    text: str
    refuse: bool


def complaint(picture: Image.Image) -> Complaint | None:
    """What looks wrong with the picture of a line, or None. A tenth of a second on one core."""
    picture = as_pixels(picture)
    line = fit_line(picture, HEIGHT, WIDTH)
    height, rows, blots = looks(line)
    if height < NOTHING:
        return Complaint("No writing is found, or it is far too small: cut out one line with little paper around", True)
    if picture.height < COARSE:
        return Complaint(f"The picture is only {picture.height} pixels high: take a larger one", False)
    if (sure := sureness([line])[0]) >= SURE:
        return None
    turned = sureness([fit_line(picture.rotate(180), HEIGHT, WIDTH)])[0]
    if turned >= max(DOUBTFUL, sure + GAIN):
        return Complaint("This looks upside down: turn it, or show less paper around it if it stands upright", True)
    if blots > BLOTS:
        return Complaint("This does not look like writing: take a picture of one line", True)
    if sure >= DOUBTFUL:
        return None
    if picture.height > picture.width:
        on_its_side = picture.height > 2 * picture.width  # a short word is higher than wide, too
        return Complaint("This is higher than wide: turn it if it lies on its side, or cut out one line", on_its_side)
    if rows > 1:
        return Complaint("This looks like several lines: cut out one", True)
    if height > LARGE:
        return Complaint("This does not look like writing: take a picture of one line", True)
    if height < SMALL:
        return Complaint("The letters are very small: cut out part of the line, with little paper around", False)
    return Complaint("Hardly a letter can be read: take a clear picture of one line", False)


def looks(line: Image.Image) -> tuple[float, int, float]:
    """Of a fitted picture: how high its pieces of ink are (pixels; 0 if there is none), in how many rows they stand,
    and which share of the picture is blots."""
    grey = ndimage.gaussian_filter(np.asarray(line, float), 0.5)
    ink = ndimage.black_tophat(grey, STROKE)  # darker than what is around, so that shadows do not matter
    ink = ink > max(10, 0.35 * np.percentile(ink, 99.5))
    for printed in ((1, RULE), (int(0.85 * HEIGHT), 1)):
        ink &= ~ndimage.binary_opening(ink, np.ones(printed))
    pieces, count = ndimage.label(ink, np.ones((3, 3)))
    if not count:
        return 0, 0, 0
    sizes = np.bincount(pieces.ravel())[1:]
    heights = np.array([box[0].stop - box[0].start for box in ndimage.find_objects(pieces)])
    order = np.argsort(heights)
    height = heights[order][np.searchsorted(sizes[order].cumsum(), sizes.sum() / 2)]  # half the ink is in higher pieces
    profile = ndimage.gaussian_filter1d(ink.sum(1).astype(float), max(1, height / 8))
    bands, count = ndimage.label(profile > 0.25 * profile.max())
    weights = ndimage.sum_labels(profile, bands, range(1, count + 1))
    light, dark = np.percentile(grey, [90, 0.5])
    blots = ndimage.binary_opening(grey < dark + 0.4 * (light - dark), np.ones((BLOT, BLOT)))
    return float(height), int((weights > 0.3 * weights.max()).sum()), float(blots.mean())


@torch.inference_mode()
def sureness(lines: Sequence[Image.Image]) -> np.ndarray:
    """The mean probability of the first letters that the reader reads in fitted pictures: (lines,), 0 to 1."""
    processor, model = _reader()
    pixels = processor(images=[line.convert("RGB") for line in lines], return_tensors="pt").pixel_values
    out = model.generate(pixels, max_new_tokens=LETTERS, output_scores=True, return_dict_in_generate=True)
    found = model.compute_transition_scores(out.sequences, out.scores, normalize_logits=True).exp().numpy()
    read = out.sequences[:, 1:].numpy() != model.generation_config.pad_token_id
    return (found * read).sum(1) / read.sum(1)


@cache
def _reader() -> tuple[TrOCRProcessor, VisionEncoderDecoderModel]:
    """The course's own, also where checkpoints come from the Hub: the limits above were found with it."""
    quiet()
    folder = REGISTRY["trocr"].source.path().parent
    model = VisionEncoderDecoderModel.from_pretrained(folder, dtype=torch.float32)
    return TrOCRProcessor.from_pretrained(folder), model.eval()
