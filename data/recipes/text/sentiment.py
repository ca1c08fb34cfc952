"""Train data/checkpoints/sentiment: a LoRA adapter with classification head on MiniLM, from data/movie_reviews.

    python -m data.recipes.text.sentiment            about half an hour on two cores

Three seeds are trained to show the spread; the first is the one that is kept, whichever turns out best. An interrupted
run goes on from its last finished epoch (.cache/recipes). What it prints at the end is what data/README.md states.
"""

import numpy as np
import torch
from datasets import load_dataset
from peft import LoraConfig, TaskType, get_peft_model
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.pipeline import make_pipeline
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
)
from transformers.trainer_utils import get_last_checkpoint

from data.recipes.common.adapters import save_adapter
from utils import checkpoint, dataset_path
from utils.checkpoints import TRAINED
from utils.data import ROOT
from utils.quiet import silent

SEEDS = (0, 1, 2)
LABELS = ["NEGATIVE", "POSITIVE"]
WORK = ROOT / ".cache" / "recipes"


def baseline(reviews) -> str:
    """Accuracy of TF-IDF (words and word pairs) with logistic regression, as a row of the printed table."""
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10, max_iter=1000)
    )
    model.fit(reviews["train"]["text"], reviews["train"]["label"])
    scores = [model.score(reviews[part]["text"], reviews[part]["label"]) for part in ("validation", "test")]
    return f"TF-IDF + logistic regression | validation {scores[0]:.3f} | test {scores[1]:.3f}"


def adapted_model() -> torch.nn.Module:
    """MiniLM with a fresh two-class head; trained are LoRA matrices on every linear layer, the pooler and the head."""
    with silent():
        model = AutoModelForSequenceClassification.from_pretrained(
            checkpoint("encoder"), id2label=dict(enumerate(LABELS)), label2id={x: i for i, x in enumerate(LABELS)}
        )
    adapter = LoraConfig(
        task_type=TaskType.SEQ_CLS, r=16, lora_alpha=32, lora_dropout=0.1,
        target_modules=["query", "key", "value", "dense"], exclude_modules=r".*pooler.*",
        modules_to_save=["classifier", "pooler"],
    )  # fmt: skip
    return get_peft_model(model, adapter)


def scores(prediction) -> dict[str, float]:
    """Accuracy and F1 of the positive class from logits of shape (sentences, 2)."""
    predicted = np.argmax(prediction.predictions, axis=-1)
    return {
        "accuracy": accuracy_score(prediction.label_ids, predicted),
        "f1": f1_score(prediction.label_ids, predicted),
    }


def train(seed: int, tokens, tokenizer) -> Trainer:
    """Train with one seed, from the last finished epoch if there is one; return the trainer with the best epoch."""
    folder = WORK / f"sentiment-seed{seed}"
    torch.manual_seed(seed)  # the head and the adapter are initialised before the Trainer sets its seed
    arguments = TrainingArguments(
        output_dir=str(folder), num_train_epochs=4, per_device_train_batch_size=32, per_device_eval_batch_size=64,
        learning_rate=1e-3, warmup_steps=0.1, weight_decay=0.01, train_sampling_strategy="group_by_length",
        eval_strategy="epoch", save_strategy="epoch", save_total_limit=2, load_best_model_at_end=True,
        metric_for_best_model="accuracy", logging_strategy="epoch", seed=seed, use_cpu=True, report_to="none",
        disable_tqdm=True,
    )  # fmt: skip
    trainer = Trainer(
        adapted_model(), arguments, train_dataset=tokens["train"], eval_dataset=tokens["validation"],
        data_collator=DataCollatorWithPadding(tokenizer), compute_metrics=scores,
    )  # fmt: skip
    trainer.train(resume_from_checkpoint=get_last_checkpoint(folder) if folder.is_dir() else None)
    return trainer


def main() -> None:
    reviews = load_dataset(dataset_path("movie_reviews"))
    tokenizer = AutoTokenizer.from_pretrained(checkpoint("encoder"))
    tokens = reviews.map(lambda rows: tokenizer(rows["text"], truncation=True, max_length=96), batched=True)
    tokens = tokens.remove_columns(["text", "rating"])

    rows, on_test = [baseline(reviews)], []
    for seed in SEEDS:
        trainer = train(seed, tokens, tokenizer)
        validation, test = (trainer.evaluate(tokens[part]) for part in ("validation", "test"))
        on_test.append(test["eval_accuracy"])
        rows.append(
            f"LoRA on MiniLM, seed {seed} | validation {validation['eval_accuracy']:.3f} | "
            f"test {test['eval_accuracy']:.3f} | test F1 {test['eval_f1']:.3f}"
        )
        if seed == SEEDS[0]:
            save_adapter(trainer.model, TRAINED / "sentiment", LABELS)
    print(*rows, sep="\n")
    print(f"test accuracy, three seeds: mean {np.mean(on_test):.3f}, range {min(on_test):.3f} to {max(on_test):.3f}")


if __name__ == "__main__":
    main()
