"""The fill-mask recipe: windows and masks, the losses of the program that made the weights, resuming, what is kept."""

import numpy as np
import pandas as pd
import pytest
import torch
from transformers import AutoTokenizer, BertConfig, BertModel

from data.recipes.common import scheduled as _scheduled
from data.recipes.text import fill_mask
from data.recipes.text._masking import END, FIRST_PIECE, LENGTH, MASK, START, held_out_batches, masked, orders, windows
from data.recipes.text._philox import gpu_random
from data.recipes.text._piece_ngrams import BothSides, OneSided, neighbours
from data.recipes.text.fill_mask import adapted_model, guesses, merged, save, train
from utils import checkpoint
from utils.data import DATA, results

STEPS, BATCH, WARM_UP, RANK = 50, 4, 8, 4


def tiny_encoder(folder) -> str:
    """An untrained encoder with MiniLM's vocabulary, in `folder`."""
    torch.manual_seed(5)
    config = BertConfig(
        initializer_range=0.3,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=LENGTH,
    )
    BertModel(config).save_pretrained(folder)
    return str(folder)


def some_texts() -> list[str]:
    return pd.read_parquet(DATA / "movie_reviews" / "train.parquet")["text"].tolist()[:300]


# Losses of the program that made the kept weights, on some_texts and tiny_encoder, one thread, without autocast, its
# share of the time replaced by step / 50, its warm-up (500 steps) by 8, its batches (256) by 4 and its rank by 4.
EXPECTED = [
    11.4395, 12.0794, 11.4627, 11.7620, 12.1214, 11.9497, 11.6972, 11.7658, 12.3452, 11.9614, 11.7732, 11.9105, 11.5232,
    12.1972, 11.6711, 11.7400, 11.5266, 11.6952, 11.7818, 11.8621, 11.6582, 11.6641, 11.7497, 11.8434, 11.9307, 11.7590,
    11.5822, 11.8866, 11.8274, 11.8600, 11.5199, 11.4911, 11.4974, 11.6584, 11.2268, 11.5137, 11.3000, 11.7370, 11.7984,
    11.4883, 11.6614, 11.4456, 11.8267, 11.3770, 11.4887, 11.6895, 11.4588, 11.5984, 11.7567, 11.6851,
]  # fmt: skip


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained(checkpoint("encoder"))


@pytest.fixture(scope="module")
def rows(tokenizer):
    return windows(some_texts(), tokenizer)


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> str:
    return tiny_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(autouse=True)
def in_float32(monkeypatch):
    monkeypatch.setattr(fill_mask, "autocast", lambda device: torch.autocast(device, enabled=False))


def test_losses_are_those_of_the_program_that_made_the_weights(base, rows):
    losses = train(adapted_model(base, RANK), rows, STEPS, BATCH, WARM_UP)
    assert losses == pytest.approx(EXPECTED, abs=1e-3)


def test_training_goes_on_where_it_was(base, rows, tmp_path, monkeypatch):
    monkeypatch.setattr(_scheduled, "EVERY", 8)
    whole = adapted_model(base, RANK)
    losses = train(whole, rows, 24, BATCH, WARM_UP, tmp_path / "whole.pt")

    class Stopped(Exception):
        pass

    def stop_at(step):
        def advance(self, loss, original=_scheduled.Scheduled.advance):
            if self.step == step:
                raise Stopped
            return original(self, loss)

        return advance

    with monkeypatch.context() as context, pytest.raises(Stopped):
        context.setattr(_scheduled.Scheduled, "advance", stop_at(19))
        train(adapted_model(base, RANK), rows, 24, BATCH, WARM_UP, tmp_path / "stopped.pt")
    again = adapted_model(base, RANK)
    assert train(again, rows, 24, BATCH, WARM_UP, tmp_path / "stopped.pt") == losses[16:]
    for one, two in zip(whole.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, two)


def test_windows_hold_the_whole_text(tokenizer, rows):
    texts = some_texts()
    tokens = [token for text in texts for token in [*tokenizer(text, add_special_tokens=False)["input_ids"], END]]
    assert rows.reshape(-1).tolist() == tokens[: rows.size] and len(tokens) - rows.size < LENGTH - 2


def test_masks(rows):
    chosen = torch.from_numpy(rows.astype(np.int64))
    seen, places, pieces = masked(chosen, torch.Generator().manual_seed(3))
    assert seen.shape == places.shape == (len(rows), LENGTH)
    whole = torch.cat([torch.full((len(rows), 1), START), chosen, torch.full((len(rows), 1), END)], dim=1)
    assert torch.equal(pieces, whole[places]) and torch.equal(seen[~places], whole[~places])
    assert (pieces >= FIRST_PIECE).all() and 0.13 < len(pieces) / (whole >= FIRST_PIECE).sum() < 0.17
    hidden, kept = (seen[places] == MASK).float().mean(), (seen[places] == pieces).float().mean()
    assert 0.75 < hidden < 0.85 and 0.06 < kept < 0.14


def test_every_window_comes_once_in_a_round():
    batches = orders(22, 4, "cpu")
    for _ in range(2):
        assert len({int(i) for _ in range(5) for i in next(batches)}) == 20


def test_held_out_places_are_the_same_everywhere():
    """Philox's published test vector; no place that must not be masked is."""
    numbers = gpu_random(0, 0, (2, 3))
    assert (
        numbers.dtype == np.float32 and numbers.shape == (2, 3) and numbers[0, 0] == pytest.approx(0x6627E8D5 / 2**32)
    )
    assert not np.array_equal(numbers, gpu_random(0, 1, (2, 3)))
    rows = np.full((3, LENGTH - 2), 2_000, dtype=np.uint16)
    rows[1, :] = END
    batches = list(held_out_batches(rows, most=3, size=2))
    assert [len(seen) for seen, _, _ in batches] == [2, 1]
    for seen, places, pieces in batches:
        assert (seen[places] == MASK).all() and (pieces == 2_000).all() and not places[:, [0, -1]].any()
    assert not batches[0][1][1].any()  # special tokens are never masked


def test_ngrams_by_hand():
    stream = np.array([5, 6, 5, 7, 5, 6])
    both = OneSided(stream, 2)
    for distribution in (both([]), both([5]), both([9]), BothSides(stream, 2)([5], [5])):
        assert distribution.sum() == pytest.approx(1, abs=1e-4)
    # bigrams 56 twice, 65, 57 and 75 once: discount 3 / 5; behind 5 came two pieces, three times
    assert both([5])[6] == pytest.approx((2 - 0.6 + 0.6 * 2 * both([])[6]) / 3)
    assert BothSides(stream, 3)([6], [7]).argmax() == 5


def test_neighbours_end_at_masks_and_edges():
    row = np.array([START, 1001, 1002, MASK, 1003, MASK, 1004, END, 1005, 1006, END])
    assert neighbours(row, 3) == ([1001, 1002], [1003])
    assert neighbours(row, 5) == ([1003], [1004, END, 1005])
    assert neighbours(row, 9) == ([1004, END, 1005], [])


def test_kept_folder_gives_the_model_back(base, rows, tmp_path):
    """Adapter, normalisations and head, to float16's precision; nothing else is stored."""
    model = adapted_model(base, RANK)
    train(model, rows, 12, BATCH, WARM_UP)
    save(model, tmp_path / "kept")
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {"adapter_config.json", "adapter_model.safetensors"}
    with torch.no_grad():
        for _, parameter in model.named_parameters():
            if parameter.requires_grad:
                parameter.copy_(parameter.half())
        seen, places, _ = next(held_out_batches(rows, size=4))
        one, two = (guesses(some, seen, places) for some in (model, merged(tmp_path / "kept", base)))
    assert torch.allclose(one, two, atol=1e-4)


def test_kept_checkpoint_guesses_what_the_card_says():
    table = results("fill_mask").set_index(["way", "texts"])
    ours = table.loc["MiniLM, adapter and head"]
    assert ours.loc["held_out", "pieces"] == 37_789
    assert ours.loc["held_out", "top1"] >= 0.459 and ours.loc["held_out", "top5"] >= 0.632
    for texts in ("held_out", "fresh"):
        assert ours.loc[texts, "top1"] > table.loc[("4-grams, both sides", texts), "top1"] + 0.05
    card = (DATA / "README.md").read_text(encoding="utf-8").partition("## checkpoints/fill-mask\n")[2]
    for row in table.reset_index().itertuples():
        assert f"| {row.top1:.3f} | {row.top5:.3f} | {row.loss:.2f} |" in card.partition("\n## ")[0]
