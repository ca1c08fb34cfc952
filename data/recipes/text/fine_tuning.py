"""Measure data/results/fine_tuning.csv: four ways to use MiniLM for movie reviews, over training set sizes and seeds.

    python -m data.recipes.text.fine_tuning          about an hour and a half, on one core

frozen features: MiniLM is run once, a logistic regression is trained on the mean of its hidden states;
LoRA: low-rank matrices beside every linear layer, the pooler and the head are trained, the rest is frozen;
full fine-tuning: everything is trained; from scratch: the same, from random numbers instead of MiniLM's.
Each row is one training: accuracy on the whole test split, trained parameters, processor seconds of training (for
frozen features: of encoding too), peak memory of its process until training ends (Linux).
Rows that are there already are not run again.
"""

import time

import numpy as np
import pandas as pd
import torch
from datasets import Dataset, load_dataset
from sklearn.linear_model import LogisticRegression
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
    set_seed,
)

from data.recipes.common.measuring import in_own_process, peak_memory
from data.recipes.common.training import autocast
from data.recipes.text.sentiment import adapted_model
from utils import checkpoint, dataset_path
from utils.data import DATA, ROOT
from utils.environment import has_bfloat16
from utils.quiet import silent

TABLE = DATA / "results" / "fine_tuning.csv"
EPOCHS = {100: 15, 500: 8, 2000: 4, 8452: 2}  # fewer sentences, more passes; 60 to 530 steps of 32
LEARNING_RATE = {"LoRA": 1e-3, "full fine-tuning": 1e-4, "from scratch": 3e-4}
METHODS = ["frozen features", *LEARNING_RATE]
SEEDS = (0, 1, 2)


def encode(rows: Dataset, collate: DataCollatorWithPadding) -> np.ndarray:
    """The mean of MiniLM's last hidden states of each sentence, shape (sentences, 384)."""
    model = AutoModel.from_pretrained(checkpoint("encoder")).eval()
    vectors = []
    for start in range(0, len(rows), 64):
        part = rows.select(range(start, min(start + 64, len(rows)))).select_columns(["input_ids", "attention_mask"])
        batch = collate(list(part))
        with torch.inference_mode(), autocast():
            hidden = model(**batch).last_hidden_state.float()
        mask = batch["attention_mask"].unsqueeze(-1)
        vectors.append((hidden * mask).sum(1) / mask.sum(1))
    return torch.cat(vectors).numpy()


def model_for(method: str) -> torch.nn.Module:
    """A two-class model, ready to be trained in the way of `method`."""
    with silent():
        if method == "from scratch":
            return AutoModelForSequenceClassification.from_config(AutoConfig.from_pretrained(checkpoint("encoder")))
        model = AutoModelForSequenceClassification.from_pretrained(checkpoint("encoder"))
        if method == "full fine-tuning":
            return model
        return adapted_model()


def train(method: str, rows: Dataset, seed: int, collate: DataCollatorWithPadding) -> Trainer:
    """Train on `rows` with the Trainer; in bfloat16 if possible, which costs no accuracy here and halves the time."""
    set_seed(seed)
    arguments = TrainingArguments(
        output_dir=str(ROOT / ".cache" / "recipes" / "fine_tuning"), num_train_epochs=EPOCHS[len(rows)],
        per_device_train_batch_size=32, per_device_eval_batch_size=64, learning_rate=LEARNING_RATE[method],
        warmup_steps=0.1, weight_decay=0.01, train_sampling_strategy="group_by_length",
        bf16=has_bfloat16(), use_cpu=True,
        save_strategy="no", logging_strategy="no", seed=seed, report_to="none", disable_tqdm=True,
    )  # fmt: skip
    trainer = Trainer(model_for(method), arguments, train_dataset=rows, data_collator=collate)
    trainer.train()
    return trainer


def measure(method: str, size: int, seed: int) -> dict:
    """One row of the table: one training on `size` sentences, drawn with the seed."""
    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(checkpoint("encoder"))
    reviews = load_dataset(dataset_path("movie_reviews"))
    tokens = reviews.map(lambda rows: tokenizer(rows["text"], truncation=True, max_length=96), batched=True)
    tokens = tokens.remove_columns(["text", "rating"])
    collate = DataCollatorWithPadding(tokenizer)
    rows = tokens["train"].shuffle(seed=seed).select(range(size))
    start = time.process_time()
    if method == "frozen features":
        head = LogisticRegression(max_iter=2000).fit(encode(rows, collate), rows["label"])
        seconds, memory, trained = time.process_time() - start, peak_memory(), head.coef_.size + head.intercept_.size
        right = head.predict(encode(tokens["test"], collate)) == np.array(tokens["test"]["label"])
    else:
        trainer = train(method, rows, seed, collate)
        seconds, memory = time.process_time() - start, peak_memory()
        trained = sum(p.numel() for p in trainer.model.parameters() if p.requires_grad)
        prediction = trainer.predict(tokens["test"])  # in an order of its own: group_by_length holds here too
        right = prediction.predictions.argmax(-1) == prediction.label_ids
    return {
        "method": method, "size": size, "seed": seed, "epochs": EPOCHS[size] if method != "frozen features" else 1,
        "accuracy": round(float(right.mean()), 4), "trained_parameters": trained,
        "seconds": round(seconds, 1), "peak_memory_mb": round(memory),
    }  # fmt: skip


def main() -> None:
    TABLE.parent.mkdir(exist_ok=True)
    done = pd.read_csv(TABLE) if TABLE.is_file() else pd.DataFrame()
    for size in EPOCHS:
        for seed in SEEDS:
            for method in METHODS:
                if len(done) and ((done["method"] == method) & (done["size"] == size) & (done["seed"] == seed)).any():
                    continue
                row = in_own_process(measure, method, size, seed)
                print(row, flush=True)
                done = pd.concat([done, pd.DataFrame([row])], ignore_index=True)
                place = {"method": METHODS.index}
                done = done.sort_values(["size", "seed", "method"], key=lambda x: x.map(place.get(x.name, int)))
                done.to_csv(TABLE, index=False)

    accuracy = done.groupby(["size", "method"])["accuracy"].agg(["mean", "min", "max"]).round(3)
    print(accuracy.to_string())
    costs = done[done["size"] == max(EPOCHS)].groupby("method")[["trained_parameters", "seconds", "peak_memory_mb"]]
    print(costs.mean().round().to_string())


if __name__ == "__main__":
    main()
