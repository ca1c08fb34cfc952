"""Letters as pen strokes: single-stroke faces, read from data/handwriting/faces.json."""

import json
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from scipy.interpolate import CubicSpline

from utils.data import DATA

STEP = 0.07  # x-heights between two points of a stroke
DOT = 0.3  # x-heights: a stroke no larger than this is a dot
CORNER = np.deg2rad(50)  # a sharper turn stays a corner, a blunter one is rounded
HELD_OUT = ("EMSElfin", "EMSNixish", "HersheyScript1")  # kept from training, to see how a reader fares on new shapes


@dataclass(frozen=True)
class Glyph:
    """One letter of one face, in x-heights: the baseline is y = 0, the top of an x is y = 1."""

    points: np.ndarray  # (n, 2) x and y of all strokes in the order of writing, about STEP apart
    starts: np.ndarray  # (n,) bool: True where a stroke begins
    dots: int  # index of the first point that belongs to a dot (i, ä, !): people set these last
    advance: float  # how far the next letter begins to the right


def face_names() -> tuple[str, ...]:
    """The names of all faces."""
    return tuple(_faces())


def training_faces() -> tuple[str, ...]:
    """All faces but those of HELD_OUT."""
    return tuple(name for name in _faces() if name not in HELD_OUT)


@cache
def characters() -> str:
    """What can be written: every character that the faces have (all have the same), and the space."""
    return " " + "".join(next(iter(_faces().values())))


@cache
def glyph(face: str, character: str) -> Glyph:
    """The strokes of one character. KeyError for an unknown face or character."""
    if face not in _faces():
        raise KeyError(f"no face has the name {face!r}; known: {', '.join(_faces())}")
    if character not in _faces()[face]:
        raise KeyError(f"{character!r} cannot be written; what can be: {characters()}")
    advance, *texts = _faces()[face][character]
    strokes = [_smooth(np.array(text.split(), float).reshape(-1, 2) / 100) for text in texts]
    points = np.concatenate(strokes)
    starts = np.zeros(len(points), bool)
    starts[np.cumsum([0, *map(len, strokes[:-1])])] = True
    while len(strokes) > 1 and np.hypot(*np.ptp(strokes[-1], axis=0)) <= DOT:
        strokes.pop()
    body = sum(map(len, strokes))
    return Glyph(points, starts, body, advance / 100)


@cache
def _faces() -> dict[str, dict[str, list]]:
    """face -> character -> [advance, stroke, …] in hundredths of the x-height (data/recipes/handwriting/_faces.py)."""
    return json.loads((DATA / "handwriting" / "faces.json").read_text(encoding="utf-8"))


def _smooth(stroke: np.ndarray) -> np.ndarray:
    """The stroke with its blunt turns rounded (splines between its corners), points STEP apart."""
    gaps = np.hypot(*np.diff(stroke, axis=0).T)
    stroke = stroke[np.r_[True, gaps > 0]]
    if len(stroke) < 3:
        return _spaced(stroke)
    directions = np.unwrap(np.arctan2(*np.diff(stroke, axis=0).T[::-1]))
    corners = np.flatnonzero(abs(np.diff(directions)) > CORNER) + 1
    ends = [0, *corners, len(stroke) - 1]
    pieces = [_spline(stroke[a : b + 1]) for a, b in pairwise(ends)]
    return _spaced(np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])]))


def _spline(points: np.ndarray) -> np.ndarray:
    if len(points) < 3:
        return points
    at = np.r_[0, np.sqrt(np.hypot(*np.diff(points, axis=0).T)).cumsum()]  # centripetal: no loops, no overshoot
    return CubicSpline(at, points, bc_type="natural")(np.linspace(0, at[-1], 6 * len(points)))


def _spaced(points: np.ndarray) -> np.ndarray:
    along = np.r_[0, np.hypot(*np.diff(points, axis=0).T).cumsum()]
    at = np.linspace(0, along[-1], max(2, round(along[-1] / STEP) + 1))
    return np.stack([np.interp(at, along, points[:, 0]), np.interp(at, along, points[:, 1])], 1)
