"""What the lessons on reading count: edits, confusions, strips, rates of writers; and the checks of their exercises."""

from types import SimpleNamespace

import pandas as pd
import pytest
import torch
from transformers import TrOCRProcessor

from utils import checkpoint
from utils.handwriting import reading
from utils.handwriting.strokes import characters


@pytest.fixture
def model():
    """A stand-in: patches 4 pixels apart, and a generate() that says two tokens, then one token and padding."""
    scores = torch.full((2, 2, 5), -1e9)  # line, place, token
    for (line, place, token), probability in {(0, 0, 3): 0.9, (0, 1, 2): 0.7, (1, 0, 2): 0.5, (1, 1, 0): 1.0}.items():
        scores[line, place, token] = torch.tensor(probability).log()
    patches = SimpleNamespace(patch_embeddings=SimpleNamespace(projection=SimpleNamespace(stride=(48, 4))))
    ids = torch.tensor([[1, 3, 2], [1, 2, 0]])
    return SimpleNamespace(
        encoder=SimpleNamespace(embeddings=patches),
        generation_config=SimpleNamespace(pad_token_id=0),
        generate=lambda pixels, **options: SimpleNamespace(sequences=ids, scores=scores),
        compute_transition_scores=lambda sequences, scores, normalize_logits: scores.gather(
            2, sequences[:, 1:, None]
        ).squeeze(2),
    )


@pytest.fixture(scope="module")
def tokenizer():
    return TrOCRProcessor.from_pretrained(checkpoint("trocr")).tokenizer


def test_the_readers_limits_are_those_of_its_tokenizer(tokenizer):
    assert tokenizer.model_max_length == reading.LONGEST + 1
    assert set(characters()) == {token for token in tokenizer.get_vocab() if len(token) == 1}


def test_labels_are_letters_an_end_and_nothing(tokenizer):
    labels = reading.labels_for(["to", "it\u2019s"], tokenizer)
    tokens = ["t", "o", "</s>", "-100", "-100"], ["i", "t", "'", "s", "</s>"]
    assert [reading.as_tokens(tokenizer, row) for row in labels] == [*tokens]


def test_labels_that_cannot_be_are_refused(tokenizer):
    assert reading.labels_for(["x" * 32], tokenizer).shape == (1, 33)
    with pytest.raises(ValueError, match=r"has 33 characters, and the reader writes at most 32: cut the line"):
        reading.labels_for(["to", "x" * 33], tokenizer)
    with pytest.raises(ValueError, match="cannot write '\u00e9' 2 times, '\u20ac' 1 times: replace them"):
        reading.labels_for(["caf\u00e9", "\u00e9 \u20ac"], tokenizer)


@pytest.mark.parametrize(
    ("answer", "count"), [("hello", 0), ("hallo", 1), ("helo", 1), ("h ello.", 2), ("", 5), ("ehllo", 2)]
)
def test_edits(answer, count):
    assert reading.edits("hello", answer) == count


def test_confusions_are_ranked_by_share_and_rare_letters_left_out():
    texts, answers = ["aab", "aab", "abz"], ["aob", "aab", "aby"]
    table = reading.confusions(texts, answers, least=3)
    assert list(table["letter"]) == ["a", "b"]
    assert table["missed"].tolist() == [1 / 5, 0] and table["written"].tolist() == [5, 3]
    assert list(table["read as"]) == ["o", ""]
    left_out = reading.confusions(["abc"], ["bc"], least=1, most=1)
    assert left_out[["letter", "read as"]].values.tolist() == [["a", "nothing"]]
    marks = reading.confusions(["a.", "b."], ["a,", "b"], least=2, in_words=True)
    assert marks[["letter", "read as"]].values.tolist() == [["full stop", "comma, nothing"]]


def test_strips_add_up_what_lies_above_each_other(model):
    weights = torch.tensor([[0.5, 0.1, 0.0, 0.2, 0.2]])  # [CLS], then two rows of two patches
    assert torch.allclose(reading.by_strip(weights, model, 8), torch.tensor([[0.3, 0.2]]))
    assert torch.allclose(reading.by_strip(weights, model, 16), weights[:, 1:])


def test_what_is_covered_is_paper():
    pixels = torch.ones(1, 3, 2, 12)
    pixels[..., 5] = -1
    copies = reading.covered(pixels, [0, 1], width=4, reach=0)
    assert copies.shape == (2, 3, 2, 12)
    assert torch.equal(copies[0], pixels[0]) and (copies[1] == 1).all()
    assert (pixels[..., 5] == -1).all()  # the picture itself stays as it is


def test_tokens_keep_what_is_no_id():
    tokenizer = SimpleNamespace(convert_ids_to_tokens=lambda i: "abc"[i])
    assert reading.as_tokens(tokenizer, torch.tensor([2, 0, -100])) == ["c", "a", "-100"]


@pytest.mark.parametrize(
    ("answer", "printed"),
    [
        ([0.8, 0.5], "correct: the 1 least sure of 2 lines have 75%"),
        ([0.8, 0.25], "counts the padding"),
        ([0.8, 0.9], "line 1 should get 0.500 and gets 0.900"),
        ([0.8], "2 lines need 2 numbers"),
    ],
)
def test_the_exercise_says_what_is_wrong(model, capsys, answer, printed):
    reading.check_confidence(lambda pixels, ids: torch.tensor(answer), model, torch.zeros(2, 3, 4, 8), [1, 3])
    assert printed in capsys.readouterr().out


@pytest.fixture
def counts():
    """Two writers of two lines each: one makes no error in real words and two in mixed ones, the other one and two."""
    texts = ["abcde"] * 4
    return {
        kind: reading.edits_by_writer(texts, answers, each=2)
        for kind, answers in {
            "real": ["abcde", "abcde", "abcde", "abcd"],
            "mixed": ["abcd", "abcd", "abc", "abcde"],
        }.items()
    }


def test_edits_and_letters_of_a_writer_are_added_up(counts):
    assert counts["real"].to_numpy().tolist() == [[0, 10], [1, 10]]
    assert counts["mixed"].to_numpy().tolist() == [[2, 10], [2, 10]]


def test_rates_lie_in_their_intervals(counts):
    rates = reading.rate_intervals(counts)
    assert rates.loc["real"].tolist() == pytest.approx([0.05, 0, 0.1])
    assert rates.loc["mixed"].tolist() == pytest.approx([0.2, 0.2, 0.2])  # both writers are alike


def test_the_share_saved_is_paired(counts):
    assert reading.share_saved(counts["real"], counts["mixed"]) == pytest.approx((0.75, 0.5, 1))
    assert reading.share_saved(counts["mixed"], counts["mixed"]) == pytest.approx((0, 0, 0))


@pytest.mark.parametrize(
    ("first", "second", "printed"),
    [(0.5, 0.25, "correct"), (0.5, 0.5, "Do you use read_with?"), (0.0, 0.0, "that isn't what mixing costs the one")],
)
def test_the_exercise_on_mixed_words_says_what_is_wrong(capsys, first, second, printed):
    rates = pd.Series({"English": 0.1, "German": 0.2, "English, mixed": 0.6, "German, mixed": 0.7})
    readers = {"one": lambda: first, "two": lambda: second}
    reading.check_mixing(lambda read: {"English": read(), "German": read()}, readers, rates)
    assert printed in capsys.readouterr().out
