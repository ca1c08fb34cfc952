"""The page that tells a writer's age: its parts, and the whole of it in a real browser that reaches no other host."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageOps
from playwright.sync_api import expect
from transformers import TrOCRProcessor, VisionEncoderDecoderModel, pipeline

from utils import checkpoint
from utils.age.page import CANVAS, INK, LAUNCH, _past_proxies, cut_out, in_words, opened, page
from utils.age.pipeline import TASK
from utils.data import DATA
from utils.handwriting.lines import fit_line
from utils.handwriting.reading import edits
from utils.handwriting.writers import Writer

LINE = DATA / "handwriting" / "test" / "000-0.png"
WORD = "all"
SENTENCE = re.compile(r"(\d+) years; eight in ten people who write like this are between (\d+) and (\d+)")


class Watch:
    """Whom this process spoke to, and whom the browser did: hosts, while `on`."""

    def __init__(self) -> None:
        self.on, self.hosts = True, set()
        sys.addaudithook(self.hook)  # for good: Python has no way to take one off

    def hook(self, event: str, arguments: tuple) -> None:
        if self.on and event == "socket.connect" and isinstance(arguments[1], tuple):
            self.hosts.add(arguments[1][0])
        if self.on and event == "socket.getaddrinfo" and arguments[0]:
            self.hosts.add(arguments[0])

    def asked(self, request) -> None:
        if (address := urlsplit(request.url)).scheme not in ("data", "blob"):
            self.hosts.add(address.hostname)


@pytest.fixture(scope="module")
def watch():
    watch = Watch()
    yield watch
    watch.on = False


@pytest.fixture(scope="module")
def demo(chromium, watch, tmp_path_factory):
    """The page, launched for the browser's tests. When it has closed, nothing is left of the pictures."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("gradio")
        patch.setenv("GRADIO_TEMP_DIR", str(folder))
        demo = page()
        demo.launch(**LAUNCH, server_port=free_port())
        yield demo
        assert list(folder.rglob("*.png"))
        demo.close(verbose=False)
        assert not list(folder.rglob("*.png"))


@pytest.fixture
def tab(demo, chromium, watch):
    """The page as a student sees it. No request goes to another host, and no script breaks."""
    tab, broken = chromium.new_page(viewport={"width": 1100, "height": 1000}), []
    tab.set_default_timeout(60_000)
    tab.on("request", watch.asked)
    tab.on("pageerror", lambda error: broken.append(error))
    tab.goto(demo.local_url)
    yield tab
    tab.close()
    assert watch.hosts <= {"127.0.0.1", "localhost"} and "127.0.0.1" in watch.hosts
    assert broken == []


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


def upload(tab, path: Path) -> None:
    tab.locator("input[type=file]").set_input_files(path)
    expect(tab.get_by_role("row", name=path.name)).to_be_visible()
    tab.get_by_role("button", name="Read the picture").click()


def answer(tab) -> tuple[str, list[int]]:
    """The text that the page shows, and the age with its bounds."""
    expect(tab.get_by_label("Its writer's age")).to_have_value(SENTENCE, timeout=60_000)
    numbers = SENTENCE.fullmatch(tab.get_by_label("Its writer's age").input_value()).groups()
    return tab.get_by_label("It says").input_value(), [int(number) for number in numbers]


def write(tab, words: str) -> None:
    """Draw `words` with the mouse, as a synthetic writer moves the pen: every fifth point, each takes a frame."""
    path = Writer.random(np.random.default_rng(19), age=25).path(words)
    x, y, stroke = path[:, 0], -path[:, 1], path[:, 4]
    scale = min(0.8 * CANVAS[0] / np.ptp(x), 0.8 * CANVAS[1] / np.ptp(y))
    box = tab.locator("canvas").first.bounding_box()
    x = box["x"] + box["width"] / 2 + scale * (x - (x.min() + x.max()) / 2)
    y = box["y"] + box["height"] / 2 + scale * (y - (y.min() + y.max()) / 2)
    for number in np.unique(stroke):
        points = [*zip(x[stroke == number], y[stroke == number], strict=True)]
        tab.mouse.move(*points[0])
        tab.mouse.down()
        for point in [*points[10:-1:10], points[-1]]:
            tab.mouse.move(*point)
        tab.mouse.up()


def test_an_uploaded_line(tab):
    upload(tab, LINE)
    text, (age, low, high) = answer(tab)
    processor = TrOCRProcessor.from_pretrained(checkpoint("trocr"))
    model = VisionEncoderDecoderModel.from_pretrained(checkpoint("trocr")).eval()
    fitted = fit_line(Image.open(LINE), 48, 384).convert("RGB")
    with torch.inference_mode():
        ids = model.generate(processor(images=fitted, return_tensors="pt").pixel_values)
    assert text == processor.batch_decode(ids, skip_special_tokens=True)[0] != ""
    direct = pipeline(TASK, model=checkpoint("writer-age"))(str(LINE))
    assert [age, low, high] == [round(direct[name]) for name in ("age", "low", "high")]
    seen = tab.locator(".image-frame img")
    expect(seen).to_be_visible()
    assert seen.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [384, 48]
    expect(tab.get_by_text("What this may not be used for")).to_be_visible()


def test_a_drawn_line(tab):
    """First nothing, then a word; it is still there when one comes back from the other tab."""
    tab.get_by_role("tab", name="Draw a line").click()
    tab.get_by_role("button", name="Brush").first.click()
    press = tab.get_by_role("button", name="Read the drawing")
    press.click()
    expect(tab.get_by_text("Nothing is drawn yet")).to_be_visible()
    write(tab, WORD)
    press.click()
    text, (age, low, high) = answer(tab)
    assert edits(WORD, text) <= 1
    assert 0 < low <= age <= high < 120
    tab.get_by_role("tab", name="Upload a picture").click()
    tab.get_by_role("button", name="Read the picture").click()
    expect(tab.get_by_label("It says")).to_have_value("")
    tab.get_by_role("tab", name="Draw a line").click()
    press.click()
    assert answer(tab) == (text, [age, low, high])


def test_what_is_no_picture_gets_a_message(tab, tmp_path, capfd):
    tab.get_by_role("button", name="Read the picture").click()
    expect(tab.get_by_text("There is no picture yet")).to_be_visible()
    (tmp_path / "letter.png").write_text("Dear Sir or Madam,")
    upload(tab, tmp_path / "letter.png")
    expect(tab.get_by_text("letter.png cannot be read as a picture")).to_be_visible()
    expect(tab.get_by_label("It says")).to_have_value("")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("sentence", ["No writing is found", "This looks upside down"])
def test_what_is_no_line_gets_a_sentence_and_no_age(tab, tmp_path, sentence):
    picture = Image.open(LINE).rotate(180) if "upside" in sentence else Image.new("L", (300, 50), 230)
    picture.save(tmp_path / "line.png")
    upload(tab, tmp_path / "line.png")
    expect(tab.get_by_label("Its writer's age")).to_have_value(re.compile(f"^{sentence}"), timeout=60_000)
    expect(tab.get_by_label("It says")).to_have_value("")


def test_a_doubtful_line_gets_the_warning_before_the_age(tab, tmp_path):
    ImageOps.scale(Image.open(LINE), 12 / 64).save(tmp_path / "tiny.png")
    upload(tab, tmp_path / "tiny.png")
    words = re.compile(
        "The picture is only 12 pixels high: take a larger one. If it is a line after all: " + SENTENCE.pattern
    )
    expect(tab.get_by_label("Its writer's age")).to_have_value(words, timeout=60_000)


def test_it_prints_nothing_closes_and_forgets(chromium, monkeypatch, tmp_path, capfd):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    port = free_port()
    demo = page()
    assert not demo.analytics_enabled
    _, address, public = demo.launch(**LAUNCH, server_port=port)
    assert (address, public) == (f"http://127.0.0.1:{port}/", None)
    tab = chromium.new_page()
    tab.goto(address)
    upload(tab, LINE)
    answer(tab)
    assert list(tmp_path.rglob("*.png"))
    tab.close()
    demo.close(verbose=False)
    assert not list(tmp_path.rglob("*.png"))
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # past connections may linger; a server may not
        door.bind(("127.0.0.1", port))
    assert capfd.readouterr() == ("", "")


def test_a_drawing_is_cut_out_with_the_margins_of_the_lines_trained_on():
    cuts = []
    for size, left, top in (((900, 200), 300, 80), ((2000, 900), 20, 500)):
        drawing = Image.new("RGBA", size)  # transparent
        ImageDraw.Draw(drawing).rectangle((left, top, left + 199, top + 39), fill=INK)
        cuts.append(cut_out(drawing))
    one, other = map(np.asarray, cuts)
    assert one.shape == (40 + 2 * 14, 200 + 2 * 4, 3)
    assert np.array_equal(one, other)  # wherever and on however large a canvas
    assert (one[:14] == 255).all() and (one[:, :4] == 255).all()
    assert (one[14:-14, 4:-4] == (0x20, 0x26, 0x4D)).all()


def test_an_empty_drawing_is_refused():
    dot = Image.new("RGBA", CANVAS)
    ImageDraw.Draw(dot).ellipse((50, 50, 58, 58), fill=INK)
    for drawing in (None, Image.new("RGBA", CANVAS), Image.new("RGB", CANVAS, "white"), dot):
        with pytest.raises(ValueError, match="Nothing is drawn yet: write a few words"):
            cut_out(drawing)


def test_pictures_are_opened_with_care(tmp_path, monkeypatch):
    assert opened(str(LINE)).convert("L").tobytes() == Image.open(LINE).convert("L").tobytes()
    with pytest.raises(ValueError, match="There is no picture yet"):
        opened(None)
    broken = tmp_path / "broken.png"
    for content in (b"", b"Dear Sir or Madam,", LINE.read_bytes()[:800]):
        broken.write_bytes(content)
        with pytest.raises(ValueError, match=r"^broken\.png cannot be read as a picture: take a PNG or JPEG"):
            opened(str(broken))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(ValueError, match=r"^000-0\.png has more than \d+ million pixels: save it smaller"):
        opened(str(LINE))


def test_the_age_in_words():
    words = "43 years; eight in ten people who write like this are between 28 and 62"
    assert in_words(age=43.1, low=28.0, high=61.5) == words
    assert SENTENCE.fullmatch(words)
    doubtful = in_words(age=43.1, low=15.7, high=82.3, warning="Hardly a letter can be read")
    assert doubtful.startswith("Hardly a letter can be read. If it is a line after all: 43 years; ")


def test_the_package_itself_does_not_load_gradio():
    code = "import sys, utils; sys.exit('gradio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_proxy_is_not_asked_for_the_page(monkeypatch):
    monkeypatch.setenv("no_proxy", "example.org")
    monkeypatch.delenv("NO_PROXY", raising=False)
    for _ in range(2):
        _past_proxies()
    assert os.environ["no_proxy"] == "example.org,127.0.0.1,localhost"
    assert os.environ["NO_PROXY"] == "127.0.0.1,localhost"
