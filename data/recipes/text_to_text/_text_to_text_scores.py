"""What the text-to-text model can do, beside copying and the first words: chrF, BLEU, ROUGE-L, right and wrong ones."""

import json
from pathlib import Path

import pandas as pd
import torch
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu import corpus_bleu, corpus_chrf, sentence_chrf
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerFast

from data.recipes.text_to_text._text_to_text_data import SUMMARIZE, TO_ENGLISH, TO_GERMAN
from utils.data import DATA

WAYS = {"greedy": 1, "beam search, 4 beams": 4}
TITLE_WORDS = 10  # of the baseline: the first words of the description
RIGHT, WRONG = 0.6, 0.4  # a sentence's chrF, or a title's ROUGE-L: at least, below
SHOWN, LONGEST_SHOWN = 10, 200  # right ones and wrong ones that are printed; characters of the longest text among them
EVERYDAY_ENGLISH = [
    "Hello, how are you?",
    "My name is Sarah and I live in London.",
    "I hate this so much!",
    "The house is old.",
    "We are very happy to show you the library.",
    "The weather is nice today.",
    "This package contains the documentation.",
    "I've been waiting for a course my whole life.",
    "The king is dead, long live the king!",
    "Where is the next village?",
    "She put the money in the bank.",
    "A small program that shows the time.",
]
EVERYDAY_GERMAN = [
    "Hallo, wie geht es dir?",
    "Ich heiße Sarah und wohne in London.",
    "Das Haus ist alt.",
    "Das Wetter ist heute schön.",
    "Wo ist das nächste Dorf?",
    "Der König ist tot, lang lebe der König!",
    "Dieses Paket enthält die Dokumentation.",
    "Wir haben keine Zeit.",
]
_rouge = RougeScorer(["rougeL"], use_stemmer=True)


def rouge_l(title: str, written: str) -> float:
    """ROUGE-L's F-measure of one title, words stemmed."""
    return _rouge.score(title, written)["rougeL"].fmeasure


def written(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, prompts: list[str], beams: int) -> list[str]:
    """The model's answers, at most 100 tokens each, to prompts of which the first 200 tokens count."""
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    answers = [""] * len(prompts)
    for begin in range(0, len(order), 64):
        chosen = order[begin : begin + 64]
        inputs = tokenizer(
            [prompts[i] for i in chosen], return_tensors="pt", padding=True, truncation=True, max_length=200
        )
        tokens = model.generate(**inputs.to(model.device), num_beams=beams)
        for i, text in zip(chosen, tokenizer.batch_decode(tokens, skip_special_tokens=True), strict=True):
            answers[i] = text
    return answers


def translation_scores(references: list[str], answers: list[str]) -> dict[str, float]:
    """chrF and BLEU as sacrebleu has them by default, 0 to 100."""
    return {
        "chrf": round(corpus_chrf(answers, [references]).score, 1),
        "bleu": round(corpus_bleu(answers, [references]).score, 1),
    }


def title_scores(references: list[str], answers: list[str]) -> dict[str, float]:
    """Mean ROUGE-L of the titles, 0 to 1."""
    return {"rouge_l": round(sum(map(rouge_l, references, answers)) / len(references), 3)}


def tables(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, held_out: dict) -> tuple[pd.DataFrame, dict]:
    """The scores of both directions and of titles, and the answers of the search with beams by task."""
    english, german = (list(side) for side in zip(*held_out["pairs"], strict=True))
    texts, titles = (list(side) for side in zip(*held_out["titles"], strict=True))
    first_words = [" ".join(text.split()[:TITLE_WORDS]) for text in texts]
    tasks = {
        "English to German": (TO_GERMAN, english, german, "source copied", english),
        "German to English": (TO_ENGLISH, german, english, "source copied", german),
        "titles": (SUMMARIZE, texts, titles, f"first {TITLE_WORDS} words", first_words),
    }
    fresh = [i for i, learned in enumerate(held_out["learned"]) if not learned]
    rows, best = [], {}
    for task, (prefix, sources, references, baseline, copied) in tasks.items():
        ways = {baseline: copied}
        for way, beams in WAYS.items():
            ways[way] = written(model, tokenizer, [prefix + source for source in sources], beams)
        best[task] = list(zip(sources, references, ways[way], strict=True))
        score = title_scores if task == "titles" else translation_scores
        rows += [{"task": task, "way": way, "texts": len(sources), **score(references, ways[way])} for way in ways]
        if task != "titles":
            kept = [[texts[i] for i in fresh] for texts in (references, ways[way])]
            rows.append({"task": task, "way": f"{way}, neither side learned", "texts": len(fresh), **score(*kept)})
    return pd.DataFrame(rows), best


def examples(answers: dict) -> pd.DataFrame:
    """The first right and the first wrong ones of the held-out texts, by the rule of RIGHT and WRONG."""
    rows = []
    for task in ("English to German", "titles"):
        measure = (
            rouge_l if task == "titles" else lambda reference, answer: sentence_chrf(answer, [reference]).score / 100
        )
        for verdict, fits in (("right", lambda score: score >= RIGHT), ("wrong", lambda score: score < WRONG)):
            short = [row for row in answers[task] if len(row[0]) <= LONGEST_SHOWN]
            scored = [(task, verdict, *row, round(measure(row[1], row[2]), 2)) for row in short]
            rows += [row for row in scored if fits(row[-1])][:SHOWN]
    return pd.DataFrame(rows, columns=["task", "verdict", "source", "reference", "answer", "score"])


@torch.no_grad()
def evaluate(folder: Path, held_out: Path, device: str) -> None:
    """Print what data/README.md states of the checkpoint in `folder`, and write it to data/results."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=torch.float32).to(device).eval()
    print(f"{model.num_parameters():,} parameters")
    scores, answers = tables(model, tokenizer, json.loads(held_out.read_text(encoding="utf-8")))
    print(scores.to_markdown(index=False))
    scores.to_csv(DATA / "results" / "text_to_text.csv", index=False)
    shown = examples(answers)
    print(shown.to_markdown(index=False))
    shown.to_csv(DATA / "results" / "text_to_text_examples.csv", index=False)
    for prefix, sentences in ((TO_GERMAN, EVERYDAY_ENGLISH), (TO_ENGLISH, EVERYDAY_GERMAN)):
        for sentence, *answer in zip(
            sentences,
            *(written(model, tokenizer, [prefix + s for s in sentences], beams) for beams in WAYS.values()),
            strict=True,
        ):
            print(f"{sentence} | {' | '.join(answer)}")
