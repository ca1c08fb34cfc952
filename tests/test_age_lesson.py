"""What the lesson on ages looks up, covers and checks."""

import numpy as np
import pytest
import torch

from utils.age.measures import check_folds, cover, difference_interval, ink_of_strips, nearest, same_writer


def test_the_nearest_row_is_found_whatever_the_columns_scales():
    rng = np.random.default_rng(0)
    known = rng.normal(size=(20, 6)) * [1, 10, 100, 1, 1, 1e-3]
    assert nearest(known, known[[7, 3]] + 1e-6).tolist() == [7, 3]


def test_the_same_writer_is_found_if_lines_are_alike_and_by_chance_if_not():
    rng = np.random.default_rng(0)
    writers = np.repeat(np.arange(60), 5)
    own = rng.normal(size=(60, 8))[writers]
    assert same_writer(own + 0.01 * rng.normal(size=own.shape), writers) == 1
    assert same_writer(rng.normal(size=own.shape), writers) < 0.1


def test_an_interval_for_two_groups():
    rng = np.random.default_rng(1)
    low, high = difference_interval(rng.normal(5, 1, 400), rng.normal(3, 1, 300))
    assert low < 2 < high and high - low == pytest.approx(4 * np.sqrt(1 / 400 + 1 / 300), rel=0.15)


def test_ink_is_where_the_picture_is_dark_and_covering_removes_it():
    pixels = torch.ones(2, 3, 8, 24)
    pixels[0, :, 2:5, 4:8] = -1  # the second strip
    pixels[1, :, 2:5, 20:22] = -1  # half of the sixth
    ink = ink_of_strips(pixels)
    assert ink.shape == (2, 6)
    assert [row.nonzero().flatten().tolist() for row in ink] == [[1], [5]] and ink[0, 1] == 2 * ink[1, 5]
    covered = cover(pixels, torch.tensor([[1, 0], [0, 1]]))
    assert not ink_of_strips(covered)[0].any() and torch.equal(covered[1], pixels[1])
    assert pixels[0, 0, 3, 5] == -1  # a copy was covered


WRITERS = np.repeat(np.arange(21), 5)


def whole(writers, k):
    return writers % k


@pytest.mark.parametrize(
    "folds, says",
    [
        (whole, "correct: years off in each fold 0.0 1.0 2.0 3.0 4.0 and on average 2.0"),
        (lambda writers, k: np.arange(len(writers)) % k, "21 of 21 writers are in more than one fold"),
        (lambda writers, k: np.minimum(writers, k - 1), "not yet: the folds have"),
        (lambda writers, k: np.zeros(len(writers), int), "use all of them"),
        (lambda writers, k: whole(writers, k)[:-1], "give each of the 105 lines a number"),
    ],
)
def test_folds_are_checked(folds, says, capsys):
    check_folds(folds, WRITERS, error=lambda test: WRITERS[test][0] % 5)
    assert says in capsys.readouterr().out
