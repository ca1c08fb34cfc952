"""Train data/checkpoints/fill-mask: a LoRA adapter and a head with which MiniLM guesses masked words.

    python -m data.recipes.text.fill_mask --prepare            texts as tokens; needs apt-get (Debian 12), some minutes
    python -m data.recipes.text.fill_mask --device cuda        the training, five minutes on a GPU
    python -m data.recipes.text.fill_mask --evaluate           what data/README.md states, some minutes on a processor

MiniLM was trained to compare sentences and has lost the head for words that it was born with. Trained here are LoRA
matrices on its linear layers, its normalisations and a new head, whose large matrix is that of the embeddings, which
stay as they are. The texts are English ones of _english_german.py. An interrupted run goes on from its last 500 steps.

The kept weights are those of a run on one H200 whose learning rate fell with the time (300 seconds) instead of the
steps: 9,781 became of it. Batches, masks and the rate's course are the same functions here; the losses of the first 50
steps are held against that run's program in tests/test_fill_mask_recipe.py.
"""

import argparse
import itertools
from pathlib import Path

import numpy as np
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from torch import nn
from transformers import AutoTokenizer, BertForMaskedLM

from data.recipes.common.adapters import tidy
from data.recipes.common.scheduled import Scheduled, risen
from data.recipes.common.training import autocast
from data.recipes.text._english_german import texts
from data.recipes.text._fill_mask_scores import evaluate
from data.recipes.text._masking import masked, orders, windows
from utils import checkpoint
from utils.checkpoints import TRAINED
from utils.data import ROOT
from utils.quiet import silent

WORK = ROOT / ".cache" / "recipes" / "fill-mask"
KEPT = TRAINED / "fill-mask"
STEPS, BATCH, RATE, WARM_UP = 9_781, 256, 1e-3, 500
LAYERS = ["query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense"]


def prepare(path: Path) -> None:
    """Write the windows to train on and those held out, two bytes a piece, so that `path` is never half a file."""
    sets, tokenizer = texts(), AutoTokenizer.from_pretrained(checkpoint("encoder"))
    learned = set(sets["train"]["plain_en"])
    fresh = [text for text in sets["test"]["plain_en"] if text not in learned]
    parts = {"train": sets["train"]["plain_en"], "held_out": sets["test"]["plain_en"], "fresh": fresh}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part.npz")
    np.savez_compressed(partial, **{name: windows(part, tokenizer) for name, part in parts.items()})
    partial.rename(path)


def adapted_model(base: str, rank: int = 32) -> PeftModel:
    """The encoder in the folder `base` with an untrained adapter and head; trained are these and the normalisations."""
    torch.manual_seed(0)
    adapter = LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules=LAYERS)
    with silent():  # that the head is new is meant
        model = get_peft_model(BertForMaskedLM.from_pretrained(base, dtype=torch.float32), adapter)
    for name, parameter in model.named_parameters():
        if "LayerNorm" in name or ("cls.predictions" in name and "decoder.weight" not in name):
            parameter.requires_grad = True
    return model


def guesses(model: PeftModel | BertForMaskedLM, seen: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """Logits (places, PIECES) of the pieces at `places` of the inputs `seen`, both (windows, LENGTH)."""
    core = model.get_base_model() if isinstance(model, PeftModel) else model
    return core.cls(core.bert(input_ids=seen).last_hidden_state[places])


def train(model: PeftModel, rows: np.ndarray, steps: int, batch: int = BATCH, warm_up: int = WARM_UP,
          path: Path | None = None) -> list[float]:  # fmt: skip
    """Train the model, which `adapted_model` has just made, where it is; the losses of the steps.

    rows: windows (windows, LENGTH - 2). path: of the state to go on from.
    """
    device = model.device.type
    on_device = torch.from_numpy(rows.astype(np.int64)).to(device)
    generator = torch.Generator(device=device).manual_seed(0)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, betas=(0.9, 0.98), weight_decay=0.01)
    training = Scheduled(
        model, [optimizer], steps, lambda step: risen(step, warm_up) * (1 - step / steps), generator.manual_seed, path
    )
    losses = []
    reached = training.resume()
    for chosen in itertools.islice(orders(len(on_device), batch, device), reached, steps):
        seen, places, pieces = masked(on_device[chosen], generator)
        with autocast(device):
            logits = guesses(model, seen, places)
        losses.append(training.advance(nn.functional.cross_entropy(logits.float(), pieces)))
        if training.step % 1000 == 0:
            print(f"{training.step:,} steps | loss {losses[-1]:.3f}", flush=True)
    return losses


def save(model: PeftModel, folder: Path) -> None:
    """Write adapter, normalisations and head, all that was trained, as one peft folder with float16 weights."""
    folder.mkdir(parents=True, exist_ok=True)
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    weights = {name.replace(".default", ""): p.detach().half().cpu().contiguous() for name, p in trained.items()}
    save_file(weights, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    model.peft_config["default"].save_pretrained(folder)
    tidy(folder)


def merged(adapter: Path, base: str) -> BertForMaskedLM:
    """The encoder in the folder `base` with the adapter, normalisations and head in the folder `adapter`."""
    with silent():  # the head comes from the adapter's folder
        model = BertForMaskedLM.from_pretrained(base, dtype=torch.float32)
        return PeftModel.from_pretrained(model, adapter).merge_and_unload()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--prepare", action="store_true", help="fetch the texts and write them as tokens")
    parser.add_argument("--evaluate", action="store_true", help="measure the kept checkpoint, train nothing")
    parser.add_argument("--steps", type=int, default=STEPS)
    options = parser.parse_args()
    prepared = WORK / "prepared.npz"
    if options.prepare or not prepared.is_file():
        prepare(prepared)
    if options.prepare:
        return
    with np.load(prepared) as arrays:
        rows = {name: arrays[name] for name in arrays.files}
    base = checkpoint("encoder")
    if not options.evaluate:
        model = adapted_model(base).to(options.device)
        train(model, rows["train"], options.steps, path=WORK / "state.pt")
        save(model, KEPT)
    model = merged(KEPT, base).to(options.device)
    evaluate(lambda *inputs: guesses(model, *inputs), AutoTokenizer.from_pretrained(base), rows, options.device)


if __name__ == "__main__":
    main()
