"""The head before the rest: in one step, on the states of an encoder that stays as it is, as lesson 10 builds it."""

import numpy as np
import torch
from accelerate import Accelerator
from torch.utils.data import DataLoader

from utils.age.model import QUANTILES, WriterAgeModel
from utils.age.probing import best_ridge


@torch.inference_mode()
def states_of(accelerator: Accelerator, model: WriterAgeModel, batches: DataLoader) -> np.ndarray:
    """The mean over the patches after every layer, as if the encoder ended there: (lines, layers, width)."""
    encoder, found = model.encoder.eval(), []
    for batch in batches:
        hidden = encoder(batch["pixel_values"], output_hidden_states=True).hidden_states[1:]
        means = torch.stack([encoder.layernorm(states)[:, 1:].mean(1) for states in hidden], 1)
        found.append(accelerator.gather_for_metrics(means).float().cpu())
    return torch.cat(found).double().numpy()


def keep_layers(model: WriterAgeModel, count: int) -> None:
    """Of the encoder's layers the first `count`."""
    model.encoder.layers = model.encoder.layers[:count]
    model.encoder.config.num_hidden_layers = model.config.encoder.num_hidden_layers = count


def fit_head(model: WriterAgeModel, states: dict[str, np.ndarray], ages: dict[str, np.ndarray], choose: bool) -> None:
    """Set `model.head` by ridge regression. With `choose`, first keep as many layers as tell the age best.

    `states` maps "train" and "validation" to (lines, layers, width), `ages` to (lines,), years. The three quantiles
    share their weights: how far they lie apart is how far the lines of "validation" are off.
    """
    count = states["train"].shape[1]
    errors = {}
    for layer in range(count) if choose else [count - 1]:
        of_layer = {split: values[:, layer] for split, values in states.items()}
        ridge = best_ridge(of_layer, ages)
        errors[layer] = (ages["validation"] - ridge.predict(of_layer["validation"]), ridge)
    best = min(errors, key=lambda layer: abs(errors[layer][0]).mean())
    off, (scaler, linear) = errors[best]
    keep_layers(model, best + 1)
    weights = linear.coef_ / scaler.scale_
    years = linear.intercept_ - weights @ scaler.mean_ + np.quantile(off, QUANTILES)
    mean, spread = model.config.mean, model.config.spread
    with torch.no_grad():
        model.head.weight.copy_(torch.from_numpy(weights / spread))
        model.head.bias.copy_(torch.from_numpy((years - mean) / spread))
