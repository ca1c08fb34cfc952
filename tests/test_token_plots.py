"""Pictures of tokens describe themselves."""

import matplotlib.pyplot as plt
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from utils.plots import charts, tokens


@pytest.fixture
def shown(monkeypatch):
    texts = []
    monkeypatch.setattr(charts, "display", lambda data, metadata, raw: texts.append(data["text/plain"]))
    return texts


@pytest.fixture
def tokenizer():
    pieces = ["[PAD]", "[UNK]", "a", "heart", "##warm"]
    tokenizer = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def test_boxes_name_the_tokens_and_count_the_padding(shown, tokenizer):
    tokenizer.enable_padding(length=5)
    right = tokenizer.encode("a heartwarm")
    tokenizer.enable_padding(length=4, direction="left")
    tokens.token_boxes({"right": right, "left": tokenizer.encode("a")}, title="two")
    expected = "Tokens as boxes in 2 rows. right: a heart ##warm, 2 times [PAD]; left: 3 times [PAD], a."
    assert shown == [expected]


def test_a_box_is_drawn_for_each_token_and_long_rows_stay_narrow(monkeypatch, tokenizer):
    figures = []
    monkeypatch.setattr(tokens, "show", lambda figure, alt, colours: figures.append(figure))
    tokens.token_boxes({"long": tokenizer.encode("heartwarm " * 12)})
    (figure,) = figures
    assert len(figure.axes[0].patches) == 24
    assert figure.get_size_inches()[0] < 9
    plt.close(figure)


def test_an_arrow_goes_from_each_word_to_its_row(shown):
    tokens.lookup(["b", "a", "b"], {"a": 0, "b": 1}, [[1, 2, 3], [4, 5, 6]])
    assert shown == ["Arrows from words to rows of a table with 2 rows: b to row 1, a to row 0, b to row 1."]


def test_the_curve_says_its_points(shown):
    costs = {"characters": {"vocabulary": 72, "tokens per sentence": 93.1}}
    costs["words"] = {"vocabulary": 16114, "tokens per sentence": 22.3}
    tokens.vocabulary_curve({100: 66.2, 4000: 27.9}, costs)
    assert "66 with 100 pieces, 28 with 4,000 pieces" in shown[0]
    assert "characters (93 with 72) and words (22 with 16,114)" in shown[0]
