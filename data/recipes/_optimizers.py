"""The optimizers of the small networks that recipes pretrain."""

from collections.abc import Iterable

import torch
from torch import nn


def muon_and_adamw(network: nn.Module, layers: Iterable[nn.Module], muon_rate: float,
                   adamw_rate: float = 1e-3) -> list[torch.optim.Optimizer]:  # fmt: skip
    """AdamW for `network` but for the matrices in its `layers`, which Muon takes: every direction gets the same step.

    Muon needs about half the steps, see data/recipes/vision.py for what was measured.
    """
    matrices = [p for layer in layers for p in layer.parameters() if p.ndim == 2]
    ours = {id(p) for p in matrices}
    others = [p for p in network.parameters() if id(p) not in ours]
    groups = [
        {"params": [p for p in others if p.ndim > 1], "weight_decay": 0.05},
        {"params": [p for p in others if p.ndim <= 1], "weight_decay": 0},
    ]
    return [
        torch.optim.AdamW(groups, lr=adamw_rate, betas=(0.9, 0.98)),
        torch.optim.Muon(matrices, lr=muon_rate, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
    ]
