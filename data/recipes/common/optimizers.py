"""The optimizers of the small networks that recipes pretrain."""

from collections.abc import Iterable

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from utils.environment import has_bfloat16


class _Float32(TorchFunctionMode):
    """Within it a tensor that is asked for itself in bfloat16 gives a copy in float32."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if function is torch.Tensor.bfloat16:
            return args[0].float().clone()
        return function(*args, **(kwargs or {}))


class Muon(torch.optim.Muon):
    """torch's Muon orthogonalizes in bfloat16; on a processor without its instructions this one does so in float32."""

    def step(self, closure=None):
        if self.param_groups[0]["params"][0].device.type != "cpu" or has_bfloat16():
            return super().step(closure)
        with _Float32():
            return super().step(closure)


def muon_and_adamw(network: nn.Module, layers: Iterable[nn.Module], muon_rate: float,
                   adamw_rate: float = 1e-3) -> list[torch.optim.Optimizer]:  # fmt: skip
    """AdamW for `network` but for the matrices in its `layers`, which Muon takes: every direction gets the same step.

    Muon needs about half the steps, see data/recipes/vision/vision.py for what was measured.
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
        Muon(matrices, lr=muon_rate, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
    ]
