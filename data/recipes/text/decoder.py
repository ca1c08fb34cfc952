"""Train data/checkpoints/decoder: a small English causal decoder (GPT-2's architecture).

    python -m data.recipes.text.decoder --prepare          texts as tokens; needs apt-get (Debian 12), some minutes
    python -m data.recipes.text.decoder --device cuda      the training, four minutes on an H100
    python -m data.recipes.text.decoder --evaluate         what data/README.md states, some minutes on a processor

It learns from encyclopedia articles and, for there are few of them, from English texts of other kinds
(`_decoder_texts.py`). The tokenizer in the folder stays as it is; where there is none, --prepare trains it anew from
the articles, and the same comes out. An interrupted run goes on from its last 500 steps (.cache/recipes/decoder) and
gives the same weights.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from transformers import AutoTokenizer, GPT2Config, GPT2LMHeadModel

from data.recipes.common.optimizers import muon_and_adamw
from data.recipes.common.training import Resumable, autocast
from data.recipes.text._decoder_scores import evaluate, loss_of, perplexity
from utils.checkpoints import TRAINED
from utils.data import ROOT

WORK = ROOT / ".cache" / "recipes" / "decoder"
KEPT = TRAINED / "decoder"
END = 0  # the number of the tokenizer's only special token
LENGTH = 128  # tokens a window, and the most that the model can see
STEPS, BATCH, MUON = 8_000, 256, 2.5e-3

# The share of articles in a batch rises from nothing to a half: they are 15 % of the tokens, and learned 52 times each
# (the other texts 29 times). In a trial of 1,824 steps, each half articles, learned 24 times, the perplexity was 20 on
# these but 33 on the validation articles: half in all 8,000 steps, 104 times, would be learned by heart. Late articles
# teach more: 8 rounds of them behind 8 of the other texts came to 35, in the mixture 12 rounds to 45 and 24 to 33.
# Dropout of 0.2 was worse than 0.1: from articles alone, learned 16 times, 45.5 against 44.3 after only 12 times.
ARTICLES, DROPOUT = 0.5, 0.1


def new_model(width: int = 256, layers: int = 4, heads: int = 4) -> GPT2LMHeadModel:
    """An untrained decoder, always the same."""
    torch.manual_seed(0)
    shape = {"vocab_size": 4096, "n_positions": LENGTH, "n_embd": width, "n_layer": layers, "n_head": heads}
    dropout = {"embd_pdrop": DROPOUT, "attn_pdrop": DROPOUT, "resid_pdrop": DROPOUT}
    # no pad token yet: with one, the model looks into every batch to warn of padding, which a GPU would wait for
    return GPT2LMHeadModel(GPT2Config(**shape, **dropout, bos_token_id=END, eos_token_id=END, pad_token_id=None))


def windows(tokens: torch.Tensor, count: int, rng: np.random.Generator) -> torch.Tensor:
    """Pieces (count, LENGTH) of a running text (tokens,), from anywhere."""
    starts = torch.from_numpy(rng.integers(0, len(tokens) - LENGTH + 1, count)).to(tokens.device)
    return tokens[starts[:, None] + torch.arange(LENGTH, device=tokens.device)]


def train(model: GPT2LMHeadModel, arrays: dict[str, np.ndarray], steps: int, path: Path, batch: int = BATCH,
          every: int = 500) -> None:  # fmt: skip
    """Train `model` where it is, on `prepare`'s arrays, from the state at `path` if there is one.

    The perplexity of the validation articles, which are not trained on, is printed and decides nothing.
    """
    device = model.device.type
    articles, others, validation = (
        torch.from_numpy(arrays[name].astype(np.int64)).to(device) for name in ("articles", "others", "validation")
    )
    optimizers = muon_and_adamw(model, model.transformer.h, MUON)
    run = Resumable(model, optimizers, steps, warm_up=max(1, steps // 20), fall=1.0)
    run.load(path, latest=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    began = time.time()
    while run.step < steps:
        # windows and dropout depend on the step alone, not on where the run was interrupted
        rng = np.random.default_rng([0, run.step])
        torch.manual_seed(run.step)
        of_articles = round(batch * ARTICLES * run.step / steps)
        rows = torch.cat([windows(articles, of_articles, rng), windows(others, batch - of_articles, rng)])
        model.train()
        with autocast(device):
            loss = loss_of(model, rows)
        loss.backward()
        run.update()
        if run.step % every == 0 or run.step == steps:
            run.save(path)
            watched = perplexity(model, validation)
            print(f"step {run.step:,} | loss {loss:.3f} | validation articles: perplexity {watched:.1f} | "
                  f"{time.time() - began:.0f} s", flush=True)  # fmt: skip


def save(model: GPT2LMHeadModel, folder: Path) -> None:
    """Write the weights as float16 safetensors, beside the tokenizer that is there."""
    model.config.pad_token_id = model.generation_config.pad_token_id = END
    model.half().save_pretrained(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--prepare", action="store_true", help="fetch the texts and write them as tokens")
    parser.add_argument("--evaluate", action="store_true", help="measure the kept checkpoint, train nothing")
    parser.add_argument("--steps", type=int, default=STEPS)
    options = parser.parse_args()
    prepared = WORK / "prepared.npz"
    if options.prepare or not prepared.is_file():
        from data.recipes.text._decoder_texts import prepare  # here: training needs none of the sources

        prepare(prepared, KEPT)
    if options.prepare:
        return
    with np.load(prepared) as file:
        arrays = {name: file[name] for name in file.files}
    if not options.evaluate:
        model = new_model().to(options.device)
        train(model, arrays, options.steps, WORK / "state.pt")
        save(model.cpu(), KEPT)
    model = GPT2LMHeadModel.from_pretrained(KEPT, dtype=torch.float32).to(options.device)
    if options.evaluate:
        evaluate(model, AutoTokenizer.from_pretrained(KEPT), arrays)
        return
    for name in ("held_out", "reviews"):
        rows = torch.from_numpy(arrays[name].astype(np.int64)).to(options.device)
        print(f"{name}: perplexity {perplexity(model, rows):.2f}")


if __name__ == "__main__":
    main()
