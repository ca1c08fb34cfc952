"""The recipe for names: sentences, spans, rules, targets, made sentences, resuming, scores."""

import random
import re

import numpy as np
import pandas as pd
import pytest
import torch
from transformers import AutoTokenizer, BertConfig, BertForTokenClassification, pipeline

from data.recipes.names import _entities
from data.recipes.names import _entity_scores as scores
from data.recipes.names import _entity_sentences as made
from data.recipes.names import ner as recipe
from data.recipes.names._entities import of_teacher, runs, sentences, span
from data.recipes.names._lexicon import Lexicon
from utils import checkpoint
from utils.data import ROOT, dataset_path

ARTICLES = {
    "Ada Lovelace": "Augusta Ada King, Countess of Lovelace was an English mathematician. She worked with Babbage.",
    "Charles Babbage": "Charles Babbage was an English mathematician. He built engines.",
    "Alan Turing": "Alan Mathison Turing was an English mathematician. He worked in Bletchley.",
    "Susa": "Susa was an ancient city in the lower Zagros Mountains. The ruins of Susa are in Iran.",
    "Iran": "Iran is a country in Asia. Many live in Iran.",
    "United Nations": "The United Nations is an international organization founded in 1945.",
    "Crimean War": "The Crimean War was fought from 1853 to 1856.",
    "Water": "Water is a liquid. Where water is, there is life.",
    "Alice's Adventures in Wonderland": "Alice's Adventures in Wonderland is a novel by Lewis Carroll.",
}


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained(checkpoint("encoder"))


@pytest.fixture(scope="module")
def lexicon():
    rows = [(text, []) for summary in ARTICLES.values() for text in sentences(summary)]
    common = (
        "So it is after the war that he and then she came."  # words that have a capital only where a sentence begins
    )
    return Lexicon(ARTICLES, [*rows, (common, []), ("Is Lovelace a mathematician?", [])])


def names_in(text, spans):
    return [(text[start:end], kind) for start, end, kind in spans]


def test_hand_labelled_sentences():
    rows = recipe.hand_labelled("ner")
    assert len(rows) == 248 and len(recipe.hand_labelled("ner_validation")) == 60
    for row in rows + recipe.hand_labelled("ner_validation"):
        assert set(row) == {"text", "entities", "source"} and row["source"] in ("article", "review")
        last = 0
        for start, end, kind in row["entities"]:
            name = row["text"][start:end]
            assert last <= start < end and kind in _entities.TYPES and name == name.strip()
            assert not name.lower().startswith("the ") and not name.endswith("'s")
            last = end
    measured = {row["text"] for row in rows}
    assert len(measured) == len(rows)
    assert not measured & {row["text"] for row in recipe.hand_labelled("ner_validation")}


def test_no_measured_review_is_trained_on():
    reviews = " ".join(pd.read_parquet(f"{dataset_path('movie_reviews')}/train.parquet")["text"])
    short = [row["text"] for row in recipe.hand_labelled("ner") if row["source"] == "review" and row["text"] in reviews]
    assert all(len(text.split()) < 4 for text in short), short  # "A drama?" may stand in any review
    assert not any(template == scores.LECTURE for template in made.TEMPLATES)


def test_sentences():
    assert sentences("Mr. T. S. Eliot was born in the U.S. in 1888. He left. Why?") == [
        "Mr. T. S. Eliot was born in the U.S. in 1888.", "He left.", "Why?"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the Gulf of Aqaba, and Egypt", ["Gulf of Aqaba", "Egypt"]),
        ("Belgium's van der Groen in the U.S. today", ["Belgium", "van der Groen", "U.S."]),
        ("by T. S. Eliot and Jean-Baptiste Lully.", ["T. S. Eliot", "Jean-Baptiste Lully"]),
        ("On Monday I'm in 5 BC", ["On"]),
    ],
)
def test_runs(text, expected):
    assert [text[slice(*span(run))] for run in runs(text)] == expected


def test_what_the_teacher_says_is_tidied():
    text = "In 1900 the Seine's banks were French."
    assert names_in(text, of_teacher(text, [(3, 7, "DATE"), (8, 19, "LOC"), (31, 37, "NORP")])) == [
        ("Seine", "LOC"), ("French", "-")
    ]  # fmt: skip


def test_titles_have_types(lexicon):
    assert lexicon.callings == {"mathematician"}
    assert lexicon.names["Ada Lovelace"] == "PER" and lexicon.names["Susa"] == "LOC"
    assert lexicon.names["United Nations"] == "ORG" and lexicon.names["Crimean War"] == "-"
    assert "Water" not in lexicon.names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Then Babbage met Alan Turing in Susa.", [("Babbage", "PER"), ("Alan Turing", "PER"), ("Susa", "LOC")]),
        ("It was the Lake Erie and the University of Jena.", [("Lake Erie", "LOC"), ("University of Jena", "ORG")]),
        ("The mathematician Gauss, King James I of a genus Fregata.",
         [("Gauss", "PER"), ("King", "-"), ("James I", "PER"), ("Fregata", "-")]),
        ("After the Crimean War he wrote Alice's Adventures in Wonderland.",
         [("Crimean War", "-"), ("Alice's Adventures in Wonderland", "-")]),
        ("The World Court Organization (WCO) is here.", [("World Court Organization", "ORG"), ("WCO", "ORG")]),
        ("He knew Xyzzy well.", [("Xyzzy", "?")]),
    ],
)  # fmt: skip
def test_rules(lexicon, text, expected):
    assert names_in(text, lexicon.label(text, [], {}, review=False)) == expected


def test_an_articles_subject_is_known_in_it(lexicon):
    known = lexicon.known_in("Alan Turing", ARTICLES["Alan Turing"])
    assert known == {"Alan Turing": "PER", "Alan Mathison Turing": "PER", "Turing": "PER"}


def test_targets_are_the_names_pieces(tokenizer):
    text = "Quetzalmonk left Jena for Xyzzy."
    data = recipe.encode([(text, [(0, 11, "PER"), (17, 21, "LOC"), (26, 31, "?")])], tokenizer)
    pieces = tokenizer.convert_ids_to_tokens(data["ids"][0].tolist())
    target, length = data["target"][0].tolist(), int(data["lengths"][0])
    assert target[0] == target[length - 1] == recipe.IGNORED and set(target[length:]) == {recipe.IGNORED}
    read = {}
    for piece, label in zip(pieces[:length], target, strict=False):
        read.setdefault(recipe.LABELS[label] if label >= 0 else label, []).append(piece)
    assert len(read["B-PER"]) == 1 and len(read["I-PER"]) >= 1
    assert "".join(read["B-PER"] + read["I-PER"]).replace("##", "") == "quetzalmonk"
    assert "".join(read["B-LOC"] + read.get("I-LOC", [])).replace("##", "") == "jena"
    assert "".join(read[recipe.UNSETTLED]).replace("##", "") == "xyzzy"
    assert read["O"] == ["left", "for", "."]


def test_soft_targets():
    target = torch.tensor([[recipe.IGNORED, 0, 1, recipe.UNSETTLED]])
    guessed = torch.full((1, 4, len(recipe.LABELS)), 1 / len(recipe.LABELS))
    hard, mixed = recipe.soft(target, None), recipe.soft(target, guessed)
    assert hard.sum(-1).tolist() == [[0, 1, 1, 0]]
    assert torch.allclose(mixed.float().sum(-1), torch.tensor([[0.0, 1, 1, 1]]), atol=1e-2)
    assert mixed[0, 2].argmax() == 1 and torch.allclose(mixed[0, 3].float(), guessed[0, 3], atol=1e-3)


def test_made_sentences_have_their_names_where_they_say():
    rows = [("Ada met IBM in Rome.", [(0, 3, "PER"), (8, 11, "ORG"), (15, 19, "LOC")]), ("Bo is.", [(0, 2, "?")]),
            ("They were very kind there.", [])]  # fmt: skip
    names = made.fillers(rows)
    assert names == {"PER": ["Ada"], "ORG": ["IBM"], "LOC": ["Rome"], "word": ["were", "very", "kind"]}
    names |= {"PER": ["Ada", "Alan Turing"], "LOC": ["Rome", "Lake Erie"]}
    for text, found in made.everyday(names, 300, seed=1):
        assert "{" not in text
        for start, end, kind in found:
            name = text[start:end]
            assert name in names[kind] or (kind == "PER" and name == "Alan") or (kind == "ORG" and name.istitle())
    copies = made.swapped(rows, names, seed=0)
    assert len(copies) == 4  # of the first row alone: the second has an open name, the third none
    assert all(text[start:end] in names[kind] for text, found in copies for start, end, kind in found)
    assert len({text for text, _ in copies}) > 1


def test_dictionary():
    types = made.dictionary(
        [
            ("Lake Erie and Erie", [(0, 9, "LOC"), (14, 18, "LOC")]),
            ("Erie", [(0, 4, "?")]),
            ("May a may", [(0, 3, "PER")]),
            ("so may they", []),
        ]
    )
    assert types == {"lake erie": "LOC", "erie": "LOC"}
    text = "at Lake Erie's shore, erie"
    assert names_in(text, made.looked_up(text, types)) == [("Lake Erie", "LOC"), ("erie", "LOC")]


def test_batches_hold_every_sentence_once():
    lengths = np.random.default_rng(0).integers(3, 90, 1000)
    cut = recipe.batches(lengths, 0, 64)
    assert sorted(np.concatenate(cut).tolist()) == list(range(1000))
    assert max(lengths[rows].max() - lengths[rows].min() for rows in cut) < 40
    assert not np.array_equal(cut[0], recipe.batches(lengths, 1, 64)[0])


def tiny():
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=30522, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
        num_labels=len(recipe.LABELS), id2label=dict(enumerate(recipe.LABELS)),
    )  # fmt: skip
    return BertForTokenClassification(config)


def test_a_resumed_run_gives_the_same(tokenizer, tmp_path):
    rng = random.Random(0)
    rows = [(f"Ada saw {rng.choice(['Rome', 'Oslo', 'Bern'])} {'again ' * rng.randrange(5)}", [(0, 3, "PER")])
            for _ in range(40)]  # fmt: skip
    data = recipe.encode(rows, tokenizer)
    data["answer"] = recipe.soft(data["target"], None)
    run = {"steps": 12, "rate": 1e-2, "device": "cpu", "size": 8}
    whole = recipe.train(tiny(), data, path=tmp_path / "whole.pt", every=100, **run)
    cut = tiny()
    steps, original = [], recipe.Resumable.update

    def interrupted(self):
        if self.step == 7:
            raise KeyboardInterrupt
        original(self)
        steps.append(self.step)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(recipe.Resumable, "update", interrupted)
        recipe.train(cut, data, path=tmp_path / "cut.pt", every=5, **run)
    resumed = recipe.train(tiny(), data, path=tmp_path / "cut.pt", every=5, **run)
    assert steps[-1] == 7
    for one, other in zip(whole.state_dict().values(), resumed.state_dict().values(), strict=True):
        assert torch.equal(one, other)
    found = recipe.probabilities(resumed, data, "cpu")
    assert found.shape == (40, recipe.LONGEST, len(recipe.LABELS)) and found[0, 60:].abs().max() == 0
    assert found[0, 1].argmax() == recipe.LABELS.index("B-PER")  # it has learned this much


def test_the_adapter_is_small_and_trains_nothing_else():
    model = recipe.network(adapted=True)
    trained = [name for name, p in model.named_parameters() if p.requires_grad]
    assert all("lora" in name or "classifier" in name for name in trained)
    assert 2 * sum(p.numel() for p in model.parameters() if p.requires_grad) < 0.9e6  # bytes in float16


def test_scores():
    text = "Ada met Bo."
    row = scores.row_of("x", "all", [text], [[(0, 3, "PER"), (8, 10, "PER")]], [[(0, 3, "PER"), (8, 10, "LOC")]])
    assert row["f1"] == row["precision"] == row["recall"] == 0.5 and row["names"] == 2
    assert scores.row_of("x", "all", [text], [[(0, 3, "PER")]], [[(0, 2, "PER")]])["f1"] == 0
    table = scores.counts([[(0, 3, "PER"), (8, 10, "PER")]], [[(0, 3, "PER"), (8, 10, "LOC")]])
    assert table.tolist() == [[1, 2, 2]] and scores.f1_of(table) == 0.5
    assert scores.marked(text, [(0, 3, "PER")]) == "[PER Ada] met Bo."


def test_the_pipeline_reads_the_labels(tokenizer):
    ner = pipeline("token-classification", model=tiny().eval(), tokenizer=tokenizer, aggregation_strategy="simple")
    assert {name["entity_group"] for name in ner("Ada Lovelace lived in London.")} <= {*_entities.TYPES, "O"}


def test_card_states_the_figures():
    figures = pd.read_csv(scores.FIGURES).set_index(["who", "type"])["f1"]
    assert figures["MiniLM, filled", "all"] >= max(0.75, figures["teacher", "all"])
    card = (ROOT / "data" / "README.md").read_text()
    card = card[card.index("## checkpoints/ner") : card.index("## text_evaluation/ner_validation")]
    for (who, kind), f1 in figures.items():
        assert re.search(rf"\| {who} \| {kind} \| \d+ \| {f1:.3f} \|", card), (who, kind)


def test_the_kept_checkpoint_finds_names():
    ner = pipeline("ner", model=checkpoint("ner"), aggregation_strategy="first")
    found = [(name["entity_group"], name["word"]) for name in ner(scores.LECTURE)]
    assert found == [("PER", "sylvain"), ("ORG", "hugging face"), ("LOC", "brooklyn")]
    assert ner("It rained all day.") == []
