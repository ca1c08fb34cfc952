"""Answers as lessons show them."""

import numpy as np
import pytest
import torch

from utils import rounded


def test_fractions_are_rounded_wherever_they_stand():
    answer = [{"label": "A", "score": np.float32(0.12345), "start": 3, "parts": (0.999, True, None)}]
    assert rounded(answer) == [{"label": "A", "score": 0.12, "start": 3, "parts": (1.0, True, None)}]
    assert rounded(0.12345, decimals=3) == 0.123
    assert repr(rounded(np.float32(0.5))) == "0.5"


@pytest.mark.parametrize("array", [np.ones(2), torch.ones(2)])
def test_arrays_are_told_apart(array):
    with pytest.raises(TypeError, match="of their own"):
        rounded({"scores": array})
