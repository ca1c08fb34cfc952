"""Measure data/results/exotic_animals.csv: how well the small vision models know animals in styles they never saw.

    python data/recipes/vision_results.py vit       about half an hour on one core
    python data/recipes/vision_results.py vgg16     the same

Every style group is held out once (five folds), every training is done with five seeds. A probe is a logistic
regression on frozen features of the pictures and of four light variations of each; the other ways train the whole
network on such variations. The photographs are tested with the same trained models and reported apart.
Each way runs in a process of its own (so that its peak memory is its own) and is kept in .cache when it is done.
"""

import argparse
import time

import numpy as np
import pandas as pd
import torch
from _measuring import in_own_process, peak_memory
from _views import Dice, random_grid
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn
from transformers import AutoModelForImageClassification, ViTConfig, ViTForImageClassification, ViTModel

from utils import checkpoint
from utils.data import DATA, ROOT
from utils.quiet import silent
from utils.vision import SlimVGG16

TABLE = DATA / "results" / "exotic_animals.csv"
WORK = ROOT / ".cache" / "recipes" / "exotic_animals"
GROUPS = {  # styles that are versions of one another stand in one group
    "noto": 0, "noto-v1": 0, "fluent-emoji": 1, "fluent-emoji-flat": 1, "emojione": 2, "emojione-v1": 2,
    "twemoji": 3, "fxemoji": 3, "openmoji": 4,
}  # fmt: skip
SEEDS = range(5)
WAYS = {
    "vit": (
        "raw pixels", "EfficientNet-Lite0", "random ViT", "ViT, frozen",
        "ViT, fine-tuned", "ViT, layer-wise rates", "ViT, from scratch",
    ),
    "vgg16": ("random VGG16", "VGG16, frozen", "VGG16, fine-tuned", "VGG16, from scratch"),
}  # fmt: skip
PROBED = ("raw pixels", "EfficientNet-Lite0", "random ViT", "ViT, frozen", "random VGG16", "VGG16, frozen")
PAIRS = (
    ("ViT, frozen", "raw pixels"), ("ViT, frozen", "random ViT"), ("ViT, fine-tuned", "ViT, frozen"),
    ("ViT, fine-tuned", "ViT, from scratch"), ("ViT, layer-wise rates", "ViT, fine-tuned"),
    ("VGG16, frozen", "raw pixels"), ("VGG16, frozen", "random VGG16"), ("VGG16, fine-tuned", "VGG16, frozen"),
    ("VGG16, fine-tuned", "VGG16, from scratch"),
)  # fmt: skip
EPOCHS = 20


def load() -> tuple[torch.Tensor, np.ndarray, np.ndarray]:
    """Pixels in [-1, 1], shape (n, 3, 112, 112), labels, and groups (-1 for photographs)."""
    files = sorted((DATA / "exotic_animals").glob("*/*/*.png"))
    names = sorted({file.parent.name for file in files})
    pictures = [np.asarray(Image.open(file).resize((112, 112), Image.Resampling.BILINEAR)) for file in files]
    pixels = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1
    groups = [GROUPS.get(file.name.partition("--")[0], -1) for file in files]
    return pixels, np.array([names.index(file.parent.name) for file in files]), np.array(groups)


def vary(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """A light variation of each picture: mirrored, turned by up to ten degrees, scaled, moved, brighter or darker."""
    dice = Dice(len(x), generator)
    angle, zoom = dice.uniform(-0.17, 0.17), dice.uniform(0.85, 1.2)
    grid = random_grid(dice, angle, zoom, 0.1, x.shape[-1])
    moved = 1 - nn.functional.grid_sample(1 - x, grid, align_corners=False)  # the ground is white, which is 1
    return (moved * dice.uniform(0.8, 1.1, 1, 1, 1) + dice.uniform(-0.1, 0.1, 1, 1, 1)).clamp(-1, 1)


def encoder(name: str) -> nn.Module:
    """A module that gives the frozen features, shape (n, features), of pixels (n, 3, 112, 112)."""
    with silent():
        if name == "EfficientNet-Lite0":
            model = AutoModelForImageClassification.from_pretrained(checkpoint("imagenet")).timm_model
            bigger = nn.Upsample(size=224, mode="bilinear")
            return Lambda(lambda x: model.forward_features(bigger(x)).mean((2, 3)), model)
        if name == "raw pixels":
            return Lambda(lambda x: nn.functional.avg_pool2d(x, 4).flatten(1))
        if "VGG16" in name:
            model = SlimVGG16() if "random" in name else SlimVGG16.from_pretrained(checkpoint("vgg16"))
            return Lambda(lambda x: vgg_features(model, x), model)
        folder = checkpoint("vit")
        config = ViTConfig.from_pretrained(folder)
        model = ViTModel(config) if "random" in name else ViTModel.from_pretrained(folder, add_pooling_layer=False)
        return Lambda(lambda x: vit_features(model(x).last_hidden_state), model)


class Lambda(nn.Module):
    """A function as a module, with the network that it uses."""

    def __init__(self, function, network: nn.Module | None = None) -> None:
        super().__init__()
        self.function, self.network = function, network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(x)


def vit_features(states: torch.Tensor) -> torch.Tensor:
    """[CLS] and the mean over the patches, side by side."""
    return torch.cat([states[:, 0], states[:, 1:].mean(1)], 1)


def vgg_features(model: SlimVGG16, x: torch.Tensor) -> torch.Tensor:
    """The second hidden layer of the classifier."""
    return model.classifier[:5](model.avgpool(model.features(x)).flatten(1))


def probe(name: str, seed: int) -> tuple[np.ndarray, int]:
    """Predictions for every picture by the fold that never saw its style, shape (n,), and the trained parameters."""
    pixels, labels, groups = load()
    torch.manual_seed(seed)
    model = encoder(name).eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.inference_mode():
        kinds = [pixels, *(vary(pixels, generator) for _ in range(4))]
        features = [torch.cat([model(part) for part in kind.split(64)]).numpy() for kind in kinds]
    predicted = np.zeros(len(labels), int)
    for fold in (*range(5), -1):
        train = (groups != fold) & (groups >= 0)
        head = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=3000))
        head.fit(np.concatenate([f[train] for f in features]), np.tile(labels[train], len(features)))
        predicted[groups == fold] = head.predict(features[0][groups == fold])
    return predicted, head[-1].coef_.size + head[-1].intercept_.size


def network(name: str, classes: int) -> nn.Module:
    """A whole network with a new head: pixels (n, 3, 112, 112) to logits (n, classes)."""
    with silent():
        if name.startswith("VGG16"):
            if "scratch" in name:
                return SlimVGG16(classes)
            return SlimVGG16.from_pretrained(checkpoint("vgg16"), classes)
        folder = checkpoint("vit")
        if "scratch" in name:
            return ViTForImageClassification(ViTConfig.from_pretrained(folder, num_labels=classes))
        return ViTForImageClassification.from_pretrained(folder, num_labels=classes)


def learning_rates(name: str, model: nn.Module) -> list[dict]:
    """Parameter groups for the optimiser. Layer-wise: each layer learns at 0.65 times the rate of the one above it."""
    if name == "ViT, layer-wise rates":
        layers = [model.vit.embeddings, *model.vit.layers, nn.ModuleList([model.vit.layernorm, model.classifier])]
        return [
            {"params": list(layer.parameters()), "lr": 1e-3 * 0.65 ** (len(layers) - 1 - i)}
            for i, layer in enumerate(layers)
        ]
    return [{"params": list(model.parameters()), "lr": 3e-4 if name.startswith("ViT") else 5e-4}]


def fit(name: str, pixels: torch.Tensor, labels: np.ndarray, seed: int) -> nn.Module:
    """Train the whole network for EPOCHS passes over variations of the pictures."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = network(name, int(labels.max()) + 1).train()
    targets = torch.from_numpy(labels)
    optimizer = torch.optim.AdamW(learning_rates(name, model), weight_decay=0.05)
    steps = EPOCHS * -(-len(pixels) // 32)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [group["lr"] for group in optimizer.param_groups], total_steps=steps, pct_start=0.1
    )
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(pixels), generator=generator).split(32):
            with torch.autocast("cpu", torch.bfloat16):
                out = model(vary(pixels[rows], generator))
                logits = out if isinstance(out, torch.Tensor) else out.logits
            nn.functional.cross_entropy(logits.float(), targets[rows], label_smoothing=0.1).backward()
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
    return model.eval()


def train(name: str, seed: int) -> tuple[np.ndarray, int]:
    """As `probe`, but each fold trains the whole network."""
    pixels, labels, groups = load()
    predicted = np.zeros(len(labels), int)
    for fold in (*range(5), -1):
        learned = (groups != fold) & (groups >= 0)
        model = fit(name, pixels[learned], labels[learned], seed)
        with torch.inference_mode():
            out = model(pixels[groups == fold])
        predicted[groups == fold] = (out if isinstance(out, torch.Tensor) else out.logits).argmax(-1).numpy()
    return predicted, sum(p.numel() for p in model.parameters())


def measure(name: str) -> None:
    """Run one way with all seeds and keep its predictions, costs included."""
    torch.set_num_threads(1)
    start, rows = time.process_time(), []
    for seed in SEEDS:
        predicted, trained = (probe if name in PROBED else train)(name, seed)
        rows.append(predicted)
    seconds = (time.process_time() - start) / len(SEEDS) / 6  # five folds, and all styles for the photographs
    peak = peak_memory()
    WORK.mkdir(parents=True, exist_ok=True)
    np.savez(WORK / f"{name}.npz", predicted=np.stack(rows), trained=trained, seconds=seconds, peak=peak)


def measured() -> dict[str, np.lib.npyio.NpzFile]:
    """What `measure` kept, by the name of the way, in the order of WAYS."""
    return {
        name: np.load(WORK / f"{name}.npz")
        for names in WAYS.values() for name in names if (WORK / f"{name}.npz").is_file()
    }  # fmt: skip


def table(kept: dict) -> pd.DataFrame:
    """One row for each way, seed and fold (fold -1: photographs)."""
    _, labels, groups = load()
    rows = []
    for name, way in kept.items():
        for seed, predicted in enumerate(way["predicted"]):
            for fold in range(-1, 5):
                right = (predicted == labels)[groups == fold]
                rows.append({
                    "method": name, "seed": seed, "fold": fold, "pictures": len(right),
                    "accuracy": round(float(right.mean()), 4), "trained_parameters": int(way["trained"]),
                    "seconds": round(float(way["seconds"]), 1), "peak_memory_mb": round(float(way["peak"])),
                })  # fmt: skip
    return pd.DataFrame(rows)


def print_differences(kept: dict) -> None:
    """Print the mean difference over the folds of pairs of ways with its 95 % interval.

    The interval is a bootstrap: the pictures of each fold are drawn again 2,000 times; seeds are averaged before.
    """
    _, labels, groups = load()
    right = {name: (way["predicted"] == labels).mean(0) for name, way in kept.items()}
    rng = np.random.default_rng(0)
    for one, other in PAIRS:
        if one not in right or other not in right:
            continue
        folds = [(right[one] - right[other])[groups == fold] for fold in range(5)]
        means = [np.mean([rng.choice(fold, len(fold)).mean() for fold in folds]) for _ in range(2000)]
        low, high = np.percentile(means, [2.5, 97.5])
        print(f"{one} - {other}: {np.mean([fold.mean() for fold in folds]):+.3f} ({low:+.3f} to {high:+.3f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("family", choices=WAYS)
    for name in WAYS[parser.parse_args().family]:
        if not (WORK / f"{name}.npz").is_file():
            in_own_process(measure, name)
            print(name, flush=True)
    kept = measured()
    results = table(kept)
    TABLE.parent.mkdir(exist_ok=True)
    results.to_csv(TABLE, index=False)
    drawings = results[results["fold"] >= 0].groupby(["method", "seed"])["accuracy"].mean().groupby("method")
    summary = drawings.agg(["mean", "min", "max"])
    summary["photographs"] = results[results["fold"] < 0].groupby("method")["accuracy"].mean()
    costs = results.groupby("method")[["trained_parameters", "seconds", "peak_memory_mb"]].first()
    print(summary.join(costs).round(3).to_string())
    print_differences(kept)


if __name__ == "__main__":
    main()
