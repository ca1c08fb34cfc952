"""Train data/checkpoints/decoder-german and decoder-english: TrOCR's decoder as a language model, a token a character.

    python -m data.recipes.handwriting.trocr_decoders german     needs apt-get (Debian 12); 12 minutes on a free core
    python -m data.recipes.handwriting.trocr_decoders english    likewise; both may run at once

The shape is that of the reader's decoder (_reader.py). Both learn from the same descriptions of Debian's packages, one
from the German ones, one from the English ones, so that they differ in their language alone. They see lines of up to 32
characters, as the reader does. Without pictures there is nothing to attend to: the cross-attention stays as it was
initialised. Interrupted, a run goes on where it was. What it prints at the end is what data/README.md states.
"""

import argparse
import json
import math
import re
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from filelock import FileLock
from torch import nn
from transformers import TrOCRForCausalLM

from data.recipes.common.optimizers import muon_and_adamw
from data.recipes.common.sources import debian_lists
from data.recipes.common.training import Resumable, autocast
from data.recipes.handwriting._ngrams import KneserNey
from data.recipes.handwriting._reader import PAD, PATCH, START, VOCABULARY, Reader, decoded_texts, labels, tokenizer
from data.recipes.handwriting._texts import CHARACTERS, LONGEST, piece, plain
from data.recipes.text.title_pairs import fields
from utils.checkpoints import TRAINED
from utils.data import DATA, ROOT

WORK = ROOT / ".cache" / "recipes" / "trocr_decoders"
LANGUAGES = ("german", "english")
STEPS = 4_000
BATCH, PARTS = 256, 4  # lines of a batch; lines of like length go through the network together, in so many parts
WARM_UP, FALL = 200, 0.4  # steps in which the learning rate rises; share of the steps in which it falls to zero
COMMON = 20  # training texts; a line of data/handwriting that more of them have may be learned
TESTED = 20_000  # lines of the test split that perplexities are of
ORDERS = (5, 6, 7)  # of the n-grams to compare with
PROMPTS = {"german": ("Dieses Paket", "Ein Programm"), "english": ("This package", "A program")}

Pair = tuple[str, str, str]  # source package, German text, English text


def pairs_of(packages: str, german: str, english: str) -> list[Pair]:
    """Titles and paragraphs in both languages, as `plain` gives them, from apt's three lists.

    A translation is taken if it is one of today's English description (same md5) and has as many paragraphs. Paragraphs
    are left out if they are not translated or came before in either language (packages of one source share many).
    """
    sources = {f["Package"]: f.get("Source", f["Package"]).split()[0] for f in stanzas(packages)}
    originals = {f["Description-md5"]: f["Description-en"] for f in stanzas(english)}
    pairs, seen = [], set()
    for package in sorted(stanzas(german), key=lambda f: f["Package"]):
        translated = paragraphs(package["Description-de"])
        original = paragraphs(originals.get(package["Description-md5"], ""))
        if len(translated) != len(original):
            continue
        for texts in zip(translated, original, strict=True):
            if texts[0] != texts[1] and min(map(len, texts)) > 1 and not seen & set(texts):
                pairs.append((sources.get(package["Package"], package["Package"]), *texts))
                seen |= set(texts)
    return pairs


def stanzas(text: str) -> list[dict[str, str]]:
    return [fields(stanza) for stanza in text.split("\n\n") if stanza.strip()]


def paragraphs(description: str) -> list[str]:
    """The title, then the paragraphs, in CHARACTERS alone."""
    title, _, rest = description.partition("\n")
    return [plain(text) for text in (title, *re.split(r"^ \.$", rest, flags=re.M))]


def fetched_pairs() -> list[Pair]:
    """The pairs from apt's lists as they are today, or as they were when one of the two decoders asked first."""
    WORK.mkdir(parents=True, exist_ok=True)
    file = WORK / "pairs.json"
    with FileLock(WORK / "lock"):  # both decoders may be trained at once
        if not file.is_file():
            with tempfile.TemporaryDirectory() as folder:
                pairs = pairs_of(*debian_lists(Path(folder), "de,en", "binary-*_Packages*", "*-de*", "*-en*"))
            partial = file.with_suffix(".part")
            partial.write_text(json.dumps(pairs, ensure_ascii=False), encoding="utf-8")
            partial.rename(file)
    return [tuple(pair) for pair in json.loads(file.read_text(encoding="utf-8"))]


def split(pairs: list[Pair], reserved: list[str]) -> dict[str, list[Pair]]:
    """Every tenth source package is for validation, two in ten for test.

    What is left is for training, without the pairs of which one text contains one of the `reserved` lines. Lines that
    are in more than COMMON of them are common phrases and reserve nothing.
    """
    parts = {"train": [], "validation": [], "test": []}
    numbers = {source: i for i, source in enumerate(sorted({source for source, _, _ in pairs}))}
    for pair in pairs:
        tenth = numbers[pair[0]] % 10
        parts["train" if tenth < 7 else "validation" if tenth == 7 else "test"].append(pair)
    holders = [
        [i for i, (_, *texts) in enumerate(parts["train"]) if any(line in text for text in texts)] for line in reserved
    ]
    dropped = {i for rows in holders if len(rows) <= COMMON for i in rows}
    parts["train"] = [pair for i, pair in enumerate(parts["train"]) if i not in dropped]
    return parts


def handwritten() -> list[str]:
    """The lines that data/handwriting keeps for validation and test: no decoder may have learned them by heart."""
    table = pd.read_csv(DATA / "handwriting" / "metadata.csv", keep_default_na=False)
    return table["text"][~table["file"].str.startswith("train/")].map(plain).tolist()


def cut(texts: list[str], seed: int) -> list[str]:
    """The texts in lines of whole words, each line as long as fits into a length drawn from 2 to 32 characters."""
    rng, lines = np.random.default_rng(seed), []
    for text in texts:
        words, first = text.split(), 0
        while first < len(words):
            line = piece(words, first, rng.integers(2, LONGEST + 1, 2).max())  # lengths as in Texts.line_of
            first += line.count(" ") + 1
            lines.append(line[:LONGEST])
    return [line for line in lines if len(line) > 1]


def lines_of(parts: dict[str, list[Pair]], language: str) -> dict[str, list[str]]:
    """By split, the lines of one language. Those to train on are in the order of their texts, others in any order."""
    column = 1 + LANGUAGES.index(language)
    lines = {name: cut([pair[column] for pair in pairs], seed) for seed, (name, pairs) in enumerate(parts.items())}
    for name in ("validation", "test"):
        lines[name] = np.random.default_rng(0).permutation(np.array(lines[name], object)).tolist()
    return lines


class Batches:
    """Batch `step` is always the same; each line comes up once in an epoch, some lines at its end excepted."""

    def __init__(self, lines: list[str]) -> None:
        self.lines, self.each_epoch = lines, max(1, len(lines) // BATCH)
        self.epoch, self.order = -1, None

    def __call__(self, step: int) -> list[str]:
        epoch, place = divmod(step, self.each_epoch)
        if epoch != self.epoch:
            self.epoch, self.order = epoch, np.random.default_rng([1, epoch]).permutation(len(self.lines))
        return [self.lines[i] for i in self.order[place * BATCH : (place + 1) * BATCH]]


def log_loss(decoder: TrOCRForCausalLM, lines: list[str]) -> torch.Tensor:
    """Cross-entropy in nats, summed over all characters and ends of the lines."""
    wanted = labels(lines)
    shown = torch.cat([torch.full((len(lines), 1), START), wanted[:, :-1]], 1).clamp(min=PAD)
    logits = decoder(input_ids=shown, use_cache=False).logits.float()
    return nn.functional.cross_entropy(logits.flatten(0, 1), wanted.flatten(), reduction="sum")


def symbols(lines: list[str]) -> int:
    """Characters and ends: what `log_loss` and the n-grams' perplexity count."""
    return sum(map(len, lines)) + len(lines)


@torch.inference_mode()
def perplexity(decoder: TrOCRForCausalLM, lines: list[str]) -> float:
    """Per character, ends of lines counted, in float32."""
    decoder.eval()
    ordered = sorted(lines, key=len)
    loss = sum(log_loss(decoder, ordered[i : i + BATCH]).item() for i in range(0, len(ordered), BATCH))
    return math.exp(loss / symbols(lines))


def new_decoder() -> TrOCRForCausalLM:
    """The reader's decoder as it begins, all of it drawn from seed 0, cross-attention included."""
    torch.manual_seed(0)
    decoder = Reader(PATCH, PATCH).model.decoder
    decoder.generation_config.max_length = LONGEST + 2  # <s>, a line, </s>
    return decoder


class Training(Resumable):
    """Of a decoder, from its first weights on."""

    def __init__(self, steps: int) -> None:
        decoder = new_decoder()
        optimizers = muon_and_adamw(decoder, decoder.model.decoder.layers, muon_rate=2.5e-3)
        super().__init__(decoder, optimizers, steps, WARM_UP, FALL)

    def advance(self, batches: Batches) -> float:
        """One step. Returns the loss in nats a character."""
        self.network.train()
        lines, loss = sorted(batches(self.step), key=len), 0.0
        for i in range(0, len(lines), BATCH // PARTS):
            with autocast():
                share = log_loss(self.network, lines[i : i + BATCH // PARTS]) / symbols(lines)
            share.backward()
            loss += share.item()
        self.update()
        return loss


def train(lines: dict[str, list[str]], steps: int, state: Path) -> TrOCRForCausalLM:
    """A decoder trained on lines["train"]; every 500 steps it is saved as `state` and tried on lines["validation"]."""
    training, batches = Training(steps), Batches(lines["train"])
    training.load(state)
    losses, began = [], time.monotonic()
    while training.step < steps:
        losses.append(training.advance(batches))
        if training.step % 100 == 0 or training.step == steps:
            seconds = (time.monotonic() - began) / len(losses)
            so_far = f"step {training.step:,} of {steps:,}: perplexity {math.exp(np.mean(losses)):.3f}"
            print(f"{so_far}, {seconds:.3f} s a step", flush=True)
            losses, began = [], time.monotonic()
        if training.step % 500 == 0:
            training.save(state)
            on_others = perplexity(training.network, lines["validation"][:4000])
            print(f"step {training.step:,}: validation {on_others:.3f}", flush=True)
            began = time.monotonic()
    return training.network.eval()


@torch.inference_mode()
def continuations(decoder: TrOCRForCausalLM, prompt: str, sampled: int = 3) -> list[str]:
    """The prompt as the decoder completes it to a line: greedily, then some samples."""
    ids = torch.tensor([[START, *(VOCABULARY[c] for c in prompt)]])
    torch.manual_seed(0)
    greedy = decoder.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False)
    rows = ids.repeat(sampled, 1)
    drawn = decoder.generate(rows, attention_mask=torch.ones_like(rows), do_sample=True, top_k=0)
    return decoded_texts(greedy) + decoded_texts(drawn)


def report(decoder: TrOCRForCausalLM, language: str, lines: dict[str, dict[str, list[str]]]) -> None:
    """Print what data/README.md states; `lines` by language and split."""
    own, (other,) = lines[language], (name for name in LANGUAGES if name != language)
    test = own["test"][:TESTED]
    print(f"{sum(p.numel() for p in decoder.parameters()):,} parameters")
    print(f"perplexity per character on {len(test):,} test lines: {perplexity(decoder, test):.3f}", flush=True)
    for order in ORDERS:
        grams = KneserNey(own["train"], order, CHARACTERS)
        print(f"  {order}-grams {grams.perplexity(test):.3f}", flush=True)
    foreign = lines[other]["test"][:TESTED]
    print(f"  on {len(foreign):,} {other} test lines {perplexity(decoder, foreign):.3f}", flush=True)
    for prompt in PROMPTS[language]:
        greedy, *drawn = continuations(decoder, prompt)
        print(f"  {prompt!r}: {greedy!r}; drawn: {', '.join(map(repr, drawn))}")


def export(decoder: TrOCRForCausalLM, folder: Path) -> None:
    """Write the decoder, in float16, and its tokenizer in place of what `folder` had; the decoder stays so rounded."""
    shutil.rmtree(folder, ignore_errors=True)
    decoder.half().save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    decoder.float()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("language", choices=LANGUAGES)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    pairs = fetched_pairs()
    parts = split(pairs, handwritten())
    dropped = len(pairs) - sum(map(len, parts.values()))
    counts = ", ".join(f"{name} {len(part):,}" for name, part in parts.items())
    print(f"pairs of texts: {counts}; {dropped:,} dropped, which have lines of data/handwriting")
    lines = {language: lines_of(parts, language) for language in LANGUAGES}
    for language, by_split in lines.items():
        counts = (f"{name} {len(part):,} ({sum(map(len, part)):,} characters)" for name, part in by_split.items())
        print(f"lines of the {language} texts: {', '.join(counts)}", flush=True)
    own = lines[options.language]
    decoder = train(own, options.steps, WORK / f"{options.language}-{options.steps}.pt")
    export(decoder, TRAINED / f"decoder-{options.language}")
    report(decoder, options.language, lines)


if __name__ == "__main__":
    main()
