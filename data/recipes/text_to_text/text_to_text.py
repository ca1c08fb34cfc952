"""Train data/checkpoints/text-to-text: one small encoder-decoder that translates English and German and makes titles.

    python -m data.recipes.text_to_text.text_to_text --prepare        needs apt-get (Debian 12), some minutes
    python -m data.recipes.text_to_text.text_to_text --device cuda    both runs, a quarter of an hour on a GPU
    python -m data.recipes.text_to_text.text_to_text --evaluate       what data/README.md states, some minutes

Marian's architecture, the task in words in front of the text. The first run learns from sentences, titles and noise to
be undone, the second goes on with a dictionary added. Interrupted, it goes on from its last 500 steps (.cache/recipes).

The kept weights are those of a run on one H200 whose learning rates fell with the time (490 and 360 seconds) instead of
the steps: 6,899 and 3,166 steps became of it. Batches, noise and the course of the rates are the same functions here;
tests/test_text_to_text_recipe.py holds the losses of the first 50 steps against that run's program.
"""

import argparse
import itertools
import json
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import nn
from transformers import AutoTokenizer, GenerationConfig, MarianConfig, MarianMTModel, PreTrainedTokenizerFast

from data.recipes.common.optimizers import muon_and_adamw
from data.recipes.common.scheduled import Scheduled, risen
from data.recipes.common.training import autocast
from data.recipes.text_to_text._text_to_text_batches import END, NO_LABEL, PAD, buckets, course, noise, tensors
from data.recipes.text_to_text._text_to_text_data import Encoded, prepare, read
from data.recipes.text_to_text._text_to_text_scores import evaluate
from utils.checkpoints import TRAINED
from utils.data import ROOT

WORK = ROOT / ".cache" / "recipes" / "text-to-text"
KEPT = TRAINED / "text-to-text"


@dataclass(frozen=True)
class Size:
    """Of the model, and of its batches: `places` of tokens, or `noisy` pieces of `length` tokens to be restored."""

    pieces: int = 7168
    width: int = 256
    inner: int = 1024
    heads: int = 8
    encoder_layers: int = 4
    decoder_layers: int = 3
    places: int = 24_000
    noisy: int = 128
    length: int = 96


@dataclass(frozen=True)
class Run:
    """One of the two runs: how long, AdamW's highest rate (Muon's is 2.5 times as high), and what it learns from.

    steady: share of the steps after which the rate begins to fall. mix: see `course`.
    """

    name: str
    steps: int
    rate: float
    dropout: float
    attention_dropout: float
    warm_up: int
    steady: float
    lists: tuple[str, ...]
    mix: Callable[[float, float], str]

    def factor(self, step: int) -> float:
        """The learning rate at a step as a share of the highest."""
        over = step / self.steps
        return risen(step, self.warm_up) * (
            1 if over < self.steady else max(0.01, 1 - (over - self.steady) / (1 - self.steady))
        )


def sentences_and_noise(draw: float, over: float) -> str:
    return "noise" if draw < (0.2 if over < 0.5 else 0.05) else "titles" if draw > 0.85 else "pairs"


def sentences_and_dictionary(draw: float, over: float) -> str:
    if draw < (0.2 if over < 0.6 else 0.05):
        return "words"
    return "phrases" if draw < 0.35 else "titles" if draw > 0.87 else "pairs"


RUNS = (
    Run("first", 6_899, 1e-3, 0.15, 0.0, 800, 0.2, ("pairs", "titles"), sentences_and_noise),
    Run("second", 3_166, 6e-4, 0.1, 0.1, 300, 0.0, ("pairs", "titles", "phrases", "words"), sentences_and_dictionary),
)
VALIDATION = {"first": ("pairs", "titles"), "second": ("pairs", "titles", "phrases")}


def new_model(size: Size, run: Run) -> MarianMTModel:
    """An untrained model; its embeddings are those of encoder, decoder and output, its positions sines and cosines."""
    return MarianMTModel(
        MarianConfig(
            vocab_size=size.pieces, decoder_vocab_size=size.pieces, d_model=size.width,
            encoder_layers=size.encoder_layers, decoder_layers=size.decoder_layers,
            encoder_ffn_dim=size.inner, decoder_ffn_dim=size.inner,
            encoder_attention_heads=size.heads, decoder_attention_heads=size.heads,
            dropout=run.dropout, attention_dropout=run.attention_dropout,
            activation_function="gelu", scale_embedding=True, init_std=0.02,
            pad_token_id=PAD, eos_token_id=END, forced_eos_token_id=None, decoder_start_token_id=PAD,
            max_position_embeddings=256, share_encoder_decoder_embeddings=True, tie_word_embeddings=True,
        )
    )  # fmt: skip


def loss_of(model: MarianMTModel, x: torch.Tensor, y: torch.Tensor, smoothing: float = 0.0) -> torch.Tensor:
    """Cross-entropy a token of the labels y (pairs, tokens) for the inputs x (pairs, tokens)."""
    with autocast(x.device.type):
        logits = model(input_ids=x, attention_mask=(x != PAD).long(), labels=y).logits
    return nn.functional.cross_entropy(
        logits.float().flatten(0, 1), y.flatten(), ignore_index=NO_LABEL, label_smoothing=smoothing
    )


def optimizers(model: MarianMTModel, rate: float) -> list[torch.optim.Optimizer]:
    layers = [*model.model.encoder.layers, *model.model.decoder.layers]
    found = muon_and_adamw(model, layers, muon_rate=2.5 * rate, adamw_rate=rate)
    found[0].param_groups[0]["weight_decay"] = 0.01  # of the embeddings
    return found


def train(model: MarianMTModel, run: Run, lists: Encoded, stream: torch.Tensor, size: Size,
          path: Path | None = None) -> list[float]:  # fmt: skip
    """Train the model where it is; the losses of the steps. `torch.manual_seed` has been called before it was made.

    stream: tokens of running text, (tokens,), on the model's device. path: of the state to go on from.
    """
    device, draws = model.device.type, random.Random(0)
    names = [f"validation_{name}" for name in VALIDATION[run.name]]
    held_out = {name: buckets(lists[name], 40_000, draws) for name in names}

    def validate() -> str:
        model.eval()
        with torch.no_grad():
            means = [sum(loss_of(model, *tensors(b, device)).item() for b in q) / len(q) for q in held_out.values()]
        model.train()
        return " | ".join(f"{mean:.3f}" for mean in means)

    training = Scheduled(model, optimizers(model, run.rate), run.steps, run.factor, torch.manual_seed, path)
    reached = training.resume()
    model.train()
    print(f"{run.name} run | step | held-out loss of", " | ".join(VALIDATION[run.name]), flush=True)
    batches = course({name: lists[name] for name in run.lists}, run.mix, run.steps, size.places, draws)
    losses = []
    for batch in itertools.islice(batches, reached, None):
        x, y = noise(stream, size.noisy, size.length) if batch is None else tensors(batch, device)
        losses.append(training.advance(loss_of(model, x, y, smoothing=0.1)))
        if training.step % 1000 == 0 or training.step == run.steps:
            print(f"{run.name} run | {training.step:,} | {validate()}", flush=True)
    return losses


def save(model: MarianMTModel, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Write the model in float16 and its tokenizer; the model itself is left in float16.

    Positions are not stored, Marian computes them. `generate` searches with four beams, unless it is told
    otherwise, and answers with at most 100 tokens.
    """
    shutil.rmtree(folder, ignore_errors=True)
    model.generation_config = GenerationConfig(
        decoder_start_token_id=PAD, pad_token_id=PAD, eos_token_id=END, max_new_tokens=100, num_beams=4
    )
    model.half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    shrunk = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    (folder / "tokenizer.json").write_text(json.dumps(shrunk, ensure_ascii=False), encoding="utf-8")


def first_model(size: Size, run: Run) -> MarianMTModel:
    torch.manual_seed(0)
    return new_model(size, run)


def next_model(folder: Path, run: Run) -> MarianMTModel:
    """What an earlier run wrote to `folder`, with this run's dropout."""
    torch.manual_seed(0)
    config = MarianConfig.from_pretrained(folder, dropout=run.dropout, attention_dropout=run.attention_dropout)
    return MarianMTModel.from_pretrained(folder, dtype=torch.float32, config=config)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--prepare", action="store_true", help="fetch the texts and write them as tokens")
    parser.add_argument("--evaluate", action="store_true", help="measure the kept checkpoint, train nothing")
    parser.add_argument("--steps", type=int, nargs=2, default=[run.steps for run in RUNS], help="of the two runs")
    options = parser.parse_args()
    if options.prepare or not (WORK / "prepared.npz").is_file():
        prepare(WORK, KEPT, Size().pieces)
    if options.prepare:
        return
    if not options.evaluate:
        first, second = (replace(run, steps=steps) for run, steps in zip(RUNS, options.steps, strict=True))
        lists, stream = read(WORK / "prepared.npz")
        on_device = torch.from_numpy(stream.astype("int64")).to(options.device)
        tokenizer = AutoTokenizer.from_pretrained(WORK / "tokenizer")
        if not (WORK / "first").is_dir():
            model = first_model(Size(), first).to(options.device)
            train(model, first, lists, on_device, Size(), WORK / "first.pt")
            save(model, tokenizer, WORK / "first")
        model = next_model(WORK / "first", second).to(options.device)
        train(model, second, lists, on_device, Size(), WORK / "second.pt")
        save(model, tokenizer, KEPT)
    evaluate(KEPT, WORK / "held_out.json", options.device)


if __name__ == "__main__":
    main()
