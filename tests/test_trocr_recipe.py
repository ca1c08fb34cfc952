"""The reader's recipe: texts, hands, distortions, labels, CTC's targets, resuming, and the errors it counts."""

import numpy as np
import pytest
import torch
from matplotlib import font_manager
from PIL import Image
from transformers import VisionEncoderDecoderModel

from data.recipes.common.scores import by_writer, worst_tenth
from data.recipes.common.training import rate
from data.recipes.handwriting import trocr
from data.recipes.handwriting._hands import Hand, Style
from data.recipes.handwriting._lines import HEIGHT, WIDTH, Lines, box_of
from data.recipes.handwriting._paper import Camera
from data.recipes.handwriting._reader import (
    END,
    PAD,
    START,
    VOCABULARY,
    Reader,
    ctc_targets,
    decoded_texts,
    in_colour,
    labels,
    processor,
)
from data.recipes.handwriting._texts import CHARACTERS, LONGEST, Texts, plain
from utils.handwriting.reading import by_letter
from utils.handwriting.strokes import characters

SOURCES = {
    "review": ["A film that is as good as its makers say it is."] * 3,
    "article": ["Bees are winged insects closely related to wasps and ants, known for pollination."],
    "description": ["text editor"],
    "name": ["Ada Lovelace"],
}


@pytest.fixture(scope="module")
def block():
    """Twenty lines in a font that comes with matplotlib."""
    hand = Hand(font_manager.findfont("DejaVu Sans"))
    rng = np.random.default_rng(0)
    texts = [Texts(SOURCES, drills=True).line(rng) for _ in range(20)]
    pictures = np.stack([Style(rng, hand).line(text, rng, HEIGHT, WIDTH) for text in texts])
    return Lines(pictures, np.array([box_of(p) for p in pictures], np.int16), texts, ["x"] * 20)


def test_the_reader_reads_what_the_writers_can_write():
    assert sorted(CHARACTERS) == sorted(characters())
    assert len(VOCABULARY) == len(CHARACTERS) + 4


def test_plain_text():
    assert plain("„Café“ –  naïve… 東 Ärger") == '"Cafe" - naive. Ärger'


@pytest.mark.parametrize("drills", [False, True])
def test_lines_of_text(drills):
    rng, texts = np.random.default_rng(0), Texts(SOURCES, drills)
    lines = [texts.line(rng) for _ in range(2000)]
    assert all(2 <= len(line) <= LONGEST and line == " ".join(line.split()) for line in lines)
    assert not set("".join(lines)) - set(CHARACTERS)
    assert max(map(len, lines)) == LONGEST
    assert any("ü" in line for line in lines) == drills  # drills alone bring rare letters


def test_no_two_lines_are_alike(block):
    hand, rng = Hand(font_manager.findfont("DejaVu Sans")), np.random.default_rng(1)
    style = Style(rng, hand)
    one, two = (style.line("alike", rng, HEIGHT, WIDTH).astype(float) for _ in range(2))
    assert one.shape == (HEIGHT, WIDTH) and one.min() < 50 and np.abs(one - two).max() > 50


def test_box_holds_the_ink():
    picture = np.full((HEIGHT, WIDTH), 230, np.uint8)
    picture[10:20, 30:90] = 40
    assert box_of(picture) == (30, 10, 90, 20)


def test_a_photograph_keeps_the_ink_in_the_picture(block):
    pictures, boxes = torch.from_numpy(block.pictures), torch.from_numpy(block.boxes)
    taken = Camera(0).photograph(pictures, boxes, 256)
    assert taken.shape == (20, 1, HEIGHT, 256) and taken.min() >= 0 and taken.max() <= 1
    assert torch.equal(taken, Camera(0).photograph(pictures, boxes, 256))
    assert not torch.equal(taken, Camera(1).photograph(pictures, boxes, 256))
    placed, ends = Camera(0).place(pictures[:, None].float() / 255, boxes, 256)
    ink_before = (255 - block.pictures.astype(float)).sum((1, 2)) > 0
    assert ends.max() <= 256 and ((1 - placed).sum((1, 2, 3)) > 0).numpy().tolist() == ink_before.tolist()
    at_the_edge = (1 - placed[..., -1]).sum() / (1 - placed).sum()
    assert at_the_edge < 0.001  # nothing runs over it


def test_labels_and_ctc_targets():
    wanted = labels(["ab", "c"])
    a, b, c = (VOCABULARY[letter] for letter in "abc")
    assert wanted.tolist() == [[a, b, END], [c, END, -100]]
    targets, lengths = ctc_targets(["ab", "c"])
    assert targets.tolist() == [a, b, c] and lengths.tolist() == [2, 1]
    assert PAD not in targets and START not in targets


def test_processor_agrees_with_the_labels(tmp_path):
    processor(HEIGHT, WIDTH).save_pretrained(tmp_path)
    again = type(processor(HEIGHT, WIDTH)).from_pretrained(tmp_path)
    text = 'Grüße, "Ada" & Co. (5%)'
    ids = again.tokenizer(text).input_ids
    assert ids == labels([text])[0].tolist()
    assert again.batch_decode([ids], skip_special_tokens=True) == [text] == decoded_texts(torch.tensor([ids]))
    pixels = again(Image.new("L", (700, 90), 255), return_tensors="pt").pixel_values
    assert pixels.shape == (1, 3, HEIGHT, WIDTH) and pixels.min() == pixels.max() == 1


def test_narrow_pictures_and_colour_change_nothing(tmp_path):
    torch.manual_seed(0)
    reader = Reader(HEIGHT, WIDTH).eval()
    grey = torch.rand(2, 1, HEIGHT, WIDTH)
    with torch.no_grad():
        own = reader.encode(grey)
        assert torch.allclose(own, reader.model.encoder(2 * grey - 1).last_hidden_state, atol=1e-4)
        assert reader.encode(grey[..., :128]).shape == (2, 33, own.shape[-1])
        model = in_colour(reader)
        assert torch.allclose(own, model.encoder(2 * grey.repeat(1, 3, 1, 1) - 1).last_hidden_state, atol=1e-4)
        tinted = torch.cat([grey + 0.1, grey, grey - 0.1], 1)  # a colour cast with the same mean
        assert torch.allclose(own, model.encoder(2 * tinted - 1).last_hidden_state, atol=1e-4)
        model.save_pretrained(tmp_path)
        loaded, notes = VisionEncoderDecoderModel.from_pretrained(tmp_path, output_loading_info=True)
        assert not notes["missing_keys"] and not notes["unexpected_keys"]
        assert torch.allclose(own, loaded.encoder(2 * grey.repeat(1, 3, 1, 1) - 1).last_hidden_state, atol=1e-4)
    assert sum(p.numel() for p in loaded.parameters()) < 6e6


def test_every_line_comes_up_as_often(block, monkeypatch):
    monkeypatch.setattr(trocr, "SHORT_FIRST", 0)
    batches = trocr.Batches([block], [block])
    pictures, texts, slips = batches(5)
    assert pictures.shape[0] * pictures.shape[-1] <= trocr.PIXELS and pictures.shape[2] == HEIGHT
    assert len(texts) == len(pictures) and slips.shape == (len(texts), max(map(len, texts)) + 1)
    assert 0.02 < (slips > 0).float().mean() < 0.15
    again = batches(5)
    assert torch.equal(pictures, again[0]) and texts == again[1] and torch.equal(slips, again[2])


def test_short_lines_in_outline_hands_come_first(block):
    unlike = Lines(block.pictures, block.boxes, ["written"] * 20, block.who)
    batches = trocr.Batches([block], [unlike])
    for step in range(5):
        pictures, texts, _ = batches(step)
        assert pictures.shape[-1] <= 192 and "written" not in texts


def test_training_goes_on_where_it_was(block, tmp_path, monkeypatch):
    monkeypatch.setattr(trocr, "PIXELS", 4 * WIDTH)
    batches = trocr.Batches([block], [block])
    torch.manual_seed(0)
    first = trocr.Training(Reader(HEIGHT, WIDTH), 100)
    first.advance(batches)
    first.save(tmp_path / "state.pt")
    expected = first.advance(batches)
    again = trocr.Training(Reader(HEIGHT, WIDTH), 100)
    again.resume(tmp_path)
    assert again.step == 1 and again.advance(batches) == pytest.approx(expected, rel=1e-4)


def test_a_longer_run_goes_on_from_before_the_fall(block, tmp_path):
    training = trocr.Training(Reader(HEIGHT, WIDTH), 100)
    training.step = 80
    training.save(tmp_path / "stable.pt")
    training.step = 95
    training.save(tmp_path / "state.pt")
    for steps, begin in ((100, 95), (300, 80)):
        again = trocr.Training(Reader(HEIGHT, WIDTH), steps)
        again.resume(tmp_path)
        assert again.step == begin


def test_learning_rate():
    rates = [rate(step, 10_000, trocr.WARM_UP, trocr.FALL) for step in (0, trocr.WARM_UP, 7_999, 9_000, 9_999)]
    assert rates == pytest.approx([1 / trocr.WARM_UP, 1, 1, 0.5, 0.0005])


def test_scores():
    wanted, read = ["abc", "abc", "dd"], ["abc", "axc", "d"]
    assert by_writer(wanted, read, ["1", "1", "2"]) == pytest.approx({"1": 1 / 6, "2": 1 / 2})
    assert worst_tenth({str(i): i / 100 for i in range(20)}) == pytest.approx(0.185)
    written, missed, taken_for = by_letter(wanted, read)
    assert written["b"] == 2 and missed["b"] == 1 and taken_for["b", "x"] == 1
    assert missed["d"] == 1 and taken_for["d", ""] == 1 and missed["a"] == 0
