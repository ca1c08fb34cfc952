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
from torch.utils.data import DataLoader
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoModel, AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding

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


def reviews() -> tuple[AutoTokenizer, list[dict]]:
    """The tokenizer of MiniLM, and 64 film reviews: ids and a label each."""
    tokenizer = AutoTokenizer.from_pretrained(checkpoint("encoder"))
    rows = load_dataset(dataset_path("movie_reviews"), split="train").shuffle(seed=0).select(range(64))
    ids = tokenizer(rows["text"][:], truncation=True, max_length=96, return_token_type_ids=False)
    return tokenizer, [
        {"input_ids": one, "attention_mask": mask, "label": label}
        for one, mask, label in zip(ids["input_ids"], ids["attention_mask"], rows["label"], strict=True)
    ]


def batches(**padding: object) -> list[dict[str, torch.Tensor]]:
    """The reviews in batches of 8, padded by the library's collator."""
    tokenizer, rows = reviews()
    return list(DataLoader(rows, batch_size=8, collate_fn=DataCollatorWithPadding(tokenizer, **padding)))


def padding_speed_up() -> float:
    """Training in batches padded to 96 tokens, against batches padded to the longest of each."""
    model = classifier().train()

    def epoch(padded: list[dict[str, torch.Tensor]]) -> None:
        for batch in padded:
            model(**batch).loss.backward()
            model.zero_grad()

    longest, dynamic = batches(padding="max_length", max_length=96), batches()
    return seconds(lambda: epoch(longest), 3) / seconds(lambda: epoch(dynamic), 3)


def cache_speed_up() -> float:
    """A head on a frozen body, ten epochs: the body in each epoch, against once."""
    body, head = AutoModel.from_pretrained(checkpoint("encoder")), torch.nn.Linear(384, 2)
    optimizer, padded = torch.optim.AdamW(head.parameters()), batches()
    labels = torch.cat([batch.pop("labels") for batch in padded])

    def vectors() -> torch.Tensor:
        with torch.no_grad():
            return torch.cat([body(**batch).last_hidden_state[:, 0] for batch in padded])

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


if __name__ == "__main__":
    print(*(f"{name}: {value:.3g}" for name, value in speeds().items()), sep="\n")
