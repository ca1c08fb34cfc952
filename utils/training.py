"""Trainings to compare another with: what the Trainer logs step by step, and what lies in memory."""

from collections.abc import Callable
from tempfile import TemporaryDirectory

import psutil
import torch
from datasets import Dataset
from transformers import PreTrainedModel, PrinterCallback, Trainer, TrainingArguments


def trainer_log(model: PreTrainedModel, dataset: Dataset, collate: Callable, **settings) -> list[dict]:
    """Train `model` on the processor with transformers' Trainer, rows in order; what it logs at each step.

    `settings` are further ones of TrainingArguments. Each entry has the loss, the length of the gradient before
    clipping (`grad_norm`) and the learning rate. Nothing is printed or kept on the disk.
    """
    with TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder, save_strategy="no", train_sampling_strategy="sequential", logging_steps=1,
            use_cpu=True, report_to="none", disable_tqdm=True, **settings,
        )  # fmt: skip
        trainer = Trainer(model, arguments, train_dataset=dataset, data_collator=collate)
        trainer.remove_callback(PrinterCallback)  # it would print each entry of the log
        trainer.train()
    return [entry for entry in trainer.state.log_history if "loss" in entry]


def trainer_losses(model: PreTrainedModel, dataset: Dataset, collate: Callable, **settings) -> list[float]:
    """The losses of `trainer_log`, one a step."""
    return [entry["loss"] for entry in trainer_log(model, dataset, collate, **settings)]


def kept_for_backward(model: PreTrainedModel, batch: dict[str, torch.Tensor]) -> int:
    """The bytes that a forward pass keeps for backward(): each piece of memory once, without the model's weights."""
    sizes = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        sizes[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model(**batch)
    weights = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    return sum(size for address, size in sizes.items() if address not in weights)


def random_batch(model: PreTrainedModel, rows: int, length: int) -> dict[str, torch.Tensor]:
    """A batch for a text classifier, `rows` texts of `length` random ids without padding: for measuring, not to learn.

    `input_ids` and `attention_mask` have the shape (rows, length), `labels` (rows,).
    """
    ids = torch.randint(model.config.vocab_size, (rows, length))
    labels = torch.zeros(rows, dtype=torch.long)
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": labels}


def own_memory() -> int:
    """The bytes of memory that are this process's alone: without what it maps from files, which may be dropped."""
    memory = psutil.Process().memory_info()
    return memory.rss - getattr(memory, "shared", 0)  # only Linux counts what is mapped in a number of its own
