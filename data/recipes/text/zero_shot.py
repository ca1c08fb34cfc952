"""Train data/checkpoints/zero-shot: a LoRA adapter on MiniLM that says whether a hypothesis fits a text.

    python -m data.recipes.text.zero_shot --prepare          texts, phrases and topic words; on Debian 12, a minute
    python -m data.recipes.text.zero_shot --device cuda      training and figures, from the prepared file alone
    python -m data.recipes.text.zero_shot --measure          the figures again, from the kept checkpoint

No package holds a data set of premises and hypotheses. So the classifier is taught by the encoder that it starts from:
MiniLM's own vectors tell how near a text is to each of 4,600 topic words, and phrases that are known to fit (an
article's title, a package's section, a review's side) are set above that. Topics that are measured are in no phrase.
An interrupted run goes on from its last state (.cache/recipes/zero-shot).
"""

import argparse
import json
import lzma
import time

import numpy as np
import pandas as pd
import torch
from peft import LoraConfig, PeftModel, TaskType, get_peft_model
from torch.nn.functional import binary_cross_entropy_with_logits, kl_div, log_softmax, normalize, softmax
from transformers import AutoModel, AutoModelForSequenceClassification, AutoTokenizer

from data.recipes.common.adapters import save_adapter
from data.recipes.common.training import Resumable
from data.recipes.text._zero_shot_scores import measure, tuning_accuracy
from utils import checkpoint
from utils.checkpoints import TRAINED
from utils.data import DATA, ROOT
from utils.quiet import silent

WORK = ROOT / ".cache" / "recipes" / "zero-shot"
PREPARED = WORK / "prepared.json.xz"
LABELS = ["contradiction", "entailment"]  # the pipeline looks for "entail…" and takes id 0 for the contrary
TEMPLATES = [
    "This example is {}.", "This text is about {}.", "The topic is {}.", "It is about {}.", "Topic: {}", "{}",
    "This is a text on {}.", "The subject of this text is {}.", "Someone writes about {}.", "{} is the topic here.",
    "This belongs to {}.", "This message concerns {}.",
]  # fmt: skip
TEACHING = (
    "{}",
    "This text is about {}.",
    "The topic is {}.",
    "It is about {}.",
)  # their vectors' mean is the phrase's
SIDES = {
    1: ["positive", "a positive review", "praise", "favourable", "a recommendation"],
    0: ["negative", "a negative review", "a complaint", "unfavourable", "a warning against it"],
}
CINEMA = ["films", "cinema", "a film review", "movies"]
TEXTS, PHRASES = 128, 8  # of a step: each text is paired with so many phrases
FITS, FITS_NOT = 0.40, 0.03  # cosines that stand for a phrase known to fit, or not to
BORDER, WIDTH = 0.23, 0.03  # cosine from which a phrase rather fits, and how fast that changes (from the tuning texts)
SHARPNESS = 0.04  # temperature of the cosines, where the phrases of a text are compared with one another
SHARE_OF_TWO = 0.25  # of the texts are two texts one after the other: both have their topics
LONGEST = 72  # tokens of a text
SEED = 0


def prepare() -> None:
    """Write the texts with their phrases and the topic words to PREPARED."""
    from data.recipes.text._topics import collected

    WORK.mkdir(parents=True, exist_ok=True)
    found = collected()
    with lzma.open(PREPARED, "wt", encoding="utf-8") as file:
        json.dump(found, file, ensure_ascii=False, separators=(",", ":"))
    print(
        f"{len(found['texts']):,} texts, {len(found['words']):,} topic words, {PREPARED.stat().st_size / 2**20:.1f} MiB"
    )


def rows_of_reviews() -> list[dict]:
    """The reviews to train on whose raters agree on a side (rating beyond 1), with phrases that fit and that do not."""
    reviews = pd.read_parquet(DATA / "movie_reviews" / "train.parquet")
    reviews = reviews[reviews["rating"].abs() > 1]
    return [
        {"text": " ".join(text.split()), "own": CINEMA + SIDES[label], "not": SIDES[1 - label]}
        for text, label in zip(reviews["text"], reviews["label"], strict=True)
    ]


def load_prepared() -> dict:
    with lzma.open(PREPARED, "rt", encoding="utf-8") as file:
        found = json.load(file)
    return found | {"texts": found["texts"] + rows_of_reviews()}


@torch.no_grad()
def vectors(texts: list[str], device: str) -> torch.Tensor:
    """MiniLM's sentence vectors: the mean over the tokens, made one long. Shape (texts, 384)."""
    tokenizer = AutoTokenizer.from_pretrained(checkpoint("encoder"))
    with silent():
        encoder = AutoModel.from_pretrained(checkpoint("encoder"), dtype=torch.float32).eval().to(device)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    found = torch.zeros(len(texts), encoder.config.hidden_size, device=device)
    for start in range(0, len(texts), 256):
        here = order[start : start + 256]
        batch = tokenizer([texts[i] for i in here], padding=True, truncation=True, max_length=128, return_tensors="pt")
        batch = batch.to(device)
        states, mask = encoder(**batch).last_hidden_state, batch["attention_mask"][..., None]
        found[torch.tensor(here, device=device)] = normalize((states * mask).sum(1) / mask.sum(1), dim=-1)
    return found


class Pairs:
    """Draws the pairs of a step. Everything depends on the seed and the step alone.

    found: {"texts": rows with text, own and perhaps not; "words": topic words}. In `phrases` the
    topic words come first, behind them the phrases of texts that are no topic words.
    """

    def __init__(self, found: dict, device: str, size: int = TEXTS) -> None:
        self.rows, self.words, self.size, self.device = found["texts"], len(found["words"]), size, device
        others = (p for row in self.rows for p in row["own"] + row.get("not", []))
        self.phrases = list(dict.fromkeys([*found["words"], *others]))
        number = {phrase: i for i, phrase in enumerate(self.phrases)}
        self.own = [[number[p] for p in row["own"]] for row in self.rows]
        self.contrary = [[number[p] for p in row.get("not", [])] for row in self.rows]
        self.tokenizer = AutoTokenizer.from_pretrained(checkpoint("encoder"))
        ids = self.tokenizer([row["text"] for row in self.rows], add_special_tokens=False)["input_ids"]
        self.tokens = [x[:LONGEST] for x in ids]
        texts = vectors([row["text"] for row in self.rows], device)
        forms = [vectors([form.format(p) for p in self.phrases], device) for form in TEACHING]
        phrases = normalize(sum(forms), dim=-1)
        self.near_words, self.near_others = [], []  # numbers of the phrases that are nearest to each text
        for part in texts.split(512):
            cosines = part @ phrases.T
            words, others = cosines[:, : self.words], cosines[:, self.words :]
            self.near_words += words.topk(min(30, words.shape[1])).indices.tolist()
            self.near_others += (others.topk(min(20, others.shape[1])).indices + self.words).tolist()
        self.text_vectors, self.phrase_vectors = texts.cpu().numpy(), phrases.cpu().numpy()

    def groups(self, step: int) -> list[tuple[int, ...]]:
        """The texts of a step: (text,) or (text, another one). Steps in eights share texts out by length."""
        rng = np.random.default_rng((SEED, 1, step // 8))
        first, second = rng.integers(len(self.rows), size=(2, 8 * self.size))
        two = rng.random(8 * self.size) < SHARE_OF_TWO
        groups = [(int(a), int(b)) if both else (int(a),) for a, b, both in zip(first, second, two, strict=True)]
        groups.sort(key=lambda group: sum(min(len(self.tokens[i]), LONGEST // len(group)) for i in group))
        part = rng.permutation(8)[step % 8]
        return groups[part * self.size : (part + 1) * self.size]

    def chosen(self, groups: list[tuple[int, ...]], rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Phrases of each text and how near they are, both of shape (texts, PHRASES).

        Near: the cosine; raised to FITS for own phrases, lowered for contrary ones and for those of other texts.
        """
        phrases, bounds = [], []
        for group in groups:
            bound: dict[int, tuple[float, float, float]] = {}  # of a phrase: lowest, highest, factor of the cosine
            own = {p for text in group for p in self.own[text]}
            contrary = {p for text in group for p in self.contrary[text]} - own
            bound |= {int(rng.choice(self.own[text])): (FITS, 1, 1) for text in group if self.own[text]}
            if contrary:
                bound[int(rng.choice(sorted(contrary)))] = (FITS_NOT, FITS_NOT, 1)
            others = [p for text in group for p in self.near_others[text] if p not in own | contrary]
            if others and rng.random() < 0.5:
                bound[int(rng.choice(others))] = (-1, 1, 0.7)
            near = [p for text in group for p in rng.permutation(self.near_words[text])[:3]]
            for p in map(int, [*rng.permutation(near)[:3], *rng.integers(self.words, size=4 * PHRASES)]):
                if len(bound) < PHRASES and p not in bound and p not in contrary:
                    bound[p] = (FITS, 1, 1) if p in own else (-1, 1, 1)
            phrases.append(list(bound))
            bounds.append(list(bound.values()))
        phrases, bounds = np.array(phrases), np.array(bounds)
        texts = self.text_vectors[np.array([[group[0], group[-1]] for group in groups])]
        cosines = np.einsum("gtd,gpd->gtp", texts, self.phrase_vectors[phrases]).max(1)  # of two texts the nearer one
        near = np.clip(cosines * bounds[..., 2], bounds[..., 0], bounds[..., 1])
        return torch.from_numpy(phrases), torch.from_numpy(near).float()

    def step(self, step: int) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """The pairs of a step, texts × PHRASES of them, as the model takes them; and how near they are."""
        groups, rng = self.groups(step), np.random.default_rng((SEED, 2, step))
        phrases, near = self.chosen(groups, rng)
        templates = [TEMPLATES[t] for t in rng.integers(len(TEMPLATES), size=len(groups))]
        hypotheses = [
            t.format(self.phrases[p]) for t, row in zip(templates, phrases.tolist(), strict=True) for p in row
        ]
        endings = self.tokenizer(hypotheses, add_special_tokens=False)["input_ids"]
        cls, sep = self.tokenizer.cls_token_id, self.tokenizer.sep_token_id
        heads = [[cls, *(t for i in g for t in self.tokens[i][: LONGEST // len(g)]), sep] for g in groups]
        heads = [head for head in heads for _ in range(phrases.shape[1])]
        rows = [head + ending[:24] + [sep] for head, ending in zip(heads, endings, strict=True)]
        length = -(-max(map(len, rows)) // 8) * 8
        ids, kinds, mask = (np.zeros((len(rows), length), dtype=np.int64) for _ in range(3))
        for i, (row, head) in enumerate(zip(rows, heads, strict=True)):
            ids[i, : len(row)], mask[i, : len(row)], kinds[i, len(head) : len(row)] = row, 1, 1
        batch = {"input_ids": ids, "token_type_ids": kinds, "attention_mask": mask}
        return {name: torch.from_numpy(x).to(self.device) for name, x in batch.items()}, near.to(self.device)


def loss_of(logits: torch.Tensor, near: torch.Tensor) -> torch.Tensor:
    """What is to fall. logits: (texts × phrases, 2), contradiction and entailment; near: (texts, phrases).

    Two parts, for the two ways in which the pipeline reads the logits: entailment compared over the phrases of a text,
    and entailment against contradiction for each phrase alone (multi_label).
    """
    logits = logits.view(*near.shape, 2)
    compared = kl_div(log_softmax(logits[..., 1], -1), softmax(near / SHARPNESS, -1), reduction="batchmean")
    fits = torch.sigmoid((near - BORDER) / WIDTH)
    return compared + binary_cross_entropy_with_logits(logits[..., 1] - logits[..., 0], fits)


def classifier() -> torch.nn.Module:
    """MiniLM with a head for entailment; trained are LoRA matrices on every linear layer, the pooler and the head."""
    with silent():
        model = AutoModelForSequenceClassification.from_pretrained(
            checkpoint("encoder"), dtype=torch.float32, id2label=dict(enumerate(LABELS)),
            label2id={x: i for i, x in enumerate(LABELS)},
        )  # fmt: skip
    adapter = LoraConfig(
        task_type=TaskType.SEQ_CLS, r=8, lora_alpha=16, lora_dropout=0.0,
        target_modules=["query", "key", "value", "dense"], exclude_modules=r".*pooler.*",
        modules_to_save=["classifier", "pooler"],
    )  # fmt: skip
    return get_peft_model(model, adapter)


def train(pairs: Pairs, steps: int, device: str, every: int = 250) -> torch.nn.Module:
    """Train, from the last saved state if there is one; the model, its numbers rounded to float16 as they are kept."""
    torch.manual_seed(SEED)
    model = classifier().to(device).eval()  # no dropout: the adapter is small, and no pair comes twice
    trained = [p for p in model.parameters() if p.requires_grad]
    run = Resumable(model, [torch.optim.AdamW(trained, lr=1.5e-3, weight_decay=0.01)], steps, warm_up=100, fall=0.7)
    state, began, total = WORK / "state.pt", time.time(), 0.0
    run.load(state, latest=0)
    while run.step < steps:
        batch, near = pairs.step(run.step)
        with torch.autocast("cuda", torch.bfloat16, enabled=device.startswith("cuda")):
            logits = model(**batch).logits
        loss = loss_of(logits.float(), near)
        loss.backward()
        run.update()
        total += loss.detach()
        if run.step % every == 0 or run.step == steps:
            tuned = tuning_accuracy(model, pairs.tokenizer)
            mean = float(total) / min(every, run.step)
            print(f"step {run.step:>5} loss {mean:.3f} tuning {tuned:.3f} {time.time() - began:.0f} s", flush=True)
            total = 0.0
            WORK.mkdir(parents=True, exist_ok=True)
            run.save(state)
    with torch.no_grad():
        for p in trained:
            p.copy_(p.half().float())
    return model.eval()


def kept(device: str) -> torch.nn.Module:
    """The model of data/checkpoints/zero-shot."""
    with silent():
        base = AutoModelForSequenceClassification.from_pretrained(
            checkpoint("encoder"), dtype=torch.float32, id2label=dict(enumerate(LABELS))
        )
        return PeftModel.from_pretrained(base, TRAINED / "zero-shot").eval().to(device)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--prepare", action="store_true")
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--steps", type=int, default=4000)
    options = parser.parse_args()
    if options.prepare:
        return prepare()
    found = load_prepared()
    if not options.measure:
        model = train(Pairs(found, options.device), options.steps, options.device)
        save_adapter(model, TRAINED / "zero-shot", LABELS)
    measure(kept(options.device), lambda texts: vectors(texts, options.device), [row["text"] for row in found["texts"]])


if __name__ == "__main__":
    main()
