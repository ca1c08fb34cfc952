"""A training that can be interrupted: the network, its optimizers, the step, the learning rate, the precision."""

from pathlib import Path

import torch
from torch import nn

from utils.environment import has_bfloat16


def rate(step: int, steps: int, warm_up: int, fall: float) -> float:
    """The learning rate at a step, as a share of the highest: it rises, stays, and falls to zero in the last part.

    warm_up: steps in which it rises; fall: share of the steps in which it falls.
    """
    return min(1, (step + 1) / warm_up, (steps - step) / (fall * steps))


def autocast(device: str = "cpu") -> torch.autocast:
    """Large multiplications in bfloat16, but on a processor without its instructions everything in float32."""
    return torch.autocast(device, torch.bfloat16, enabled=device != "cpu" or has_bfloat16())


class Resumable:
    """A network, its optimizers and the step it has reached; all of it can be saved and resumed."""

    def __init__(self, network: nn.Module, optimizers: list[torch.optim.Optimizer], steps: int, warm_up: int,
                 fall: float) -> None:  # fmt: skip
        self.network, self.optimizers = network, optimizers
        self.step, self.steps, self.warm_up, self.fall = 0, steps, warm_up, fall
        self.highest = [[group["lr"] for group in optimizer.param_groups] for optimizer in optimizers]

    def save(self, path: Path) -> None:
        """Write all of it, so that `path` is never half a file."""
        optimizers = [optimizer.state_dict() for optimizer in self.optimizers]
        state = {"network": self.network.state_dict(), "optimizers": optimizers, "step": self.step}
        partial = path.with_suffix(".part")
        torch.save(state | {"steps": self.steps}, partial)
        partial.rename(path)

    def load(self, path: Path, latest: float = 1.0) -> bool:
        """Go on from what `save` wrote; False if there is nothing, or only what must not be taken.

        A state is not taken if it is of a run of another length and beyond the share `latest` of either.
        """
        if not path.is_file():
            return False
        state = torch.load(path, weights_only=True)
        if state["steps"] != self.steps and state["step"] > latest * min(state["steps"], self.steps):
            return False
        self.network.load_state_dict(state["network"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.step = state["step"]
        print(f"goes on from {path.name}, step {self.step:,}", flush=True)
        return True

    def update(self) -> None:
        """One step of the optimizers with the gradients that are there, at this step's rates."""
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        factor = rate(self.step, self.steps, self.warm_up, self.fall)
        for optimizer, highest in zip(self.optimizers, self.highest, strict=True):
            for group, lr in zip(optimizer.param_groups, highest, strict=True):
                group["lr"] = lr * factor
            optimizer.step()
            optimizer.zero_grad()
        self.step += 1
