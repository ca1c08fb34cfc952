"""How the pen moves along given letters: rounding, pauses and time, shaking, pressure.

Arrays here have one entry a point: `points` (n, 2) x and y, `starts` (n,) whether a pen stroke begins there, `light`
(n,) whether the pen only links two letters, `time` (n,) seconds.
"""

import numpy as np

from utils.handwriting.motor import Motor
from utils.handwriting.strokes import STEP

WOBBLE_HZ, PRESSURE_HZ = 2.6, 3.0  # choices: how often the hand strays and the pressure wanders, in a second


def rounded(points: np.ndarray, starts: np.ndarray, spread: float) -> np.ndarray:
    """The points smoothed along each stroke by a bell of deviation `spread` (x-heights); the ends of strokes stay."""
    points = points.copy()
    inner = np.flatnonzero(~starts & ~np.r_[starts[1:], True])
    steps = 2 * (spread / STEP) ** 2  # each [1 2 1] / 4 has a variance of half a point
    for step in range(int(np.ceil(steps))):
        middle = (points[inner - 1] + 2 * points[inner] + points[inner + 1]) / 4
        points[inner] += min(1, steps - step) * (middle - points[inner])
    return points


def broken(starts: np.ndarray, pauses: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Strokes broken where the pen leaves the paper for a moment: (which points are left, where strokes begin)."""
    left, starts = np.ones(len(starts), bool), starts.copy()
    count = rng.poisson(0.06 * pauses * len(starts) * STEP)
    for at in rng.integers(3, max(4, len(starts) - 6), count):
        gap = rng.integers(2, 4)
        if not starts[at - 2 : at + gap + 2].any():
            left[at : at + gap] = False
            starts[at + gap] = True
    return left, starts


def times(points: np.ndarray, starts: np.ndarray, motor: Motor, rng: np.random.Generator) -> np.ndarray:
    """Seconds at each point (millimetres): slower in tight curves (the two-thirds power law), with pauses."""
    steps = np.diff(points, axis=0, prepend=points[:1])
    length = np.hypot(*steps.T)
    angle = np.arctan2(steps[:, 1], steps[:, 0])
    turn = abs((np.diff(angle, append=angle[-1]) + np.pi) % (2 * np.pi) - np.pi)
    bend = np.convolve(turn / np.maximum(length, 1e-3), np.full(5, 0.2), "same")  # 1 / radius
    seconds = length / (motor.speed * np.clip((bend * motor.size / 1.5 + 0.05) ** (-1 / 3), 0.4, 1.6))
    seconds[starts] = 0.06 + length[starts] / (2 * motor.speed)  # through the air
    stops = ~starts & (rng.random(len(points)) < motor.pauses * STEP / 4)
    seconds[stops] += rng.gamma(2, 0.1, stops.sum())
    seconds[0] = 0
    return seconds.cumsum()


def shaking(time: np.ndarray, motor: Motor, rng: np.random.Generator) -> np.ndarray:
    """What tremor and wobble add to x and y (n, 2), in millimetres."""
    return motor.tremor * waves(time, motor.tremor_hz, 0.08, rng) + motor.wobble * waves(time, WOBBLE_HZ, 0.25, rng)


def pressed(points: np.ndarray, starts: np.ndarray, light: np.ndarray, time: np.ndarray, motor: Motor,
            rng: np.random.Generator) -> np.ndarray:  # fmt: skip
    """Pressure (n,) from 0.03 to 1: it wanders, is lower between letters, and at the ends of strokes."""
    length = np.hypot(*np.diff(points, axis=0, prepend=points[:1]).T)
    along = np.where(starts, 0, length).cumsum()
    stroke, ends = starts.cumsum() - 1, np.r_[starts[1:], True]
    since, until = along - along[starts][stroke], along[ends][stroke] - along
    pressure = motor.pressure * np.exp(motor.unsteadiness * waves(time, PRESSURE_HZ, 0.4, rng)[:, 0])
    pressure *= 1 - 0.35 * np.convolve(light, np.full(5, 0.2), "same")
    pressure *= (1 - motor.taper * np.exp(-until / 1.0)) * (1 - motor.taper / 2 * np.exp(-since / 0.5))
    return np.clip(pressure, 0.03, 1)


def waves(time: np.ndarray, hz: float, spread: float, rng: np.random.Generator) -> np.ndarray:
    """Two columns of noise around the frequency `hz` (its logarithm spread by `spread`), standard deviation 1."""
    rates = 2 * np.pi * hz * np.exp(rng.normal(0, spread, (4, 2)))
    return np.sin(time[:, None, None] * rates + rng.uniform(0, 2 * np.pi, (4, 2))).sum(1) / np.sqrt(2)
