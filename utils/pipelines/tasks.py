"""The text tasks of lesson 01, each as a function of what one types: tokens in, answer out. No widget in here.

    tokens, rows = answer("fill-mask", "Paris is the [MASK] of France.")

Where transformers 5 has a pipeline, it is taken; question answering, translation and summarization, whose pipelines
are gone, are done with an Auto class. Text is written greedily: the same text gives the same answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from types import SimpleNamespace

import torch
from transformers import AutoModelForQuestionAnswering, AutoModelForSeq2SeqLM, AutoTokenizer, pipeline

from utils.checkpoints import REGISTRY, checkpoint, use_hub

Rows = list[dict[str, str | float | int]]
Answer = tuple[list[list[str]], Rows]

NEW_TOKENS = 40  # that a model writes at most
LONGEST_ANSWER = 30  # tokens of a span that answers a question
MOST_LABELS = 10  # each is a run of the model
HYPOTHESIS = "This example is {}."  # what the pipeline makes of a label
KINDS = {"PER": "person", "ORG": "organisation", "LOC": "place", "MISC": "other"}
WITHOUT_PIPELINE = {
    "question-answering": AutoModelForQuestionAnswering,
    "summarization": AutoModelForSeq2SeqLM,
    "translation": AutoModelForSeq2SeqLM,
}


@dataclass(frozen=True)
class Task:
    """A task: its checkpoint's role, what computes it, what one may expect, and an example to start from."""

    role: str
    compute: Callable[[str, str, str], Answer]  # of role, text and the second text
    hint: str
    text: str
    needs: str = ""  # what the second text is; empty: the task takes none
    other: str = ""


def answer(task: str, text: str, other: str = "") -> Answer:
    """What the model of a task sees of a text, and what it answers.

    other: the question, the labels (commas between them) or the second text, where the task needs one.
    Returns the tokens, a list for each input of the model, and the answer as rows that have the same keys; `start` and
    `end` among them are a place in `text`, in characters. KeyError for an unknown task, ValueError for what the model
    cannot take: one sentence that says what to do.
    """
    entry = known(task)
    for given, name in ((text, "Text"), (other, entry.needs)):
        if name and not (given.strip() and _pieces(entry.role, given)):
            raise ValueError(f"Nothing stands under “{name}”: write some words there, then run it again.")
    return entry.compute(entry.role, text, other)


def doubt(task: str, text: str, other: str = "") -> str:
    """A sentence about what the tokenizer of a task does not know in the texts, or "" if it knows everything."""
    entry = known(task)
    unknown = load(entry.role).tokenizer.unk_token
    for given, name in ((text, "Text"), (other, entry.needs)):
        pieces = _pieces(entry.role, given) if name else []
        if number := pieces.count(unknown):
            little = ", and its answer means little" if 2 * number >= len(pieces) else ""
            what = f"{number} of {len(pieces)} tokens under “{name}” {'is' if number == 1 else 'are'} {unknown}"
            return f"{what}, which stands for all that the tokenizer does not know: the model cannot see it{little}."
    return ""


def known(task: str) -> Task:
    """The entry of a task. KeyError, with the tasks there are, if it is not one of them."""
    if task not in TASKS:
        raise KeyError(f"there is no task {task!r}; known: {'; '.join(TASKS)}")
    return TASKS[task]


@cache
def load(role: str):
    """The pipeline of a role, or, where there is none, what has a `tokenizer` and a `model` all the same."""
    task, path = REGISTRY[role].task, checkpoint(role)
    if task in WITHOUT_PIPELINE:
        model = WITHOUT_PIPELINE[task].from_pretrained(path).eval()
        return SimpleNamespace(tokenizer=AutoTokenizer.from_pretrained(path), model=model)
    return pipeline(task, model=path)


def _pieces(role: str, text: str) -> list[str]:
    """The tokens of a text alone, without what the model wants around it."""
    tokenizer = load(role).tokenizer
    return tokenizer.convert_ids_to_tokens(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])


def _tokens(role: str, *texts: str, room: int = 0) -> list[str]:
    """The model's input of one text or a pair as tokens. ValueError if it leaves less than `room` tokens free."""
    tool = load(role)
    tokens = tool.tokenizer.convert_ids_to_tokens(tool.tokenizer(*texts, verbose=False)["input_ids"])
    limit = min(tool.tokenizer.model_max_length, tool.model.config.max_position_embeddings)
    if len(tokens) > limit - room:
        kept = f", of which {room} are kept for what it writes" if room else ""
        raise ValueError(
            f"This makes {len(tokens)} tokens, and the model has room for {limit}{kept}: shorten the text."
        )
    return tokens


def _classify(role: str, text: str, _: str) -> Answer:
    tokens = _tokens(role, text)
    return [tokens], load(role)(text, top_k=None)


def _fill_mask(role: str, text: str, _: str) -> Answer:
    tokens, mask = _tokens(role, text), load(role).tokenizer.mask_token
    if (number := tokens.count(mask)) != 1:
        remedy = f"keep one {mask} (the library takes several, but fills each as if it did not know of the others)"
        raise ValueError(
            f"There are {number} {mask} in the text: {remedy}."
            if number
            else f"No word is masked: write {mask}, just so, for the word that the model shall find."
        )
    found = load(role)(text, top_k=5)
    return [tokens], [{"token": one["token_str"], "score": one["score"], "text": one["sequence"]} for one in found]


def _entities(role: str, text: str, _: str) -> Answer:
    tokens, rows = _tokens(role, text), []
    for one in load(role)(text, aggregation_strategy="first"):
        start, end = int(one["start"]), int(one["end"])
        kind = KINDS.get(one["entity_group"], one["entity_group"])
        rows.append({"entity": text[start:end], "kind": kind, "score": float(one["score"]), "start": start, "end": end})
    return [tokens], rows


def _question_answering(role: str, text: str, question: str) -> Answer:
    """The likeliest span, and how likely it is that there is none: then start and end are at the first token."""
    tokens, tool = _tokens(role, question, text), load(role)
    inputs = tool.tokenizer(question, text, return_offsets_mapping=True, return_tensors="pt")
    places = inputs.pop("offset_mapping")[0].tolist()
    in_text = torch.tensor([sequence == 1 for sequence in inputs.sequence_ids(0)])
    nowhere = torch.arange(len(tokens)) == 0
    with torch.inference_mode():
        output = tool.model(**inputs)
    start, end = (
        logits[0].masked_fill(~(in_text | nowhere), -torch.inf).softmax(dim=0)
        for logits in (output.start_logits, output.end_logits)
    )
    both = torch.outer(start, end)  # how likely it is that an answer starts here and ends there
    spans = torch.outer(in_text, in_text).triu().tril(LONGEST_ANSWER - 1)
    first, last = divmod(both.masked_fill(~spans, -1).argmax().item(), len(tokens))
    left, right = places[first][0], places[last][1]
    rows = [
        {"answer": text[left:right], "score": both[first, last].item(), "start": left, "end": right},
        {"answer": "(the text does not say)", "score": both[0, 0].item(), "start": 0, "end": 0},
    ]
    return [tokens], sorted(rows, key=lambda row: -row["score"])


def _zero_shot(role: str, text: str, labels: str) -> Answer:
    names = list(dict.fromkeys(name.strip() for name in labels.split(",") if name.strip()))
    if not 2 <= len(names) <= MOST_LABELS:
        raise ValueError(
            f"There must be 2 to {MOST_LABELS} different labels and here {'is' if len(names) == 1 else 'are'} "
            f"{len(names)}: write them with commas between, as in: {TASKS['zero-shot-classification'].other}."
        )
    tokens = [_tokens(role, text, HYPOTHESIS.format(name)) for name in names]
    found = load(role)(text, candidate_labels=names, hypothesis_template=HYPOTHESIS)
    return tokens, [
        {"label": label, "score": score} for label, score in zip(found["labels"], found["scores"], strict=True)
    ]


def _continue(role: str, text: str, _: str) -> Answer:
    tokens = _tokens(role, text, room=NEW_TOKENS)
    written = load(role)(text, max_new_tokens=NEW_TOKENS, do_sample=False, return_full_text=False)
    return [tokens], [{"it goes on": written[0]["generated_text"]}]


def _rewrite(role: str, text: str, _: str, prefix: str, name: str) -> Answer:
    """What a text-to-text model makes of a text; the prefix tells it the task."""
    if use_hub():  # there each task has a model of its own
        if prefix == TO_ENGLISH:
            raise ValueError("The full-size model translates from English to German only: choose that direction.")
        prefix = ""
    tokens, tool = _tokens(role, prefix + text), load(role)
    inputs = tool.tokenizer(prefix + text, return_tensors="pt")
    ids = tool.model.generate(**inputs, max_new_tokens=NEW_TOKENS, num_beams=1, do_sample=False)[0]
    cut = "" if ids[-1] == tool.tokenizer.eos_token_id else " …"
    return [tokens], [{name: tool.tokenizer.decode(ids, skip_special_tokens=True) + cut}]


def _similarity(role: str, text: str, other: str) -> Answer:
    tokens = [_tokens(role, one) for one in (text, other)]
    vectors = [torch.tensor(load(role)(one)[0]).mean(dim=0) for one in (text, other)]
    cosine = torch.cosine_similarity(*vectors, dim=0).item()
    return tokens, [{"cosine similarity": cosine, "numbers in each vector": len(vectors[0])}]


TO_GERMAN, TO_ENGLISH = "translate English to German: ", "translate German to English: "
TASKS = {
    "sentiment-analysis": Task(
        "sentiment",
        _classify,
        "Is its writer pleased? Learned from English film reviews; it knows no third label.",
        "I've been waiting for a HuggingFace course my whole life.",
    ),
    "sentiment-analysis, four languages": Task(
        "multilingual-sentiment",
        _classify,
        "The same in English, German, French or Spanish.",
        "Le gâteau au chocolat est à tomber.",
    ),
    "fill-mask": Task(
        "fill-mask", _fill_mask, "Which word stands at [MASK]? The five likeliest.", "Paris is the [MASK] of France."
    ),
    "ner": Task(
        "ner",
        _entities,
        "Named entities: persons, organisations and places.",
        "My name is Sylvain and I work at Hugging Face in Brooklyn.",
    ),
    "question-answering": Task(
        "question-answering",
        _question_answering,
        "Which part of the text answers the question?",
        "My name is Sylvain and I work at Hugging Face in Brooklyn.",
        "Question",
        "Where do I work?",
    ),
    "zero-shot-classification": Task(
        "zero-shot",
        _zero_shot,
        "Which of your labels fits? The model sees one input for each.",
        "This is a course about the Transformers library",
        "Labels",
        "education, politics, business",
    ),
    "text-generation": Task(
        "decoder",
        _continue,
        f"How does the text go on? {NEW_TOKENS} tokens, always the likeliest; learned from an encyclopedia.",
        "The capital of the country is",
    ),
    "translation, English to German": Task(
        "translation",
        partial(_rewrite, prefix=TO_GERMAN, name="German"),
        f"Up to {NEW_TOKENS} tokens (… where it was cut); learned from software's and a game's texts.",
        "The weather is nice today.",
    ),
    "translation, German to English": Task(
        "translation",
        partial(_rewrite, prefix=TO_ENGLISH, name="English"),
        f"Up to {NEW_TOKENS} tokens (… where it was cut); learned from software's and a game's texts.",
        "Der König ist tot, lange lebt der König!",
    ),
    "summarization": Task(
        "summarization",
        partial(_rewrite, prefix="summarize: ", name="summary"),
        f"A title for the text, up to {NEW_TOKENS} tokens; learned from descriptions of software.",
        "A library for reading and writing PNG images. It supports all colour types and bit depths, and it is used by "
        "many programs to load pictures.",
    ),
    "feature-extraction, similarity": Task(
        "encoder",
        _similarity,
        "Are the two texts about the same? Cosine of the mean vectors, at most 1.",
        "A dog chases a ball.",
        "Second text",
        "The puppy runs after its toy.",
    ),
}
