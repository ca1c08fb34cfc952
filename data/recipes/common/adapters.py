"""Kept LoRA adapters on MiniLM: folders that hold float16 safetensors and json, and no path of the machine."""

import json
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import nn


def save_adapter(model: nn.Module, folder: Path, labels: list[str] | None = None) -> None:
    """Write a peft model's adapter and head as float16 safetensors, and the names of its labels if it has any."""
    model.save_pretrained(folder)
    weights = folder / "adapter_model.safetensors"
    save_file({name: value.half() for name, value in load_file(weights).items()}, weights, metadata={"format": "pt"})
    tidy(folder)
    if labels is not None:
        (folder / "labels.json").write_text(json.dumps(labels) + "\n")
    (folder / "README.md").unlink(missing_ok=True)  # peft's empty form; the card is data/README.md


def tidy(folder: Path) -> None:
    """Make an adapter's configuration the same on every machine and in every run."""
    config = json.loads((folder / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = "sentence-transformers/all-MiniLM-L6-v2"  # not a path of this machine
    config["target_modules"] = sorted(config["target_modules"])  # peft keeps them as a set
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
