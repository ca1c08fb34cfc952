"""A training that can be interrupted, with a learning rate and random numbers that depend on the step alone."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from data.recipes.common.training import Resumable

EVERY = 500  # steps between two saved states


class Scheduled(Resumable):
    """Resumable, with any course of the learning rate.

    `advance` saves its state every EVERY steps and seeds the random numbers anew there, so that a run that
    was interrupted gives what an uninterrupted one does.

    Args:
        network: what is trained.
        optimizers: at their highest rates.
        steps: of the whole run.
        factor: from the step, the rate as a share of the highest.
        seed: called with the step where a state is saved; the random numbers of the steps behind it depend on this.
        path: where the state is kept; None: nowhere.
    """

    def __init__(
        self,
        network: nn.Module,
        optimizers: list[torch.optim.Optimizer],
        steps: int,
        factor: Callable[[int], float],
        seed: Callable[[int], object],
        path: Path | None = None,
    ) -> None:
        super().__init__(network, optimizers, steps, warm_up=1, fall=1)
        self.factor, self.seed, self.path = factor, seed, path

    def resume(self) -> int:
        """Go on from the saved state, if there is one; the step that is reached."""
        if self.path is not None and self.load(self.path, latest=0):
            self.seed(self.step)
        return self.step

    def advance(self, loss: torch.Tensor) -> float:
        """One step down the gradient of `loss`; the loss."""
        loss.backward()
        self.update()
        if self.step % EVERY == 0:
            if self.path is not None:
                self.save(self.path)
            self.seed(self.step)
        return loss.item()

    def update(self) -> None:
        """One step of the optimizers with the gradients that are there, at this step's rates."""
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        for optimizer, highest in zip(self.optimizers, self.highest, strict=True):
            for group, lr in zip(optimizer.param_groups, highest, strict=True):
                group["lr"] = lr * self.factor(self.step)
            optimizer.step()
            optimizer.zero_grad()
        self.step += 1


def risen(step: int, warm_up: int) -> float:
    """The rate's first part: it rises to 1 in `warm_up` steps."""
    return min(1, (step + 1) / warm_up)
