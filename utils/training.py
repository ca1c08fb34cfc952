"""Trainings to compare another with: what the Trainer logs step by step, and what a step keeps in memory."""

from collections.abc import Callable
from tempfile import TemporaryDirectory

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
