"""What EfficientNet-Lite0 sees in random views of the open pictures: the targets of the small vision models.

A view is 224 pixels wide for the teacher and 112 for the students. The teacher's last feature map has 7 x 7 places
with 1,280 channels; they are reduced to their 256 strongest, partly whitened principal directions.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn
from transformers import AutoModelForImageClassification

from data.recipes.common.training import autocast
from data.recipes.vision._views import Dice, random_grid
from utils import checkpoint
from utils.quiet import silent

DIRECTIONS = 256
BATCH = 64


def teacher() -> nn.Module:
    """EfficientNet-Lite0 without its head: pixels (n, 3, 224, 224) in [-1, 1] to features (n, 1280, 7, 7)."""
    with silent():
        model = AutoModelForImageClassification.from_pretrained(checkpoint("imagenet"))
    return model.eval().timm_model.to(memory_format=torch.channels_last)


def views(rgba: np.ndarray, generator: torch.Generator) -> torch.Tensor:
    """One random view of each picture, shape (n, 3, 224, 224), values in [0, 1].

    `rgba` has shape (n, side, side, 4). The drawing is turned by up to 15 degrees, moved, scaled and mirrored, laid on
    white, a colour or a gradient, and made brighter, paler or grey.
    """
    dice = Dice(len(rgba), generator)
    x = torch.from_numpy(np.ascontiguousarray(rgba)).permute(0, 3, 1, 2).float() / 255
    x[:, :3] *= x[:, 3:]
    angle, zoom = dice.uniform(-0.26, 0.26), 1 / dice.uniform(0.65, 1.25)
    grid = random_grid(dice, angle, zoom, 0.2, 224)
    drawn = nn.functional.grid_sample(x, grid, align_corners=False)

    kind, one, other = dice.uniform(0, 1, 1, 1, 1), dice.uniform(0.2, 1, 3, 1, 1), dice.uniform(0.2, 1, 3, 1, 1)
    slope = torch.linspace(0, 1, 224).view(1, 1, 224, 1)
    ground = torch.where(kind < 0.3, 1.0, torch.where(kind < 0.7, one, one * slope + other * (1 - slope)))
    out = drawn[:, :3] + (1 - drawn[:, 3:]) * ground
    out = (out - 0.5) * dice.uniform(0.75, 1.2, 1, 1, 1) + 0.5 + dice.uniform(-0.12, 0.12, 1, 1, 1)
    grey = out.mean(1, keepdim=True)
    return torch.where(dice.uniform(0, 1, 1, 1, 1) < 0.15, grey, out).clamp(0, 1)


@torch.inference_mode()
def feature_map(model: nn.Module, pixels: torch.Tensor) -> torch.Tensor:
    """The teacher's features of pixels in [0, 1], shape (n, 49, 1280); in bfloat16 three times as fast."""
    pixels = (pixels * 2 - 1).contiguous(memory_format=torch.channels_last)
    with autocast():
        features = model.forward_features(pixels)
    return features.float().flatten(2).transpose(1, 2)


def directions(features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, float]:
    """Mean (1280,) and projection (1280, 256) of features (places, 1280), and the share of the variance it keeps.

    Strong directions are shrunk by the square root of their deviation, so that they do not drown the others.
    """
    mean = features.mean(0)
    _, deviations, axes = torch.linalg.svd(features - mean, full_matrices=False)
    strongest = deviations[:DIRECTIONS]
    projection = axes[:DIRECTIONS].T / (strongest**2 / len(features)) ** 0.25
    projection /= ((features - mean) @ projection).square().mean().sqrt()
    return mean, projection, float((strongest**2).sum() / (deviations**2).sum())


def targets(pictures: np.ndarray, rounds: int, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Views for the students, uint8 (n, 112, 112, 3), and what they shall answer, float16 (n, 49, 256).

    Each round shows every picture once. Computed once and then kept in `folder`; goes on where it was stopped.
    """
    folder.mkdir(parents=True, exist_ok=True)
    total = rounds * len(pictures) // BATCH * BATCH
    model = teacher()
    basis = folder / "basis.pt"
    if not basis.is_file():
        generator = torch.Generator().manual_seed(0)
        sample = torch.randperm(len(pictures), generator=generator)[:768].sort().values.numpy()
        seen = [feature_map(model, views(pictures[part], generator)) for part in np.array_split(sample, 12)]
        torch.save(directions(torch.cat(seen).flatten(0, 1)), basis)
    mean, projection, kept = torch.load(basis, weights_only=True)
    print(f"{len(pictures):,} pictures, {total:,} views; {DIRECTIONS} directions keep {kept:.0%} of the variance")

    names, shapes = ("views.npy", "answers.npy"), ((total, 112, 112, 3), (total, 49, DIRECTIONS))
    counter = folder / "views_done.txt"
    mode = "r+" if counter.is_file() else "w+"
    x, y = (
        np.lib.format.open_memmap(folder / name, mode, dtype, shape)
        for name, dtype, shape in zip(names, (np.uint8, np.float16), shapes, strict=True)
    )
    done = int(counter.read_text()) if counter.is_file() else 0
    order = np.concatenate([np.random.default_rng(i).permutation(len(pictures)) for i in range(rounds)])
    for start in range(done, total, BATCH):
        generator = torch.Generator().manual_seed(start + 1)
        pixels = views(pictures[order[start : start + BATCH]], generator)
        small = nn.functional.avg_pool2d(pixels, 2)
        x[start : start + BATCH] = (small * 255).round().byte().permute(0, 2, 3, 1).numpy()
        y[start : start + BATCH] = ((feature_map(model, pixels) - mean) @ projection).half().numpy()
        if start // BATCH % 50 == 49 or start + BATCH >= total:
            x.flush(), y.flush()
            counter.write_text(str(start + BATCH))
            print(f"{start + BATCH:,} views", flush=True)
    return x, y
