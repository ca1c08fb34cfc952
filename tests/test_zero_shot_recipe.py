"""The zero-shot recipe: nothing of what is measured is trained on, and pairs and targets are right."""

import json
import re

import numpy as np
import pytest
import torch

from data.recipes.text import _topics, zero_shot
from data.recipes.text import _zero_shot_scores as scores
from utils.checkpoints import TRAINED
from utils.data import results

ROWS = [
    {"text": "The moons of Jupiter were seen by Galileo through a telescope.", "own": ["astronomy", "Galilean moons"]},
    {"text": "A dull, clumsy film with a leaden script.", "own": ["films"], "not": ["praise"]},
    {"text": "The dog barked all night.", "own": []},
    {"text": "Plays music files from the command line.", "own": ["sound"]},
]
WORDS = ["astronomy", "sound", "dogs", "films", "rivers", "poetry", "chess", "iron", "bridges", "silence"]


@pytest.fixture(scope="module")
def pairs() -> zero_shot.Pairs:
    return zero_shot.Pairs({"texts": ROWS, "words": WORDS}, "cpu", size=4)


def test_the_evaluation_has_every_topic_and_none_of_their_names_in_a_text():
    one, two, tuning = (scores.evaluation(part) for part in ("one", "two", "tuning"))
    assert [sum(row["topics"] == [topic] for row in one) for topic in scores.TOPICS] == [30] * 5
    assert len(two) == 30 and all(len(set(row["topics"])) == 2 for row in two)
    assert len(tuning) == 60 and not {topic for row in tuning for topic in row["topics"]} & set(scores.TOPICS)
    named = re.compile("educat|politic|business|sport|health", re.I)
    assert not [row["text"] for row in one + two if named.search(row["text"])]
    assert len({row["text"] for row in one + two + tuning}) == 240


def test_no_phrase_may_name_a_topic_that_is_measured_or_tuned_on():
    assert set(_topics.UNSEEN) == set(scores.TOPICS) | {t for row in scores.evaluation("tuning") for t in row["topics"]}
    for phrase in [*_topics.UNSEEN, "Political party", "primary schools", "the stock exchange", "Sports car"]:
        assert _topics.barred(phrase), phrase
    for phrase in [*_topics.CATEGORIES.values(), *_topics.SECTIONS.values(), *zero_shot.CINEMA, "photosynthesis"]:
        assert not _topics.barred(phrase), phrase


def test_elections_are_barred_and_electronics_are_not():
    for phrase in ["elect", "the elected one", "General elections", "an electoral district", "elective office"]:
        assert _topics.barred(phrase), phrase
    for phrase in ["Electronics", "electric current", "electrons", "electricity"]:
        assert not _topics.barred(phrase), phrase


def test_what_is_collected_leaves_out_barred_phrases_and_measured_texts(monkeypatch):
    measured = scores.evaluation("one")[0]["text"]
    rows = [{"text": "A film about elections.", "own": ["election film", "cinema"]}, {"text": measured, "own": ["x"]}]
    monkeypatch.setattr(_topics, "of_articles", lambda: rows)
    monkeypatch.setattr(_topics, "of_packages", lambda count, seed: [])
    monkeypatch.setattr(_topics, "dictionary", lambda: (["film", "school"], ["The film was long."] * 5))
    monkeypatch.setattr(_topics, "articles", lambda held_out: {"Film": "", "Iran (country)": ""})
    found = _topics.collected()
    assert found["texts"][0]["own"] == ["cinema"]
    assert measured not in [row["text"] for row in found["texts"]]
    assert found["words"] == ["film"]


def test_own_phrases_fit_and_contrary_ones_do_not(pairs):
    rng = np.random.default_rng(0)
    phrases, near = pairs.chosen([(0,), (1,), (1, 0)], rng)
    assert phrases.shape == near.shape == (3, zero_shot.PHRASES)
    names = [[pairs.phrases[p] for p in row] for row in phrases.tolist()]
    assert all(len(set(row)) == zero_shot.PHRASES for row in names)
    value = [dict(zip(row, values, strict=True)) for row, values in zip(names, near.tolist(), strict=True)]
    assert max(value[0], key=value[0].get) in ROWS[0]["own"]
    assert value[1]["films"] >= zero_shot.FITS and value[1]["praise"] == pytest.approx(zero_shot.FITS_NOT)
    assert value[2]["films"] >= zero_shot.FITS and {"astronomy", "Galilean moons"} & set(names[2])


def test_a_step_depends_on_its_number_alone_and_pairs_are_as_the_tokenizer_makes_them(pairs):
    batch, near = pairs.step(11)
    again, near_again = pairs.step(11)
    assert all(torch.equal(batch[name], again[name]) for name in batch) and torch.equal(near, near_again)
    assert not torch.equal(pairs.step(12)[1], near)
    ids = batch["input_ids"][0][batch["attention_mask"][0].bool()]
    text, hypothesis, rest = pairs.tokenizer.decode(ids).removeprefix("[CLS]").split("[SEP]")
    made = pairs.tokenizer(text.strip(), hypothesis.strip())
    assert made["input_ids"] == ids.tolist() and rest == ""
    assert made["token_type_ids"] == batch["token_type_ids"][0][: len(ids)].tolist()


def test_the_loss_falls_where_both_readings_of_the_logits_are_right():
    near = torch.tensor([[0.4, 0.05, 0.1]])
    fits = (near - zero_shot.BORDER) / zero_shot.WIDTH
    entailed = near / zero_shot.SHARPNESS
    right = torch.stack([entailed - fits, entailed], -1).view(-1, 2)
    assert zero_shot.loss_of(right, near) < 0.2 < zero_shot.loss_of(right.flip(0), near)
    assert zero_shot.loss_of(right, near) < zero_shot.loss_of(right.flip(1), near)


def test_equal_scores_count_as_a_draw_by_lot():
    right = np.array([[True, False], [False, True]])
    assert scores.accuracy(np.zeros((2, 2)), right).tolist() == [0.5, 0.5]
    assert scores.f1(right, right) == 1 and scores.f1(~right, right) == 0


def test_the_kept_checkpoint_is_small_and_reaches_what_it_must():
    folder = TRAINED / "zero-shot"
    assert json.loads((folder / "labels.json").read_text()) == zero_shot.LABELS
    assert (folder / "adapter_model.safetensors").stat().st_size < 1.2e6
    table = results("zero_shot").set_index("way")["accuracy"]
    ours, cosine = (max(v for way, v in table.items() if way.startswith(kind)) for kind in ("zero-shot", "cosine"))
    assert ours >= 0.60 and ours >= cosine - 0.05
