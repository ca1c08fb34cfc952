"""The reader's second training: the rough camera, loose people, hurried writers, other pens; what the card says."""

import numpy as np
import pytest
import torch
from matplotlib import font_manager

from data.recipes.handwriting import trocr, trocr_rough
from data.recipes.handwriting._hands import Hand, Style
from data.recipes.handwriting._lines import HEIGHT, WIDTH, Lines, bent, box_of
from data.recipes.handwriting._rough import RoughCamera
from data.recipes.handwriting.trocr import error_rate
from utils.checkpoints import TRAINED
from utils.data import DATA, results
from utils.handwriting.writers import Writer

TEXTS = ["a line of writing", "another one, longer than it", "short", "The fourth: 1234"] * 3


def drawn(loose: float) -> Lines:
    """Twelve lines in a font that comes with matplotlib."""
    hand, rng = Hand(font_manager.findfont("DejaVu Sans")), np.random.default_rng(0)
    pictures = np.stack([Style(rng, hand, loose).line(text, rng, HEIGHT, WIDTH) for text in TEXTS])
    return Lines(pictures, np.array([box_of(p) for p in pictures], np.int16), TEXTS, ["x"] * len(TEXTS))


@pytest.fixture(scope="module")
def block():
    return drawn(loose=1)


def test_a_rough_camera_takes_each_line_in_its_own_way(block):
    pictures, boxes = torch.from_numpy(block.pictures), torch.from_numpy(block.boxes)
    taken = RoughCamera(0).photograph(pictures, boxes, 256)
    assert taken.shape == (12, 1, HEIGHT, 256) and taken.min() >= 0 and taken.max() <= 1
    assert torch.equal(taken, RoughCamera(0).photograph(pictures, boxes, 256))
    assert not torch.equal(taken, RoughCamera(1).photograph(pictures, boxes, 256))
    many = torch.cat([RoughCamera(seed).photograph(pictures, boxes, 256) for seed in range(10)])
    extreme = ((many < 0.01) | (many > 0.99)).float().mean((1, 2, 3))
    assert 0.1 < (extreme > 0.9).float().mean() < 0.4  # two in ten are in black and white
    assert torch.stack([picture.std() for picture in many]).min() > 0.001  # on none is nothing to be seen


def test_strokes_become_thinner_or_thicker(block):
    pictures = torch.from_numpy(block.pictures)[:, None].float() / 255
    ink = (1 - RoughCamera(0).stroke(pictures)).sum((1, 2, 3)) / (1 - pictures).sum((1, 2, 3))
    assert ink.min() < 0.9 and ink.max() > 1.5


def test_loose_people_stray_farther_from_the_hand():
    hand = Hand(font_manager.findfont("DejaVu Sans"))

    def spread(loose):
        lines = []
        for seed in range(12):
            rng = np.random.default_rng(seed)
            lines.append(Style(rng, hand, loose).line("alike", rng, HEIGHT, WIDTH).astype(float))
        return np.std(lines, axis=0).mean()

    assert spread(2) > 1.1 * spread(1)


def test_the_same_strokes_by_each_pen(monkeypatch):
    monkeypatch.setattr(trocr_rough, "line_of_text", lambda rng, held_out: "a few words")
    monkeypatch.setattr(trocr_rough, "WRITERS", 2)
    ways = trocr_rough.in_ways("faces")
    assert {"usual", "marker", "black and white"} <= set(ways)
    marker, usual = ((ways[way].pictures < 128).sum() for way in ("marker", "usual"))
    assert len(ways["marker"].texts) == 6 and marker > 1.5 * usual


def test_a_hurried_path_keeps_its_pressure_and_time():
    path = Writer.random(np.random.default_rng(0)).path("in a hurry")
    moved = [bent(path, np.random.default_rng(seed)) for seed in range(20)]
    assert all(np.array_equal(one[:, 2:], path[:, 2:]) for one in moved)
    far = np.array([np.abs(one - path)[:, :2].mean() for one in moved])  # millimetres
    assert far.min() < 0.05 and 0.15 < far.max() < 0.6


def test_half_of_what_a_camera_takes_a_rough_one_does(block):
    batches = trocr_rough.RoughBatches([block], [block])
    pictures, boxes = torch.from_numpy(block.pictures), torch.from_numpy(block.boxes)
    mild = trocr.Batches.taken(batches, 5, pictures, boxes, 256)
    alike = (batches.taken(5, pictures, boxes, 256) == mild).all((1, 2, 3))
    assert 0.1 < alike.float().mean() < 0.9
    pictures, texts, _ = batches(0)
    assert pictures.shape[0] == len(texts) and pictures.min() >= 0 and pictures.max() <= 1


def test_the_second_training_starts_from_what_the_first_left(block, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"run python -m data\.recipes\.handwriting\.trocr first"):
        trocr_rough.read_from(tmp_path / "first")
    reader = trocr_rough.read_from(TRAINED / "trocr")
    read = trocr.answers(reader, block)
    assert reader.model.encoder.config.num_channels == 1 and error_rate(reader, block) < 0.05
    trocr.save(reader, tmp_path / "first")
    assert trocr.answers(trocr_rough.read_from(tmp_path / "first"), block) == read


def test_rough_lines_are_harder_to_read(monkeypatch):
    block = drawn(loose=2)  # of neater ones the reader reads nearly every letter, rough or not
    monkeypatch.setattr(trocr_rough, "in_ways", lambda group: {"usual": block})
    reader = trocr_rough.read_from(TRAINED / "trocr")
    found = trocr_rough.table({"error_rate": reader, "first": reader}, {"hands": block})
    assert found["way"].tolist() == ["as drawn", "photographed", "rough", "usual", "usual"]
    assert (found["count"] == len(TEXTS)).all() and found["error_rate"][0] == round(error_rate(reader, block), 4)
    assert found["error_rate"][0] < 0.05 < found["error_rate"][2]
    assert found["first"].equals(found["error_rate"])


def test_the_card_has_the_table():
    _, _, rest = (DATA / "README.md").read_text(encoding="utf-8").partition("## checkpoints/trocr\n")
    card, _, _ = rest.partition("\n## ")
    rates = results("trocr_rough").pivot(index="way", columns="lines", values=["first", "error_rate"])
    for way, row in rates.iterrows():
        cells = (f"{row['first', group]:.2f} | {row['error_rate', group]:.2f}" for group in row["first"].dropna().index)
        assert f"| {way} | " + " | ".join(cells) + " |" in card, way
