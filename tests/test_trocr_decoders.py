"""The small decoders' recipe: n-grams, texts in two languages and their splits, resuming, and what is exported."""

import math

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, VisionEncoderDecoderModel

from data.recipes.handwriting import trocr_decoders
from data.recipes.handwriting._ngrams import END, START, KneserNey, discount
from data.recipes.handwriting._reader import PATCH, Reader, tokenizer
from data.recipes.handwriting._texts import CHARACTERS, LONGEST
from data.recipes.handwriting.trocr_decoders import (
    Batches,
    Training,
    cut,
    export,
    lines_of,
    log_loss,
    pairs_of,
    perplexity,
    split,
    symbols,
)
from utils.data import DATA, results

PACKAGES = "Package: a-dev\nSource: a (1.0)\n\nPackage: b\nSection: misc\n"
GERMAN = """
Package: a-dev
Description-md5: 1
Description-de: Dateien für Entwickler
 Dieses Paket enthält
 Dateien.
 .
 Es ist schön.

Package: b
Description-md5: 2
Description-de: Ein „Café“
 Dieses Paket enthält Dateien.
 .
 unchanged

Package: c
Description-md5: 3
Description-de: veraltet
"""
ENGLISH = GERMAN.replace("-de:", "-en:").replace("Description-md5: 3", "Description-md5: 4")
for word, translated in {
    "Dateien für Entwickler": "development files",
    "Dieses Paket enthält": "This package has",
    "Dateien.": "files.",
    "Es ist schön.": "It is nice.",
    "Ein „Café“": "a cafe",
}.items():
    ENGLISH = ENGLISH.replace(word, translated)
PAIRS = [(f"source{i // 3:02d}", f"Das Paket {i} ist größer.", f"Package {i} is larger.") for i in range(90)]


def test_probabilities_sum_to_one():
    grams = KneserNey(["abab", "abba", "cab", "a"], order=3, alphabet="abcd")
    for context in ("", "a", "ab", "zz", START * 2, START + "a", "dddd"):
        assert sum(grams.probability(context, c) for c in [*"abcd", END]) == pytest.approx(1)
    assert grams.probability("ab", "a") > grams.probability("ab", "c") > grams.probability("ab", "d") > 0


def test_kneser_ney_by_hand():
    """Lines "ab" and "a", order 2: bigrams ^a twice, ab, b$ and a$ once."""
    assert discount({"^a": 2, "ab": 1, "b$": 1, "a$": 1}) == pytest.approx(3 / 5)
    assert discount({"a": 1}) == discount({"a": 2}) == 0.5
    grams = KneserNey(["ab", "a"], order=2, alphabet="ab")
    # characters seen before $: 2 (b, a), before a: 1 (the start), before b: 1; discount 2 / (2 + 2) = 0.5
    end = (2 - 0.5 + 0.5 * 3 / 3) / 4
    assert grams.probability("", END) == pytest.approx(end)
    assert grams.probability("a", END) == pytest.approx((1 - 0.6 + 0.6 * 2 * end) / 2)


def test_perplexity_counts_the_end_of_a_line():
    always = KneserNey(["a"] * 1000, order=2, alphabet="a")
    assert always.perplexity(["a"]) == pytest.approx(1, abs=0.01)
    grams = KneserNey(["ab", "a"], order=2, alphabet="ab")
    first, end = grams.probability(START, "a"), grams.probability("a", END)
    assert grams.perplexity(["a"]) == pytest.approx(math.exp(-(math.log(first) + math.log(end)) / 2))


def test_longer_contexts_help():
    rng = np.random.default_rng(0)
    words = ["Paket", "Datei", "Programm", "schön"]
    train, test = ([" ".join(rng.choice(words, 4)) for _ in range(size)] for size in (300, 50))
    scores = [KneserNey(train, order, CHARACTERS).perplexity(test) for order in (1, 2, 5)]
    assert scores[0] > scores[1] > scores[2] > 1


def test_pairs_of_texts():
    """Stale translations, untranslated and repeated paragraphs are left out."""
    assert pairs_of(PACKAGES, GERMAN, ENGLISH) == [
        ("a", "Dateien für Entwickler", "development files"),
        ("a", "Dieses Paket enthält Dateien.", "This package has files."),
        ("a", "Es ist schön.", "It is nice."),
        ("b", 'Ein "Cafe"', "a cafe"),
    ]


def test_splits_share_no_package():
    parts = split(PAIRS, [])
    sources = {name: {pair[0] for pair in part} for name, part in parts.items()}
    assert {name: len(found) for name, found in sources.items()} == {"train": 21, "validation": 3, "test": 6}
    assert len(set.union(*sources.values())) == 30 and sum(map(len, parts.values())) == 90
    columns = [lines_of(parts, language) for language in trocr_decoders.LANGUAGES]
    assert "größer." in columns[0]["test"] and "Paket" not in " ".join(columns[1]["test"])


def test_reserved_lines_are_not_trained_on(monkeypatch):
    monkeypatch.setattr(trocr_decoders, "COMMON", 2)
    parts = split(PAIRS, ["Paket 2 ist", "Package 3 is", "Das Paket"])
    train = " ".join(german for _, german, _ in parts["train"])
    assert "Paket 2 ist" not in train and "Paket 3 " not in train and "Paket 30 " in train
    assert len(parts["train"]) == 61 and len(parts["test"]) == 18  # "Das Paket" is in too many texts to be taken out


def test_lines_hold_the_whole_text():
    texts = ["Dieses Paket enthält eine Bibliothek, mit der man Bilder lesen kann."] * 50
    lines = cut(texts, seed=0)
    assert " ".join(lines) == " ".join(texts)
    assert max(map(len, lines)) <= LONGEST and lines == cut(texts, seed=0) != cut(texts, seed=1)
    assert cut(["x" * 40, "y"], seed=0) == ["x" * LONGEST]


@pytest.fixture
def lines(monkeypatch):
    monkeypatch.setattr(trocr_decoders, "BATCH", 8)
    monkeypatch.setattr(trocr_decoders, "WARM_UP", 4)
    return [german[: 10 + i % 12].strip() for i, (_, german, _) in enumerate(PAIRS)]


def test_every_line_comes_up_once_in_an_epoch(lines):
    batches = Batches([str(i) for i in range(len(lines))])
    first, second = ([line for step in range(begin, begin + 11) for line in batches(step)] for begin in (0, 11))
    assert len(set(first)) == len(set(second)) == 88 and first != second
    assert batches(3) == Batches(batches.lines)(3)


def test_loss_is_that_of_all_characters_and_ends(lines):
    decoder = Training(10).network.eval()
    some = ["Paket", "schön ist es"]
    with torch.no_grad():
        whole = log_loss(decoder, some)
        assert whole == pytest.approx(sum(log_loss(decoder, [line]) for line in some).item(), rel=1e-5)
    assert symbols(some) == 19
    assert perplexity(decoder, some) == pytest.approx(math.exp(whole / 19), rel=1e-5)


def test_training_learns_and_goes_on_where_it_was(lines, tmp_path, monkeypatch):
    monkeypatch.setattr(trocr_decoders, "BATCH", 32)
    batches = Batches(lines)
    whole, first, second = (Training(24) for _ in range(3))
    untouched = [p.clone() for name, p in whole.network.named_parameters() if "encoder_attn" in name]
    losses = [whole.advance(batches) for _ in range(24)]
    assert losses[-1] < losses[0] - 1
    for _ in range(5):
        first.advance(batches)
    first.save(tmp_path / "state.pt")
    second.load(tmp_path / "state.pt")
    while second.step < 24:
        second.advance(Batches(lines))
    for one, two in zip(whole.network.parameters(), second.network.parameters(), strict=True):
        assert torch.equal(one, two)
    after = [p for name, p in whole.network.named_parameters() if "encoder_attn" in name]
    assert len(after) == 20 and all(torch.equal(*both) for both in zip(untouched, after, strict=True))


def test_exported_decoder_loads_as_it_is_used(tmp_path):
    """With the reader's encoder, and alone as a language model; nothing is missing, nothing is left over."""
    decoder = trocr_decoders.new_decoder().eval()
    export(decoder, tmp_path / "decoder")
    loaded, notes = AutoModelForCausalLM.from_pretrained(
        tmp_path / "decoder", dtype=torch.float32, output_loading_info=True
    )
    assert not notes["missing_keys"] and not notes["unexpected_keys"]
    for name, value in decoder.state_dict().items():
        assert torch.equal(value, loaded.state_dict()[name])
    text = AutoTokenizer.from_pretrained(tmp_path / "decoder")
    prompt = text("<s>Grüße", return_tensors="pt", add_special_tokens=False, return_token_type_ids=False)
    assert prompt["input_ids"].tolist() == [[1, *tokenizer()("Grüße").input_ids[:-1]]]
    with torch.no_grad():
        assert loaded.generate(**prompt, do_sample=False).shape[1] <= LONGEST + 2

    reader = Reader(16, 16 * PATCH).model
    assert {**loaded.config.to_dict(), "_name_or_path": ""} == {
        **reader.decoder.config.to_dict(), "_name_or_path": "",
        "architectures": ["TrOCRForCausalLM"], "dtype": "float32",
    }  # fmt: skip
    reader.encoder.save_pretrained(tmp_path / "encoder")
    model = VisionEncoderDecoderModel.from_encoder_decoder_pretrained(
        tmp_path / "encoder", tmp_path / "decoder", decoder_dtype=torch.float32, encoder_add_pooling_layer=False
    )
    assert [(name, p.shape) for name, p in model.named_parameters()] == [
        (name, p.shape) for name, p in reader.named_parameters()
    ]
    ours = dict(decoder.named_parameters())
    assert all(torch.equal(p, ours[name]) for name, p in model.decoder.named_parameters())
    model.config.decoder_start_token_id, model.config.pad_token_id = 1, 0
    pictures = torch.rand(2, 1, 16, 16 * PATCH)
    assert model(pictures, labels=torch.tensor([[5, 6, 2], [7, 2, -100]])).loss > 0
    assert model.generate(pictures, max_new_tokens=4).shape[0] == 2


def test_the_card_has_the_table_of_decoders():
    """And what it is told for: with new cross-attention, English is no worse than German by more than a hair."""
    said = (DATA / "README.md").read_text(encoding="utf-8").partition("## results/decoder_language.csv\n")[2]
    table = results("decoder_language_final")
    for row in table.itertuples():
        digits = 3 if row.task == "read" else 2
        error = f"{row.error:.{digits}f} ({row.low:.{digits}f} to {row.high:.{digits}f})"
        assert f"| {row.task} | {row.lines:,} | {row.decoder} | {row.seeds} | {error} |" in said
    errors = table.query("task == 'read'").set_index(["lines", "decoder"])["error"]
    assert abs(errors[8000, "english"] - errors[8000, "german"]) < 0.03
    for lines in (500, 8000):
        assert errors[lines, "reader"] < errors[lines, "german"] - 0.01
