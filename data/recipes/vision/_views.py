"""Random views of pictures: turned, mirrored, scaled and moved."""

import torch
from torch import nn


class Dice:
    """Random numbers for a batch of `n` pictures, one set for each."""

    def __init__(self, n: int, generator: torch.Generator) -> None:
        self.n, self.generator = n, generator

    def uniform(self, low: float, high: float, *shape: int) -> torch.Tensor:
        """Numbers between `low` and `high`, shape (n, *shape)."""
        return low + (high - low) * torch.rand(self.n, *shape, generator=self.generator)


def random_grid(dice: Dice, angle: torch.Tensor, zoom: torch.Tensor, shift: float, side: int) -> torch.Tensor:
    """Where each pixel of a view is taken from, shape (n, side, side, 2), as `grid_sample` wants it.

    `angle` (radians) and `zoom` (above 1 shows more) have shape (n,); every other view is mirrored, and each is moved
    by up to `shift` of half the picture.
    """
    mirror = torch.where(dice.uniform(0, 1) < 0.5, -1.0, 1.0)
    rows = [
        torch.stack([zoom * angle.cos() * mirror, -zoom * angle.sin(), dice.uniform(-shift, shift)], 1),
        torch.stack([zoom * angle.sin() * mirror, zoom * angle.cos(), dice.uniform(-shift, shift)], 1),
    ]
    return nn.functional.affine_grid(torch.stack(rows, 1), [dice.n, 1, side, side], align_corners=False)
