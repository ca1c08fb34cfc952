"""Train data/checkpoints/multilingual-sentiment: English sentiment carried to German, French and Spanish.

    python -m data.recipes.text.multilingual_sentiment --prepare          apt-get and pip, three minutes on one core
    python -m data.recipes.text.multilingual_sentiment --device cuda      some minutes; on a processor a night

A small encoder learns to place a text where MiniLM places its English original; a head that reads that place was
learned from English reviews alone. No text with a label in another language is used. Three ways, each with the one
before it, as many steps each; the last is kept:

    place       translations of game messages, of German example sentences and of words are to lie where MiniLM
                places the English; the head is a logistic regression on MiniLM's vectors of English reviews
    opinion     and the head is to say of them what MiniLM's sentiment head says of the English, or VADER of a word
    exchange    and reviews whose words are exchanged for German, French or Spanish ones keep place and rating

A run that was interrupted goes on from .cache/recipes/multilingual-sentiment, where --prepare leaves its texts too.
"""

import argparse
import json
import lzma
import math
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    BertConfig,
    BertForSequenceClassification,
    PreTrainedTokenizerFast,
    pipeline,
)

from data.recipes.common.optimizers import muon_and_adamw
from data.recipes.common.training import Resumable
from data.recipes.text._multilingual_texts import SEED, Texts, films, minilm, prepare
from data.recipes.text._word_translations import LANGUAGES, stem, words
from utils.checkpoints import TRAINED
from utils.data import DATA, ROOT
from utils.quiet import quiet

Tensor = torch.Tensor
ROLE = "multilingual-sentiment"
WORK = ROOT / ".cache" / "recipes" / ROLE
EVALUATION = DATA / "text_evaluation"
LABELS = ["NEGATIVE", "POSITIVE"]
LECTURE = "Nous sommes très heureux de vous présenter la bibliothèque 🤗 Transformers."
PLACE = 384  # width of MiniLM's vectors
UNKNOWN = 0.1  # of the tokens trained on are hidden
MUON, ADAMW, WARM_UP, FALL, SAVED = 2.5e-3, 1e-3, 100, 0.6, 500
LEARNED = ("reviews", "sentences-en", *(f"{kind}-{x}" for kind in ("sentences", "words") for x in LANGUAGES))
WAYS = {  # texts of each kind in a batch
    "place": dict(zip(LEARNED, (144, 80, *[72] * 3, *[24] * 3), strict=True)),
    "opinion": dict(zip(LEARNED, (144, 80, *[72] * 3, *[24] * 3), strict=True)),
    "exchange": dict(zip(LEARNED, (96, 32, *[40] * 3, *[24] * 3), strict=True))
    | {f"exchanged-{language}": 64 for language in LANGUAGES},
}


class Student(nn.Module):
    """A small BERT whose pooled [CLS] says, through `place`, where MiniLM would be; `head` reads the place."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.bert = BertForSequenceClassification(config).bert
        self.place, self.head = nn.Linear(config.hidden_size, PLACE), nn.Linear(PLACE, 1)

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """(texts, 384) places and (texts,) how far the head is for positive, of (texts, length) tokens."""
        place = self.place(self.bert(tokens, attention_mask=(tokens != 0).long()).pooler_output)
        return place, self.head(place)[:, 0]

    def classifier(self) -> BertForSequenceClassification:
        """As one plain model: head and place are linear, so that together they are one linear layer of two classes."""
        model = BertForSequenceClassification(self.bert.config)
        model.bert.load_state_dict(self.bert.state_dict())
        weight = self.head.weight @ self.place.weight / 2
        bias = (self.head.weight @ self.place.bias + self.head.bias) / 2
        model.classifier.weight.data = torch.cat([-weight, weight]).detach().clone()
        model.classifier.bias.data = torch.cat([-bias, bias]).detach().clone()
        return model.eval()


def configuration(pieces: int) -> BertConfig:
    return BertConfig(
        vocab_size=pieces, hidden_size=128, num_hidden_layers=3, num_attention_heads=4, intermediate_size=512,
        max_position_embeddings=128, pad_token_id=0, id2label=dict(enumerate(LABELS)),
        label2id={label: i for i, label in enumerate(LABELS)},
    )  # fmt: skip


def english_head(reviews: tuple[np.ndarray, np.ndarray]) -> tuple[Tensor, Tensor]:
    """Weight (1, 384) and bias (1,) of a logistic regression on MiniLM's vectors of English reviews."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=10, max_iter=1000).fit(*reviews)
    return torch.tensor(fitted.coef_, dtype=torch.float32), torch.tensor(fitted.intercept_, dtype=torch.float32)


class Training(Resumable):
    """Of a student in one of the WAYS."""

    def __init__(self, way: str, texts: Texts, config: BertConfig, steps: int) -> None:
        torch.manual_seed(SEED)
        network = Student(config).to(texts.places.device)
        weight, bias = english_head(texts.reviews)
        network.head.load_state_dict({"weight": weight, "bias": bias})
        network.head.requires_grad_(way != "place")
        super().__init__(
            network, muon_and_adamw(network, network.bert.encoder.layer, MUON, ADAMW), steps, WARM_UP, FALL
        )
        self.way, self.texts = way, texts

    def advance(self) -> dict[str, float]:
        """One step; the losses of place (squared distance) and opinion (cross-entropy)."""
        self.network.train()
        random, texts = np.random.default_rng([SEED, self.step]), self.texts
        rows = np.concatenate([random.choice(texts.rows[kind], size) for kind, size in WAYS[self.way].items()])
        torch.manual_seed(SEED + self.step)  # dropout, and which tokens are hidden
        rows = torch.from_numpy(rows).to(texts.tokens.device)
        tokens, original = texts.tokens[rows].long(), texts.original[rows]
        hidden = (torch.rand(tokens.shape, device=tokens.device) < UNKNOWN) & (tokens > 4)
        with torch.autocast(tokens.device.type, torch.bfloat16, enabled=tokens.is_cuda):
            place, score = self.network(tokens.masked_fill(hidden, 4))
        far = (place.float() - texts.places[original]).square().sum(-1).mean()
        opinion = nn.functional.binary_cross_entropy_with_logits(
            score.float(), texts.chance[original], weight=texts.weight[original]
        )
        (far + (opinion if self.way != "place" else 0)).backward()
        self.update()
        return {"place": far, "opinion": opinion}


def trained(way: str, texts: Texts, split: Tokenizer, steps: int, folder: Path) -> None:
    """Train in one way, from where an interrupted run stopped, and write the model to `folder`."""
    training, state = Training(way, texts, configuration(split.get_vocab_size()), steps), WORK / f"{way}.pt"
    training.load(state)
    while training.step < steps:
        losses = training.advance()
        if training.step % SAVED == 0 or training.step == steps:
            shown = ", ".join(f"{name} {loss.item():.4f}" for name, loss in losses.items())
            print(f"{way}, step {training.step:,}: {shown}", flush=True)
            training.save(state)
    save(training.network.cpu(), split, folder)


def save(student: Student, split: Tokenizer, folder: Path) -> None:
    """Write the classifier in float16 and its tokenizer."""
    student.classifier().half().save_pretrained(folder)
    split.no_truncation()
    split.no_padding()
    names = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
    PreTrainedTokenizerFast(tokenizer_object=split, model_max_length=128, **names).save_pretrained(folder)


# --- how often it is right


def by_hand(name: str = "sentiment_de_fr_es") -> pd.DataFrame:
    """The sentences written by hand: text, language, label, english."""
    return pd.read_json(EVALUATION / f"{name}.jsonl", lines=True)


def wilson(right: int, of: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    z, share = 1.96, right / of
    middle, half = share + z * z / (2 * of), z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)


@torch.no_grad()
def scores(folder: Path, texts: list[str]) -> np.ndarray:
    """(texts,) how far the model in `folder`, loaded as anybody does, is for positive."""
    split, model = AutoTokenizer.from_pretrained(folder), AutoModelForSequenceClassification.from_pretrained(folder)
    inputs = split(texts, padding=True, truncation=True, return_tensors="pt")
    return (model.eval().float()(**inputs).logits @ torch.tensor([-1.0, 1.0])).numpy()


def lexicon_vote(prepared: dict, texts: pd.DataFrame) -> np.ndarray:
    """(texts,) sum of the ratings of a text's words; a word's is the mean of VADER's words that it stands for."""
    ratings: dict[str, dict[str, list[float]]] = {language: {} for language in LANGUAGES}
    by_stem: dict[str, list[float]] = {}
    for word, rating in prepared["lexicon"].items():
        by_stem.setdefault(stem(word), []).append(rating)
    for language in LANGUAGES:
        sums: dict[str, list[float]] = {}
        for one, others in prepared["table"][language].items():
            for other, score in others:
                rated = sums.setdefault(other, [0.0, 0.0])
                rated[0] += score * float(np.mean(by_stem.get(one, [0.0])))
                rated[1] += score
        ratings[language] = {word: total / weight for word, (total, weight) in sums.items()}
    rows = zip(texts["language"], texts["text"], strict=True)
    return np.array([sum(ratings[language].get(word, 0.0) for word in words(text)) for language, text in rows])


class Table:
    """Rows of data/results/multilingual_sentiment.csv: which way was right how often on which texts."""

    def __init__(self) -> None:
        self.rows = []

    def add(self, way: str, texts: str, found: np.ndarray, positive: np.ndarray) -> None:
        """found (texts,): above zero for positive, zero for undecided, which is right half the time."""
        right = float(((found > 0) == positive)[found != 0].sum() + (found == 0).sum() / 2)
        low, high = wilson(right, len(found))
        self.rows.append({"way": way, "texts": texts, "count": len(found), "accuracy": round(right / len(found), 4),
                          "low": round(low, 4), "high": round(high, 4)})  # fmt: skip

    def by_language(self, way: str, found: np.ndarray, texts: pd.DataFrame, suffix: str = "") -> None:
        for language in LANGUAGES:
            rows = (texts["language"] == language).to_numpy()
            self.add(way, language + suffix, found[rows], (texts["label"][rows] == "POSITIVE").to_numpy())


def evaluate(prepared: dict, folders: dict[str, Path]) -> pd.DataFrame:
    """All accuracies, and what the last way says of ten sentences that it has right and ten that it has wrong."""
    table, test, other = Table(), by_hand(), by_hand("sentiment_de_fr_es_validation")
    reviews = films("test")
    label = reviews["label"].to_numpy() == 1
    table.by_language("one label for all", np.ones(len(test)), test)
    vote = lexicon_vote(prepared, test)
    table.by_language("lexicon vote", vote, test)
    for way, folder in folders.items():
        found = scores(folder, test["text"].tolist())
        table.by_language(way, found, test)
        table.by_language(way, scores(folder, other["text"].tolist()), other, ", validation")
        table.by_language(way, scores(folder, test["english"].tolist()), test, " in English")
        table.add(way, "English film reviews", scores(folder, reviews["text"].tolist()), label)
    # on the processor, in float32, like all that is measured here
    table.by_language("MiniLM", minilm(test["english"].tolist(), "sentiment", "cpu").numpy(), test, " in English")
    table.add("MiniLM", "English film reviews", minilm(reviews["text"].tolist(), "sentiment", "cpu").numpy(), label)

    positive = (test["label"] == "POSITIVE").to_numpy()
    right = (found > 0) == positive
    print(
        f"right of the negative sentences {right[~positive].mean():.2f}, of the positive {right[positive].mean():.2f}"
    )
    ahead = right - np.where(vote == 0, 0.5, (vote > 0) == positive)
    drawn = ahead[np.random.default_rng(SEED).integers(len(ahead), size=(2000, len(ahead)))].mean(1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    print(f"ahead of the lexicon vote by {ahead.mean():.3f}, 95 % interval {low:.3f} to {high:.3f} (sentences redrawn)")
    order = np.random.default_rng(SEED).permutation(len(test))
    for what, chosen in (("right", order[right[order]][:10]), ("wrong", order[~right[order]][:10])):
        print(f"\nthe first ten {what} in a drawn order (how far for POSITIVE)")
        for i in chosen:
            print(f"  {test['language'][i]} {test['label'][i].lower()} {found[i]:+.1f}  {test['text'][i]}")
    print(f"\n{LECTURE}\n  {pipeline('sentiment-analysis', model=str(folder))(LECTURE)}\n")
    return pd.DataFrame(table.rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prepare", action="store_true")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--steps", type=int, default=3000)
    asked = parser.parse_args()
    quiet()
    if asked.prepare:
        prepare(WORK)
        return
    start = time.time()
    prepared = json.loads(lzma.decompress((WORK / "texts.json.xz").read_bytes()))
    split = Tokenizer.from_file(str(WORK / "tokenizer.json"))
    texts = Texts(prepared, split, asked.device)
    folders = {way: WORK / way for way in WAYS}
    folders[way := list(WAYS)[-1]] = TRAINED / ROLE
    for way, folder in folders.items():
        trained(way, texts, split, asked.steps, folder)
    table = evaluate(prepared, folders)
    table.to_csv(DATA / "results" / "multilingual_sentiment.csv", index=False, lineterminator="\n")
    print(table.to_string(index=False))
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    count = sum(p.numel() for p in AutoModelForSequenceClassification.from_pretrained(folder).parameters())
    print(f"{count:,} parameters, {size:.2f} MB; {len(texts.tokens):,} texts; {(time.time() - start) / 60:.1f} minutes")


if __name__ == "__main__":
    main()
