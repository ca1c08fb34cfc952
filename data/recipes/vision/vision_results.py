"""Measure data/results/exotic_animals.csv: how well the small vision models know animals in styles they never saw.

    python -m data.recipes.vision.vision_results vit       about forty minutes on one core
    python -m data.recipes.vision.vision_results vgg16     about twenty

Every style group is held out once (five folds), every training is done with five seeds. "Frozen" is a probe: a
logistic regression on frozen features of the pictures as they are; "varied", on those of four variations of each,
too. Fine-tuning starts from the head of a probe (but where a new head is said) and trains the whole network for
twelve epochs, on new variations in each.
The photographs are tested with the same trained models and reported apart. exotic_animals_differences.csv
holds differences between two ways, with intervals.
Each way runs in a process of its own (so that its peak memory is its own) and is kept in .cache when it is done.
"""

import argparse
import time

import numpy as np
import pandas as pd
import torch
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn
from transformers import AutoModelForImageClassification, ViTConfig, ViTModel

from data.recipes.common.measuring import in_own_process, peak_memory
from data.recipes.common.training import autocast
from data.recipes.vision._views import Dice, random_grid
from utils import checkpoint
from utils.data import DATA, ROOT
from utils.quiet import silent
from utils.vision.vgg16 import SlimVGG16

TABLE = DATA / "results" / "exotic_animals.csv"
DIFFERENCES = DATA / "results" / "exotic_animals_differences.csv"
WORK = ROOT / ".cache" / "recipes" / "exotic_animals"
GROUPS = {  # styles that are versions of one another stand in one group
    "noto": 0, "noto-v1": 0, "fluent-emoji": 1, "fluent-emoji-flat": 1, "emojione": 2, "emojione-v1": 2,
    "twemoji": 3, "fxemoji": 3, "openmoji": 4,
}  # fmt: skip
FOLDS = (*range(5), -1)  # -1: trained on all drawings, tested on the photographs
SEEDS = range(5)
WAYS = {
    "vit": (
        "raw pixels", "EfficientNet-Lite0", "EfficientNet-Lite0, varied", "random ViT", "ViT, frozen",
        "ViT, frozen, varied", "ViT, fine-tuned", "ViT, layer-wise rates", "ViT, new head", "ViT, from scratch",
    ),
    "vgg16": (
        "random VGG16", "VGG16 features, frozen", "VGG16, frozen", "VGG16, frozen, varied",
        "VGG16, fine-tuned", "VGG16, from scratch",
    ),
}  # fmt: skip
TRAINED_WHOLE = (
    "ViT, fine-tuned", "ViT, layer-wise rates", "ViT, new head", "ViT, from scratch",
    "VGG16, fine-tuned", "VGG16, from scratch",
)  # fmt: skip
PAIRS = (
    ("ViT, frozen", "EfficientNet-Lite0"), ("ViT, frozen", "raw pixels"), ("ViT, frozen", "random ViT"),
    ("ViT, frozen, varied", "ViT, frozen"), ("ViT, fine-tuned", "ViT, frozen"),
    ("ViT, fine-tuned", "ViT, frozen, varied"), ("ViT, layer-wise rates", "ViT, frozen"),
    ("ViT, layer-wise rates", "ViT, frozen, varied"), ("ViT, layer-wise rates", "ViT, fine-tuned"),
    ("ViT, fine-tuned", "ViT, new head"), ("ViT, fine-tuned", "ViT, from scratch"),
    ("VGG16 features, frozen", "EfficientNet-Lite0"), ("VGG16 features, frozen", "raw pixels"),
    ("VGG16 features, frozen", "VGG16, frozen"), ("VGG16, frozen", "EfficientNet-Lite0"),
    ("VGG16, frozen", "raw pixels"), ("VGG16, frozen", "random VGG16"),
    ("VGG16, fine-tuned", "VGG16, frozen"), ("VGG16, fine-tuned", "VGG16, frozen, varied"),
    ("VGG16, fine-tuned", "VGG16 features, frozen"), ("VGG16, fine-tuned", "VGG16, from scratch"),
)  # fmt: skip
FROM_A_NEW_HEAD = ("ViT, new head", "ViT, from scratch", "VGG16, from scratch")
RATES = {
    "ViT, fine-tuned": 2e-4, "ViT, new head": 3e-4, "ViT, from scratch": 3e-4,
    "VGG16, fine-tuned": 1e-4, "VGG16, from scratch": 5e-4,
}  # fmt: skip
EPOCHS = 12


def load() -> tuple[torch.Tensor, np.ndarray, np.ndarray]:
    """Pixels in [-1, 1], shape (n, 3, 112, 112), labels, and groups (-1 for photographs)."""
    files = sorted((DATA / "exotic_animals").glob("*/*/*.png"))
    names = sorted({file.parent.name for file in files})
    pictures = [np.asarray(Image.open(file).resize((112, 112), Image.Resampling.BILINEAR)) for file in files]
    pixels = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1
    groups = [GROUPS.get(file.name.partition("--")[0], -1) for file in files]
    return pixels, np.array([names.index(file.parent.name) for file in files]), np.array(groups)


def vary(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """A variation of each picture: mirrored, turned up to ten degrees, scaled, moved, brighter or darker, outlined."""
    dice = Dice(len(x), generator)
    angle, zoom = dice.uniform(-0.17, 0.17), dice.uniform(0.85, 1.2)
    grid = random_grid(dice, angle, zoom, 0.1, x.shape[-1])
    moved = 1 - nn.functional.grid_sample(1 - x, grid, align_corners=False)  # the ground is white, which is 1
    light = (moved * dice.uniform(0.8, 1.1, 1, 1, 1) + dice.uniform(-0.1, 0.1, 1, 1, 1)).clamp(-1, 1)
    return outlined(light, dice)


def outlined(x: torch.Tensor, dice: Dice) -> torch.Tensor:
    """Every other picture as some styles draw: dark outlines, paler colours.

    An outline lies where the brightest and the darkest pixel of a 3 x 3 or 5 x 5 neighbourhood differ.
    """
    size = 3 + 2 * int(torch.randint(2, (1,), generator=dice.generator))
    brightest = nn.functional.max_pool2d(x, size, stride=1, padding=size // 2)
    darkest = -nn.functional.max_pool2d(-x, size, stride=1, padding=size // 2)
    edges = (brightest - darkest).amax(1, keepdim=True)
    pale = 1 - (1 - x) * dice.uniform(0, 1, 1, 1, 1)
    drawn = (pale - edges * dice.uniform(0.4, 1.4, 1, 1, 1)).clamp(-1, 1)
    return torch.where(dice.uniform(0, 1, 1, 1, 1) < 0.5, drawn, x)


def encoder(name: str) -> nn.Module:
    """A module that gives the frozen features, shape (n, features), of pixels (n, 3, 112, 112)."""
    with silent():
        if name.startswith("EfficientNet-Lite0"):
            model = AutoModelForImageClassification.from_pretrained(checkpoint("imagenet")).timm_model
            bigger = nn.Upsample(size=224, mode="bilinear")
            return Lambda(lambda x: model.forward_features(bigger(x)).mean((2, 3)), model)
        if name == "raw pixels":
            return Lambda(lambda x: nn.functional.avg_pool2d(x, 4).flatten(1))
        if "VGG16" in name:
            model = SlimVGG16() if "random" in name else SlimVGG16.from_pretrained(checkpoint("vgg16"))
            if name.startswith("VGG16 features"):
                return Lambda(lambda x: model.features(x).flatten(1), model)
            return Lambda(lambda x: vgg_features(model, x), model)
        return ViTFeatures(random_vit() if "random" in name else pretrained_vit())


class Lambda(nn.Module):
    """A function as a module, with the network that it uses."""

    def __init__(self, function, network: nn.Module | None = None) -> None:
        super().__init__()
        self.function, self.network = function, network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(x)


def pretrained_vit() -> ViTModel:
    return ViTModel.from_pretrained(checkpoint("vit"), add_pooling_layer=False)


def random_vit() -> ViTModel:
    return ViTModel(ViTConfig.from_pretrained(checkpoint("vit")), add_pooling_layer=False)


class ViTFeatures(nn.Module):
    """[CLS] and the mean over the patches, side by side: pixels (n, 3, 112, 112) to (n, 384)."""

    def __init__(self, vit: ViTModel) -> None:
        super().__init__()
        self.vit = vit

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        states = self.vit(x).last_hidden_state
        return torch.cat([states[:, 0], states[:, 1:].mean(1)], 1)


class ViTClassifier(nn.Module):
    """A ViT with a linear head on its features."""

    def __init__(self, vit: ViTModel, classes: int) -> None:
        super().__init__()
        self.body, self.head = ViTFeatures(vit), nn.Linear(2 * vit.config.hidden_size, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(x))


def vgg_features(model: SlimVGG16, x: torch.Tensor) -> torch.Tensor:
    """The second hidden layer of the classifier."""
    return model.classifier[:5](model.avgpool(model.features(x)).flatten(1))


def logistic_regression(rows: np.ndarray, labels: np.ndarray) -> Pipeline:
    """A fitted head for features `rows`, which hold the pictures of `labels` and then their variations."""
    head = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=3000))
    return head.fit(rows, np.tile(labels, len(rows) // len(labels)))


def features_of(model, kinds: list[torch.Tensor]) -> list[np.ndarray]:
    """What `model` gives for each batch of pictures: arrays (n, features)."""
    with torch.inference_mode():
        return [torch.cat([model(part) for part in kind.split(64)]).numpy() for kind in kinds]


def probe(name: str, seed: int) -> tuple[np.ndarray, int, float]:
    """Predictions for all pictures by the fold that never saw their style; trained parameters; seconds."""
    pixels, labels, groups = load()
    torch.manual_seed(seed)
    start = time.process_time()
    generator = torch.Generator().manual_seed(seed)
    variations = [vary(pixels, generator) for _ in range(4 if name.endswith("varied") else 0)]
    features = features_of(encoder(name).eval(), [pixels, *variations])
    ready = time.process_time()
    predicted = np.zeros(len(labels), int)
    for fold in FOLDS:
        train = (groups != fold) & (groups >= 0)
        head = logistic_regression(np.concatenate([f[train] for f in features]), labels[train])
        predicted[groups == fold] = head.predict(features[0][groups == fold])
    seconds = ready - start + (time.process_time() - ready) / len(FOLDS)
    return predicted, head[-1].coef_.size + head[-1].intercept_.size, seconds


def network(name: str, classes: int) -> nn.Module:
    """A whole network with a new head: pixels (n, 3, 112, 112) to logits (n, classes)."""
    with silent():
        if name.startswith("VGG16"):
            if "scratch" in name:
                return SlimVGG16(classes, dropout=0.0)
            model = SlimVGG16.from_pretrained(checkpoint("vgg16"), classes)
            # pretraining knew no dropout: with torchvision's 0.5, fine-tuning ended at 0.55, below the frozen network
            model.classifier[2].p = model.classifier[5].p = 0.0
            return model
        return ViTClassifier(pretrained_vit() if "scratch" not in name else random_vit(), classes)


def learning_rates(name: str, model: nn.Module) -> list[dict]:
    """Parameter groups for the optimiser. Layer-wise: each layer learns at 0.65 times the rate of the one above it."""
    if name == "ViT, layer-wise rates":
        vit = model.body.vit
        layers = [vit.embeddings, *vit.layers, nn.ModuleList([vit.layernorm, model.head])]
        return [
            {"params": list(layer.parameters()), "lr": 5e-4 * 0.65 ** (len(layers) - 1 - i)}
            for i, layer in enumerate(layers)
        ]
    return [{"params": list(model.parameters()), "lr": RATES[name]}]


def start_from_probe(model: nn.Module, pixels: torch.Tensor, labels: np.ndarray) -> None:
    """Give the network the head of a probe on the pictures as they are, its scaling included."""
    body, head = (model, model.classifier[6]) if isinstance(model, SlimVGG16) else (model.body, model.head)
    features = (lambda x: vgg_features(model, x)) if body is model else body
    scaler, fitted = logistic_regression(np.concatenate(features_of(features, [pixels])), labels)
    weight = fitted.coef_ / scaler.scale_
    with torch.no_grad():
        head.weight.copy_(torch.from_numpy(weight))
        head.bias.copy_(torch.from_numpy(fitted.intercept_ - weight @ scaler.mean_))


def fit(name: str, pixels: torch.Tensor, labels: np.ndarray, seed: int) -> nn.Module:
    """Train the whole network on variations of the pictures, from the head of a probe unless a new one is asked for."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = network(name, int(labels.max()) + 1).eval()
    if name not in FROM_A_NEW_HEAD:
        start_from_probe(model, pixels, labels)
    model.train()
    targets = torch.from_numpy(labels)
    optimizer = torch.optim.AdamW(learning_rates(name, model), weight_decay=0.05)
    steps = EPOCHS * -(-len(pixels) // 32)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [group["lr"] for group in optimizer.param_groups], total_steps=steps, pct_start=0.1
    )
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(pixels), generator=generator).split(32):
            with autocast():
                logits = model(vary(pixels[rows], generator))
            nn.functional.cross_entropy(logits.float(), targets[rows], label_smoothing=0.1).backward()
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
    return model.eval()


def train(name: str, seed: int) -> tuple[np.ndarray, int, float]:
    """As `probe`, but each fold trains the whole network."""
    pixels, labels, groups = load()
    start = time.process_time()
    predicted = np.zeros(len(labels), int)
    for fold in FOLDS:
        learned = (groups != fold) & (groups >= 0)
        model = fit(name, pixels[learned], labels[learned], seed)
        with torch.inference_mode():
            predicted[groups == fold] = model(pixels[groups == fold]).argmax(-1).numpy()
    return predicted, sum(p.numel() for p in model.parameters()), (time.process_time() - start) / len(FOLDS)


def measure(name: str) -> None:
    """Run one way with all seeds and keep its predictions, costs included."""
    torch.set_num_threads(1)
    predicted, trained, seconds = zip(
        *((train if name in TRAINED_WHOLE else probe)(name, seed) for seed in SEEDS), strict=True
    )
    WORK.mkdir(parents=True, exist_ok=True)
    costs = {"trained": trained[0], "seconds": np.mean(seconds), "peak": peak_memory()}
    np.savez(WORK / f"{name}.npz", predicted=np.stack(predicted), **costs)


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
            for fold in sorted(FOLDS):
                right = (predicted == labels)[groups == fold]
                rows.append({
                    "method": name, "seed": seed, "fold": fold, "pictures": len(right),
                    "accuracy": round(float(right.mean()), 4), "trained_parameters": int(way["trained"]),
                    "seconds": round(float(way["seconds"]), 1), "peak_memory_mb": round(float(way["peak"])),
                })  # fmt: skip
    return pd.DataFrame(rows)


def differences(kept: dict) -> pd.DataFrame:
    """Mean differences over the folds of pairs of ways with their 95 % intervals.

    The interval is a bootstrap: the pictures of each fold are drawn again 2,000 times; seeds are averaged before.
    """
    _, labels, groups = load()
    right = {name: (way["predicted"] == labels).mean(0) for name, way in kept.items()}
    rows = []
    for one, other in PAIRS:
        if one not in right or other not in right:
            continue
        rng = np.random.default_rng(0)
        folds = [(right[one] - right[other])[groups == fold] for fold in range(5)]
        means = [np.mean([rng.choice(fold, len(fold)).mean() for fold in folds]) for _ in range(2000)]
        low, high = np.percentile(means, [2.5, 97.5])
        difference = np.mean([fold.mean() for fold in folds])
        rows.append({"one": one, "other": other, "difference": difference, "low": low, "high": high})
    return pd.DataFrame(rows).round(4)


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
    between = differences(kept)
    between.to_csv(DIFFERENCES, index=False)
    print(between.round(3).to_string(index=False))


if __name__ == "__main__":
    main()
