"""Build data/exotic_animals: 28 animals, drawn in nine open styles, and some of them as cut-out photographs.

    python -m data.recipes.vision.exotic_animals       a minute; needs npm (emoji) and apt-get (photographs)

train/<animal>/ holds six styles, test/<animal>/ three others; two versions of one style are never on both sides.
photographs/<animal>/ is a second, small test set. A file is named <style>--<drawing>.png.
An animal was taken if seven styles or more draw it; which ones are "exotic" was decided before anything was trained.
"""

import shutil
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from data.recipes.common.sources import debian_package
from data.recipes.vision._animals import ANIMALS, drawings_of
from data.recipes.vision._drawings import STYLES, fetch_style, on_white, render
from utils.data import DATA

TEST_STYLES = ("fluent-emoji", "fluent-emoji-flat", "openmoji")
SIDE = 160  # pixels
PHOTOGRAPHS = {  # files of Debian's tuxpaint-stamps-default, below stamps/animals
    "bear": ["mammals/bears/bear", "mammals/bears/european-bear"],
    "camel": ["mammals/camel/camel", "mammals/camel/dromedary"],
    "dolphin": ["mammals/aquatic/dolphin"],
    "elephant": ["mammals/elephant"],
    "fox": ["mammals/dogs/fox"],
    "gorilla": ["mammals/apes/gorilla"],
    "koala": ["marsupials/koala"],
    "lion": ["mammals/cats/lion", "mammals/cats/lion-2"],
    "lizard": ["lizards/iguana"],
    "owl": ["birds/owl"],
    "penguin": ["birds/penguin", "birds/little-penguin", "birds/magellanic_penguin"],
    "rhinoceros": ["mammals/rhino_black"],
    "tiger": ["mammals/cats/tiger", "mammals/cats/tiger_sumatran"],
    "whale": ["mammals/aquatic/whale"],
}


def main() -> None:
    folder = DATA / "exotic_animals"
    counts = dict.fromkeys(("train", "test", "photographs"), 0)
    for part in counts:
        shutil.rmtree(folder / part, ignore_errors=True)
    with tempfile.TemporaryDirectory() as temporary:
        for style in STYLES:
            part = "test" if style in TEST_STYLES else "train"
            icons = fetch_style(style, Path(temporary))
            for animal in ANIMALS:
                seen = []
                for name in drawings_of(animal):
                    if name not in icons:
                        continue
                    picture = on_white(render(icons[name], SIDE), SIDE)
                    pixels = np.asarray(picture, dtype=float)
                    if any(abs(pixels - other).mean() < 1 for other in seen):  # the same drawing under two names
                        continue
                    seen.append(pixels)
                    save(picture, folder / part / animal / f"{style}--{name}.png")
                    counts[part] += 1
        stamps = debian_package("tuxpaint-stamps-default", Path(temporary)) / "usr/share/tuxpaint/stamps/animals"
        for animal, files in PHOTOGRAPHS.items():
            for file in files:
                picture = on_white(Image.open(stamps / f"{file}.png").convert("RGBA"), SIDE)
                save(picture, folder / "photographs" / animal / f"photograph--{Path(file).name}.png")
                counts["photographs"] += 1
    print(f"{len(ANIMALS)} animals;", ", ".join(f"{number} pictures in {part}" for part, number in counts.items()))


def save(picture: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, optimize=True)


if __name__ == "__main__":
    main()
