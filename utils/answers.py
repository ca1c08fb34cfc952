"""What a pipeline answers, as a lesson shows it."""

from numbers import Real
from typing import Any

import numpy as np


def rounded(answer: Any, decimals: int = 2) -> Any:
    """The same answer (lists and dicts in each other) with all its fractions rounded; everything else as it was.

    Further decimals differ from processor to processor. Tensors and arrays raise TypeError: they round themselves.
    """
    if isinstance(answer, dict):
        return {key: rounded(value, decimals) for key, value in answer.items()}
    if isinstance(answer, list | tuple):
        return type(answer)(rounded(value, decimals) for value in answer)
    if isinstance(answer, np.ndarray) or hasattr(answer, "numpy"):
        raise TypeError("rounded() takes lists, dicts and numbers; arrays and tensors have .round() of their own")
    if isinstance(answer, Real) and not isinstance(answer, int):
        return round(float(answer), decimals)
    return answer
