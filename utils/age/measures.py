"""What the lesson on writers' ages looks up, covers and checks beside its own subject."""

from collections.abc import Callable, Sequence

import numpy as np
import torch

RESAMPLES = 2000
DIRT = 0.2  # darker than paper by no more than this is not ink; from white to black it is 2


def nearest(known: np.ndarray, new: np.ndarray) -> np.ndarray:
    """For each row of `new` the number of the row of `known` at the smallest angle, all columns put on one scale."""
    mean, spread = known.mean(axis=0), known.std(axis=0)
    z, z_new = ((x - mean) / spread for x in (known, new))
    return (z_new @ (z / np.linalg.norm(z, axis=1, keepdims=True)).T).argmax(axis=1)


def same_writer(states: np.ndarray, writers: Sequence) -> float:
    """The share of the rows of `states` whose nearest other row is by the same writer."""
    writers = np.asarray(writers)
    z = (states - states.mean(axis=0)) / states.std(axis=0)
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    alike = z @ z.T
    np.fill_diagonal(alike, -np.inf)
    return float((writers[alike.argmax(axis=1)] == writers).mean())


def difference_interval(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The middle 95 % of the difference of the means of two groups of people, each drawn anew with replacement."""
    rng = np.random.default_rng(0)
    means = [values[rng.integers(len(values), size=(RESAMPLES, len(values)))].mean(axis=1) for values in (one, other)]
    return np.quantile(means[0] - means[1], [0.025, 0.975])


def ink_of_strips(pixels: torch.Tensor, width: int = 4) -> torch.Tensor:
    """How much ink there is in each strip, `width` pixels wide, of pictures (n, channels, height, w): (n, strips)."""
    paper = pixels.flatten(1).median(dim=1).values[:, None, None, None]
    darker = (paper - pixels - DIRT).clamp(min=0).sum(dim=2).mean(dim=1)
    return darker.unflatten(1, (-1, width)).sum(dim=2)


def cover(pixels: torch.Tensor, strips: torch.Tensor, width: int = 4) -> torch.Tensor:
    """Copies of pictures (n, channels, height, w) whose strips with the numbers `strips` (n, k) are paper."""
    covered = pixels.clone()
    for line, numbers in zip(covered, strips, strict=True):
        line.unflatten(2, (-1, width))[:, :, numbers] = line.median()
    return covered


def check_folds(
    folds_by_writer: Callable[[np.ndarray, int], np.ndarray], writers: np.ndarray, error: Callable, folds: int = 5
) -> None:
    """Print whether `folds_by_writer(writers, folds)` cuts lines into folds of whole writers, as many in each.

    It is tried on lines in a mixed order. If it does, also print `error(test)` of each fold, `test` being a mask of
    the lines in their own order, and the mean of all.
    """
    mixed = np.random.default_rng(1).permutation(len(writers))
    found = np.asarray(folds_by_writer(writers[mixed], folds))
    if found.shape != (len(writers),) or set(found.tolist()) != set(range(folds)):
        print(f"not yet: give each of the {len(writers)} lines a number from 0 to {folds - 1}, and use all of them")
        return
    fold_of = np.empty(len(writers), int)
    fold_of[mixed] = found
    names = np.unique(writers)
    torn = sum(len(set(fold_of[writers == name])) > 1 for name in names)
    sizes = [len(set(writers[fold_of == fold])) for fold in range(folds)]
    if torn:
        print(f"not yet: {torn} of {len(names)} writers are in more than one fold")
    elif max(sizes) - min(sizes) > 1:
        print(f"not yet: the folds have {', '.join(map(str, sizes))} writers")
    else:
        errors = np.array([error(fold_of == fold) for fold in range(folds)], dtype=float)
        print("correct: years off in each fold", *errors.round(1), "and on average", errors.mean().round(1))
