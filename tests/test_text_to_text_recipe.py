"""The text-to-text recipe: texts, batches, the losses of the program that made the weights, resuming."""

import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from data.recipes.common import scheduled as _scheduled
from data.recipes.text._english_german import (
    KINDS,
    PACKAGE_SENTENCE,
    SPLITS,
    add_packages,
    descriptions,
    family,
    sentences,
)
from data.recipes.text._parallel import _german, is_held_out, part
from data.recipes.text_to_text import text_to_text
from data.recipes.text_to_text._text_to_text_batches import (
    END,
    MASK,
    NO_LABEL,
    PAD,
    buckets,
    course,
    endless,
    noise,
    shortened,
    tensors,
)
from data.recipes.text_to_text._text_to_text_data import (
    SUMMARIZE,
    TO_GERMAN,
    lists_of,
    read,
    running_text,
    train_tokenizer,
    write,
)
from data.recipes.text_to_text.text_to_text import RUNS, Size, first_model, next_model, save, train
from utils.data import DATA, results

TINY = Size(
    pieces=160, width=32, inner=64, heads=2, encoder_layers=2, decoder_layers=1, places=1_200, noisy=8, length=16
)
STEPS, WARM_UP = 50, 8
NOUNS = {"house": "Haus", "dog": "Hund", "king": "König", "river": "Fluss", "library": "Bibliothek", "tree": "Baum"}
VERBS = {"sees": "sieht", "finds": "findet", "needs": "braucht", "has": "hat", "loves": "liebt"}
ADJECTIVES = {"old": "alt", "green": "grün", "beautiful": "schön", "large": "groß", "small": "klein"}


def made_up_texts() -> tuple[dict, list, list]:
    """Texts as `_english_german.texts` gives them, and words and phrases of a dictionary: a small world's."""
    draws = random.Random(7)

    def sentence() -> tuple[str, str]:
        nouns, verbs, adjectives = (list(kind.items()) for kind in (NOUNS, VERBS, ADJECTIVES))
        one, verb, other, like = (draws.choice(kind) for kind in (nouns, verbs, nouns, adjectives))
        return (
            f"The {one[0]} {verb[0]} the {other[0]} and is {like[0]}.",
            f"Das {one[1]} {verb[1]} das {other[1]} und ist {like[1]}.",
        )

    sets = {}
    for split, size in (("train", 120), ("validation", 12), ("test", 12)):
        pairs = [sentence() for _ in range(size)]
        texts = [" ".join(part for part in (sentence()[0], sentence()[0], sentence()[0])) for _ in range(size // 2)]
        sets[split] = {
            "pairs": pairs,
            "titles": [(text, " ".join(text.split()[1:5])) for text in texts],
            "plain_en": texts,
            "plain_de": [other for _, other in pairs[::2]],
        }
    words = [*NOUNS.items(), *VERBS.items(), *ADJECTIVES.items()] * 3
    return sets, words, [sentence() for _ in range(560)]


# Losses of the program that made the kept weights (its two runs), on made_up_texts, TINY, one thread, without autocast,
# its share of the time replaced by step / 50 and its warm-up (800 and 300 steps) by 8.
EXPECTED = {
    "first": [
        5.0773, 5.1073, 5.0761, 5.1033, 5.0603, 5.0462, 5.0285, 5.0019, 4.9748, 4.9630, 4.9447, 4.9327, 4.8950, 4.8725,
        4.8481, 4.8190, 4.8115, 4.7835, 4.7586, 4.7483, 4.7305, 4.7028, 4.6922, 4.6185, 4.6535, 4.6308, 4.6178, 4.6158,
        4.5806, 4.5142, 4.5539, 4.5133, 4.5394, 4.5417, 4.5219, 4.5030, 4.4733, 4.4810, 4.4759, 4.4788, 4.4474, 4.4325,
        4.4757, 4.4385, 4.4392, 4.4383, 4.4435, 4.4590, 4.4045, 4.4027,
    ],
    "second": [
        4.4202, 4.4045, 4.4245, 4.3970, 4.3999, 4.3893, 4.3755, 4.3229, 4.3538, 4.4960, 4.3456, 4.3450, 4.3387, 4.3070,
        4.6175, 4.2649, 4.3953, 4.2840, 4.4142, 4.2592, 4.2379, 4.1968, 4.2071, 4.2227, 4.2211, 4.1849, 4.1857, 4.1076,
        4.1930, 4.1985, 4.1758, 4.1706, 4.1745, 4.1627, 4.1406, 4.1683, 4.1642, 4.1561, 4.1558, 4.1448, 4.1279, 4.1533,
        4.1384, 4.1043, 4.1615, 4.1749, 4.1276, 4.0968, 4.1171, 4.1055,
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def world():
    """Tokenizer, lists and stream of the made-up texts."""
    sets, words, phrases = made_up_texts()
    tokenizer = train_tokenizer(sets["train"], TINY.pieces)
    stream = torch.from_numpy(running_text(sets["train"], tokenizer).astype(np.int64))
    return tokenizer, lists_of(sets, words, phrases, tokenizer), stream


def tiny(run):
    return replace(run, steps=STEPS, warm_up=WARM_UP)


@pytest.fixture
def whole_numbers(monkeypatch):
    """Everything in float32 on the processor, as the expected losses were computed."""
    monkeypatch.setattr(text_to_text, "autocast", lambda device: torch.autocast(device, enabled=False))


def test_losses_are_those_of_the_program_that_made_the_weights(world, whole_numbers, tmp_path):
    tokenizer, lists, stream = world
    first, second = map(tiny, RUNS)
    model = first_model(TINY, first)
    losses = train(model, first, lists, stream, TINY)
    assert losses == pytest.approx(EXPECTED["first"], abs=1e-3)
    save(model, tokenizer, tmp_path / "first")
    losses = train(next_model(tmp_path / "first", second), second, lists, stream, TINY)
    assert losses == pytest.approx(EXPECTED["second"], abs=1e-3)


def test_training_goes_on_where_it_was(world, whole_numbers, tmp_path, monkeypatch):
    _, lists, stream = world
    monkeypatch.setattr(_scheduled, "EVERY", 8)
    run = replace(tiny(RUNS[0]), steps=24)
    whole = first_model(TINY, run)
    losses = train(whole, run, lists, stream, TINY, tmp_path / "whole.pt")

    advance = _scheduled.Scheduled.advance

    def stopping(training, loss):
        if training.step == 19:
            raise KeyboardInterrupt
        return advance(training, loss)

    monkeypatch.setattr(_scheduled.Scheduled, "advance", stopping)
    with pytest.raises(KeyboardInterrupt):
        train(first_model(TINY, run), run, lists, stream, TINY, tmp_path / "stopped.pt")
    monkeypatch.setattr(_scheduled.Scheduled, "advance", advance)
    again = first_model(TINY, run)
    assert train(again, run, lists, stream, TINY, tmp_path / "stopped.pt") == losses[16:]
    for one, two in zip(whole.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, two)


def test_every_pair_comes_once_in_a_round(world):
    _, lists, _ = world
    pairs = lists["phrases"]
    batches = buckets(pairs, 600, random.Random(0))
    assert sorted(pair for batch in batches for pair in batch) == sorted(pairs)
    for batch in batches:
        assert len(batch) * (max(len(x) + len(y) for x, y in batch) + 8) <= 600
    shuffled = endless(pairs, 600, random.Random(0))
    first, second = ([next(shuffled) for _ in batches] for _ in range(2))
    assert sorted(pair for batch in first for pair in batch) == sorted(pairs) and first != second


def test_course_mixes_as_it_is_told(world):
    _, lists, _ = world
    first, second = RUNS
    chosen = {name: lists[name] for name in first.lists}
    batches = list(course(chosen, first.mix, 400, 1_200, random.Random(0)))
    noisy = [batch is None for batch in batches]
    assert 0.15 < sum(noisy[:200]) / 200 < 0.25 and 0.02 < sum(noisy[200:]) / 200 < 0.09
    assert list(course(chosen, first.mix, 400, 1_200, random.Random(0))) == batches
    chosen = {name: lists[name] for name in second.lists}
    assert None not in list(course(chosen, second.mix, 200, 1_200, random.Random(0)))


def test_batches_as_tensors():
    x, y = tensors([([5, 6, END], [7, END]), ([8] * 17, [9])], "cpu")
    assert x.shape == (2, 32) and y.shape == (2, 16)
    assert x[0].tolist() == [5, 6, END] + 29 * [PAD] and y[1].tolist() == [9] + 15 * [NO_LABEL]
    assert shortened([4, 5, 6, END], 3) == [4, 5, END] and shortened([4, END], 3) == [4, END]


def test_noise_is_to_be_undone():
    torch.manual_seed(0)
    stream = torch.arange(4, 2_004)
    seen, whole = noise(stream, 200, 40)
    masked = seen == MASK
    assert (whole[:, -1] == END).all() and (whole[:, 1:-1] == whole[:, :-2] + 1).all()
    assert torch.equal(seen[:, :-1][~masked[:, :-1]], whole[:, :-1][~masked[:, :-1]])
    assert 0.15 < masked.float().mean() < 0.3


def test_tokens_are_stored_and_read(world, tmp_path):
    _, lists, stream = world
    write(tmp_path / "prepared.npz", lists, stream.numpy().astype(np.uint16))
    again, tokens = read(tmp_path / "prepared.npz")
    assert again == lists and np.array_equal(tokens, stream.numpy())
    assert [path.name for path in tmp_path.iterdir()] == ["prepared.npz"]


ENGLISH = """
Package: libabc1
Description-md5: 1
Description-en: reads and writes abc files
 The library reads abc files. It also writes them.
 .
 It is small, and nobody has ever complained about it.

Package: abc-doc
Description-md5: 2
Description-en: manual of the abc library
 This has the whole manual, as pages for the browser.
"""
GERMAN = """
Package: libabc1
Description-md5: 1
Description-de: liest und schreibt abc-Dateien
 Die Bibliothek liest abc-Dateien. Sie schreibt sie auch.
 .
 Sie ist klein und niemand hat sich je über sie beklagt.
"""


def test_texts_of_packages():
    """Sentence by sentence; packages of one name in one split, but in test if they are held out elsewhere."""
    english, german = descriptions(ENGLISH, "en"), descriptions(GERMAN, "de")
    assert english["1"][2] == [
        "The library reads abc files. It also writes them.",
        "It is small, and nobody has ever complained about it.",
    ]
    assert family("libabc1") == family("abc-doc") == "abc" and part("abc") == "train"
    sets = {split: {kind: [] for kind in KINDS} for split in SPLITS}
    add_packages(sets, english, german, held_out={"manual of the abc library"})
    assert sets["train"]["pairs"] == [
        ("reads and writes abc files", "liest und schreibt abc-Dateien"),
        ("The library reads abc files.", "Die Bibliothek liest abc-Dateien."),
        ("It also writes them.", "Sie schreibt sie auch."),
        (english["1"][2][1], german["1"][2][1]),
    ]
    assert sets["test"]["titles"] == [(english["2"][2][0], "manual of the abc library")]
    assert not any(sets["validation"].values()) and sets["test"]["plain_en"] == english["2"][2]


def test_one_text_in_twenty_is_held_out():
    held_out = [is_held_out(str(i)) for i in range(4_000)]
    assert 0.04 < sum(held_out) / 4_000 < 0.06
    assert sentences("One. Two.", "Eins.", PACKAGE_SENTENCE, 400) == [("One. Two.", "Eins.")]
    assert sentences("One. Two.", "Eins. Two.", PACKAGE_SENTENCE, 400) == [("One.", "Eins.")]


def test_a_dictionarys_entries():
    entry = """\
admiral /ˈadmɜːɹəl/
Admiral <masc> [mil.] Adm.,  /ˈadəm/, Flaggoffizier
      "The admiral sleeps."  - Der Admiral schläft., Es schläft der Admiral.
      "a red admiral"  - ein Admiral, noch einer
 see: {admirals}

deep /diːp/
tief <adj>
"""
    words, phrases = _german(entry)
    assert words == [("admiral", "Admiral Adm."), ("deep", "tief")]
    assert phrases == [("The admiral sleeps.", "Der Admiral schläft."), ("a red admiral", "ein Admiral")]


def test_kept_checkpoint_is_used_plainly():
    """The plain Auto classes load it, nothing is missing or left over, generate takes what the tokenizer gives."""
    tokenizer = AutoTokenizer.from_pretrained(text_to_text.KEPT)
    model, notes = AutoModelForSeq2SeqLM.from_pretrained(
        text_to_text.KEPT, dtype=torch.float32, output_loading_info=True
    )
    assert not any(notes.values())
    for prompt, answer in {
        TO_GERMAN + "The king is dead, long live the king!": "Der König ist tot, lange lebt der König!",
        TO_GERMAN + "The weather is nice today.": "Das Wetter ist heute schön.",
        SUMMARIZE + "This package contains the documentation.": None,
    }.items():
        inputs = tokenizer(prompt, return_tensors="pt")
        assert set(inputs) == {"input_ids", "attention_mask"}
        found = tokenizer.decode(model.generate(**inputs)[0], skip_special_tokens=True)
        assert found == answer if answer else found
        assert model.generate(**inputs, num_beams=1, max_new_tokens=3).shape[1] <= 4


def test_figures_are_those_that_were_asked_for_and_the_card_has_them():
    table = results("text_to_text").set_index(["task", "way"])
    beams = table.xs("beam search, 4 beams", level="way")
    assert beams.loc["English to German", "chrf"] >= 57.9 and beams.loc["English to German", "bleu"] >= 28.2
    assert beams.loc["titles", "rouge_l"] >= 0.435  # 0.437 with positions rounded to float16: one title
    assert (beams["chrf"].dropna() > table.xs("source copied", level="way")["chrf"] + 20).all()
    card = (DATA / "README.md").read_text(encoding="utf-8").partition("## checkpoints/text-to-text\n")[2]
    card = card.partition("\n## ")[0]
    for row in table.reset_index().itertuples():
        figures = f"{row.rouge_l:.3f}" if row.task == "titles" else f"{row.chrf:.1f} | {row.bleu:.1f}"
        assert f"| {row.task} | {row.way} | {row.texts} | {figures} |" in card
