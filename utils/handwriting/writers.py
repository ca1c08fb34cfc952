"""Writers that do not exist: each has letter shapes, habits, a pen and an age, and writes any text.

    writer = Writer.random(np.random.default_rng(0), age=70)
    picture = writer.draw("It's not bad (at all)!", height=64)     # uint8, (64, width)
    path = writer.path("It's not bad (at all)!")                   # x, y, pressure, time, stroke

Letters are strokes of a face (strokes.py), bent by the writer's habits, joined or not, then written by a hand of some
age (motor.py, pen_path.py) and drawn with a pen on paper (ink.py).
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from utils.handwriting.ink import Pen, draw
from utils.handwriting.motor import DAY, Motor, hand_age, motor_at, own_ways
from utils.handwriting.pen_path import broken, pressed, rounded, shaking, times
from utils.handwriting.strokes import STEP, characters, face_names, glyph, training_faces

COLUMNS = ("x", "y", "pressure", "time", "stroke")
SCRIPTS = ("EMSAllure", "HersheyScript1")  # faces whose letters are made to be joined


@dataclass(frozen=True)
class Writer:
    """A person's way of writing. Everything below `own` is a choice without a source, the same at every age:
    no slope of spacing or mean slant with age was found, so they belong to the writer.

    age: years.
    hand_age: years, how old the hand looks (utils.handwriting.motor.hand_age).
    own: factors on the motor parameters (motor.own_ways).
    seed: of the writer's habits, and of what is written if no generator is given.
    face, other_face: where the letter shapes come from (strokes.py); `borrowed`: share of characters of the second.
    slant: tangent of the lean to the right.
    width: of letters, 1 is the face's own.
    spacing: x-heights more between letters than the face has; word_gap: x-heights between words.
    reach: length of loops above the x-height, 1 is the face's own.
    joined: probability that a letter is linked to the one before.
    bend: x-heights, how far habit bends each letter's shape.
    slope: of the line on the paper.
    pen: utils.handwriting.ink.Pen.
    """

    age: float
    hand_age: float
    own: dict[str, float]
    seed: int
    face: str
    other_face: str
    borrowed: float
    slant: float
    width: float
    spacing: float
    word_gap: float
    reach: float
    joined: float
    bend: float
    slope: float
    pen: Pen

    @classmethod
    def random(cls, rng: np.random.Generator, age: float | None = None, faces: Sequence[str] | None = None) -> "Writer":
        """A new writer, of `age` years (from 8 to 90 if not given), whose letters come from `faces`.

        Faces are those of strokes.training_faces() if not given. KeyError for an unknown face, ValueError for
        an age outside 5 to 100.
        """
        faces = tuple(faces or training_faces())
        if unknown := set(faces) - set(face_names()):
            raise KeyError(f"no face has the name {', '.join(sorted(unknown))}; known: {', '.join(face_names())}")
        age = float(rng.uniform(8, 90)) if age is None else float(age)
        if not 5 <= age <= 100:
            raise ValueError(f"writers are 5 to 100 years old, not {age:g}")
        face = faces[rng.integers(len(faces))]
        script = face in SCRIPTS
        alike = [name for name in faces if (name in SCRIPTS) == script]  # joined and printed letters do not mix
        return cls(
            age=age,
            hand_age=hand_age(age, rng),
            own=own_ways(rng),
            seed=int(rng.integers(2**31)),
            face=face,
            other_face=alike[rng.integers(len(alike))],
            borrowed=float(rng.choice([0, 0.5]) * rng.random()),
            slant=float(np.clip(rng.normal(0.14, 0.2), -0.4, 0.7)),
            width=float(np.clip(np.exp(rng.normal(-0.02, 0.12)), 0.87, 1.3)),
            spacing=float(np.clip(rng.normal(0.03, 0.07), -0.02, 0.3)),
            word_gap=float(np.exp(rng.normal(-0.15, 0.18))),
            reach=float(np.exp(rng.normal(0, 0.12))),
            joined=float(rng.beta(8, 1) if script else (rng.random() > 0.45) * rng.beta(2, 1.5)),
            bend=float(0.07 * np.exp(min(0, rng.normal(-0.6, 0.4)))),
            slope=float(rng.normal(0, 0.012)),
            pen=Pen.random(rng),
        )

    def draw(self, text: str, height: int = 64, rng: np.random.Generator | None = None) -> np.ndarray:
        """`text` as a grey picture (uint8, height x width), 9 mm of paper from top to bottom. Errors as for `path`."""
        rng = rng or self._generator(text)
        return draw(self.path(text, rng), self.pen, height, rng)

    def path(self, text: str, rng: np.random.Generator | None = None) -> np.ndarray:
        """The pen's path (n, 5): x and y in millimetres, pressure 0 to 1, seconds, number of the stroke.

        Without `rng` a writer writes one text always the same way; with it, a little differently each time, as
        people do. ValueError if there is nothing to write, or a character that cannot be written.
        """
        text = " ".join(text.split())
        if not text:
            raise ValueError("there is nothing to write: the text is empty")
        if unknown := sorted(set(text) - set(characters())):
            raise ValueError(f"cannot write {' '.join(unknown)} in {text!r}; what can be written: {characters()}")
        rng = rng or self._generator(text)
        motor = self.motor(rng)
        points, starts, light = self._letters(text, motor, rng)
        points = rounded(points, starts, motor.rounding) * motor.size
        points[:, 0] += self.slant * points[:, 1]
        swing = motor.baseline_spread * motor.size / 4  # the line wanders, over centimetres
        points[:, 1] += self.slope * points[:, 0]
        points[:, 1] += swing * np.sin(points[:, 0] / rng.uniform(8, 25) + rng.uniform(0, 2 * np.pi))
        left, starts = broken(starts, motor.pauses, rng)
        points, starts, light = points[left], starts[left], light[left]
        time = times(points, starts, motor, rng)
        points = points + shaking(time, motor, rng)
        pressure = pressed(points, starts, light, time, motor, rng)
        return np.column_stack([points, pressure, time, starts.cumsum() - 1])

    def motor(self, rng: np.random.Generator) -> Motor:
        """How this writer's hand moves on a line: better on some, worse on others."""
        return motor_at(self.hand_age * np.exp(rng.normal(0, DAY)), self.own)

    def _generator(self, text: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, zlib.crc32(text.encode())])

    @cached_property
    def _habits(self) -> tuple[np.ndarray, ...]:
        """For each character: how far three waves bend it (c, 3, 2), the waves (c, 3, 2), their phases (c, 3),
        how wide and high it is (c, 2), and whether it comes from the second face (c,)."""
        rng, count = np.random.default_rng(self.seed), len(characters())
        return (
            rng.normal(0, self.bend, (count, 3, 2)),
            rng.uniform(1, 4, (count, 3, 2)),
            rng.uniform(0, 2 * np.pi, (count, 3)),
            np.exp(rng.normal(0, 0.06, (count, 2))),
            rng.random(count) < self.borrowed,
        )

    def _letters(self, text: str, motor: Motor, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The letters side by side, in x-heights: points (n, 2), where strokes begin (n,), what only links (n,)."""
        written = [c for c in text if c != " "]
        index = np.array([characters().index(c) for c in written])
        bends, waves, phases, scales, borrowed = self._habits
        glyphs = [glyph(self.other_face if borrowed[i] else self.face, characters()[i]) for i in index]
        count, lengths = len(glyphs), [len(g.points) for g in glyphs]
        of = np.repeat(np.arange(count), lengths)

        # the shape: the face's, bent by habit, and a little differently each time
        points = np.concatenate([g.points for g in glyphs])
        bend = bends[index] + rng.normal(0, 0.01 + 0.15 * motor.size_spread, (count, 3, 2))
        angles = (points[:, None] * waves[index][of]).sum(-1) + phases[index][of]
        points = points + (np.sin(angles)[..., None] * bend[of]).sum(1)
        points[:, 1] += (self.reach - 1) * np.clip(points[:, 1] - 1, 0, None)

        # the place: size, spacing, baseline
        size = np.exp(rng.normal(0, motor.size_spread, count))[:, None] * scales[index] * [self.width, 1]
        steps = np.array([g.advance for g in glyphs]) * size[:, 0] + self.spacing
        steps += rng.normal(0, 0.02 + 0.3 * motor.size_spread, count)
        words = np.cumsum([c == " " for c in text])[[c != " " for c in text]]
        new = np.diff(words, prepend=0) > 0
        gaps = new * self.word_gap * np.exp(rng.normal(0, 0.1 + motor.size_spread, count))
        x = np.cumsum(np.r_[0, steps[:-1]] + gaps)
        y = rng.normal(0, motor.baseline_spread, count)
        y[1:] += 0.5 * y[:-1]
        points = points * size[of] + np.stack([x, y], 1)[of]

        # the order: the letters of a word, linked or not, then its dots
        links = (rng.random(count) < self.joined) & ~new & [c.isalpha() for c in written]
        links[1:] &= np.array([c.isalpha() for c in written[:-1]], bool)
        links[0] = False
        pieces, dots, last, first = [], [], None, np.cumsum([0, *lengths])
        for i, g in enumerate(glyphs):
            if new[i]:
                pieces += dots
                dots = []
            letter, starts = points[first[i] : first[i + 1]], g.starts.copy()
            if links[i] and (link := _link(last, letter[0])) is not None:
                pieces.append((link, np.zeros(len(link), bool), np.ones(len(link), bool)))
                starts[0] = False
            nothing = np.zeros(len(letter), bool)
            pieces.append((letter[: g.dots], starts[: g.dots], nothing[: g.dots]))
            dots.append((letter[g.dots :], starts[g.dots :], nothing[g.dots :]))
            last = letter[g.dots - 1]
        return tuple(np.concatenate(parts) for parts in zip(*pieces, *dots, strict=True))


def _link(before: np.ndarray, after: np.ndarray) -> np.ndarray | None:
    """The points (n, 2) of the line between two letters, or None if they lie too far apart to be linked."""
    dx, dy = after - before
    if not (-0.25 < dx < 0.9 and abs(dy) < 1.15 and before[1] < 1.1):
        return None
    t = np.linspace(0, 1, max(2, int(np.hypot(dx, dy) / STEP)) + 1)[1:-1, None]
    pull = max(0.1, 0.4 * abs(dx))
    one, two = before + np.array([pull, -0.08]), after - np.array([0.6 * pull, 0.3 * dy])
    return (1 - t) ** 3 * before + 3 * t * (1 - t) ** 2 * one + 3 * t**2 * (1 - t) * two + t**3 * after
