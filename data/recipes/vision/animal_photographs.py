"""Build data/animal_photographs: photographs of some of the exotic animals where they live, to be asked about.

    python -m data.recipes.vision.animal_photographs       some seconds; needs apt-get (on Debian 12)

All are of Debian's gcompris-qt-data, made smaller. Nothing in the course learns from them.
"""

import io
import shutil
import struct
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from data.recipes.common.sources import debian_package
from utils.data import DATA

SIDE = 320  # pixels of the longer side
PHOTOGRAPHS = {  # activity of GCompris -> its picture -> animal of exotic_animals
    "erase": {
        "camels": "camel", "chamaeleon": "lizard", "crab": "crab", "dolphin": "dolphin", "flying_fox": "bat",
        "gorilla": "gorilla", "long_nosed_monkey": "monkey", "macaque": "monkey", "penguin": "penguin",
        "rhinoceros": "rhinoceros",
    },
    "explore_farm_animals": {"owl": "owl"},
    "explore_world_animals": {
        "chameleon": "lizard", "crocodile": "crocodile", "dragon": "lizard", "koala": "koala", "panda": "panda",
        "polar_bear": "bear",
    },
}  # fmt: skip


def resources(rcc: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file in a Qt resource file (formats 1 to 3); those that zstd packed are left out.

    It is a tree of entries, a table of names, and the contents, as Qt's own `rcc.cpp` writes them. ValueError if
    `rcc` is something else.
    """
    if rcc[:4] != b"qres":
        raise ValueError("not a Qt resource file: it does not begin with qres")
    version, tree, contents, names = struct.unpack(">4I", rcc[4:20])
    size = 14 if version == 1 else 22

    def walk(number: int) -> Iterator[tuple[str, bytes]]:
        entry = tree + size * number
        name, flags = struct.unpack(">IH", rcc[entry : entry + 6])
        if flags & 2:  # a folder
            count, first = struct.unpack(">II", rcc[entry + 6 : entry + 14])
            for child in range(first, first + count):
                yield from walk(child)
        else:
            begin = contents + struct.unpack(">I", rcc[entry + 10 : entry + 14])[0]
            content = rcc[begin + 4 : begin + 4 + struct.unpack(">I", rcc[begin : begin + 4])[0]]
            letters = struct.unpack(">H", rcc[names + name : names + name + 2])[0]
            text = rcc[names + name + 6 : names + name + 6 + 2 * letters].decode("utf-16-be")
            if not flags & 4:  # zstd
                yield text, zlib.decompress(content[4:]) if flags & 1 else content

    return walk(0)


def main() -> None:
    target = DATA / "animal_photographs"
    shutil.rmtree(target, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        root = debian_package("gcompris-qt-data", Path(folder)) / "usr/share/gcompris-qt/rcc"
        for activity, animals in PHOTOGRAPHS.items():
            found = dict(resources((root / f"{activity}.rcc").read_bytes()))
            for name, animal in animals.items():
                picture = Image.open(io.BytesIO(found[f"{name}.webp"])).convert("RGB")
                picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
                (target / animal).mkdir(parents=True, exist_ok=True)
                picture.save(target / animal / f"{name}.jpg", quality=88, optimize=True)
    files = list(target.rglob("*.jpg"))
    print(f"{len(files)} photographs of {len(list(target.iterdir()))} animals")


if __name__ == "__main__":
    main()
