"""The loader of lines of handwriting, with what people put into such folders; and the lines that the workbook has."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageOps

from utils.data import DATA
from utils.handwriting.lines import COLUMNS, dark_on_light, fit_line, load_lines
from utils.handwriting.strokes import HELD_OUT, characters, face_names
from utils.handwriting.writers import Writer

CARD = (DATA / "README.md").read_text(encoding="utf-8")
ROWS = [
    ("train/a-0.png", "eins", "de", "anna", "34"),
    ("train/a-1.png", "zwei", "de", "anna", "34"),
    ("test/b-0.png", "three", "en", "007", "71.5"),
]


@pytest.fixture
def folder(tmp_path):
    """Two lines by Anna for training, one by 007 for testing."""
    for split in ("train", "test"):
        (tmp_path / split).mkdir()
    for k, row in enumerate(ROWS):
        line = Image.new("L", (90 + k, 30), 230 - k)
        line.putpixel((40, 15), 0)
        line.save(tmp_path / row[0])
    write(tmp_path, ROWS)
    return tmp_path


def write(folder, rows, columns=COLUMNS):
    pd.DataFrame(rows, columns=list(columns)).to_csv(folder / "metadata.csv", index=False)


def changed(row, **values):
    return tuple({**dict(zip(COLUMNS, row, strict=True)), **values}.values())


def test_a_plain_folder(folder):
    lines = load_lines(folder)
    assert list(lines) == ["train", "test"] and lines["train"].column_names == ["image", *COLUMNS[1:]]
    assert lines["train"]["text"][:] == ["eins", "zwei"] and lines["test"]["age"][:] == [71.5]
    assert lines["test"]["writer"][:] == ["007"]  # a name, not the number 7
    image = lines["train"][1]["image"]
    assert (image.mode, image.size, image.getpixel((5, 5))) == ("L", (91, 30), 229)


def test_texts_that_look_like_something_else(folder):
    """None, NA, 12 and commas are texts."""
    write(folder, [changed(row, text=text) for row, text in zip(ROWS, ("NA", "12", 'a, "b"'), strict=True)])
    lines = load_lines(folder)
    assert lines["train"]["text"][:] == ["NA", "12"] and lines["test"]["text"][:] == ['a, "b"']


def test_a_column_of_splits_goes_before_folders(folder):
    rows = [(*row, split) for row, split in zip(ROWS, ("test", "test", "validation"), strict=True)]
    write(folder, rows, [*COLUMNS, "split"])
    assert {split: part.num_rows for split, part in load_lines(folder).items()} == {"validation": 1, "test": 2}
    write(folder, [*rows[:2], (*ROWS[2], "dev")], [*COLUMNS, "split"])
    with pytest.raises(ValueError, match="the column split says 'dev'; use train, validation, test"):
        load_lines(folder)


def test_files_without_a_split(folder):
    Image.new("L", (9, 9)).save(folder / "c.png")
    write(folder, [*ROWS, changed(ROWS[2], file="c.png")])
    with pytest.raises(ValueError, match=r"c\.png belongs to no split.*no column split.*use train, validation, test"):
        load_lines(folder)


def test_a_missing_table_or_column(folder):
    for column in COLUMNS:
        pd.DataFrame(ROWS, columns=list(COLUMNS)).drop(columns=column).to_csv(folder / "metadata.csv", index=False)
        with pytest.raises(ValueError, match=rf"metadata\.csv has no column {column}: it has .*; add what is missing"):
            load_lines(folder)
    (folder / "metadata.csv").unlink()
    with pytest.raises(FileNotFoundError, match="write a table with the columns file, text, language, writer, age"):
        load_lines(folder)


def test_an_empty_table(folder):
    write(folder, [])
    with pytest.raises(ValueError, match="no row below its first line"):
        load_lines(folder)


@pytest.mark.parametrize("age", ["old", "34 years", "12,5", "nan", "inf", "-3", "1957", "1_0", "1e1", "٣٤"])
def test_an_age_that_is_no_number_of_years(folder, age):
    write(folder, [ROWS[0], ROWS[1], changed(ROWS[2], age=age)])
    with pytest.raises(ValueError, match=rf"test/b-0\.png: the age '{age}' is no number from 0 to 120"):
        load_lines(folder)


@pytest.mark.parametrize("column", COLUMNS)
def test_an_empty_cell_is_named_by_its_line(folder, column):
    write(folder, [ROWS[0], changed(ROWS[1], **{column: " "}), ROWS[2]])
    with pytest.raises(ValueError, match=f"line 3: {column} is empty"):
        load_lines(folder)


def test_a_missing_file(folder):
    (folder / "train" / "a-1.png").unlink()
    with pytest.raises(FileNotFoundError, match=r"a-1\.png is missing: .* add the picture, or take its row out"):
        load_lines(folder)


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + bytes(50)])
def test_a_broken_picture(folder, content):
    (folder / "test" / "b-0.png").write_bytes(content)
    with pytest.raises(ValueError, match=r"b-0\.png cannot be read as a picture"):
        load_lines(folder)


def test_a_file_listed_twice(folder):
    write(folder, [*ROWS, ROWS[0]])
    with pytest.raises(ValueError, match=r"lists train/a-0\.png twice"):
        load_lines(folder)


def test_a_writer_in_two_splits(folder):
    write(folder, [ROWS[0], ROWS[1], changed(ROWS[2], writer="anna")])
    with pytest.raises(ValueError, match="writer anna stands in train and test: put all lines of one person into one"):
        load_lines(folder)


DECOMPOSED = "Ju\u0308rgen"


def test_one_person_written_in_two_ways_is_one_person(folder):
    """A blank at the end, two blanks, an invisible mark, composed and decomposed letters."""
    pairs = [("anna", "anna "), ("anna m", "anna  m"), ("anna", "\u200ban\u00adna"), ("J\u00fcrgen", DECOMPOSED)]
    for train, test in pairs:
        write(folder, [changed(ROWS[0], writer=train), changed(ROWS[2], writer=test)])
        with pytest.raises(ValueError, match=r"metadata\.csv: writer .* stands in train and test"):
            load_lines(folder)


def test_values_come_without_blanks_and_composed(folder):
    write(folder, [changed(ROWS[0], text=f" {DECOMPOSED} "), changed(ROWS[2], file=" test/b-0.png", language="en ")])
    lines = load_lines(folder)
    assert lines["train"]["text"][:] == ["J\u00fcrgen"] and lines["test"]["language"][:] == ["en"]


def test_a_picture_whose_name_is_decomposed_is_found(folder):
    (folder / "test" / "b-0.png").rename(folder / "test" / f"{DECOMPOSED}.png")
    write(folder, [*ROWS[:2], changed(ROWS[2], file="test/J\u00fcrgen.png")])
    assert load_lines(folder)["test"].num_rows == 1


def test_paths_as_windows_writes_them(folder):
    write(folder, [changed(row, file=row[0].replace("/", "\\")) for row in ROWS])
    assert load_lines(folder)["train"].num_rows == 2
    write(folder, [*ROWS, changed(ROWS[0], file="train\\a-0.png")])
    with pytest.raises(ValueError, match=r"lists train/a-0\.png twice"):
        load_lines(folder)


def test_a_name_that_no_file_can_have(folder):
    write(folder, [*ROWS, changed(ROWS[0], file="train/" + "x" * 400)])
    with pytest.raises(FileNotFoundError, match="is missing: metadata"):
        load_lines(folder)


def test_a_text_over_several_lines_is_an_open_quotation_mark(folder):
    write(folder, [ROWS[0], changed(ROWS[1], text="zwei\ntrain/a-2.png"), ROWS[2]])
    with pytest.raises(ValueError, match=r"metadata\.csv, line 3: text goes over several lines; look for a quotation"):
        load_lines(folder)


def test_what_the_reader_cannot_write_is_said(folder, capsys):
    write(folder, [changed(ROWS[0], text="it\u2019s \u201eso\u201c"), changed(ROWS[1], text="a" * 33), ROWS[2]])
    assert load_lines(folder)["train"]["text"][0] == 'it\'s "so"'
    printed = capsys.readouterr().out
    assert "texts longer than the 32 characters that the reader can write: 1, first " in printed
    assert "cannot write" not in printed
    write(folder, [changed(ROWS[0], text="caf\u00e9 5 \u20ac, \u00e9"), *ROWS[1:]])
    load_lines(folder)
    assert "metadata.csv: the reader cannot write '\u00e9' 2 times, '\u20ac' 1 times" in capsys.readouterr().out
    write(folder, ROWS)
    load_lines(folder)
    assert not capsys.readouterr().out


def told(folder):
    with pytest.warns(UserWarning) as warned:
        load_lines(folder)
    return "\n".join(str(warning.message) for warning in warned)


def test_what_is_left_out_is_said(folder):
    write(folder, [(*row, "x") for row in ROWS[1:]], [*COLUMNS, "note"])
    assert "columns left out: note" in (message := told(folder)) and "a-0.png (no row lists it)" in message
    scan(40, 20, 6).save(folder / "train" / "a.tif", save_all=True, append_images=[scan(40, 20, 8)] * 2)
    write(folder, [*ROWS, changed(ROWS[0], file="train/a.tif")])
    assert "a.tif: 2 of its 3 pages (only the first is taken)" in told(folder)


def test_a_picture_in_two_splits_or_with_two_texts_is_said(folder):
    scan(90, 30, 6).save(folder / "train" / "a-0.png")
    for copy in ("train/a-1.png", "test/b-0.png"):
        scan(90, 30, 6).convert("RGB").save(folder / copy)
    write(folder, [ROWS[0], ROWS[1], changed(ROWS[2], text="eins")])
    splits, texts = sorted(told(folder).splitlines(), reverse=True)[:2][::-1]
    assert "in two splits" in splits + texts and "b-0.png" in splits + texts
    assert "with another text, one must be wrong" in splits + texts and "a-1.png" in splits + texts


def test_what_is_no_line_is_named(folder):
    Image.new("L", (90, 30), 200).save(folder / "train" / "a-0.png")
    scan(30, 90, 9).save(folder / "train" / "a-1.png")
    assert "nothing is to be seen on" in (message := told(folder)) and "a-1.png is much taller than wide" in message
    Image.new("L", (90, 5), 200).save(folder / "train" / "a-0.png")
    with pytest.raises(ValueError, match=r"a-0\.png is only 90 x 5 pixels: scan the line larger"):
        load_lines(folder)


def test_values_that_differ_only_in_capitals(folder):
    rows = [(*changed(row, language="DE"), "Train") for row in ROWS]
    write(folder, rows, [*COLUMNS, "split"])
    lines = load_lines(folder)
    assert list(lines) == ["train"] and set(lines["train"]["language"]) == {"de"}
    write(folder, [ROWS[0], changed(ROWS[2], writer="Anna")])
    with pytest.raises(ValueError, match="writer anna and Anna stands in train and test"):
        load_lines(folder)


def test_a_writer_of_several_ages_is_said(folder):
    write(folder, [ROWS[0], changed(ROWS[1], age="64"), ROWS[2]])
    assert "1 writers have several ages, first anna" in told(folder)


def test_the_same_file_by_another_path(folder):
    write(folder, [*ROWS, changed(ROWS[0], file="train/../train/./a-0.png")])
    with pytest.raises(ValueError, match=r"lists train/a-0\.png twice"):
        load_lines(folder)


def test_the_table_in_place_of_the_folder(folder):
    with pytest.raises(ValueError, match=r"metadata\.csv is a file: give the folder that holds"):
        load_lines(folder / "metadata.csv")


def box(image):
    """Left, top, right, bottom of what is darker than its surroundings."""
    dark = np.asarray(image) < 120
    rows, columns = np.flatnonzero(dark.any(1)), np.flatnonzero(dark.any(0))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def scan(width, height, side, paper=231):
    """A scan with a black square in its middle."""
    image = Image.new("L", (width, height), paper)
    image.paste(0, ((width - side) // 2, (height - side) // 2, (width + side) // 2, (height + side) // 2))
    return image


@pytest.mark.parametrize(
    "size", [(40, 10, 6), (300, 64, 30), (90, 64, 20), (6000, 800, 300), (3000, 100, 60), (40, 300, 30)]
)
def test_a_square_stays_a_square_at_every_size(size):
    fitted = fit_line(scan(*size), 64, 256)
    assert (fitted.mode, fitted.size) == ("L", (256, 64))
    left, top, right, bottom = box(fitted)
    assert abs((right - left) - (bottom - top)) <= 1
    assert abs((right - left) - size[2] * min(64 / size[1], 256 / size[0])) <= 1.5
    assert fitted.getpixel((255, 2)) == fitted.getpixel((2, 63)) == 231  # the paper goes on


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F"])
def test_pictures_of_every_mode(mode):
    grey = scan(120, 60, 30, 255)
    sixteen = Image.fromarray(np.asarray(grey, np.uint16) * 257)
    image = sixteen if mode == "I;16" else grey.convert(mode)
    fitted = np.asarray(fit_line(image, 60, 150))
    assert fitted[30, 60] < 5 and fitted[5, 5] > 250 and fitted[30, 140] > 250


def test_what_is_transparent_is_paper():
    image = Image.new("RGBA", (100, 50), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (40, 20, 60, 30))
    fitted = np.asarray(fit_line(image, 50, 120))
    assert fitted[2, 2] == fitted[2, 119] == 255 and fitted[25, 50] == 0


def test_light_ink_on_dark_paper_becomes_dark_on_light():
    for line in (scan(300, 64, 30), scan(300, 64, 30, 140), Image.open(DATA / "handwriting" / "test" / "000-0.png")):
        for size in ((48, 384), (64, 512)):
            assert fit_line(ImageOps.invert(line.convert("L")), *size).tobytes() == fit_line(line, *size).tobytes()


def test_no_line_of_the_course_is_taken_for_light_on_dark():
    files = sorted((DATA / "handwriting").glob("*/*.png"))
    assert len(files) > 2000
    for file in files:
        with Image.open(file) as line:
            assert dark_on_light(line) is line


def test_a_photograph_is_turned_as_the_camera_noted(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    Image.new("L", (20, 60), 200).save(tmp_path / "turned.jpg", exif=exif)
    with Image.open(tmp_path / "turned.jpg") as image:
        line = np.asarray(fit_line(scan(60, 20, 8), 20, 60))
        assert fit_line(image, 20, 60).size == (60, 20) and line[10, 30] < 50
        assert np.asarray(fit_line(image, 20, 60)).std() < 2  # it fills the width, nothing is added


def test_a_line_of_the_right_size_is_left_alone():
    line = Writer.random(np.random.default_rng(0)).draw("unchanged", 64)
    fitted = np.asarray(fit_line(Image.fromarray(line), 64, line.shape[1]))
    assert np.array_equal(fitted, line)


@pytest.fixture(scope="module")
def lines():
    return load_lines(DATA / "handwriting")


def test_the_card_states_the_counts(lines):
    for split, part in lines.items():
        assert f"| {split} | {len(set(part['writer']))} | {part.num_rows:,} |" in CARD


def test_writers_and_texts_are_in_one_split(lines):
    assert list(lines) == ["train", "validation", "test"]
    for column in ("writer", "text"):
        sets = [set(part[column]) for part in lines.values()]
        assert len(set.union(*sets)) == sum(map(len, sets)), column
    assert sum(len(set(part["writer"])) for part in lines.values()) >= 400
    assert len(lines["train"]["text"]) == len(set(lines["train"]["text"]))


def test_both_languages_and_every_age(lines):
    for part in lines.values():
        table = pd.DataFrame({name: part[name][:] for name in COLUMNS[1:]})
        assert (table.groupby("writer")[["age", "language"]].nunique() == 1).all(axis=None)
        people = table.drop_duplicates("writer")
        assert abs((people["language"] == "de").mean() - 0.5) < 0.02
        assert people["age"].min() == 8 and people["age"].max() == 90
        assert np.histogram(people["age"], bins=5, range=(8, 90))[0].min() >= 0.9 * len(people) / 5 - 1
        assert table["text"].str.len().between(12, 32).all()
        assert set("".join(table["text"])) <= set(characters())
        assert (table.groupby("writer").size() == 5).all()
    everything = "".join("".join(part["text"]) for part in lines.values())
    assert set("äöüÄÜß") <= set(everything)


def test_pictures_are_64_pixels_high(lines):
    files = sorted((DATA / "handwriting").glob("*/*.png"))
    assert len(files) == sum(part.num_rows for part in lines.values()) <= 3000
    for image in lines["test"].select(range(0, 400, 20))["image"]:
        pixels = np.asarray(image)
        assert pixels.shape[0] == 64 and image.mode == "L" and len(np.unique(pixels)) <= 8
        assert np.median(pixels) > 200 and (pixels < 150).mean() > 0.01


def test_the_folder_stays_small():
    assert sum(path.stat().st_size for path in (DATA / "handwriting").rglob("*") if path.is_file()) < 5 * 2**20


def test_every_face_has_its_licence():
    licences = (DATA / "handwriting" / "FACES.md").read_text(encoding="utf-8")
    assert all(f"| {name} |" in licences for name in face_names()) and "SIL Open Font License" in licences
    assert "National Bureau of Standards" in licences and "James Hurt" in licences  # what Hershey's terms ask for
    assert set(HELD_OUT) < set(face_names())
