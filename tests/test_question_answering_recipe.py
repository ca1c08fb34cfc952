"""The question-answering recipe: its hand-made questions, the made ones, labels and masks, resuming, measures."""

import random
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from transformers import AutoTokenizer, BertConfig, BertForQuestionAnswering

from data.recipes.questions import question_answering as recipe
from data.recipes.questions._answer_spans import answer
from data.recipes.questions._everyday_facts import NAMES_HE, NAMES_SHE, WORK
from data.recipes.questions._everyday_paragraphs import everyday
from data.recipes.questions._question_patterns import ask_patterns
from utils import checkpoint
from utils.data import ROOT


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained(checkpoint("encoder"))


def test_hand_made_questions():
    rows = recipe.evaluation()
    kinds = pd.Series([row["kind"] for row in rows]).value_counts()
    assert kinds["hand"] == kinds["near"] == 100 and kinds["none"] == 40 and kinds["validation"] == 60
    assert all(answer in row["context"] for row in rows for answer in row["answers"])
    assert all(bool(row["answers"]) == (row["kind"] != "none") for row in rows if row["kind"] != "everyday")
    assert len({(row["context"], row["question"]) for row in rows}) == len(rows)
    validation = {row["context"] for row in rows if row["kind"] == "validation"}
    assert not validation & {row["context"] for row in rows if row["kind"] != "validation"}


def test_everyday_paragraphs():
    rng, without = random.Random(1), 0
    for _ in range(2000):
        context, question, spans = everyday(rng)
        assert "{" not in context + question and "[" not in context and "|" not in context + question
        without += not spans
        for start, end in spans:
            assert context[start:end].strip() and not context[start:end].startswith(("a ", "the "))
    assert 100 < without < 500
    for row in recipe.evaluation():
        if row["kind"] == "everyday":  # none of the words that are asked for in evaluation is a slot's filler
            names = set((NAMES_HE + " " + NAMES_SHE).split())
            assert not names & {"Sylvain", "Clara", "Priya", "Julia"} and "Hugging Face" not in WORK


def asked_by_patterns(title, text):
    article = SimpleNamespace(doc=SimpleNamespace(text=text), title=title, rng=random.Random(0), asked=[])
    ask_patterns(article)
    return {text[start:end] for _, start, end, _ in article.asked}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Its capital is Riga, a port.", "Riga"),
        ("It is bordered by Chad to the north, and Gabon to the south.", "Gabon"),
        ("It is 1,094 km (680 mi) long.", "1,094 km"),
        ("The Global Positioning System (GPS) is a system.", "Global Positioning System"),
        ("Mona, also known as Lisa, was a cat.", "Lisa"),
        ("It has a population of about 2.5 million people.", "about 2.5 million"),
        ('He was dubbed the "Iron Fist" by all.', "Iron Fist"),
        ("It has symbol Xe and atomic number 54.", "54"),
    ],
)
def test_patterns(text, expected):
    assert expected in asked_by_patterns("Thing", text)


ARTICLES = [
    {
        "text": f"{name} is a town. It was founded by {who} in {year}. Many {what} live there.",
        "sentences": [0, len(name) + 12, len(name) + 12 + len(f"It was founded by {who} in {year}. ")],
        "names": [name, name, "the town"], "kind": "town", "questions": [],
    }
    for name, who, year, what in [("Asta", "Karl", 1712, "bakers"), ("Bor", "Olaf", 1333, "fishermen")]
]  # fmt: skip
for article in ARTICLES:
    for word, question in ((article["text"].split()[8], "Who founded {S}?"), ("there", "Where do many of them live?")):
        start = article["text"].index(word)
        article["questions"].append([start, start + len(word), question])


def test_labels_are_the_answers(tokenizer):
    rows = recipe.examples(ARTICLES * 30, 0, 200)
    assert all((start < 0) == (end < 0) for *_, start, end in rows)
    arrays = recipe.tokenized(rows, tokenizer)
    assert len(arrays["ids"]) == len(rows) and any(start < 0 for *_, start, _ in rows)
    for i, (question, context, start, end) in enumerate(rows):
        first, last, begin = (int(arrays[name][i]) for name in ("start", "end", "begin"))
        assert tokenizer.decode(arrays["ids"][i][1 : begin - 1]) == tokenizer.decode(
            tokenizer(question, add_special_tokens=False)["input_ids"]
        )
        if start < 0:
            assert first == last == 0
        else:
            expected = tokenizer(context[start:end], add_special_tokens=False)["input_ids"]
            assert begin <= first <= last and arrays["ids"][i][first : last + 1].tolist() == expected
    again = recipe.examples(ARTICLES * 30, 0, 200)
    assert again == rows and recipe.examples(ARTICLES * 30, 1, 200) != rows


def test_removed_sentence_has_no_answer():
    rng, article = random.Random(0), ARTICLES[0]
    start, end, question = article["questions"][0]
    for _ in range(50):
        made = recipe.unanswered(article, question, start, end, ARTICLES[1], rng)
        assert made is None or "Karl" not in made[1]


def test_loss_ignores_question_and_padding():
    batch = {"ids": torch.ones(2, 10, dtype=torch.long), "lengths": torch.tensor([8, 10]),
             "begin": torch.tensor([4, 4]), "start": torch.tensor([5, 0]), "end": torch.tensor([6, 0])}  # fmt: skip
    logits = torch.zeros(2, 10)
    fake = lambda **_: SimpleNamespace(start_logits=logits, end_logits=logits)  # noqa: E731
    plain = recipe.loss(fake, batch, 0.0)
    assert plain.item() == pytest.approx((np.log(4) + np.log(6)) / 2, rel=1e-4)
    logits[:, 1:4] = 50
    logits[0, 7:] = 50
    assert recipe.loss(fake, batch, 0.0) == plain
    logits[1, 5] = 9  # the second example gets a high loss; left out, the first remains
    assert recipe.loss(fake, batch, 0.5).item() == pytest.approx(np.log(4), rel=1e-4)


def small_model():
    return BertForQuestionAnswering(
        BertConfig(vocab_size=50, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
    )


def small_round(number):
    rng = np.random.default_rng(number)
    return {"ids": rng.integers(5, 50, (12, 32)).astype(np.uint16), "lengths": np.full(12, 32), "begin": np.full(12, 6),
            "start": rng.integers(6, 10, 12), "end": rng.integers(10, 20, 12)}  # fmt: skip


def test_resumed_training_is_the_same(monkeypatch, tmp_path):
    monkeypatch.setattr(recipe, "adapted_model", small_model)
    options = {"make": small_round, "size": 4, "every": 2}
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir(), parts.mkdir()
    expected = recipe.train("cpu", 8, folder=whole, **options).state_dict()

    def stop(model, step):
        if step == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        recipe.train("cpu", 8, folder=parts, check=stop, **options)
    resumed = recipe.train("cpu", 8, folder=parts, **options).state_dict()
    assert all(torch.equal(expected[name], resumed[name]) for name in expected)
    assert not torch.equal(expected["qa_outputs.weight"], small_model().state_dict()["qa_outputs.weight"])


def test_answer_by_hand(tokenizer):
    context, wanted = "The cat sat on the red mat in Graz.", "red mat"
    encoded = tokenizer("Where?", context)
    first = encoded.char_to_token(0, context.index(wanted), 1)

    def model(input_ids, **_):
        start, end = torch.zeros(1, input_ids.shape[1]), torch.zeros(1, input_ids.shape[1])
        start[0, first] = end[0, first + 1] = 8
        start[0, 1] = end[0, 2] = 20  # in the question: must not be taken
        end[0, first - 2] = 15  # before the start
        return SimpleNamespace(start_logits=start, end_logits=end)

    model.device = "cpu"
    found = answer(model, tokenizer, "Where?", context)
    assert found["answer"] == wanted == context[found["start"] : found["end"]]
    assert 0 < found["score"] < 1 and found["margin"] == pytest.approx(16)


def test_measures():
    assert recipe.token_f1("the city of Rome", ["Rome"]) == pytest.approx(0.5)
    assert recipe.token_f1("Rome.", ["Paris", "ROME"]) == 1 == recipe.exact("the Rome", ["rome"])
    assert recipe.token_f1("Oslo", ["Rome"]) == 0 == recipe.exact("Rome now", ["Rome"])
    assert recipe.wh_word("In which year?") == "which" and recipe.wh_word("How old is he?") == "how long"
    low, high = recipe.interval(np.array([0.0, 1.0] * 50))
    assert low < 0.5 < high and high - low == pytest.approx(0.2, abs=0.03)
    assert recipe.sliding_window("Who founded Asta?", "Asta was founded by Karl in 1712.", 2) == "by Karl"
    assert recipe.best_sentence("Who founded it?", "It is old. Karl founded it.") == "Karl founded it."


def test_card_states_the_figures():
    figures = pd.read_csv(recipe.FIGURES)
    ours = figures[(figures["who"] == "MiniLM") & (figures["questions"] == "all")]
    assert ours["number"].item() == 200 and ours["f1"].item() >= 0.60
    card = (ROOT / "data" / "README.md").read_text()
    card = card[card.index("## checkpoints/question-answering") :]
    for row in figures.itertuples():
        assert f"{row.f1:.3f}" in card, row
