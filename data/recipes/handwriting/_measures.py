"""What can be measured of a line of handwriting: on its pen path, and on its picture."""

from itertools import pairwise

import numpy as np
from scipy import ndimage, signal

BANDS = (0.5, 2, 4, 6, 7, 8, 9, 10, 11, 13)  # Hz
RATE = 100  # samples a second
PAD = 32  # points by which a stroke is prolonged before it is smoothed


def of_path(path: np.ndarray) -> np.ndarray:
    """Measurements of a pen path (n, 5) as Writer.path gives it: speed, pauses, shaking, pressure, size, baseline."""
    x, y, pressure, time, stroke = path.T
    inner = np.diff(stroke) == 0
    steps, seconds = np.hypot(np.diff(x), np.diff(y)), np.diff(time)
    speed = steps[inner] / np.maximum(seconds[inner], 1e-4)
    down, up = seconds[inner], seconds[~inner]
    length = steps[inner].sum()
    out = [
        *np.log(np.quantile(speed, [0.1, 0.25, 0.5, 0.75, 0.9]) + 1e-3),
        np.log(time[-1] / length), np.log1p((down > 0.1).sum() / length), np.log1p(down[down > 0.1].sum() / length),
        np.log(up.mean() if len(up) else 0.1), np.log((stroke[-1] + 1) / length),
        *np.quantile(pressure, [0.05, 0.25, 0.5, 0.75, 0.95]), np.std(np.log(pressure)),
    ]  # fmt: skip

    # shaking: what smoothing over longer and longer pieces takes away, and how often a second it swings
    edges = np.r_[0, np.flatnonzero(~inner) + 1, len(x)]
    lengths = np.diff(edges)
    padded = np.concatenate([np.clip(np.arange(a - PAD, b + PAD), a, b - 1) for a, b in pairwise(edges)])
    own = np.concatenate([np.arange(PAD, PAD + n) + start for n, start in zip(lengths, _padded(lengths), strict=True)])
    smooth = np.stack([x, y, np.log(pressure)], 1)
    for width in (1, 2, 4, 8):
        smoother = ndimage.gaussian_filter1d(smooth[padded], width, axis=0)[own]
        kept = np.repeat(lengths > 4 * width, lengths)
        lost = (smooth - smoother)[kept]
        out += list(np.log((lost**2).mean(0) + 1e-8)) if kept.any() else [np.nan] * 3
        smooth = smoother
    at = np.arange(0, time[-1], 1 / RATE)
    written = inner[np.clip(np.searchsorted(time, at) - 1, 0, len(inner) - 1)][1:-1]
    power = 0
    for v in (x, y):
        jerks = np.diff(np.interp(at, time, v), 2) * written  # nothing while the pen is up
        hertz, spectrum = signal.welch(jerks, RATE, nperseg=min(128, len(jerks)))
        power = power + np.array([spectrum[(hertz >= lo) & (hertz < hi)].sum() for lo, hi in pairwise(BANDS)])
    out += list(np.log(power / written.mean() + 1e-12))

    # the ends of strokes, corners
    along = np.r_[0, np.cumsum(np.where(inner, steps, 0))]
    of = np.repeat(np.arange(len(lengths)), lengths)
    until, since = along[edges[1:] - 1][of] - along, along - along[edges[:-1]][of]
    middle = np.median(pressure)
    out += [np.mean(pressure[until < 0.3]) / middle, np.mean(pressure[since < 0.2]) / middle]
    angle = np.arctan2(np.diff(y), np.diff(x))
    turn = abs((np.diff(angle) + np.pi) % (2 * np.pi) - np.pi)[inner[1:] & inner[:-1]]
    out += [np.log(turn.sum() / length), *np.quantile(turn, [0.5, 0.8, 0.95]), (turn > 0.6).mean()]

    # sizes and places of the strokes that are letters, not dots
    bottom, top, left = (
        np.array([f(v[a:b]) for a, b in pairwise(edges)]) for f, v in ((np.min, y), (np.max, y), (np.min, x))
    )
    out += [*_places(bottom, top, left), np.std(y), *np.quantile(y - np.median(y), [0.05, 0.25, 0.75, 0.95])]
    out += [np.ptp(x) / len(lengths)]
    return np.array(out, float)


def _padded(lengths: np.ndarray) -> np.ndarray:
    """Where each stroke begins once all are prolonged on both sides."""
    return np.cumsum(lengths + 2 * PAD) - lengths - 2 * PAD


def _places(bottom, top, left):
    """Spread of heights, and of the lower and upper ends around a straight line."""
    height = top - bottom
    letters = height > 0.5 * np.median(height)
    if letters.sum() < 4:
        return [np.nan] * 6
    rests = []
    for ends in (bottom[letters], top[letters]):
        rest = ends - np.polyval(np.polyfit(left[letters], ends, 1), left[letters])
        rests += [np.median(abs(rest - np.median(rest))), rest.std()]
    return [np.log(np.median(height[letters]) + 1e-3), np.std(np.log(height[letters])), *rests]


def of_picture(picture: np.ndarray) -> np.ndarray:
    """Measurements of a grey picture (height, width): darkness and width of strokes, shaking, size, baseline."""
    grey = picture.astype(np.float32)
    paper = np.median(grey)
    ink = np.clip((paper - grey) / paper, 0, 1)
    mask = ink > max(0.12, 0.35 * np.quantile(ink[ink > 0.1], 0.9) if (ink > 0.1).any() else 0.12)
    if mask.sum() < 30:
        mask = ink >= np.quantile(ink, 0.95)
    out = [paper, (grey - paper)[~mask].std(), *np.quantile(ink[mask], [0.1, 0.25, 0.5, 0.75, 0.9])]

    # width of the strokes along their middle, and how width and darkness vary there
    deep = ndimage.distance_transform_edt(mask)
    ridge = mask & (deep >= ndimage.maximum_filter(deep, 3) - 1e-6)
    widths, darks = deep[ridge], ink[ridge]
    out += [
        *np.quantile(widths, [0.1, 0.5, 0.9]),
        widths.std(),
        darks.mean(),
        darks.std(),
        np.corrcoef(widths, darks)[0, 1] if len(widths) > 2 and widths.std() and darks.std() else 0,
    ]
    out += [np.log(ridge.sum() / picture.shape[1]), np.log(mask.sum() / ridge.sum())]
    weight = ndimage.gaussian_filter(ridge.astype(float), 4) + 1e-6
    slow = ndimage.gaussian_filter(np.where(ridge, ink, 0), 4) / weight
    out += [np.std(slow[ridge]), np.std((ink - slow)[ridge])]

    # how straight strokes run at several scales: the structure tensor
    dx, dy = ndimage.sobel(ink, 1), ndimage.sobel(ink, 0)
    for spread in (1, 1.5, 2.2, 3.2, 4.5):
        a, b, c = (ndimage.gaussian_filter(v, spread) for v in (dx * dx, dx * dy, dy * dy))
        coherence = np.sqrt((a - c) ** 2 + 4 * b * b) / (a + c + 1e-6)
        out += [coherence[mask].mean(), coherence[ridge].std()]
    # how strokes bend: the curvature of their edges
    for spread in (0.8, 1.2, 1.8):
        gx, gy, gxx, gxy, gyy = (
            ndimage.gaussian_filter(ink, spread, order) for order in ((0, 1), (1, 0), (0, 2), (1, 1), (2, 0))
        )
        steep = np.hypot(gx, gy)
        edge = steep > 0.5 * np.quantile(steep[mask], 0.8)
        bend = abs(gxx * gy**2 - 2 * gxy * gx * gy + gyy * gx**2)[edge] / steep[edge] ** 3
        out += [bend.mean(), *np.quantile(bend, [0.5, 0.9])]
    # where strokes end, and blots
    near = ndimage.convolve(ridge.astype(int), np.ones((3, 3), int), mode="constant")
    tips = ridge & (near == 2)
    out += [ink[tips].mean() / darks.mean() if tips.any() else 1, np.log1p(tips.sum()) - np.log(ridge.sum())]
    out += [np.quantile(widths, 0.98) / np.median(widths), (widths > 1.4 * np.median(widths)).mean()]
    energies, before = [], ink
    for spread in (0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8):
        after = ndimage.gaussian_filter(ink, spread)
        energies.append(((before - after) ** 2).sum())
        before = after
    out += list(np.log(np.array(energies) / (ink**2).sum() + 1e-9))
    direction, strength = np.arctan2(dy, dx) % np.pi, np.hypot(dx, dy)
    histogram = np.histogram(direction, 8, (0, np.pi), weights=strength)[0]
    out += list(histogram / histogram.sum())

    # sizes and places of the connected pieces
    pieces, count = ndimage.label(mask, np.ones((3, 3)))
    boxes = ndimage.find_objects(pieces)
    bottom, top, left, wide = (
        np.array(v, float)
        for v in zip(*[(-s[0].stop, -s[0].start, s[1].start, s[1].stop - s[1].start) for s in boxes], strict=True)
    )
    places = _places(bottom, top, left) if count > 1 else [np.nan] * 6
    out += [*places, count / picture.shape[1], np.median(wide), picture.shape[1]]
    rows = ink.sum(1) / ink.sum()
    at = np.arange(len(rows))
    middle = (rows * at).sum()
    out += [
        np.sqrt((rows * (at - middle) ** 2).sum()),
        *np.diff(np.interp([0.05, 0.25, 0.5, 0.75, 0.95], rows.cumsum(), at)),
    ]
    return np.array(out, float)
