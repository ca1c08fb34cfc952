"""Batches for the text-to-text model: pairs of like length together, noise to be undone, and which of them when."""

import random
from collections.abc import Callable, Iterator

import numpy as np
import torch

PAD, END, UNKNOWN, MASK = range(4)  # the special tokens' ids
NO_LABEL = -100
LONGEST = (200, 120)  # tokens of an input and of an output

Pair = tuple[list[int], list[int]]  # tokens of an input and of its output


def shortened(tokens: list[int], longest: int) -> list[int]:
    """At most `longest` tokens; a text that is cut has an end token all the same."""
    return tokens if len(tokens) <= longest else [*tokens[: longest - 1], END]


def buckets(pairs: list[Pair], places: int, draws: random.Random) -> list[list[Pair]]:
    """All pairs in batches, short ones first, which pairs together differs from call to call.

    places: the most that a batch has: its pairs times the tokens, input and output, of the longest pair and 8.
    """
    lengths = [len(x) + len(y) for x, y in pairs]
    order = sorted(range(len(pairs)), key=lambda i: lengths[i] + draws.random() * 6)
    batches, batch, widest = [], [], 0
    for i in order:
        width = max(widest, lengths[i] + 8)
        if batch and width * (len(batch) + 1) > places:
            batches.append(batch)
            batch, width = [], lengths[i] + 8
        batch.append(pairs[i])
        widest = width
    return [*batches, batch]


def endless(pairs: list[Pair], places: int, draws: random.Random) -> Iterator[list[Pair]]:
    """Batches for ever, in random order; in every round each pair comes once."""
    while True:
        batches = buckets(pairs, places, draws)
        draws.shuffle(batches)
        yield from batches


def course(lists: dict[str, list[Pair]], mix: Callable[[float, float], str], steps: int, places: int,
           draws: random.Random) -> Iterator[list[Pair] | None]:  # fmt: skip
    """The batch of every step, or None where there is noise to be undone instead.

    mix: from a random number and the share of the run that is over, the name of a list, or another for noise.
    """
    batches = {name: endless(pairs, places, draws) for name, pairs in lists.items()}
    for step in range(steps):
        name = mix(draws.random(), step / steps)
        yield next(batches[name]) if name in batches else None


def tensors(batch: list[Pair], device: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs (pairs, tokens) filled up with PAD, and labels with NO_LABEL, both to a multiple of 16 tokens."""

    def filled(rows: list[list[int]], value: int) -> torch.Tensor:
        width = (max(map(len, rows)) + 15) // 16 * 16
        table = np.full((len(rows), width), value, dtype=np.int64)
        for line, row in zip(table, rows, strict=True):
            line[: len(row)] = row
        return torch.from_numpy(table).to(device, non_blocking=True)

    return filled([x for x, _ in batch], PAD), filled([y for _, y in batch], NO_LABEL)


def noise(stream: torch.Tensor, count: int, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """`count` pieces of the running text `stream` (tokens,): with about a quarter masked, and as they were.

    Masked are runs of one to three tokens. Random numbers come from the device's own generator.
    """
    device = stream.device
    start = torch.randint(0, len(stream) - length, (count,), device=device)
    whole = stream[start[:, None] + torch.arange(length, device=device)]
    first = torch.rand(whole.shape, device=device) < 0.10
    masked = first.clone()
    for further in (1, 2):
        masked[:, further:] |= first[:, :-further] & (torch.rand(whole[:, further:].shape, device=device) < 0.75)
    seen = whole.masked_fill(masked & (whole > MASK), MASK)
    whole = whole.clone()
    whole[:, -1] = END
    return seen, whole
