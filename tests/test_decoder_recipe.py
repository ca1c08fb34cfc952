"""The small decoder's recipe: what is held out, training, resuming, what is kept, perplexity, repetition."""

import math
import re

import numpy as np
import pandas as pd
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from data.recipes.text import _decoder_scores as scores
from data.recipes.text import _decoder_texts as texts
from data.recipes.text import decoder
from data.recipes.text._piece_ngrams import OneSided
from utils.data import DATA, results

KEPT = DATA / "checkpoints" / "decoder"
TINY = {"width": 32, "layers": 2, "heads": 2}


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained(KEPT)


@pytest.fixture(autouse=True)
def in_float32(monkeypatch):
    monkeypatch.setattr(decoder, "autocast", lambda device: torch.autocast(device, enabled=False))


@pytest.fixture(scope="module")
def arrays(tokenizer):
    reviews = texts.reviews("train")
    parts = {"validation": reviews[:20], "held_out": reviews[20:60], "reviews": reviews[60:100]}
    learned = {"articles": texts.stream(reviews[100:200], tokenizer), "others": texts.stream(reviews[200:], tokenizer)}
    return learned | {name: texts.blocks(part, tokenizer) for name, part in parts.items()}


def numbered(subject: str, count: int) -> list[str]:
    return [f"The {subject} of number {i} is one that nobody in the country has ever seen." for i in range(count)]


def test_nothing_held_out_is_learned(tokenizer, tmp_path, monkeypatch):
    """Every source offers texts that are held out; the arrays to learn from have none of them, and all the others."""
    train, held_out, game = numbered("river", 120), numbered("town", 6), numbered("dragon", 200)
    titles = pd.read_parquet(DATA / "title_pairs" / "test.parquet")
    listing = "\n\n".join(
        f"Package: {name}\nDescription-md5: {name}\nDescription-en: {title}\n {body}"
        for name, title, body in [
            *((f"one{i}-doc", f"manual {i}", text) for i, text in enumerate(numbered("program", 100))),
            ("two", titles["title"][0], "This package has a title that is held out elsewhere."),
        ]
    )
    monkeypatch.setattr(texts, "summaries", lambda held: dict(enumerate(held_out if held else train)))
    monkeypatch.setattr(texts, "debian_lists", lambda *names: [listing])
    monkeypatch.setattr(texts, "catalogues", lambda language: [(text, "") for text in [*game, held_out[0], "Short."]])
    monkeypatch.setattr(texts, "dictionary", lambda language: ([], [(text, "") for text in numbered("phrase", 200)]))
    leaks = [*texts.reviews("validation")[:3], *texts.reviews("test")[:3], held_out[1], train[0], "I like it."]
    monkeypatch.setattr(texts, "rated_texts", lambda folder: ([(text, 1.0) for text in leaks], {}))
    texts.prepare(tmp_path / "new" / "prepared.npz", KEPT)
    with np.load(tmp_path / "new" / "prepared.npz") as file:
        found = {name: file[name] for name in file.files}
    articles, others = (tokenizer.decode(found[name]).split(texts.END) for name in ("articles", "others"))
    assert articles == [text for i, text in enumerate(train) if i % texts.EVERY] + [""]
    assert len(others) == len(set(others))
    hidden = {*held_out, *train, *texts.reviews("validation"), *texts.reviews("test")}
    hidden |= {text for text in [*game, *numbered("phrase", 200)] if texts.is_held_out(text)}
    assert not hidden & set(others)
    kept = [text for text in [*game, *numbered("phrase", 200)] if text not in hidden]
    assert {*kept, *texts.reviews("train"), "I like it."} <= set(others) and 300 < len(kept) < 400
    ours = [i for i in range(100) if not texts.is_held_out(texts.family(f"one{i}-doc"))]
    described = [text for text in others if "\n" in text]
    assert sorted(described) == sorted(f"manual {i}\n{numbered('program', 100)[i]}" for i in ours) and ours
    for name, part in (("validation", train[:: texts.EVERY]), ("held_out", held_out)):
        whole = "".join(text + texts.END for text in part)
        assert found[name].shape[1] == texts.LENGTH and whole.startswith(tokenizer.decode(found[name].reshape(-1)))


def test_the_tokenizer_is_trained_only_where_there_is_none(tokenizer, tmp_path, monkeypatch):
    monkeypatch.setattr(texts, "summaries", lambda held_out: dict(enumerate([] if held_out else numbered("cat", 50))))
    made = texts.tokenizer_in(tmp_path)
    assert made.decode(made("The cat? Größe!")["input_ids"]) == "The cat? Größe!" and made.eos_token_id == decoder.END
    assert len(made(" ever seen")["input_ids"]) == 2  # what it was trained on takes few tokens
    assert texts.tokenizer_in(tmp_path).get_vocab() == made.get_vocab()
    assert texts.tokenizer_in(KEPT).get_vocab() == tokenizer.get_vocab() and tokenizer.eos_token_id == decoder.END
    assert texts.LENGTH == decoder.LENGTH


def test_the_shape_is_that_of_the_kept_checkpoint():
    model, kept = decoder.new_model(), AutoModelForCausalLM.from_pretrained(KEPT)
    assert {n: p.shape for n, p in model.named_parameters()} == {n: p.shape for n, p in kept.named_parameters()}


def test_windows_are_pieces_of_the_text_from_first_to_last():
    tokens = torch.arange(decoder.LENGTH + 2)
    rows = decoder.windows(tokens, 64, np.random.default_rng(0))
    assert set(rows[:, 0].tolist()) == {0, 1, 2} and (rows.diff(dim=1) == 1).all()


def test_the_share_of_articles_rises_to_a_half(arrays, tmp_path, monkeypatch):
    asked = []

    def windows(tokens, count, rng, original=decoder.windows):
        asked.append((len(tokens), count))
        return original(tokens, count, rng)

    monkeypatch.setattr(decoder, "windows", windows)
    decoder.train(decoder.new_model(**TINY), arrays, 4, tmp_path / "state.pt", batch=8)
    articles, others = len(arrays["articles"]), len(arrays["others"])
    assert asked[::2] == [(articles, count) for count in (0, 1, 2, 3)]
    assert asked[1::2] == [(others, 8 - count) for count in (0, 1, 2, 3)]


def test_training_learns_and_goes_on_where_it_was(arrays, tmp_path, monkeypatch):
    whole = decoder.new_model(**TINY)
    rows = torch.from_numpy(arrays["held_out"][:8].astype(np.int64))
    before = scores.perplexity(whole, rows)
    decoder.train(whole, arrays, 16, tmp_path / "whole.pt", batch=4, every=6)
    assert scores.perplexity(whole, rows) < before * 0.9

    class Stopped(Exception):
        pass

    def update(self, original=decoder.Resumable.update):
        if self.step == 9:
            raise Stopped
        original(self)

    with monkeypatch.context() as context, pytest.raises(Stopped):
        context.setattr(decoder.Resumable, "update", update)
        decoder.train(decoder.new_model(**TINY), arrays, 16, tmp_path / "stopped.pt", batch=4, every=6)
    again = decoder.new_model(**TINY)
    decoder.train(again, arrays, 16, tmp_path / "stopped.pt", batch=4, every=6)
    for one, two in zip(whole.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, two)


def test_kept_folder_gives_the_model_back_and_its_tokenizer_stays(tmp_path):
    (tmp_path / "tokenizer.json").write_text("as it was")
    model = decoder.new_model(**TINY)
    decoder.save(model, tmp_path)
    names = {"config.json", "generation_config.json", "model.safetensors", "tokenizer.json"}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert (tmp_path / "tokenizer.json").read_text() == "as it was"
    kept, notes = AutoModelForCausalLM.from_pretrained(tmp_path, output_loading_info=True)
    assert kept.dtype == torch.float16 and not notes["missing_keys"] and kept.config.pad_token_id == decoder.END
    for one, two in zip(model.parameters(), kept.parameters(), strict=True):
        assert torch.equal(one, two)


def test_perplexity_by_hand():
    """Sums over the predicted tokens of all blocks, 33 so that batches are of different sizes; the first is given."""
    model = decoder.new_model(**TINY).eval()
    rows = torch.from_numpy(np.random.default_rng(0).integers(0, 4096, (33, 6)))
    rows[32] = 7
    with torch.no_grad():
        chances = torch.stack([model(input_ids=row[None]).logits[0].softmax(-1) for row in rows])
    losses = [-math.log(chances[i, k - 1, rows[i, k]]) for i in range(33) for k in range(1, 6)]
    assert scores.perplexity(model, rows) == pytest.approx(math.exp(sum(losses) / (33 * 5)), rel=1e-4)


def test_ngram_perplexity_by_hand():
    """Pieces 0 and 1 alternate and 2 never comes: with a vocabulary of 4, bigrams are (n - d + d * unigram) / n."""
    ngrams = OneSided(np.array([0, 1] * 10), 2, vocabulary=4)
    one = float(ngrams([0])[1])
    assert ngrams.bits == 2 and one == pytest.approx((10 - 0.5 + 0.5 * float(ngrams([])[1])) / 10, rel=1e-5)
    other = float(ngrams([1])[2])
    rows = np.array([[0, 1, 2]])
    assert scores.ngram_perplexity(ngrams, rows) == pytest.approx((one * other) ** -0.5, rel=1e-5)


def test_five_grams_of_4096_pieces_tell_five_pieces_apart():
    ngrams = OneSided(np.array([4095, 1, 2, 3, 9, 1, 1, 2, 3, 8] * 3), 5, vocabulary=4096)
    assert ngrams([4095, 1, 2, 3]).argmax() == 9 and ngrams([1, 1, 2, 3]).argmax() == 8
    assert ngrams([4095, 1, 2, 3]).sum() == pytest.approx(1, abs=1e-4)


def test_repetition():
    assert scores.repeated([1, 2, 3, 4, 5]) == 0
    assert scores.repeated([1, 2, 1, 2, 1, 2]) == pytest.approx(0.5)  # 121 and 212 twice each
    assert scores.repeated([7] * 40) == pytest.approx(37 / 38)


def test_continuations_are_seeded_and_measured_whole(arrays):
    model = decoder.new_model(**TINY)
    rows = torch.from_numpy(arrays["held_out"][:4].astype(np.int64))
    found = scores.looping(model, rows)
    assert found == scores.looping(model, rows) and set(found) == {"greedy", "sampled", "as written"}
    written = [scores.repeated(row[8:48].tolist()) for row in rows]
    assert found["as written"] == pytest.approx(sum(written) / 4)
    greedy = scores.continued(model, rows[:, :8], min_new_tokens=scores.NEW)
    assert found["greedy"] == pytest.approx(sum(scores.repeated(row) for row in greedy.tolist()) / 4)
    sampled = scores.continued(model, rows[:, :8], min_new_tokens=scores.NEW, **scores.SAMPLING)
    assert sampled.shape == (4, scores.NEW) and decoder.END not in sampled


def test_evaluation_writes_two_tables(arrays, tokenizer, tmp_path, monkeypatch):
    monkeypatch.setattr(scores, "DATA", tmp_path)
    (tmp_path / "results").mkdir()
    small = arrays | {name: arrays[name][:3] for name in scores.TEXTS}
    scores.evaluate(decoder.new_model(**TINY), tokenizer, small)
    table = pd.read_csv(tmp_path / "results" / "decoder.csv")
    perplexities = table[table["measure"] == "perplexity"].set_index(["way", "texts"])["value"]
    assert (perplexities.loc["uniform guess"] == 4096).all() and len(perplexities) == 8
    assert perplexities["decoder", "held-out articles"] > 3000  # untrained
    assert perplexities["5-grams of all texts", "held-out reviews"] < 1500
    assert set(table.loc[table["measure"] == "perplexity", "tokens"]) == {3 * (texts.LENGTH - 1)}
    shown = pd.read_csv(tmp_path / "results" / "decoder_examples.csv")
    assert shown["beginning"].tolist() == list(scores.BEGINNINGS)
    assert all(row.greedy != row.sampled for row in shown.itertuples())


def test_the_card_says_what_was_measured():
    table = results("decoder").set_index(["measure", "way", "texts"])["value"]
    cards = (DATA / "README.md").read_text(encoding="utf-8")
    card = cards.partition("## checkpoints/decoder\n")[2].partition("\n## ")[0]
    perplexities = table["perplexity"].unstack()
    for way, row in perplexities.iterrows():
        assert f"| {way} | {row['held-out articles']:.1f} | {row['held-out reviews']:.1f} |" in card
    ngrams = [way for way in perplexities.index if "grams" in way]
    articles = perplexities["held-out articles"]
    assert len(ngrams) == 2 and (articles["decoder"] < articles[ngrams] - 15).all()
    for way, share in table["repeated 3-grams"].droplevel("texts").items():
        assert re.search(rf"{way}[^,]* {share:.2f}", card), way
    assert "FILL" not in card
    shown = results("decoder_examples")
    assert any(f'"{row.beginning}{row.greedy}"' in card for row in shown.itertuples()) and len(shown) == 5
