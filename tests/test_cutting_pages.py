"""Pages drawn by synthetic writers are cut into the lines that were put there, or refused in a sentence."""

import re
import warnings

import numpy as np
import pytest
from PIL import Image

from utils.handwriting.lines import load_lines
from utils.handwriting.pages import cut_lines, main, pages_to_lines
from utils.handwriting.writers import Writer

TEXTS = ("good morning to you", "it rained all day long", "we stayed in the big house", "and played games at night",
         "my brother found the key", "yesterday a letter came")  # fmt: skip
PAPER = 235


def drawn(seed: int, count: int, pitch: int = 64) -> tuple[np.ndarray, list[np.ndarray]]:
    """A page with so many lines of one writer, `pitch` pixels apart, and for each line a mask of its ink."""
    rng = np.random.default_rng(seed)
    writer = Writer.random(rng)
    lines = [writer.draw(TEXTS[rng.integers(len(TEXTS))], 64, rng) for _ in range(count)]
    page = np.full((64 + pitch * count + 64, 120 + max(line.shape[1] for line in lines)), PAPER, np.uint8)
    masks = []
    for k, line in enumerate(lines):
        beside = int(rng.integers(20, 60))
        place = slice(40 + pitch * k, 104 + pitch * k), slice(beside, beside + line.shape[1])
        ink = line < 0.6 * np.median(line)
        page[place] = np.where(ink, np.minimum(page[place], line), page[place])
        masks.append(np.zeros(page.shape, bool))
        masks[-1][place] = ink
    return page, masks


def share_found(page: np.ndarray, masks: list[np.ndarray]) -> list[float]:
    """How much ink the cut line of each number has, as a share of what was drawn there."""
    found = cut_lines(Image.fromarray(page))
    assert len(found) == len(masks)
    shares = []
    for line, mask in zip(found, masks, strict=True):
        shares.append((np.asarray(line) < 0.7 * PAPER).sum() / mask.sum())
    return shares


@pytest.mark.parametrize("count", [2, 3, 5, 8, 12, 16, 20])
def test_each_drawn_line_is_found_with_its_ink_and_little_else(count):
    shares = share_found(*drawn(count, count))
    assert min(shares) > 0.9 and max(shares) < 1.1


@pytest.mark.parametrize("seed", range(100, 112))
def test_lines_of_many_writers_are_found(seed):
    shares = share_found(*drawn(seed, 6, pitch=56))
    assert min(shares) > 0.8 and max(shares) < 1.2


def test_rules_dirt_and_white_on_black_do_not_matter():
    page, masks = drawn(3, 5)
    page[96::64] = np.minimum(page[96::64], 150)
    page[7, 9] = 0
    assert min(share_found(page, masks)) > 0.9
    assert len(cut_lines(Image.fromarray(255 - page))) == 5


@pytest.mark.parametrize(
    ("page", "told"),
    [
        (np.full((300, 300), PAPER, np.uint8), "no writing is found: take a page with dark ink"),
        (np.full((300, 30), PAPER, np.uint8), "only 30 x 300 pixels: scan the page larger"),
    ],
)
def test_a_page_without_lines_is_refused(page, told):
    with pytest.raises(ValueError, match=told):
        cut_lines(Image.fromarray(page))


def test_a_frame_around_the_lines_is_refused_not_cut():
    page, _ = drawn(4, 5)
    page[5:-5, 5:9] = page[5:-5, -9:-5] = 0
    with pytest.raises(ValueError, match="too high for a line: cut away what is no writing"):
        cut_lines(Image.fromarray(page))


@pytest.fixture
def scans(tmp_path):
    """Three pages by three people, with their table."""
    rows = ["file,text,language,writer,age,split"]
    for k, split in enumerate(("train", "validation", "test")):
        Image.fromarray(drawn(k, 2 + k)[0]).save(tmp_path / f"{k}.png")
        rows.append(f"{k}.png,-,en,person {k},{30 + k},{split}")
    (tmp_path / "metadata.csv").write_text("\n".join(rows))
    return tmp_path


def test_a_folder_of_pages_becomes_a_folder_of_lines(scans, tmp_path, capsys):
    main(["--data", str(scans), "--out", str(tmp_path / "lines")])
    assert "9 lines in" in capsys.readouterr().out
    with warnings.catch_warnings(action="error"):
        lines = load_lines(tmp_path / "lines")
    assert {split: len(lines[split]) for split in lines} == {"train": 2, "validation": 3, "test": 4}
    assert set(lines["test"]["writer"]) == {"person 2"} and set(lines["test"]["age"]) == {32}
    with pytest.raises(ValueError, match="lines holds something already: take another --out"):
        pages_to_lines(scans, tmp_path / "lines")


def test_what_is_no_page_is_named_with_its_file(scans, tmp_path):
    Image.new("L", (200, 200), 255).save(scans / "1.png")
    with pytest.raises(ValueError, match=f"^{re.escape(str(scans / '1.png'))}: no writing is found"):
        pages_to_lines(scans, tmp_path / "lines")
    (scans / "1.png").unlink()
    with pytest.raises(FileNotFoundError, match=r"1\.png is missing: metadata\.csv lists it"):
        pages_to_lines(scans, tmp_path / "other")
