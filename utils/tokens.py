"""What it costs to cut texts into tokens, and what a model answers to rows of ids."""

from collections.abc import Collection, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence


def token_costs(rows: Sequence[Sequence[str]], vocabulary: Collection[str]) -> dict[str, float]:
    """Return what a way of cutting costs: rows of the vocabulary, length of the texts, and what is left unknown.

    `rows` are texts cut into tokens. A token is unknown if the vocabulary lacks it or if it is "[UNK]". Percentages
    are from 0 to 100, and nothing is rounded.
    """
    known = set(vocabulary) - {"[UNK]"}
    unknown = [sum(token not in known for token in row) for row in rows]
    tokens = sum(len(row) for row in rows)
    return {
        "vocabulary": len(vocabulary),
        "tokens per sentence": tokens / len(rows),
        "% unknown": 100 * sum(unknown) / tokens,
        "% of sentences with unknown": 100 * sum(count > 0 for count in unknown) / len(rows),
    }


@torch.no_grad()
def class_of_each(model: nn.Module, rows: Sequence[Sequence[int]], pad_id: int, size: int = 50) -> Tensor:
    """Return the number of the class that a classifier gives each row of ids, shape (len(rows),).

    The rows go in batches of `size`, those of similar length together; each batch is padded on the right with `pad_id`
    and masked.
    """
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    answers = torch.zeros(len(rows), dtype=torch.long)
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        batch = [torch.tensor(rows[i]) for i in chosen]
        ids = pad_sequence(batch, batch_first=True, padding_value=pad_id)
        mask = pad_sequence([torch.ones_like(row) for row in batch], batch_first=True)
        answers[chosen] = model(input_ids=ids, attention_mask=mask).logits.argmax(-1)
    return answers
