"""Train a WriterAgeModel on a folder of lines, from a reader's encoder, on one processor or many GPUs.

    python -m utils.age.train --data data/handwriting --out age
    accelerate launch -m utils.age.train --data my_lines --model microsoft/trocr-base-handwritten --tune lora --out age

The folder is as `utils.handwriting.lines` describes it, with writers in train and validation. Every --save-every steps
all that is needed to go on is written to OUT/state; the same command goes on from there and ends with the same
weights, even if it was killed while it wrote. First the head is fitted, by ridge regression on what the encoder says,
and unless --layers is given, as many layers are kept as tell the age best; then all that --tune names is trained. At
the end OUT/model holds the best model and its image processor: the head alone, unless an epoch is ahead by more than a
standard error over the validation writers. OUT/metrics.json has the errors of the head alone and of every epoch.
docs/full_size.md says what a large reader takes.
"""

import argparse
import json
import shutil
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from peft import LoraConfig, PeftModel, get_peft_model
from torch.utils.data import DataLoader
from tqdm.auto import tqdm
from transformers import TrOCRProcessor, get_linear_schedule_with_warmup

from utils import checkpoint
from utils.age.first_head import fit_head, states_of
from utils.age.model import WriterAgeConfig, WriterAgeModel
from utils.data import DATA
from utils.environment import has_bfloat16
from utils.handwriting.lines import load_lines
from utils.quiet import silent
from utils.whole import is_whole, put_in_place, restored, room_in, seal, write_text

LORA = LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], modules_to_save=["head"])
OTHER = "take another --out"


def positive(kind: type) -> Callable[[str], int | float]:
    """A number of this kind, above 0, as argparse takes its types."""

    def number(text: str) -> int | float:
        try:
            value = kind(text)
        except ValueError:
            value = 0
        if not 0 < value < float("inf"):
            raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
        return value

    return number


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA / "handwriting", help="folder with metadata.csv")
    parser.add_argument("--model", help="a reader: folder or id on the Hub; default: checkpoint('trocr')")
    parser.add_argument(
        "--layers", type=positive(int), help="of the encoder's, the first ones; default: those that tell the age best"
    )
    parser.add_argument("--tune", choices=("all", "lora", "head"), default="all",
                        help="all weights; corrections of the attention and the head; or only the head")  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--epochs", type=positive(int), default=5)
    parser.add_argument("--batch-size", type=positive(int), default=16, help="lines, on each device")
    parser.add_argument("--learning-rate", type=positive(float), default=2e-5)
    parser.add_argument("--mixed-precision", choices=("no", "fp16", "bf16"), default="no")
    parser.add_argument("--save-every", type=positive(int), default=50, help="steps")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


class Progress:
    """The step that was reached and the errors so far, in years, those of the head alone first; saved and loaded with
    the rest. `alone`: each writer's error with the head alone."""

    def __init__(self) -> None:
        self.step, self.errors, self.alone = 0, [], []

    def state_dict(self) -> dict:
        return {"step": self.step, "errors": self.errors, "alone": self.alone}

    def load_state_dict(self, state: dict) -> None:
        self.step, self.errors, self.alone = state["step"], state["errors"], state["alone"]

    def add(self, line: float, writers: np.ndarray) -> None:
        """An epoch's mean error of single lines, and each writer's error.

        `ahead`: by how many standard errors, over the writers, it is ahead of the head alone.
        """
        self.alone = self.alone or writers.tolist()
        gain = np.array(self.alone) - writers
        spread = gain.std() / max(len(gain) - 1, 1) ** 0.5
        ahead = float(gain.mean() / spread) if spread else 0.0
        self.errors.append({"line": line, "writer": float(writers.mean()), "writers": len(writers), "ahead": ahead})

    def best(self) -> bool:
        """True if the last epoch is the one to keep: by error of the writers, among those that are surely ahead of the
        head alone, by more than a standard error; before there is one, that itself."""
        sure = [epoch["writer"] for epoch in self.errors[1:] if epoch["ahead"] > 1]
        last = self.errors[-1]
        return len(self.errors) == 1 or (last["ahead"] > 1 and last["writer"] == min(sure))


def to_tune(model: WriterAgeModel, what: str) -> WriterAgeModel | PeftModel:
    """The model, of whose weights only those require gradients that are to be trained (--tune)."""
    if what == "lora":
        with silent():  # peft reads an attribute that transformers calls deprecated
            return get_peft_model(model, LORA)
    model.encoder.requires_grad_(what == "all")
    return model


def batches_of(lines, processor, config: WriterAgeConfig, batch_size: int, seed: int | None) -> DataLoader:
    """Batches of `pixel_values` and `labels` (years), in an order drawn from `seed`, or as they stand (None)."""

    def collate(rows: list[dict]) -> dict[str, torch.Tensor]:
        pictures = [config.fit(row["image"]) for row in rows]
        ages = torch.tensor([row["age"] for row in rows], dtype=torch.float32)
        return {"pixel_values": processor(pictures, return_tensors="pt").pixel_values, "labels": ages}

    order = None if seed is None else torch.Generator().manual_seed(seed)
    return DataLoader(lines, batch_size, shuffle=seed is not None, generator=order, collate_fn=collate)


@torch.inference_mode()
def errors(
    accelerator: Accelerator, model: torch.nn.Module, batches: DataLoader, writers: list[str]
) -> tuple[float, np.ndarray]:
    """Absolute errors in years: the mean of single lines', and that of each writer's mean over all lines."""
    model.eval()
    found = []
    for batch in batches:
        years = model(pixel_values=batch["pixel_values"]).logits[:, 1]
        found.append(torch.stack(accelerator.gather_for_metrics((years, batch["labels"]))).float().cpu())
    years, ages = torch.cat(found, 1).numpy()
    _, number = np.unique(writers, return_inverse=True)
    mean = [np.bincount(number, values) / np.bincount(number) for values in (years, ages)]
    return float(abs(years - ages).mean()), abs(mean[0] - mean[1])


def train(arguments: argparse.Namespace) -> Path:
    """Train as the options say, from OUT/state if there is one. Returns OUT/model.

    ValueError if OUT/state was written with other options that it hangs on or is damaged, or a split is missing;
    OSError if OUT cannot be written.
    """
    precision = arguments.mixed_precision
    if precision == "bf16" and not (torch.cuda.is_available() or has_bfloat16()):
        print("This processor has no instructions for bfloat16, which would make it slower: training in float32.")
        precision = "no"
    accelerator = Accelerator(mixed_precision=precision)
    with room_in(arguments.out, OTHER):
        return _train(arguments, accelerator)


def _train(arguments: argparse.Namespace, accelerator: Accelerator) -> Path:
    if accelerator.is_main_process:
        for name in ("model", "state"):
            restored(arguments.out / name)
            shutil.rmtree(arguments.out / f"{name}-part", ignore_errors=True)
    accelerator.wait_for_everyone()
    check_same(arguments, accelerator)
    if (state := arguments.out / "state").is_dir() and not is_whole(state):
        raise ValueError(f"{state} is damaged: delete it, and the same command starts anew")
    set_seed(arguments.seed)
    lines = load_lines(arguments.data)
    if missing := {"train", "validation"} - set(lines):
        raise ValueError(f"{arguments.data} has no lines in the split {', '.join(missing)}")
    reader, begun = arguments.model or checkpoint("trocr"), state.is_dir()
    layers = layers_kept(arguments.out / "model", state) if begun else arguments.layers
    ages = np.array(lines["train"]["age"])
    settings = {"mean": float(ages.mean()), "spread": float(ages.std()) or 1.0}
    model = WriterAgeModel.from_reader(reader, layers=layers, **settings)
    processor = TrOCRProcessor.from_pretrained(reader).image_processor
    config, seed = model.config, arguments.seed
    test = accelerator.prepare(batches_of(lines["validation"], processor, config, 32, None))
    model.to(accelerator.device)
    if not begun:  # the state has the head
        in_order = accelerator.prepare(batches_of(lines["train"], processor, config, 32, None))
        parts = {"train": in_order, "validation": test}
        states = {name: states_of(accelerator, model, part) for name, part in parts.items()}
        fit_head(model, states, {name: np.array(lines[name]["age"]) for name in states}, layers is None)
    model = to_tune(model, arguments.tune)

    trained = [weights for weights in model.parameters() if weights.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=arguments.learning_rate)
    model, optimizer = accelerator.prepare(model, optimizer)

    def of_epoch(epoch: int) -> DataLoader:
        return accelerator.prepare(batches_of(lines["train"], processor, config, arguments.batch_size, seed + epoch))

    each = len(of_epoch(0))
    steps, progress = each * arguments.epochs, Progress()
    schedule = get_linear_schedule_with_warmup(optimizer, steps // 20, steps)
    accelerator.register_for_checkpointing(schedule, progress)
    if begun:
        accelerator.load_state(str(state))
    if not progress.errors:  # the head alone
        progress.add(*errors(accelerator, model, test, lines["validation"]["writer"]))
        keep_if_best(accelerator, model, processor, progress, arguments.out)
    bar = tqdm(total=steps, initial=progress.step, disable=not accelerator.is_main_process, desc="training")
    for epoch in range(progress.step // each, arguments.epochs):
        batches = accelerator.skip_first_batches(of_epoch(epoch), progress.step - epoch * each)
        for batch in batches:
            model.train()
            accelerator.backward(model(**batch).loss)
            accelerator.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            progress.step += 1
            bar.update()
            if progress.step % each == 0:
                progress.add(*errors(accelerator, model, test, lines["validation"]["writer"]))
                keep_if_best(accelerator, model, processor, progress, arguments.out)
            if progress.step % arguments.save_every == 0 or progress.step == steps:
                save_state(accelerator, state)
    bar.close()
    return arguments.out / "model"


def layers_kept(model: Path, state: Path) -> int:
    """How many layers the training began with: those of OUT/model. ValueError if that is missing."""
    if not (model / "config.json").is_file():
        raise ValueError(f"{model} is missing: delete {state}, too, and the same command starts anew")
    return WriterAgeConfig.from_pretrained(model).encoder.num_hidden_layers


def check_same(arguments: argparse.Namespace, accelerator: Accelerator) -> None:
    """ValueError if OUT/state is of another model or other batches. OUT/settings.json has what it began with."""
    wanted = {"--model": arguments.model, "--layers": arguments.layers, "--tune": arguments.tune,
              "--batch-size": arguments.batch_size, "--seed": arguments.seed,
              "number of processes": accelerator.num_processes}  # fmt: skip
    file = arguments.out / "settings.json"
    if (arguments.out / "state").is_dir() and file.is_file():
        for name, begun in json.loads(file.read_text()).items():
            if wanted[name] != begun:
                raise ValueError(
                    f"{arguments.out / 'state'} began with {name} {begun}, and now it is {wanted[name]}: go on with "
                    "the same, or take another --out"
                )
    accelerator.wait_for_everyone()
    if accelerator.is_main_process:
        arguments.out.mkdir(parents=True, exist_ok=True)
        write_text(file, json.dumps(wanted, indent=1))


def keep_if_best(accelerator: Accelerator, model, processor, progress: Progress, out: Path) -> None:
    """Write metrics.json, and the model if it is the best so far."""
    if not accelerator.is_main_process:
        return
    write_text(out / "metrics.json", json.dumps({"step": progress.step, "epochs": progress.errors}, indent=1))
    if progress.best():
        best = accelerator.unwrap_model(model)
        if isinstance(best, PeftModel):  # written with its corrections added in, to be loaded like any other
            best = deepcopy(best).merge_and_unload()
        part = out / "model-part"
        shutil.rmtree(part, ignore_errors=True)
        best.save_pretrained(part)
        processor.save_pretrained(part)
        put_in_place(part, out / "model")


def save_state(accelerator: Accelerator, state: Path) -> None:
    """Write the state beside the one before, then put it in its place."""
    part = state.with_name("state-part")
    if accelerator.is_main_process:
        shutil.rmtree(part, ignore_errors=True)
    accelerator.wait_for_everyone()
    accelerator.save_state(str(part))
    accelerator.wait_for_everyone()
    if accelerator.is_main_process:
        seal(part)
        put_in_place(part, state)
    accelerator.wait_for_everyone()


if __name__ == "__main__":
    train(options())
