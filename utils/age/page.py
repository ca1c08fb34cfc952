"""A page for the browser: upload or draw a line, and see what it says and how old its writer may be.

    demo = page()
    _, address, _ = demo.launch(**LAUNCH)
    demo.close(verbose=False)

It is served by this computer to this computer, fetches nothing from elsewhere, and forgets the pictures when it closes.
"""

import os
from collections.abc import Callable
from pathlib import Path

import torch
from PIL import Image, ImageOps
from transformers import TrOCRProcessor, VisionEncoderDecoderModel, pipeline

from utils.age.pipeline import TASK
from utils.checkpoints import checkpoint
from utils.handwriting.lines import CONTRAST, fit_line
from utils.vision.opening import open_picture
from utils.vision.pictures import to_rgb

# Other cells run on, nothing is shown or printed in the notebook, only this computer sees the page.
LAUNCH = {
    "prevent_thread_lock": True, "quiet": True, "inline": False, "inbrowser": False, "share": False,
    "server_name": "127.0.0.1", "ssr_mode": False, "run_history": False, "footer_links": [],
}  # fmt: skip
CANVAS = (900, 200)  # pixels
BRUSH = 4  # pixels
INK = "#20264d"
MARGINS = (0.1, 0.35)  # paper beside and above the ink, in heights of the ink: as in the lines trained on
SHORTEST = 16  # pixels; a smaller drawing is a dot

INTRODUCTION = """# What does it say, and how old is its writer?
One line, in English. The picture stays on this computer."""
USE = """**What this may not be used for.** The models learned from synthetic writers, made after published trends: this
shows a method, and is no fact about a person. Age is sensitive: do not infer it from anybody's writing without their
consent, and decide nothing about anybody by it. A mouse is no pen: of what is drawn here the age says even less."""


def page():
    """The page (`gradio.Blocks`), not yet launched, with "trocr" and "writer-age". Errors as for `checkpoint`."""
    import gradio as gr  # here: it takes seconds, and the pictures are opened and cut out without it

    _past_proxies()
    read, height, width = reader()
    tell_age = pipeline(TASK, model=checkpoint("writer-age"))

    def answer(take: Callable[..., Image.Image], given) -> tuple[str, str, Image.Image | None]:
        try:
            line = take(given)
        except ValueError as error:
            gr.Warning(str(error))
            return "", "", None
        seen = fit_line(line, height, width)
        try:
            told = in_words(**tell_age(line))
        except ValueError as error:  # it is no line
            return "", str(error), seen
        return read(line), told, seen

    with gr.Blocks(title="How old is its writer?", analytics_enabled=False, delete_cache=(600, 3600)) as demo:
        gr.Markdown(INTRODUCTION)
        with gr.Tab("Upload a picture"):
            file = gr.File(label="A picture of one line, with little paper around it", type="filepath", height=140)
            upload = gr.Button("Read the picture", variant="primary")
        with gr.Tab("Draw a line"):
            brush = gr.Brush(default_size=BRUSH, colors=[INK], color_mode="fixed")
            drawing = gr.ImageEditor(
                label="Take the brush, and write with mouse, finger or pen", type="pil", format="png", buttons=[],
                sources=(), transforms=(), layers=False, canvas_size=CANVAS, fixed_canvas=True, brush=brush,
            )  # fmt: skip
            draw = gr.Button("Read the drawing", variant="primary")
        results = [
            *(gr.Textbox(label=label) for label in ("It says", "Its writer's age")),
            gr.Image(label="What the models see", format="png", height=90, interactive=False, buttons=[]),
        ]
        gr.Markdown(USE)
        upload.click(lambda path: answer(opened, path), file, results, api_name="picture")
        draw.click(lambda editor: answer(cut_out, editor and editor["composite"]), drawing, results, api_name="drawing")
    return demo


def _past_proxies() -> None:
    """A proxy in the environment (http_proxy) must not be asked for this computer's own address."""
    for name in ("no_proxy", "NO_PROXY"):
        given = os.environ.get(name, "")
        if "127.0.0.1" not in given.split(","):
            os.environ[name] = ",".join(filter(None, (given, "127.0.0.1", "localhost")))


def reader() -> tuple[Callable[[Image.Image], str], int, int]:
    """What reads the picture of a line, and the height and width that it wants (it fits pictures itself)."""
    folder = checkpoint("trocr")
    processor, model = TrOCRProcessor.from_pretrained(folder), VisionEncoderDecoderModel.from_pretrained(folder).eval()
    height, width = (processor.image_processor.size[side] for side in ("height", "width"))

    def read(line: Image.Image) -> str:
        pixels = processor(images=fit_line(line, height, width).convert("RGB"), return_tensors="pt").pixel_values
        with torch.inference_mode():
            return processor.batch_decode(model.generate(pixels), skip_special_tokens=True)[0]

    return read, height, width


def opened(path: str | None) -> Image.Image:
    """The picture in a file. ValueError if there is no file, or it is no picture."""
    if not path:
        raise ValueError("There is no picture yet: choose one, then press the button")
    try:
        return open_picture(path)
    except ValueError as error:  # the path is that of the page's own copy
        raise ValueError(str(error).replace(str(path), Path(path).name)) from error


def cut_out(drawing: Image.Image | None) -> Image.Image:
    """The line in a drawing, on white, with as much paper around it as the models know. ValueError if it is empty."""
    drawing = drawing and to_rgb(drawing)
    box = drawing and ImageOps.invert(drawing.convert("L")).point(lambda grey: grey >= CONTRAST and 255).getbbox()
    if not box or max(box[2] - box[0], box[3] - box[1]) < SHORTEST:
        raise ValueError("Nothing is drawn yet: write a few words, then press the button")
    beside, above = (round(margin * (box[3] - box[1])) for margin in MARGINS)
    return ImageOps.expand(drawing.crop(box), (beside, above), "white")


def in_words(age: float, low: float, high: float, warning: str = "") -> str:
    """The answer of the pipeline as a sentence, in whole years, before it the pipeline's warning."""
    told = f"{age:.0f} years; eight in ten people who write like this are between {low:.0f} and {high:.0f}"
    return f"{warning}. If it is a line after all: {told}" if warning else told
