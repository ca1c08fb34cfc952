"""How well the small decoder guesses the next token, beside n-grams, and how soon what it writes repeats itself."""

import math

import numpy as np
import pandas as pd
import torch
from torch import nn
from transformers import GPT2LMHeadModel, PreTrainedTokenizerFast

from data.recipes.text._piece_ngrams import OneSided
from utils.data import DATA

TEXTS = {"held_out": "held-out articles", "reviews": "held-out reviews"}
ORDER = 5  # of the n-grams; 3- and 4-grams are worse on both kinds of text
BEGINNINGS = ("Paris is", "The film", "A computer is", "In the year", "The river")
NEW, GIVEN, CONTINUED = 40, 8, 200  # tokens written; tokens given, and texts, where repetition is measured
SAMPLING = {"do_sample": True, "temperature": 0.8, "top_k": 50}
Rows = torch.Tensor  # numbers of tokens (blocks, tokens a block)


def loss_of(model: GPT2LMHeadModel, rows: Rows) -> torch.Tensor:
    """Mean cross-entropy (nats) of the tokens of the blocks but for each block's first, which nothing precedes."""
    logits = model(input_ids=rows, use_cache=False).logits
    return nn.functional.cross_entropy(logits[:, :-1].float().flatten(0, 1), rows[:, 1:].flatten())


@torch.no_grad()
def perplexity(model: GPT2LMHeadModel, rows: Rows) -> float:
    """Per predicted token: of n tokens a block n - 1 are predicted, and the mean is over these."""
    model.eval()
    total = sum(loss_of(model, part).item() * len(part) for part in rows.split(32))
    return math.exp(total / len(rows))


def ngram_perplexity(model: OneSided, rows: np.ndarray) -> float:
    """Likewise for n-grams, which see nothing before a block either."""
    losses = [
        -math.log(model(row[max(0, i - ORDER + 1) : i])[row[i]]) for row in rows.tolist() for i in range(1, len(row))
    ]
    return math.exp(sum(losses) / len(losses))


def repeated(tokens: list[int], length: int = 3) -> float:
    """Share of the n-grams of `length` tokens that stood before: 0 without any repetition, near 1 in a loop."""
    grams = [tuple(tokens[i : i + length]) for i in range(len(tokens) - length + 1)]
    return 1 - len(set(grams)) / len(grams)


@torch.no_grad()
def continued(model: GPT2LMHeadModel, rows: Rows, **settings) -> Rows:
    """What `generate` writes behind rows (texts, tokens) of beginnings, at most NEW tokens; sampling is seeded."""
    torch.manual_seed(0)
    end = model.config.eos_token_id
    settings = {"do_sample": False, "max_new_tokens": NEW, "pad_token_id": end} | settings
    return model.generate(rows, attention_mask=torch.ones_like(rows), **settings)[:, rows.shape[1] :]


def looping(model: GPT2LMHeadModel, rows: Rows) -> dict[str, float]:
    """Mean `repeated` of NEW tokens behind the first GIVEN tokens of blocks: greedy, sampled, and as was written."""
    rows = rows[:CONTINUED]
    given, whole = rows[:, :GIVEN], {"min_new_tokens": NEW}  # no end before
    ways = {
        "greedy": continued(model, given, **whole),
        "sampled": continued(model, given, **whole, **SAMPLING),
        "as written": rows[:, GIVEN : GIVEN + NEW],
    }
    return {way: float(np.mean([repeated(row) for row in found.tolist()])) for way, found in ways.items()}


def examples(model: GPT2LMHeadModel, tokenizer: PreTrainedTokenizerFast) -> pd.DataFrame:
    """Each of BEGINNINGS continued greedily and by sampling, until the decoder ends the text or NEW tokens stand."""
    found = []
    for beginning in BEGINNINGS:
        rows = tokenizer(beginning, return_tensors="pt")["input_ids"]
        texts = (tokenizer.decode(continued(model, rows, **way)[0], skip_special_tokens=True) for way in ({}, SAMPLING))
        found.append((beginning, *texts))
    return pd.DataFrame(found, columns=["beginning", "greedy", "sampled"])


def evaluate(model: GPT2LMHeadModel, tokenizer: PreTrainedTokenizerFast, arrays: dict[str, np.ndarray]) -> None:
    """Print what data/README.md states, and write it to data/results. The model is on the CPU, in float32."""
    pieces, rows = model.config.vocab_size, {name: arrays[name].astype(np.int64) for name in TEXTS}
    found = [("decoder", name, perplexity(model, torch.from_numpy(rows[name]))) for name in TEXTS]
    learned = {
        "articles": arrays["articles"],
        "all texts": np.concatenate([arrays["articles"], arrays["others"]]),
    }
    for texts, tokens in learned.items():
        ngrams = OneSided(tokens, ORDER, pieces)
        found += [(f"{ORDER}-grams of {texts}", name, ngram_perplexity(ngrams, rows[name])) for name in TEXTS]
    found += [("uniform guess", name, float(pieces)) for name in TEXTS]
    table = [
        {"measure": "perplexity", "way": way, "texts": TEXTS[name], "tokens": rows[name][:, 1:].size, "value": value}
        for way, name, value in found
    ]
    for way, value in looping(model, torch.from_numpy(rows["held_out"])).items():
        tokens = NEW * min(CONTINUED, len(rows["held_out"]))
        row = {"measure": "repeated 3-grams", "way": way, "texts": TEXTS["held_out"], "tokens": tokens, "value": value}
        table.append(row)
    for name, frame in (("decoder", pd.DataFrame(table).round(3)), ("decoder_examples", examples(model, tokenizer))):
        print(frame.to_string(index=False))
        frame.to_csv(DATA / "results" / f"{name}.csv", index=False, lineterminator="\n")
