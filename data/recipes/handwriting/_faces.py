"""Single-stroke faces of Debian's inkscape as pen strokes: read, tidied, and completed for English and German."""

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np

LETTERS = "abcdefghijklmnopqrstuvwxyz"
MARKS = "0123456789.,;:!?'\"()-&/+%*=#@"
UMLAUTS = {"ä": "a", "ö": "o", "ü": "u", "Ä": "A", "Ö": "O", "Ü": "U"}
CHARACTERS = LETTERS + LETTERS.upper() + MARKS + "ß" + "".join(UMLAUTS)
DOT = 0.3  # x-heights: a stroke no larger than this is a dot
TOP, BOTTOM = 1.7, -0.8  # x-heights: longer loops are shortened, so that a line of any face has the same height
GAP = 0.11  # x-heights: strokes that run closer than this beside another one are one stroke, drawn twice to look bold


def write_faces(folder: Path, names: tuple[str, ...], file: Path) -> None:
    """Write the faces `names` of `folder` into one json: face -> character -> [advance, stroke, …].

    Numbers are hundredths of the x-height, a stroke is one text "x y x y …".
    """
    faces = {}
    for name in names:
        face = read_face(folder / f"{name}.svg")
        whole = {c: [np.round(np.multiply(part, 100)).astype(int) for part in glyph] for c, glyph in face.items()}
        faces[name] = {c: [int(advance), *(" ".join(map(str, s.ravel())) for s in strokes)]
                       for c, (advance, *strokes) in whole.items()}  # fmt: skip
    lines = ",\n".join(f'"{name}": {json.dumps(face, ensure_ascii=False)}' for name, face in faces.items())
    file.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


def read_face(path: Path) -> dict[str, list]:
    """Every character as [advance, stroke, stroke, …] in x-heights: strokes are arrays (n, 2), upright, dots last.

    ValueError if the face lacks a character that cannot be composed.
    """
    text = path.read_text(encoding="utf-8")
    root = ElementTree.fromstring(re.sub(r"<!DOCTYPE[^>]*>", "", text))
    glyphs = {}
    for element in root.iter("{http://www.w3.org/2000/svg}glyph"):
        if (character := element.get("unicode")) in CHARACTERS:
            strokes = [stroke for stroke in _strokes(element.get("d") or "") if len(stroke) > 1]
            glyphs[character] = [float(element.get("horiz-adv-x", 378)), *strokes]
    if missing := [c for c in CHARACTERS if c not in UMLAUTS and len(glyphs.get(c, [])) < 2]:
        raise ValueError(f"{path.name} has no {' '.join(missing)}")

    height = max(stroke[:, 1].max() for stroke in glyphs["x"][1:])
    slant = _slant([stroke for c in "bdhklimnu" for stroke in glyphs[c][1:]])
    face = {}
    for character in CHARACTERS:
        advance, *strokes = glyphs[UMLAUTS.get(character, character)]
        strokes = [(stroke - np.outer(stroke[:, 1], [slant, 0])) / height for stroke in strokes]
        strokes = [stroke for stroke in strokes if stroke[:, 0].min() < 2 * advance / height]  # a dot lost far away
        strokes = _single(strokes) if "Hershey" in path.stem else strokes
        face[character] = [advance / height, *strokes]
    _level(face)
    for character in UMLAUTS:
        face[character] += _two_dots(face[character][1:], character)
    for glyph in face.values():  # stable: the order of writing, then the dots
        glyph[1:] = sorted(glyph[1:], key=_is_dot)
    return face


def _level(face: dict[str, list]) -> None:
    """Shorten long loops above and below, and bring wide and narrow faces closer together (both are choices)."""
    points = np.concatenate([stroke for c in LETTERS + LETTERS.upper() for stroke in face[c][1:]])
    above, below = min(1, (TOP - 1) / (points[:, 1].max() - 1)), min(1, BOTTOM / points[:, 1].min())
    wide = np.mean([face[c][0] for c in LETTERS]) ** -0.6
    for glyph in face.values():
        glyph[0] *= wide
        for stroke in glyph[1:]:
            x, y = stroke.T
            y = np.clip(y, 0, 1) + above * np.clip(y - 1, 0, None) + below * np.clip(y, None, 0)
            stroke[:] = np.stack([x * wide, y], 1)


def _strokes(d: str) -> list[np.ndarray]:
    """The strokes of an SVG path with absolute M, L, C and Z, curves as eight straight pieces each."""
    strokes, points = [], []
    for command, numbers in re.findall(r"([MLCZ])([^MLCZ]*)", d):
        values = np.array(re.findall(r"-?\d*\.?\d+(?:e-?\d+)?", numbers), float).reshape(-1, 2)
        if command == "M":
            strokes.append(np.array(points).reshape(-1, 2))
            points = list(values)
        elif command == "L":
            points += list(values)
        elif command == "C":
            for one, two, end in values.reshape(-1, 3, 2):
                t = np.linspace(0, 1, 9)[1:, None]
                start = points[-1]
                points += list(
                    (1 - t) ** 3 * start + 3 * t * (1 - t) ** 2 * one + 3 * t**2 * (1 - t) * two + t**3 * end
                )
        elif points:
            points.append(points[0])
    return [*strokes, np.array(points).reshape(-1, 2)]


def _length(stroke: np.ndarray) -> float:
    return np.hypot(*np.diff(stroke, axis=0).T).sum()


def _is_dot(stroke: np.ndarray) -> bool:
    return np.hypot(*np.ptp(stroke, axis=0)) <= DOT


def _slant(strokes: list[np.ndarray]) -> float:
    """The lean of the steep parts of strokes as dx / dy: their median, weighted by length."""
    dx, dy = np.concatenate([np.diff(stroke, axis=0) for stroke in strokes]).T
    steep = abs(dy) > 1.2 * abs(dx)
    lean, weight = dx[steep] / dy[steep], np.hypot(dx, dy)[steep]
    order = np.argsort(lean)
    return float(lean[order][np.searchsorted(weight[order].cumsum(), weight.sum() / 2)])


def _single(strokes: list[np.ndarray]) -> list[np.ndarray]:
    """Without the strokes that only run beside a longer one (a face drawn twice to look bold)."""
    kept = []
    for stroke in sorted(strokes, key=_length, reverse=True):
        points = _dense(stroke)
        if kept and not _is_dot(stroke):
            beside = np.hypot(*(points[:, None] - np.concatenate(kept)).transpose(2, 0, 1)).min(1) < GAP
            if beside.mean() > 0.8:
                continue
        kept.append(points)
    return [stroke for stroke in strokes if any(np.array_equal(_dense(stroke), other) for other in kept)]


def _dense(stroke: np.ndarray) -> np.ndarray:
    along = np.r_[0, np.hypot(*np.diff(stroke, axis=0).T).cumsum()]
    at = np.linspace(0, along[-1], max(2, int(along[-1] / 0.05)))
    return np.stack([np.interp(at, along, stroke[:, 0]), np.interp(at, along, stroke[:, 1])], 1)


def _two_dots(strokes: list[np.ndarray], character: str) -> list[np.ndarray]:
    """Two short strokes above the letter."""
    points = np.concatenate(strokes)
    middle, top = (points[:, 0].min() + points[:, 0].max()) / 2, points[:, 1].max()
    apart = 0.24 if character.islower() else 0.3
    return [np.array([[middle + side, top + 0.42], [middle + side - 0.02, top + 0.3]]) for side in (-apart, apart)]
