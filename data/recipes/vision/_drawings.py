"""Emoji in nine open styles, as SVG and as pictures: for `exotic_animals` and for pretraining the vision models."""

import io
import json
import re
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import cairosvg
from PIL import Image

from data.recipes.common.sources import check


@dataclass(frozen=True)
class Style:
    """One way to draw all emoji: npm package @iconify-json/<name>, its version, hash, licence and author."""

    version: str
    sha256: str
    licence: str
    author: str


STYLES = {
    "noto": Style("1.2.9", "3e918d88fc945c0bb3d468dbace6f88caef67f01c9f0e7bcae0915a042e8f1ad", "Apache-2.0", "Google"),
    "noto-v1": Style(
        "1.2.5", "2bf62c26c2c2884aa99e90aec942cdaee17a5921f05690694f4978ad4b017c37", "Apache-2.0", "Google"
    ),
    "fluent-emoji": Style(
        "1.2.7", "8044210dbf11e016d4de85f15d01a243423bd832457e7e2491df1b751c0e272b", "MIT", "Microsoft"
    ),
    "fluent-emoji-flat": Style(
        "1.2.6", "7d064769dee690815f823bc5bcc511d957198caf9f5edd8dd9c1aa48a6aeb175", "MIT", "Microsoft"
    ),
    "emojione": Style(
        "1.2.3", "26a14f44284407e8bcde91799388dca2bfd91dbcd55a97f425524a1c5b73610e", "CC-BY-4.0", "EmojiOne"
    ),
    "emojione-v1": Style(
        "1.2.3", "6641d59d48a42823fdc2b84e7427e9f302944eb98d2c7d94d6e67c139e7b37b3", "CC-BY-SA-4.0", "EmojiOne"
    ),
    "twemoji": Style(
        "1.2.5", "19046dff7d8707ce96212ec86468b36ac5f8e60409629dd13f809265c6d0ebb7", "CC-BY-4.0", "Twitter"
    ),
    "openmoji": Style(
        "1.2.29", "03181e2c156cab35cf4a62f1f7886bd971d59212e75ac3f189d5a4cae3930fc5", "CC-BY-SA-4.0", "OpenMoji"
    ),
    "fxemoji": Style(
        "1.2.2", "f3e72b3c59d05e1db03b7e308d55c0d05bd7ba3f625a90da1b79313c12858eef", "Apache-2.0", "Mozilla"
    ),
}


def fetch_style(name: str, folder: Path) -> dict[str, str]:
    """Download the style `name` into `folder`; return its drawings as SVG text by name ("tiger", "tiger-face", …)."""
    style = STYLES[name]
    package = folder / f"iconify-json-{name}-{style.version}.tgz"
    if not package.is_file():
        command = ["npm", "pack", "--silent", f"@iconify-json/{name}@{style.version}"]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    check(package, style.sha256)
    with tarfile.open(package) as tar:
        icons = json.load(tar.extractfile("package/icons.json"))
    side = icons.get("width", 16), icons.get("height", 16)
    return {
        icon: _svg(entry["body"], entry.get("width", side[0]), entry.get("height", side[1]))
        for icon, entry in icons["icons"].items()
    }


def _svg(body: str, width: int, height: int) -> str:
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'<svg {names} viewBox="0 0 {width} {height}" width="{width}" height="{height}">{body}</svg>'


def render(svg: str | bytes, side: int) -> Image.Image:
    """Draw an SVG as an RGBA picture whose longer side has `side` pixels, on a transparent ground."""
    data = svg.encode() if isinstance(svg, str) else svg
    width, height = _shape(data)
    scale = side / max(width, height)
    png = cairosvg.svg2png(data, output_width=max(1, round(width * scale)), output_height=max(1, round(height * scale)))
    return Image.open(io.BytesIO(png)).convert("RGBA")


def _shape(data: bytes) -> tuple[float, float]:
    """Width and height that the root element of an SVG states; a square where it states none."""
    root = re.search(rb"<svg[^>]*>", data)
    text = root.group().decode(errors="replace") if root else ""
    box = re.search(r'viewBox="([^"]+)"', text)
    numbers = [float(x) for x in re.split(r"[ ,]+", box.group(1).strip())] if box else []
    if len(numbers) == 4 and min(numbers[2:]) > 0:
        return numbers[2], numbers[3]
    sides = [re.search(rf'\b{name}="([\d.]+)', text) for name in ("width", "height")]
    return (float(sides[0].group(1)), float(sides[1].group(1))) if all(sides) else (1.0, 1.0)


def centred(picture: Image.Image, side: int) -> Image.Image:
    """The RGBA picture in the middle of a transparent square of `side` pixels, made smaller if it does not fit."""
    picture = picture.copy()
    picture.thumbnail((side, side))
    square = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    square.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    return square


def on_white(picture: Image.Image, side: int) -> Image.Image:
    """As `centred`, but on white and RGB."""
    drawing = centred(picture, side)
    square = Image.new("RGB", (side, side), "white")
    square.paste(drawing, mask=drawing)
    return square
