"""Ask the frozen states of an encoder for a writer's age: pool, fit, and count the error by person.

The lesson on writers' ages builds these step by step; what goes on from there takes them from here. Lines of one writer
stand one after the other, LINES_EACH of them, as in the data set "handwriting".
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from PIL import Image
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from utils.handwriting.lines import fit_line

LINES_EACH = 5
LEVELS = (0.1, 0.5, 0.9)  # the quantiles asked for
PENALTIES = 10.0 ** np.arange(6)
RESAMPLES = 2000


def to_pixels(images: Sequence[Image.Image], processor: Callable) -> torch.Tensor:
    """Lines brought to 48 x 384 pixels, letters neither squeezed nor stretched: (lines, 3, 48, 384)."""
    fitted = [fit_line(image, height=48, width=384).convert("RGB") for image in images]
    return processor(fitted, return_tensors="pt").pixel_values


def layer_means(encoder: nn.Module, pixels: torch.Tensor) -> torch.Tensor:
    """Mean over the patches after every layer, as if the encoder, a ViT, ended there: (lines, 1 + layers, width)."""
    hidden = encoder(pixels, output_hidden_states=True).hidden_states
    normed = [encoder.layernorm(states)[:, 1:] for states in hidden]  # without [CLS]
    return torch.stack([states.mean(dim=1) for states in normed], dim=1)


@torch.no_grad()
def pooled_states(images: Sequence[Image.Image], encoder: nn.Module, processor: Callable) -> np.ndarray:
    """`layer_means` of lines, 25 at a time: (lines, 1 + layers, width)."""
    means = [layer_means(encoder, to_pixels(images[i : i + 25], processor)) for i in range(0, len(images), 25)]
    return torch.cat(means).double().numpy()


def best_ridge(x: dict[str, np.ndarray], ages: dict[str, np.ndarray]) -> Pipeline:
    """Ridge regression learned from split "train", with the penalty that is best on the lines of "validation".

    `x` maps both splits to (lines, columns), `ages` to (lines,), years.
    """
    models = [make_pipeline(StandardScaler(), Ridge(penalty)).fit(x["train"], ages["train"]) for penalty in PENALTIES]
    return min(models, key=lambda model: abs(model.predict(x["validation"]) - ages["validation"]).mean())


def pinball(guess: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """The price of each of the guesses (n, 3) for the quantiles LEVELS, when `truth` (n,) is right: (n, 3)."""
    levels = guess.new_tensor(LEVELS)
    off = truth[:, None] - guess  # above 0: the guess is too low
    return torch.maximum(levels * off, (levels - 1) * off)


def train_head(head: nn.Module, states: torch.Tensor, loss_of: Callable, steps: int) -> None:
    """Train `head` in place on all rows of `states` in each step; `loss_of(answers)` is its loss."""
    optimizer = torch.optim.AdamW(head.parameters(), lr=0.01)
    falling = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0, total_iters=steps)
    for _ in range(steps):
        loss_of(head(states)).backward()
        optimizer.step()
        falling.step()
        optimizer.zero_grad()


def writer_errors(years: np.ndarray, ages: np.ndarray) -> np.ndarray:
    """How far each writer's mean answer is off, in years: (writers,) from (lines,)."""
    by_writer = years.reshape(-1, LINES_EACH).mean(axis=1)
    return abs(by_writer - ages[::LINES_EACH])


def interval(errors: np.ndarray) -> np.ndarray:
    """Where the middle 95 % of the mean lie if the people are drawn anew, with replacement: (low, high)."""
    drawn = np.random.default_rng(0).integers(len(errors), size=(RESAMPLES, len(errors)))
    return np.quantile(errors[drawn].mean(axis=1), [0.025, 0.975])
