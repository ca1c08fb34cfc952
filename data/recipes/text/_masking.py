"""Windows of running text for masked language modelling, and which of their pieces are masked."""

from collections.abc import Iterator

import numpy as np
import torch
from transformers import PreTrainedTokenizerFast

from data.recipes.text._philox import gpu_random

START, END, MASK = 101, 102, 103  # [CLS], [SEP], [MASK] in the vocabulary of bert-base-uncased
FIRST_PIECE, PIECES = 1_000, 30_522  # ids below FIRST_PIECE are special or single characters' and are never masked
LENGTH = 128  # of a window, START and END included
SHARE = 0.15  # of the pieces, which are masked


def windows(texts: list[str], tokenizer: PreTrainedTokenizerFast) -> np.ndarray:
    """All texts one after the other, END behind each, cut into rows: (windows, LENGTH - 2), the rest dropped."""
    rows = tokenizer(texts, add_special_tokens=False, verbose=False)["input_ids"]
    stream = np.concatenate([np.array([*row, END], dtype=np.uint16) for row in rows])
    width = LENGTH - 2
    return stream[: len(stream) // width * width].reshape(-1, width)


def framed(rows: torch.Tensor) -> torch.Tensor:
    """The rows (windows, LENGTH - 2) with START before and END behind each."""
    edge = torch.ones_like(rows[:, :1])
    return torch.cat([START * edge, rows, END * edge], dim=1)


def masked(rows: torch.Tensor, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Inputs (windows, LENGTH), the places to be guessed (likewise, true or false), and the pieces that stood there.

    Of those places eight in ten are masked, one has any other piece, one stays as it is (Devlin et al. 2019).
    """
    whole = framed(rows)
    device = whole.device
    places = (torch.rand(whole.shape, device=device, generator=generator) < SHARE) & (whole >= FIRST_PIECE)
    fate = torch.rand(whole.shape, device=device, generator=generator)
    seen = whole.masked_fill(places & (fate < 0.8), MASK)
    other = places & (fate >= 0.8) & (fate < 0.9)
    seen[other] = torch.randint(FIRST_PIECE, PIECES, (int(other.sum()),), device=device, generator=generator)
    return seen, places, whole[places]


def held_out_batches(rows: np.ndarray, most: int = 2_048, size: int = 128) -> Iterator[tuple[torch.Tensor, ...]]:
    """Of the first `most` rows, `size` at a time: inputs with all chosen places masked, these places, their pieces.

    The same places on every machine: those that torch's generator with seed 1 chooses on a GPU.
    """
    for number, begin in enumerate(range(0, min(len(rows), most), size)):
        whole = framed(torch.from_numpy(rows[begin : begin + size].astype(np.int64)))
        chosen = torch.from_numpy(gpu_random(1, 2 * number, tuple(whole.shape)) < SHARE)  # every other call is not used
        places = chosen & (whole >= FIRST_PIECE)
        yield whole.masked_fill(places, MASK), places, whole[places]


def orders(count: int, batch: int, device: str) -> Iterator[torch.Tensor]:
    """Numbers of the rows of batch after batch, for ever; in every round each comes at most once."""
    while True:
        order = torch.randperm(count, device=device)
        for begin in range(0, count - batch + 1, batch):
            yield order[begin : begin + batch]
