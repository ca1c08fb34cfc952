"""How fast does this machine train, and what do a feature cache and dynamic padding save? Nothing is asserted.

    python -m tests.bench_speeds

Rates are in 10⁹ operations a second, float32, all cores: a product of two large matrices, which is the most that the
machine does, beside a training step of MiniLM (forward, backward, AdamW) with 16 texts of 64 tokens, whose operations
PyTorch counts. The cache and the padding are those of lessons 05 and 05b.
"""

import time
from collections.abc import Callable

import torch
from datasets import load_dataset
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoModel, AutoModelForSequenceClassification, AutoTokenizer

from utils import checkpoint, dataset_path
from utils.quiet import silent
from utils.training import random_batch

SIZE = 2048  # of the matrices
EPOCHS = 10


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """The median of some runs, after one that is not counted."""
    work()
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return sorted(taken)[times // 2]


def matrix_rate() -> float:
    a, b = torch.randn(SIZE, SIZE), torch.randn(SIZE, SIZE)
    return 2 * SIZE**3 / seconds(lambda: a @ b) / 1e9


def classifier() -> torch.nn.Module:
    with silent():
        return AutoModelForSequenceClassification.from_pretrained(checkpoint("encoder"), num_labels=2)


def training_rate() -> float:
    model = classifier().train()
    optimizer, batch = torch.optim.AdamW(model.parameters(), fused=True), random_batch(model, 16, 64)

    def step() -> None:
        model(**batch).loss.backward()
        optimizer.step()
        optimizer.zero_grad()

    with FlopCounterMode(display=False) as counter:
        step()
    return counter.get_total_flops() / seconds(step) / 1e9


def reviews(count: int) -> tuple[AutoTokenizer, list[dict]]:
    """The tokenizer of MiniLM, and film reviews: ids and a label each."""
    tokenizer = AutoTokenizer.from_pretrained(checkpoint("encoder"))
    rows = load_dataset(dataset_path("movie_reviews"), split="train").shuffle(seed=0).select(range(count))
    ids = tokenizer(rows["text"][:], truncation=True, max_length=96)
    names = ("input_ids", "attention_mask")
    return tokenizer, [
        {name: ids[name][i] for name in names} | {"labels": label} for i, label in enumerate(rows["label"])
    ]


def padding_speed_up() -> float:
    """Training on 64 reviews in batches of 8: padded to 96 tokens, against padded to the longest of each batch."""
    (tokenizer, rows), model = reviews(64), classifier().train()

    def epoch(**padding: object) -> None:
        for i in range(0, len(rows), 8):
            model(**tokenizer.pad(rows[i : i + 8], return_tensors="pt", **padding)).loss.backward()
            model.zero_grad()

    return seconds(lambda: epoch(padding="max_length", max_length=96), 3) / seconds(epoch, 3)


def cache_speed_up() -> float:
    """A head on a frozen body, 64 reviews, ten epochs: the body in each epoch, against once."""
    (tokenizer, rows), body, head = (
        reviews(64),
        AutoModel.from_pretrained(checkpoint("encoder")),
        torch.nn.Linear(384, 2),
    )
    optimizer, labels = torch.optim.AdamW(head.parameters()), torch.tensor([row.pop("labels") for row in rows])

    def vectors() -> torch.Tensor:
        with torch.no_grad():
            parts = [body(**tokenizer.pad(rows[i : i + 8], return_tensors="pt")) for i in range(0, len(rows), 8)]
        return torch.cat([part.last_hidden_state[:, 0] for part in parts])

    def train(found: Callable[[], torch.Tensor]) -> None:
        for _ in range(EPOCHS):
            torch.nn.functional.cross_entropy(head(found()), labels).backward()
            optimizer.step()
            optimizer.zero_grad()

    def cached() -> None:
        kept = vectors()
        train(lambda: kept)

    return seconds(lambda: train(vectors), 1) / seconds(cached, 3)


def speeds() -> dict[str, float]:
    """The figures by their names."""
    product, step = matrix_rate(), training_rate()
    return {
        "matrix product, 10⁹ operations a second": product,
        "training step, 10⁹ operations a second": step,
        "training step, share of the matrix product": step / product,
        "dynamic padding, times as fast": padding_speed_up(),
        f"feature cache, {EPOCHS} epochs, times as fast": cache_speed_up(),
    }


def main() -> None:
    for name, value in speeds().items():
        print(f"{name}: {value:.2f}" if value < 20 else f"{name}: {value:.0f}", flush=True)


if __name__ == "__main__":
    main()
