"""What is asked of an encoder's frozen states, and how its error is counted."""

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import TrOCRProcessor, ViTConfig, ViTModel

from utils import checkpoint
from utils.age.model import WriterAgeConfig, WriterAgeModel
from utils.age.probing import best_ridge, interval, pinball, pooled_states, train_head, writer_errors
from utils.handwriting.writers import Writer


def test_a_writers_answers_are_averaged_before_the_error_is_taken():
    years = np.array([20.0, 40, 30, 30, 30, 10, 10, 10, 10, 20])
    assert writer_errors(years, np.repeat([30.0, 20.0], 5)).tolist() == [0, 8]


def test_the_interval_is_as_wide_as_the_formula_says():
    errors = np.random.default_rng(1).normal(10, 3, 400)
    low, high = interval(errors)
    assert low < errors.mean() < high and high - low == pytest.approx(2 * 1.96 * 3 / 20, rel=0.15)


def test_ridge_finds_a_line_whatever_the_columns_scales():
    rng = np.random.default_rng(0)
    x = {split: rng.normal(size=(80, 3)) * [1, 100, 0.01] for split in ("train", "validation")}
    ages = {split: 50 + 3 * columns[:, 0] for split, columns in x.items()}
    assert abs(best_ridge(x, ages).predict(x["validation"]) - ages["validation"]).max() < 1


def test_the_pinball_loss_is_that_of_the_model():
    answers, ages = torch.tensor([[20.0, 40.0, 60.0]]), torch.tensor([50.0])
    assert pinball(answers, ages)[0].tolist() == pytest.approx([3, 5, 1])
    model = WriterAgeModel(WriterAgeConfig(encoder=tiny().to_dict())).eval()
    with torch.no_grad():
        output = model(pixel_values=torch.zeros(1, 3, 48, 384), labels=ages)
    assert output.loss.item() == pytest.approx(pinball(output.logits, ages).mean().item() / 24, rel=1e-4)


def test_a_head_learns():
    torch.manual_seed(0)
    states, head = torch.randn(50, 4), torch.nn.Linear(4, 1)
    train_head(head, states, lambda out: ((out[:, 0] - states[:, 2]) ** 2).mean(), steps=400)
    assert (head(states)[:, 0] - states[:, 2]).abs().max() < 0.2


def tiny() -> ViTConfig:
    return ViTConfig(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16,
                     image_size=(48, 384), patch_size=(48, 4))  # fmt: skip


def test_states_are_pooled_after_each_layer_without_cls():
    encoder = ViTModel(tiny(), add_pooling_layer=False).eval()
    processor = TrOCRProcessor.from_pretrained(checkpoint("trocr"))
    lines = [Image.fromarray(Writer.random(np.random.default_rng(seed), age=40).draw("so so", 64)) for seed in (0, 1)]
    states = pooled_states(lines, encoder, processor)
    assert states.shape == (2, 3, 8) and states[0, 2] != pytest.approx(states[1, 2])
    pixels = torch.cat([processor(line_fitted(line), return_tensors="pt").pixel_values for line in lines])
    with torch.no_grad():
        last = encoder(pixels).last_hidden_state[:, 1:].mean(dim=1)
    assert states[:, -1] == pytest.approx(last.double().numpy(), abs=1e-4)


def line_fitted(line):
    from utils.handwriting.lines import fit_line

    return fit_line(line, height=48, width=384).convert("RGB")
