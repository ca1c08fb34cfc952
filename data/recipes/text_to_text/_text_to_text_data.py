"""What the text-to-text model learns from: its tokenizer, and all texts as tokens with the task's prefix in front."""

import json
import random
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from data.recipes.text._english_german import Texts, texts
from data.recipes.text._parallel import dictionary
from data.recipes.text_to_text._text_to_text_batches import LONGEST, Pair, shortened

SPECIAL = ["<pad>", "</s>", "<unk>", "<mask>"]  # ids 0 to 3
TO_GERMAN, TO_ENGLISH, SUMMARIZE = (
    "translate English to German: ",
    "translate German to English: ",
    "summarize: ",
)
HELD_OUT_PHRASES = 500  # of the dictionary's phrases and sentences, for validation
TESTED = {"pairs": 600, "titles": 300}  # of the test part

TextPair = tuple[str, str]
Encoded = dict[str, list[Pair]]


def train_tokenizer(train: Texts, pieces: int) -> PreTrainedTokenizerFast:
    """A Unigram tokenizer for both languages; every text gets the end token, none a token at its beginning."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    german, english = [other for _, other in train["pairs"]], [one for one, _ in train["pairs"]]
    trainer = trainers.UnigramTrainer(
        vocab_size=pieces, special_tokens=SPECIAL, unk_token="<unk>", max_piece_length=16, show_progress=False
    )
    tokenizer.train_from_iterator(train["plain_en"][::4] + train["plain_de"] + german + english, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", mask_token="<mask>",
        model_max_length=256, model_input_names=["input_ids", "attention_mask"],
    )  # fmt: skip


def both_ways(pairs: list[TextPair]) -> list[TextPair]:
    """Inputs and outputs: all pairs from English to German, then all from German to English."""
    return [(TO_GERMAN + one, other) for one, other in pairs] + [(TO_ENGLISH + other, one) for one, other in pairs]


def encoded(pairs: list[TextPair], tokenizer: PreTrainedTokenizerFast) -> list[Pair]:
    """The pairs as tokens, cut to LONGEST."""
    columns = [tokenizer.backend_tokenizer.encode_batch([pair[side] for pair in pairs]) for side in (0, 1)]
    short = [[shortened(row.ids, longest) for row in rows] for rows, longest in zip(columns, LONGEST, strict=True)]
    return list(zip(*short, strict=True))


def running_text(train: Texts, tokenizer: PreTrainedTokenizerFast) -> np.ndarray:
    """All plain texts one after the other, in random order, the German ones three times each: tokens, (tokens,)."""
    rows = tokenizer.backend_tokenizer.encode_batch(train["plain_en"] + 3 * train["plain_de"])
    long_ones = [row.ids for row in rows if len(row.ids) > 10]
    order = np.random.default_rng(0).permutation(len(long_ones))
    return np.concatenate([np.array(long_ones[i], dtype=np.uint16) for i in order])


def lists_of(sets: dict[str, Texts], words: list[TextPair], phrases: list[TextPair],
             tokenizer: PreTrainedTokenizerFast) -> Encoded:  # fmt: skip
    """Everything to learn from by its name, and what the loss is measured on while learning ("validation_…")."""
    parts = {
        "pairs": both_ways(sets["train"]["pairs"]),
        "titles": [(SUMMARIZE + text, title) for text, title in sets["train"]["titles"]],
        "words": both_ways(words),
        "phrases": both_ways(phrases[HELD_OUT_PHRASES:]),
        "validation_pairs": both_ways(sets["validation"]["pairs"]),
        "validation_titles": [(SUMMARIZE + text, title) for text, title in sets["validation"]["titles"]],
        "validation_phrases": both_ways(phrases[:HELD_OUT_PHRASES]),
    }
    return {name: encoded(pairs, tokenizer) for name, pairs in parts.items()}


def prepare(folder: Path, kept: Path, pieces: int) -> None:
    """Write everything that training and evaluation need to `folder`: tokenizer, prepared.npz, held_out.json.

    The tokenizer in `kept` is taken if there is one: a new training finds the same pieces, but numbers a few of them
    that are all but equally frequent the other way round. Needs the network; takes some minutes.
    """
    sets = texts()
    words, phrases = dictionary("de")
    shuffling = random.Random(0)
    shuffling.shuffle(phrases)
    shuffling.shuffle(words)
    there = (kept / "tokenizer.json").is_file()
    tokenizer = AutoTokenizer.from_pretrained(kept) if there else train_tokenizer(sets["train"], pieces)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save_pretrained(folder / "tokenizer")
    learned = {text for pair in sets["train"]["pairs"] for text in pair}
    held_out = {
        "pairs": sets["test"]["pairs"][: TESTED["pairs"]],
        "titles": sets["test"]["titles"][: TESTED["titles"]],
    }
    held_out["learned"] = [one in learned or other in learned for one, other in held_out["pairs"]]
    (folder / "held_out.json").write_text(json.dumps(held_out, ensure_ascii=False, indent=1), encoding="utf-8")
    lists = lists_of(sets, words, phrases, tokenizer)
    write(folder / "prepared.npz", lists, running_text(sets["train"], tokenizer))


def write(path: Path, lists: Encoded, stream: np.ndarray) -> None:
    """Store all tokens as two bytes each, so that `path` is never half a file."""
    arrays = {"stream": stream}
    for name, pairs in lists.items():
        for side, letter in enumerate("xy"):
            arrays[f"{name}.{letter}"] = np.concatenate([np.array(pair[side], dtype=np.uint16) for pair in pairs])
            arrays[f"{name}.{letter}.lengths"] = np.array([len(pair[side]) for pair in pairs], dtype=np.uint16)
    partial = path.with_suffix(".part.npz")
    np.savez_compressed(partial, **arrays)
    partial.rename(path)


def read(path: Path) -> tuple[Encoded, np.ndarray]:
    """What `write` stored."""
    with np.load(path) as arrays:
        sides = {}
        for key in arrays.files:
            if key.endswith(".lengths"):
                name = key.removesuffix(".lengths")
                sides[name] = [row.tolist() for row in np.split(arrays[name], np.cumsum(arrays[key])[:-1])]
        names = dict.fromkeys(name.rpartition(".")[0] for name in sides)
        lists = {name: list(zip(sides[f"{name}.x"], sides[f"{name}.y"], strict=True)) for name in names}
        return lists, arrays["stream"]
