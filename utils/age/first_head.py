"""The head before the rest: in one step, on the states of an encoder that stays as it is, as lesson 10 builds it."""

import numpy as np
import torch
from accelerate import Accelerator
from sklearn.pipeline import Pipeline
from torch import nn
from torch.utils.data import DataLoader

from utils.age.model import QUANTILES, WriterAgeModel
from utils.age.probing import best_ridge, layer_means


@torch.inference_mode()
def states_of(accelerator: Accelerator, model: WriterAgeModel, batches: DataLoader) -> np.ndarray:
    """`layer_means` of all lines, without what goes into the first layer: (lines, layers, width)."""
    encoder, found = model.encoder.eval(), []
    for batch in batches:
        means = layer_means(encoder, batch["pixel_values"])[:, 1:]
        found.append(accelerator.gather_for_metrics(means).float().cpu())
    return torch.cat(found).double().numpy()


def keep_layers(model: WriterAgeModel, count: int) -> None:
    """Of the encoder's layers the first `count`."""
    model.encoder.layers = model.encoder.layers[:count]
    model.encoder.config.num_hidden_layers = model.config.encoder.num_hidden_layers = count


def set_head(head: nn.Linear, ridge: Pipeline, off: np.ndarray) -> None:
    """Let `head` answer what `ridge` (a scaler, a regression) does, in its units. The three quantiles share their
    weights; they lie apart as `off` does, by how much lines are older than answered."""
    scaler, linear = ridge[0], ridge[-1]
    weight = linear.coef_ / scaler.scale_
    bias = linear.intercept_ - weight @ scaler.mean_ + np.quantile(off, QUANTILES)
    with torch.no_grad():
        head.weight.copy_(torch.tensor(weight).expand(len(QUANTILES), -1))
        head.bias.copy_(torch.tensor(bias))


def fit_head(model: WriterAgeModel, states: dict[str, np.ndarray], ages: dict[str, np.ndarray], choose: bool) -> None:
    """Set `model.head` by ridge regression. With `choose`, first keep as many layers as tell the age best.

    `states` maps "train" and "validation" to (lines, layers, width), `ages` to (lines,), years. How far the quantiles
    lie apart is how far the lines of "validation" are off.
    """
    count = states["train"].shape[1]
    ages = {split: (years - model.config.mean) / model.config.spread for split, years in ages.items()}
    errors = {}
    for layer in range(count) if choose else [count - 1]:
        of_layer = {split: values[:, layer] for split, values in states.items()}
        ridge = best_ridge(of_layer, ages)
        errors[layer] = (ages["validation"] - ridge.predict(of_layer["validation"]), ridge)
    best = min(errors, key=lambda layer: abs(errors[layer][0]).mean())
    off, ridge = errors[best]
    keep_layers(model, best + 1)
    set_head(model.head, ridge, off)
