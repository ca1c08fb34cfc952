"""Lines in outline fonts that were made from real people's handwriting, bent so that no two lines are alike."""

import hashlib
import subprocess
import tarfile
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.path import Path as Outline
from matplotlib.transforms import IdentityTransform

from data.recipes.common.sources import debian_package

# npm packages @fontsource/<name>, all OFL-1.1 or Apache-2.0
NPM_VERSION = "5.3.0"
NPM = """annie-use-your-telescope architects-daughter bad-script caveat caveat-brush cedarville-cursive chilanka
coming-soon cookie covered-by-your-grace crafty-girls damion dawning-of-a-new-day dekko delicious-handrawn delius
gaegu give-you-glory gloria-hallelujah gochi-hand handlee homemade-apple indie-flower just-me-again-down-here kalam
kristi la-belle-aurore loved-by-the-king mansalva marck-script mr-de-haviland ms-madi nanum-pen-script neucha
nothing-you-could-do oooh-baby over-the-rainbow patrick-hand permanent-marker playpen-sans poor-story reenie-beanie
rock-salt sacramento satisfy schoolbell sedgwick-ave shadows-into-light shantell-sans short-stack sriracha
sue-ellen-francisco swanky-and-moo-moo the-girl-next-door waiting-for-the-sunrise walter-turncoat yomogi zen-kurenaido
zeyada""".split()  # noqa: SIM905
DEBIAN = {  # package: the one file of it that is taken
    "fonts-breip": "Breip.ttf",
    "fonts-dancingscript": "DancingScript-Regular.otf",
    "fonts-dkg-handwriting": "dkg.ttf",
    "fonts-ecolier-court": "Ecolier-court.ttf",
    "fonts-rufscript": "Rufscript010.ttf",
    "fonts-sjfonts": "SteveHand.ttf",
}
SHA256 = "bb8c04e45a90dc365ed372b6a538e757a5a359117ee0de384c438af982819805"  # of all names and fonts
HELD_OUT = ("kalam", "zeyada", "crafty-girls", "cedarville-cursive", "fonts-breip", "fonts-dancingscript")
CAPITALS_ONLY = ("permanent-marker", "rock-salt", "walter-turncoat")  # fonts whose small letters look like capitals


def fetch(folder: Path) -> None:
    """Fill `folder` with one font file a hand, <name>.woff, .ttf or .otf; what is there already is kept.

    Raises ValueError if the fonts are not those that the reader was trained on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    there = {path.stem for path in folder.iterdir() if path.is_file()}
    downloads = folder / "downloads"
    downloads.mkdir(exist_ok=True)
    for name in NPM:
        if name in there:
            continue
        command = ["npm", "pack", "--silent", f"@fontsource/{name}@{NPM_VERSION}"]
        packed = subprocess.run(command, cwd=downloads, check=True, capture_output=True, text=True).stdout.strip()
        with tarfile.open(downloads / packed) as tar:
            font = tar.extractfile(f"package/files/{name}-latin-400-normal.woff").read()
        (folder / f"{name}.woff").write_bytes(font)
    for package, file in DEBIAN.items():
        if package not in there:
            found = next(debian_package(package, downloads).rglob(file))
            (folder / package).with_suffix(found.suffix).write_bytes(found.read_bytes())
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    if (found := digest.hexdigest()) != SHA256:
        raise ValueError(f"the fonts in {folder} have sha256 {found}, expected {SHA256}: a package changed")


class _Points(BasePen):
    """Collects a glyph's contours as polygons: a point every few hundredths of an em, curves and lines alike."""

    def __init__(self, glyphs, em: float) -> None:
        super().__init__(glyphs)
        self.em, self.contours = em, []

    def _moveTo(self, point) -> None:
        self.contours.append([point])

    def _lineTo(self, point) -> None:
        begin = np.array(self.contours[-1][-1])
        pieces = int(np.hypot(*(begin - point)) / self.em / 0.06) + 1
        self.contours[-1] += [tuple(begin + (np.array(point) - begin) * i / pieces) for i in range(1, pieces + 1)]

    def _curveToOne(self, first, second, third) -> None:
        p = np.array([self.contours[-1][-1], first, second, third], float)
        pieces = min(8, int(np.abs(np.diff(p, axis=0)).sum() / self.em / 0.05) + 2)
        t = np.linspace(0, 1, pieces + 1)[1:, None]
        curve = (1 - t) ** 3 * p[0] + 3 * t * (1 - t) ** 2 * p[1] + 3 * t**2 * (1 - t) * p[2] + t**3 * p[3]
        self.contours[-1] += [tuple(point) for point in curve]


@dataclass(frozen=True)
class Hand:
    """A font as outlines. `glyph(c)`: points (n, 2) and codes (n,) of a path, and advance, in x-heights."""

    file: Path

    @cached_property
    def _font(self) -> tuple[TTFont, dict, dict, float]:
        font = TTFont(self.file)
        glyphs, names = font.getGlyphSet(), font.getBestCmap()
        pen = _Points(glyphs, font["head"].unitsPerEm)
        glyphs[names[ord("x")]].draw(pen)
        height = max(y for contour in pen.contours for _, y in contour)
        return font, glyphs, names, height

    @cache  # noqa: B019  (there are 60 hands, kept for good)
    def glyph(self, character: str) -> tuple[np.ndarray, np.ndarray, float]:
        font, glyphs, names, height = self._font
        glyph = glyphs[names[ord(character)]]
        pen = _Points(glyphs, font["head"].unitsPerEm)
        glyph.draw(pen)
        contours = [c for c in pen.contours if len(c) > 2]
        if not contours:
            return np.zeros((0, 2)), np.zeros(0, np.uint8), glyph.width / height
        codes = [np.r_[Outline.MOVETO, np.full(len(c) - 1, Outline.LINETO), Outline.CLOSEPOLY] for c in contours]
        points = np.concatenate([np.array([*c, c[0]], float) for c in contours]) / height
        return points, np.concatenate(codes).astype(np.uint8), glyph.width / height

    def can_write(self, text: str) -> bool:
        """True if the font has a form with ink for every character but the space."""
        _, _, names, _ = self._font
        return all(c == " " or (ord(c) in names and len(self.glyph(c)[0])) for c in text)


def load(folder: Path, held_out: bool) -> dict[str, Hand]:
    """The hands to train on, or those held out, by name."""
    hands = {path.stem: Hand(path) for path in sorted(folder.iterdir()) if path.is_file()}
    return {name: hand for name, hand in hands.items() if (name in HELD_OUT) == held_out}


class Style:
    """What is the same in all lines of one imagined person who writes as `hand` does. Lengths in x-heights.

    How wide each habit is drawn is a choice, made by looking at the pictures: as different as hands of one school.
    """

    def __init__(self, rng: np.random.Generator, hand: Hand, loose: float = 1.0) -> None:
        """`loose`: how far people are from the hand, and their letters from one another; 2 is twice as far."""
        self.hand, self.seed = hand, int(rng.integers(1 << 31))
        self.slant, self.width = rng.normal(0, 0.17 * loose), np.exp(rng.normal(0, 0.14 * loose))
        self.spacing, self.word = rng.normal(0, 0.05 * loose), np.exp(rng.normal(0.05, 0.18 * loose))
        self.habit = loose * min(0.085, abs(rng.normal(0, 0.045)))
        self.slip = loose * min(0.04, abs(rng.normal(0.01, 0.015)))
        self.baseline, self.size = abs(rng.normal(0, 0.05 * loose)), loose * abs(rng.normal(0.02, 0.03))
        self.slope, self.wave = rng.normal(0, 0.012 * loose), abs(rng.normal(0, 0.08 * loose))
        self.thicker = max(0, rng.normal(0, 0.05))
        self._habits: dict[str, tuple] = {}

    def _bent(self, character: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float]:
        """The glyph under a smooth field of three sines: this person's habit for the letter, and a slip of the pen."""
        points, codes, advance = self.hand.glyph(character)
        if character not in self._habits:
            own = np.random.default_rng((self.seed, ord(character)))
            habit = own.normal(0, self.habit, (3, 2)), own.uniform(1, 3.5, (3, 2)), own.uniform(0, 6.28, 3)
            self._habits[character] = (*habit, np.exp(own.normal(0, 0.06, 2)))
        sizes, waves, phases, scale = self._habits[character]
        moves = sizes + rng.normal(0, self.slip, (3, 2))
        bent = points * scale + np.sin(points @ waves.T + phases) @ moves
        angle = rng.normal(0, self.slip)
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        return bent @ turn * np.exp(rng.normal(0, self.size)), codes, advance * scale[0]

    def outlines(self, text: str, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
        """Of each letter the points (n, 2), in x-heights, y upwards, and codes (n,) of a path."""
        x, wave, letters = 0.0, rng.uniform(0, 6.28), []
        for character in text:
            if character == " ":
                x += max(0.6, self.hand.glyph(" ")[2]) * self.word
                continue
            points, codes, advance = self._bent(character, rng)
            points = points + np.array([x, rng.normal(0, self.baseline)])
            points[:, 1] += self.slope * points[:, 0] + self.wave * np.sin(points[:, 0] * 0.35 + wave)
            points[:, 0] = (points[:, 0] + self.slant * points[:, 1]) * self.width
            letters.append((points, codes))
            x += advance + self.spacing + rng.normal(0, self.slip)
        return letters

    def line(self, text: str, rng: np.random.Generator, height: int, width: int) -> np.ndarray:
        """The text in black on white, as large as fits: uint8 of shape (height, width), padded at the right."""
        letters = self.outlines(text, rng)
        every = np.concatenate([points for points, _ in letters])
        low, high = every.min(0), every.max(0)
        # never above a third of the height for the small x: a line of "one" or "..." is no larger than others
        scale = min((height - 4) / max(high[1] - low[1], 2.8), (width - 4) / (high[0] - low[0]))
        corner = [2, (height - (high[1] - low[1]) * scale) / 2]
        renderer = RendererAgg(width, height, 72)
        pen = renderer.new_gc()
        pen.set_linewidth(self.thicker * scale)
        pen.set_joinstyle("round")
        # letter by letter: in some fonts contours turn the wrong way, and where two overlap a hole would be
        for points, codes in letters:
            path = Outline((points - low) * scale + corner, codes)
            renderer.draw_path(pen, path, IdentityTransform(), (0.0, 0.0, 0.0))
        return 255 - np.asarray(renderer.buffer_rgba())[:, :, 3]
