"""Pretrain data/checkpoints/vit and data/checkpoints/vgg16: small networks that learn to see from EfficientNet-Lite0.

    python -m data.recipes.vision.vision vit           needs npm and apt-get for the pictures, about an hour on one core
    python -m data.recipes.vision.vision vgg16         the same

No labels are needed: at each of 7 x 7 places the student gives what the teacher sees there, and in one summary vector
([CLS] in ViT, the second hidden layer of VGG's classifier) the mean over the places. The pictures are some 18,700
drawings of everything but the exotic animals, so that those stay new. Interrupted, it goes on where it was.
"""

import argparse
import math
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.utils.parametrize import register_parametrization, remove_parametrizations
from transformers import ViTConfig, ViTImageProcessor, ViTModel

from data.recipes.common.optimizers import muon_and_adamw
from data.recipes.common.training import autocast
from data.recipes.vision._distillation import BATCH, DIRECTIONS, targets
from data.recipes.vision._pictures import pictures
from utils.checkpoints import TRAINED
from utils.data import ROOT
from utils.vision.vgg16 import SlimVGG16, fuse_batch_norm

WORK = ROOT / ".cache" / "recipes" / "vision"
ROUNDS = 3  # views of each picture
STEPS = {"vit": 9_000, "vgg16": 7_000}


class ViTStudent(nn.Module):
    """A ViT with 7 x 7 patches, and linear layers that turn its states into the teacher's directions."""

    def __init__(self) -> None:
        super().__init__()
        self.model = ViTModel(
            ViTConfig(
                hidden_size=192, num_hidden_layers=4, num_attention_heads=3, intermediate_size=768,
                image_size=112, patch_size=16, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
            ),
            add_pooling_layer=False,
        )  # fmt: skip
        start_like_a_trained_one(self.model)
        self.places, self.summary = nn.Linear(192, DIRECTIONS), nn.Linear(192, DIRECTIONS)

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        states = self.model(pixels).last_hidden_state
        return self.places(states[:, 1:]), self.summary(states[:, 0])

    def save(self, folder: Path) -> None:
        self.model.half().save_pretrained(folder)
        ViTImageProcessor(
            size={"height": 112, "width": 112}, image_mean=[0.5] * 3, image_std=[0.5] * 3
        ).save_pretrained(folder)


class Matrix(nn.Module):
    """A convolution's weight as the matrix that Muon takes: one row for each output channel."""

    def __init__(self, shape: torch.Size) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, matrix: torch.Tensor) -> torch.Tensor:
        return matrix.view(self.shape)

    def right_inverse(self, weight: torch.Tensor) -> torch.Tensor:
        return weight.flatten(1)


class VGGStudent(nn.Module):
    """A slim VGG16 with batch normalisation, which is folded into the convolutions at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.model = SlimVGG16(DIRECTIONS, batch_norm=True, dropout=0.0).to(memory_format=torch.channels_last)
        for layer in self.model.features:
            if isinstance(layer, nn.Conv2d):
                register_parametrization(layer, "weight", Matrix(layer.weight.shape))
        self.places = nn.Conv2d(64, DIRECTIONS, 1)

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        before_last_pooling = self.model.features[:-1](pixels)
        pooled = self.model.avgpool(self.model.features[-1](before_last_pooling))
        return self.places(before_last_pooling).flatten(2).transpose(1, 2), self.model.classifier(pooled.flatten(1))

    def save(self, folder: Path) -> None:
        for layer in self.model.features:
            if isinstance(layer, nn.Conv2d):
                remove_parametrizations(layer, "weight")
        fuse_batch_norm(self.model).half().save_pretrained(folder)


def start_like_a_trained_one(model: ViTModel) -> None:
    """Set up attention as trained transformers have it ("mimetic initialization", Trockman & Kolter 2023).

    Query times key begins near the identity (a token looks at tokens like itself), value times output near its
    negative; positions begin as sines and cosines of row and column.
    """
    width, heads = model.config.hidden_size, model.config.num_attention_heads
    size = width // heads

    def near_identity(noise: float, identity: float) -> tuple[torch.Tensor, torch.Tensor]:
        matrix = noise * torch.randn(width, width) / math.sqrt(width) + identity * torch.eye(width)
        left, values, right = torch.linalg.svd(matrix)
        return left * values.sqrt(), right.T * values.sqrt()

    with torch.no_grad():
        for layer in model.layers:
            attention = layer.attention
            for head in range(heads):
                rows = slice(head * size, (head + 1) * size)
                query, key = near_identity(0.7, 0.7)
                attention.q_proj.weight[rows], attention.k_proj.weight[rows] = query[:, :size].T, key[:, :size].T
            output, value = near_identity(0.4, -0.4)
            attention.v_proj.weight.copy_(value.T)
            attention.o_proj.weight.copy_(output)
        frequencies = 1 / 100 ** (torch.arange(width // 4) / (width // 4))
        angles = torch.arange(7)[:, None] * frequencies
        waves = torch.cat([angles.sin(), angles.cos()], 1)
        both = torch.cat([waves[:, None].expand(7, 7, -1), waves[None].expand(7, 7, -1)], 2)
        model.embeddings.position_embeddings[0, 1:] = 0.3 * both.reshape(49, width)


def optimizers_of(student: nn.Module) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the network, AdamW for the rest.

    With Muon the ViT got as far in 600 steps as with AdamW alone in 1,100, the VGG as far as with AdamW in 1,600.
    """
    if isinstance(student, ViTStudent):
        return muon_and_adamw(student, student.model.layers, muon_rate=2.5e-3)
    return muon_and_adamw(student, [student.model.features, *student.model.classifier[:-1]], muon_rate=5e-3)


def train(name: str, x: np.ndarray, y: np.ndarray) -> nn.Module:
    """Distil the student `name`, from its last saved step if there is one."""
    torch.manual_seed(0)
    student = {"vit": ViTStudent, "vgg16": VGGStudent}[name]()
    steps, saved = STEPS[name], WORK / f"{name}.pt"
    optimizers = optimizers_of(student)
    schedules = [
        torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: min(1, step / 300) * (0.01 + 0.99 * (1 + math.cos(math.pi * step / steps)) / 2)
        )
        for optimizer in optimizers
    ]
    stateful = {"student": student}
    stateful |= {f"optimizer {i}": optimizer for i, optimizer in enumerate(optimizers)}
    stateful |= {f"schedule {i}": schedule for i, schedule in enumerate(schedules)}
    begin = 0
    if saved.is_file():
        state = torch.load(saved, weights_only=True)
        for key, part in stateful.items():
            part.load_state_dict(state[key])
        begin = state["step"]
    variance = torch.from_numpy(y[:4096].astype(np.float32)).mean(1).var(0).mean()
    losses = torch.zeros(2)
    for step in range(begin, steps):
        rng = np.random.default_rng(step)
        rows = np.sort(rng.choice(len(x), BATCH, replace=False))
        pixels = (torch.from_numpy(x[rows]).permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.5
        answer = torch.from_numpy(y[rows].astype(np.float32)).unflatten(1, (7, 7))
        if rng.random() < 0.5:  # a mirrored view, with mirrored answers
            pixels, answer = pixels.flip(3), answer.flip(2)
        answer = answer.flatten(1, 2)
        with autocast():
            places, summary = student(pixels.contiguous(memory_format=torch.channels_last))
        loss_places = nn.functional.mse_loss(places.float(), answer)
        loss_summary = nn.functional.mse_loss(summary.float(), answer.mean(1)) / variance
        (loss_places + loss_summary).backward()
        nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        for optimizer, schedule in zip(optimizers, schedules, strict=True):
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        losses += torch.tensor([loss_places.item(), loss_summary.item()]) / 100
        if step % 100 == 99:
            print(
                f"step {step + 1:,} of {steps:,}: loss of places {losses[0]:.3f}, of summary {losses[1]:.3f}",
                flush=True,
            )
            losses.zero_()
        if step % 500 == 499:
            torch.save({key: part.state_dict() for key, part in stateful.items()} | {"step": step + 1}, saved)
    return student.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=STEPS)
    name = parser.parse_args().name
    torch.set_num_threads(1)
    drawings = pictures(WORK / "pictures.npy")
    student = train(name, *targets(drawings, ROUNDS, WORK / "targets"))
    student.save(TRAINED / name)
    print(f"{name}: {sum(p.numel() for p in student.model.parameters()):,} parameters")


if __name__ == "__main__":
    main()
