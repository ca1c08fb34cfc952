"""The recipe of multilingual-sentiment: words exchanged, the student, resuming, what is exported, and its figures."""

from random import Random
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from data.recipes.text import multilingual_sentiment as recipe
from data.recipes.text._multilingual_texts import encoded, tokenizer
from data.recipes.text._word_translations import entries, exchanged, inflected, stem, translations, words
from data.recipes.text.multilingual_sentiment import (
    LABELS,
    LEARNED,
    ROLE,
    Student,
    Table,
    Training,
    by_hand,
    configuration,
    save,
    wilson,
)
from utils import dataset_path
from utils.checkpoints import TRAINED
from utils.data import DATA, results

GERMAN = """
boring /bˈɔːɹɪŋ/
langweilig, öde <adj>
      "a boring film"  - ein langweiliger Film
   Synonym: {dull}
 see: {bored}

drone /dɹˈəʊn/ <v>
eintönig reden, brummen <v, intr>
         Note: of a machine
"""
FRENCH = "boring /bɔːriŋ/\n1. maussade\n2. ennuyeux\nborrow /bɔrou/\nemprunter, prêter\n"
PAIRS = [
    ("the good film", "der gute Film"), ("a good book", "ein gutes Buch"), ("the good book", "das gute Buch"),
    ("a bad film", "ein schlechter Film"), ("the bad book", "das schlechte Buch"),
    ("bad", "schlecht"), ("film", "Film"),
]  # fmt: skip
PREPARED = {
    "rated": [("the good film", 2.0), ("a bad book", -2.0)],
    "sentences": {language: PAIRS for language in ("de", "fr", "es")},
    "words": {language: [("good", "gut"), ("bad", "schlecht")] for language in ("de", "fr", "es")},
    "table": {language: translations(PAIRS) for language in ("de", "fr", "es")},
    "lexicon": {"good": 1.9, "goods": 0.1, "bad": -2.5},
}


def test_dictionaries_are_read():
    assert entries(GERMAN) == [
        ("boring", "langweilig"), ("boring", "öde"), ("drone", "eintönig reden"), ("drone", "brummen"),
    ]  # fmt: skip
    assert entries(FRENCH) == [
        ("boring", "maussade"), ("boring", "ennuyeux"), ("borrow", "emprunter"), ("borrow", "prêter"),
    ]  # fmt: skip


def test_stems_and_words():
    assert len({stem(word) for word in ("love", "loves", "loved", "loving", "lovingly")}) == 1
    assert stem("is") == "is"
    assert words("L'été n’est pas fini, 3 fois!") == ["l", "été", "n", "est", "pas", "fini", "fois"]


def test_words_that_occur_together_stand_for_each_other():
    table = translations(PAIRS)
    assert table["film"][0][0] == "film" and table["book"][0][0] == "buch"
    assert table["good"][0][0] in ("gute", "gutes") and table["good"][0][1] > table["good"][-1][1]
    assert table["bad"][0][0] in ("schlechter", "schlechte", "schlecht")


def test_exchanged_words():
    table = {"good": [("gute", 1.0)], "film": [("film", 0.5), ("streifen", 0.5)]}
    found = {exchanged("A Good film, Wallace!", table, "de", Random(i)) for i in range(60)}
    assert "a gute film, wallace!" in found and "a gute streifen, wallace!" in found
    assert len(found) > 2  # other endings too
    assert all(text.startswith("a gut") and text.endswith(", wallace!") for text in found)
    assert exchanged("good film", table, "de", Random(1)) == exchanged("good film", table, "de", Random(1))


def test_endings():
    drawn = {language: {inflected(word, language, Random(i)) for i in range(40)}
             for language, word in (("de", "lieben"), ("fr", "heureux"), ("es", "bonito"))}  # fmt: skip
    assert drawn["de"] == {"liebe", "liebt", "liebte", "lieben"}
    assert drawn["fr"] == {"heureuse", "heureuses", "heureux"}
    assert drawn["es"] == {"bonita", "bonitos", "bonitas"}
    assert inflected("bon", "fr", Random(0)) == "bon"


def test_accents_are_kept_and_case_is_not():
    split = tokenizer(PREPARED)
    assert split.normalizer.normalize_str("Schön, l’Été") == "schön, l'été"
    rows = encoded(split, ["Film", "film film"])
    assert rows.shape == (2, 64) and rows.dtype == torch.int16
    assert rows[0, 0] == 2 and rows[0, 1] == rows[1, 1] == rows[1, 2] and rows[0, 2] == rows[1, 3] == 3
    assert (rows[0, 3:] == 0).all()


@pytest.fixture
def texts() -> SimpleNamespace:
    """Eight texts of each kind, their English original's place one of four."""
    random = torch.Generator().manual_seed(0)
    kinds = [*LEARNED, *(f"exchanged-{language}" for language in ("de", "fr", "es"))]
    count = 8 * len(kinds)
    tokens = torch.randint(5, 60, (count, 12), generator=random).short()
    tokens[:, 9:] = 0
    places = torch.nn.functional.normalize(torch.randn(4, 384, generator=random), dim=-1)
    return SimpleNamespace(
        tokens=tokens, original=torch.arange(count) % 4, places=places, chance=torch.tensor([0.9, 0.1, 0.8, 0.2]),
        weight=torch.tensor([1.0, 1.0, 0.5, 0.0]), reviews=(places.numpy(), np.array([True, False, True, False])),
        rows={kind: np.arange(8 * i, 8 * i + 8) for i, kind in enumerate(kinds)},
    )  # fmt: skip


@pytest.fixture
def small(monkeypatch):
    """Ways with two texts of each kind, and a configuration of one narrow layer."""
    ways = {way: dict.fromkeys(kinds, 2) for way, kinds in recipe.WAYS.items()}
    monkeypatch.setattr(recipe, "WAYS", ways)
    config = configuration(60)
    config.update({"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32})
    return config


def test_what_each_way_learns_from(texts, small):
    assert not any(kind.startswith("exchanged") for way in ("place", "opinion") for kind in recipe.WAYS[way])
    changed = {}
    for way in recipe.WAYS:
        training = Training(way, texts, small, steps=4)
        before = training.network.head.weight.detach().clone()
        losses = training.advance()
        assert losses["place"] > 0 and losses["opinion"] > 0
        changed[way] = not torch.equal(before, training.network.head.weight)
    assert changed == {"place": False, "opinion": True, "exchange": True}


def test_it_learns_and_goes_on_where_it_stopped(texts, small, tmp_path):
    whole = Training("exchange", texts, small, steps=6)
    losses = []
    for step in range(6):
        losses.append(whole.advance()["place"].item())
        if step == 2:
            whole.save(tmp_path / "state.pt")
    resumed = Training("exchange", texts, small, steps=6)
    assert resumed.load(tmp_path / "state.pt")
    while resumed.step < 6:
        resumed.advance()
    for a, b in zip(whole.network.parameters(), resumed.network.parameters(), strict=True):
        assert torch.equal(a, b)
    assert np.isfinite(losses).all()


def test_the_exported_model_says_what_the_student_says(small, tmp_path):
    split = tokenizer(PREPARED)
    small.vocab_size = split.get_vocab_size()
    torch.manual_seed(0)
    student = Student(small).eval()
    texts = ["ein guter Film", "das schlechte Buch"]
    with torch.no_grad():
        _, wanted = student(encoded(split, texts).long())
    save(student, split, tmp_path)
    assert np.allclose(recipe.scores(tmp_path, texts), wanted.numpy(), atol=0.01)
    assert {value.dtype for value in load_file(tmp_path / "model.safetensors").values()} == {torch.float16}
    config = AutoModelForSequenceClassification.from_pretrained(tmp_path).config
    assert config.architectures == ["BertForSequenceClassification"] and config.id2label == dict(enumerate(LABELS))
    assert AutoTokenizer.from_pretrained(tmp_path)("film")["input_ids"][0] == 2


def test_intervals_and_votes():
    assert wilson(50, 100) == pytest.approx((0.404, 0.596), abs=0.001)
    assert wilson(100, 100) == pytest.approx((0.963, 1.0), abs=0.001)
    table = Table()
    table.add("way", "de", np.array([2.0, -1.0, 0.0, 3.0]), np.array([True, False, True, False]))
    assert table.rows[0]["accuracy"] == 0.625  # two right, one undecided, one wrong
    texts = pd.DataFrame({"language": ["de", "fr", "de"], "text": ["Gutes!", "schlechter Film", "Tee"]})
    votes = recipe.lexicon_vote(PREPARED, texts)
    assert votes[0] > 0 > votes[1] and votes[2] == 0


def test_sentences_by_hand_are_balanced_and_in_no_other_set():
    test, other = by_hand(), by_hand("sentiment_de_fr_es_validation")
    assert test.groupby(["language", "label"]).size().to_dict() == {
        (language, label): 50 for language in ("de", "es", "fr") for label in LABELS
    }
    assert other.groupby(["language", "label"]).size().eq(15).all() and len(other) == 90
    everything = pd.concat([test, other])
    assert everything["text"].is_unique and everything["english"].str.len().min() > 5
    reviews = pd.concat([pd.read_parquet(path) for path in (DATA / "movie_reviews").glob("*.parquet")])
    assert not set(everything["english"].str.lower()) & set(reviews["text"].str.lower())
    assert dataset_path("movie_reviews")


def test_kept_model_and_its_figures():
    """The table is what the kept model gives, good enough in each language, and stated in the card."""
    folder, table = TRAINED / ROLE, results("multilingual_sentiment").set_index(["way", "texts"])
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 3.6e6
    test = by_hand()
    right = (recipe.scores(folder, test["text"].tolist()) > 0) == (test["label"] == "POSITIVE")
    card = (DATA / "README.md").read_text(encoding="utf-8")
    card = card[card.index("## checkpoints/multilingual-sentiment") :].split("\n## ")[0]
    for language, share in right.groupby(test["language"]).mean().items():
        stated = table.loc[("exchange", language), "accuracy"]
        assert share == pytest.approx(stated, abs=0.011) and share >= 0.65  # one sentence may lie on the border
        assert f"{stated:.2f}" in card
    assert recipe.scores(folder, [recipe.LECTURE])[0] > 0
