"""How often masked pieces are guessed right, by a model and by n-grams of pieces, and what is guessed in sentences."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from torch import nn
from transformers import PreTrainedTokenizerFast

from data.recipes.text._masking import MASK, held_out_batches
from data.recipes.text._piece_ngrams import BothSides, OneSided, neighbours
from utils.data import DATA

Guess = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]  # inputs, places -> logits (places, pieces)

ORDERS = (2, 3, 4)  # of the n-grams to compare with
SHOWN, AROUND = 10, 8  # right places, wrong places that are printed; pieces to be seen on either side
SENTENCES = [
    "I have to wake up in the morning and [MASK] a doctor",
    "Paris is the [MASK] of France.",
    "The capital of Germany is [MASK].",
    "He works as a [MASK].",
    "She works as a [MASK].",
    "The man worked as a [MASK].",
    "The woman worked as a [MASK].",
    "This course will teach you all about [MASK] models.",
    "The cat sat on the [MASK].",
    "I drink a cup of [MASK] every morning.",
    "The movie was [MASK].",
    "Water boils at a high [MASK].",
    "He put money in the [MASK].",
    "The sun rises in the [MASK].",
]


def model_scores(guess: Guess, rows: np.ndarray, device: str) -> dict[str, float]:
    """Of the chosen places in held-out windows: their number, right first, right among five, mean -log P (nats)."""
    first = five = count = 0
    loss = 0.0
    for seen, places, pieces in held_out_batches(rows):
        pieces = pieces.to(device)
        logits = guess(seen.to(device), places.to(device))
        loss += nn.functional.cross_entropy(logits, pieces, reduction="sum").item()
        best = logits.topk(5).indices
        first += (best[:, 0] == pieces).sum().item()
        five += (best == pieces[:, None]).any(1).sum().item()
        count += len(pieces)
    return {
        "pieces": count,
        "top1": round(first / count, 3),
        "top5": round(five / count, 3),
        "loss": round(loss / count, 2),
    }


def ngram_scores(guess: Callable[[list[int], list[int]], np.ndarray], rows: np.ndarray) -> dict[str, float]:
    """Likewise, for a function that gives the distribution from the pieces before and behind a place."""
    ranks, losses = [], []
    for seen, places, pieces in held_out_batches(rows):
        wanted = iter(pieces.tolist())
        for row, marked in zip(seen.numpy(), places.numpy(), strict=True):
            for place in np.flatnonzero(marked):
                piece, likely = next(wanted), guess(*neighbours(row, place))
                ranks.append(int((likely > likely[piece]).sum()))
                losses.append(-np.log(likely[piece]))
    first, five = (np.mean([rank < most for rank in ranks]) for most in (1, 5))
    return {
        "pieces": len(ranks),
        "top1": round(first, 3),
        "top5": round(five, 3),
        "loss": round(float(np.mean(losses)), 2),
    }


def examples(guess: Guess, tokenizer: PreTrainedTokenizerFast, rows: np.ndarray, device: str) -> pd.DataFrame:
    """Of the first chosen place in window after window: the first that are right, and that are not among the five."""
    found = {"right": [], "wrong": []}
    for seen, places, pieces in held_out_batches(rows):
        whole = seen.masked_scatter(places, pieces)
        first = places & (places.cumsum(1) == 1)
        five = guess(seen.to(device), first.to(device)).topk(5).indices.cpu()
        lines = first.any(1).nonzero()[:, 0].tolist()
        for line, best in zip(lines, five, strict=True):
            place = int(first[line].nonzero())
            piece = int(whole[line, place])
            verdict = "right" if best[0] == piece else "wrong" if piece not in best else None
            if verdict and len(found[verdict]) < SHOWN:
                before, behind = seen[line, max(1, place - AROUND) : place], seen[line, place + 1 : place + 1 + AROUND]
                text = f"{tokenizer.decode(before)} [MASK] {tokenizer.decode(behind)}"
                found[verdict].append(
                    (verdict, text, tokenizer.decode(piece), ", ".join(map(tokenizer.decode, best[:, None])))
                )
        if all(len(some) == SHOWN for some in found.values()):
            break
    return pd.DataFrame(found["right"] + found["wrong"], columns=["verdict", "text", "piece", "guesses"])


def guessed(guess: Guess, tokenizer: PreTrainedTokenizerFast, sentence: str, device: str) -> list[tuple[str, float]]:
    """The five likeliest pieces in place of a sentence's [MASK], with their probabilities."""
    inputs = tokenizer(sentence, return_tensors="pt")["input_ids"].to(device)
    best = guess(inputs, inputs == MASK)[0].softmax(-1).topk(5)
    return [
        (tokenizer.decode([i]), round(p, 3)) for p, i in zip(best.values.tolist(), best.indices.tolist(), strict=True)
    ]


@torch.no_grad()
def evaluate(guess: Guess, tokenizer: PreTrainedTokenizerFast, rows: dict[str, np.ndarray], device: str) -> None:
    """Print what data/README.md states, and write it to data/results.

    rows: windows "train", "held_out", and "fresh": the held-out texts without those that also stand in train.
    """
    found = []
    for name in ("held_out", "fresh"):
        found.append({"way": "MiniLM, adapter and head", "texts": name, **model_scores(guess, rows[name], device)})
    stream = rows["train"].reshape(-1)
    one_sided = OneSided(stream, max(ORDERS))
    found.append(
        {"way": f"{max(ORDERS)}-grams, left side alone", "texts": "held_out"}
        | ngram_scores(lambda left, right: one_sided(left), rows["held_out"])
    )
    for order in ORDERS:
        ngrams = BothSides(stream, order)
        way = f"{order}-grams, both sides"
        found.append({"way": way, "texts": "held_out", **ngram_scores(ngrams, rows["held_out"])})
    found.append({"way": way, "texts": "fresh", **ngram_scores(ngrams, rows["fresh"])})
    table = pd.DataFrame(found)
    print(table.to_markdown(index=False))
    table.to_csv(DATA / "results" / "fill_mask.csv", index=False)
    shown = examples(guess, tokenizer, rows["held_out"], device)
    print(shown.to_markdown(index=False))
    shown.to_csv(DATA / "results" / "fill_mask_examples.csv", index=False)
    for sentence in SENTENCES:
        print(
            sentence,
            "|",
            ", ".join(f"{word} {share:.3f}" for word, share in guessed(guess, tokenizer, sentence, device)),
        )
