"""What is measured on rough lines: the rough camera, loose people, other pens; the card says what was found."""

import numpy as np
import pytest
import torch
from matplotlib import font_manager

from data.recipes.handwriting import trocr_rough
from data.recipes.handwriting._hands import Hand, Style
from data.recipes.handwriting._lines import HEIGHT, WIDTH, Lines, box_of
from data.recipes.handwriting._rough import RoughCamera
from data.recipes.handwriting.trocr import error_rate
from utils.data import DATA, results

TEXTS = ["a line of writing", "another one, longer than it", "short", "The fourth: 1234"] * 3


@pytest.fixture(scope="module")
def block():
    """Twelve lines in a font that comes with matplotlib."""
    hand, rng = Hand(font_manager.findfont("DejaVu Sans")), np.random.default_rng(0)
    pictures = np.stack([Style(rng, hand).line(text, rng, HEIGHT, WIDTH) for text in TEXTS])
    return Lines(pictures, np.array([box_of(p) for p in pictures], np.int16), TEXTS, ["x"] * len(TEXTS))


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


def test_rough_lines_are_harder_to_read(block, monkeypatch):
    monkeypatch.setattr(trocr_rough, "in_ways", lambda group: {"usual": block})
    reader = trocr_rough.kept_reader()
    found = trocr_rough.table(reader, {"hands": block})
    assert found["way"].tolist() == ["as drawn", "photographed", "rough", "usual", "usual"]
    assert (found["count"] == len(TEXTS)).all() and found["error_rate"][0] == round(error_rate(reader, block), 4)
    assert found["error_rate"][0] < 0.05 < found["error_rate"][2]


def test_the_card_has_the_table():
    _, _, rest = (DATA / "README.md").read_text(encoding="utf-8").partition("## checkpoints/trocr\n")
    card, _, _ = rest.partition("\n## ")
    rates = results("trocr_rough").pivot(index="way", columns="lines", values="error_rate")
    for group, row in rates.T.iterrows():
        kept = ("as drawn", "photographed", "rough")
        assert f"| {group} | " + " | ".join(f"{row[way]:.2f}" for way in kept) + " |" in card, group
    for way, row in rates.drop(index=["as drawn", "photographed", "rough"]).iterrows():
        assert f"| {way} | {row['writers']:.2f} | {row['faces']:.2f} |" in card, way
