"""What the age model's trainings share: the three ways to put the task, the starts, batches, answers."""

import numpy as np
import torch
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import VisionEncoderDecoderModel, ViTModel

from data.recipes.common.optimizers import muon_and_adamw
from data.recipes.common.training import Resumable, autocast
from data.recipes.handwriting._reader import END, HIDDEN, START, VOCABULARY, decoded_texts, start_like_a_trained_one
from data.recipes.handwriting._writers import People
from utils import checkpoint
from utils.age.first_head import set_head
from utils.age.model import QUANTILES, WriterAgeConfig, WriterAgeModel

Tensor = torch.Tensor
LAYERS = 3  # of the reader's five: what its states say of age rises up to there and then falls
BATCH = 64  # lines
WARM_UP, FALL = 50, 0.5  # steps in which the learning rate rises; share of the steps in which it falls
MUON, ADAMW = 1e-3, 2e-4  # rates; AdamW's 1e-3 of other recipes ruins a head that begins as a good one
GROUPS = np.arange(5, 100, 10)  # edges of the age groups, years: 5 to 15, 15 to 25, ...
PENALTIES = np.logspace(0, 5, 11)  # of ridge regression, to choose from
FOR_RIDGE = 4000  # lines at most that a head's first weights are computed from
# What it costs, beside the pinball loss, that answers for the same strokes by two pens differ: nothing at first, when
# it would be cheapest to give everybody one age, and all of it from the later of these shares of the steps on
AGREE, FROM, ON = 0.12, 0.5, 0.7


def as_input(pictures: np.ndarray) -> Tensor:
    """(n, height, width) uint8 to float (n, 3, height, width) from -1 to 1, as the reader's processor does."""
    return (torch.from_numpy(np.array(pictures)).float() / 127.5 - 1)[:, None].expand(-1, 3, -1, -1)


def varied(pictures: Tensor, rng: np.random.Generator) -> Tensor:
    """The pictures a little to the side and up or down, darker or lighter, as other scans of them would be."""
    across, down = int(rng.integers(-8, 9)), int(rng.integers(-3, 4))
    strength = torch.from_numpy(rng.uniform(0.92, 1.08, (len(pictures), 1, 1, 1))).float()
    light = torch.from_numpy(rng.uniform(-0.05, 0.05, (len(pictures), 1, 1, 1))).float()
    return torch.roll(pictures, (down, across), (2, 3)) * strength + light


def reader() -> VisionEncoderDecoderModel:
    return VisionEncoderDecoderModel.from_pretrained(checkpoint("trocr"))


def encoder_of(start: str, layers: int = LAYERS) -> ViTModel:
    """The reader's first layers; for "scratch" an encoder of that shape as the reader itself began."""
    config = reader().encoder.config
    config.num_hidden_layers = layers
    encoder = ViTModel(config, add_pooling_layer=False)
    if start == "scratch":
        start_like_a_trained_one(encoder)
    else:
        theirs = reader().encoder.state_dict()
        encoder.load_state_dict({name: theirs[name] for name in encoder.state_dict()})
    return encoder


def mean_states(encoder: ViTModel, pictures: Tensor) -> Tensor:
    """(n, HIDDEN)"""
    return encoder(pictures).last_hidden_state[:, 1:].mean(1)


@torch.inference_mode()
def layer_features(encoder: ViTModel, pictures: np.ndarray) -> np.ndarray:
    """(n, 1 + layers, HIDDEN): the mean of the patches' states after each layer, the patches themselves first."""
    encoder.eval()
    found = []
    for i in range(0, len(pictures), BATCH):
        with autocast():
            states = encoder(as_input(pictures[i : i + BATCH]), output_hidden_states=True).hidden_states
        found.append(torch.stack([layer[:, 1:].float().mean(1) for layer in states], 1).numpy())
    return np.concatenate(found)


def ridge(features: np.ndarray, ages: np.ndarray):
    """Ridge regression on standardised features, its penalty chosen by leaving lines out."""
    return make_pipeline(StandardScaler(), RidgeCV(PENALTIES)).fit(features, ages)


class Numbers(nn.Module):
    """The age as a number: a WriterAgeModel. Its head begins as ridge regression ("linear probing, then fine-tuning",
    Kumar 2022, 2202.10054): a random head's large first gradients spoil what the encoder knows."""

    def __init__(self, encoder: ViTModel, people: People) -> None:
        super().__init__()
        mean, spread = float(people.ages.mean()), float(people.ages.std())
        self.model = WriterAgeModel(WriterAgeConfig(encoder=encoder.config.to_dict(), mean=mean, spread=spread))
        self.model.encoder.load_state_dict(encoder.state_dict())
        self._begin(people.pictures[:FOR_RIDGE], (people.of_lines("ages")[:FOR_RIDGE] - mean) / spread)

    @torch.inference_mode()
    def _begin(self, pictures: np.ndarray, ages: np.ndarray) -> None:
        with autocast():
            parts = [mean_states(self.model.encoder, as_input(pictures[i : i + BATCH])).float()
                     for i in range(0, len(pictures), BATCH)]  # fmt: skip
        states = torch.cat(parts).numpy()
        fitted = ridge(states, ages)
        set_head(self.model.head, fitted, ages - fitted.predict(states))

    def loss(self, pictures: Tensor, ages: Tensor) -> Tensor:
        return self.model(pictures, labels=ages).loss

    def loss_of_pairs(self, pictures: Tensor, others: Tensor, ages: Tensor, agree: float) -> Tensor:
        """`loss` of lines and of the same strokes by other pens, plus `agree` times how far apart their answers are."""
        both = self.model(torch.cat([pictures, others]), labels=torch.cat([ages, ages]))
        one, other = both.logits.chunk(2)
        return both.loss + agree * (one - other).abs().mean() / self.model.config.spread

    def layers(self) -> list[nn.Module]:
        return [*self.model.encoder.layers]

    def answers(self, pictures: Tensor) -> np.ndarray:
        """(n, 3): the quantiles, years."""
        return self.model(pictures).logits.float().numpy()


class Groups(nn.Module):
    """The age as one of GROUPS: the same encoder and mean, and a head of one score a group."""

    def __init__(self, encoder: ViTModel) -> None:
        super().__init__()
        self.encoder, self.head = encoder, nn.Linear(HIDDEN, len(GROUPS) - 1)

    def loss(self, pictures: Tensor, ages: Tensor) -> Tensor:
        groups = torch.bucketize(ages, torch.tensor(GROUPS[1:-1]).to(ages))
        return nn.functional.cross_entropy(self.head(mean_states(self.encoder, pictures)).float(), groups)

    def layers(self) -> list[nn.Module]:
        return [*self.encoder.layers]

    def answers(self, pictures: Tensor) -> np.ndarray:
        """(n, 3): ages below which the groups have 0.1, 0.5 and 0.9 of the probability, taken as even within each."""
        shares = self.head(mean_states(self.encoder, pictures)).float().softmax(-1).cumsum(-1).numpy()
        return np.array([np.interp(QUANTILES, np.r_[0, row / row[-1]], GROUPS) for row in shares])


class Texts(nn.Module):
    """The age as text: a whole TrOCR that writes "43"."""

    def __init__(self, model: VisionEncoderDecoderModel, usual: float) -> None:
        super().__init__()
        self.model, self.usual = model, usual  # `usual`: years, for an answer that is no number

    def loss(self, pictures: Tensor, ages: Tensor) -> Tensor:
        wanted = torch.tensor([[*(VOCABULARY[c] for c in f"{age:02.0f}"), END] for age in ages.tolist()])
        shown = torch.cat([torch.full((len(ages), 1), START), wanted[:, :-1]], 1)
        states = self.model.encoder(pictures).last_hidden_state
        logits = self.model.decoder(input_ids=shown, encoder_hidden_states=states, use_cache=False).logits
        return nn.functional.cross_entropy(logits.float().flatten(0, 1), wanted.flatten())

    def layers(self) -> list[nn.Module]:
        return [*self.model.encoder.layers, *self.model.decoder.model.decoder.layers]

    def answers(self, pictures: Tensor) -> np.ndarray:
        """(n, 3): the number that is written, three times."""
        ids = self.model.generate(pictures, num_beams=1, do_sample=False, max_new_tokens=3)
        numbers = [float(text) if text.isdecimal() else self.usual for text in decoded_texts(ids)]
        return np.repeat(np.array(numbers)[:, None], len(QUANTILES), 1)


class Hands(nn.Module):
    """Tells hands apart: two lines by one writer are to be more alike than lines of two (no age is needed for this).

    A batch holds pairs; the loss is InfoNCE (van den Oord 2018, 1807.03748) on 64 numbers a line.
    """

    def __init__(self, encoder: ViTModel) -> None:
        super().__init__()
        self.encoder, self.head = encoder, nn.Linear(HIDDEN, 64)

    def loss(self, pictures: Tensor, ages: Tensor) -> Tensor:
        codes = nn.functional.normalize(self.head(mean_states(self.encoder, pictures)).float(), dim=-1)
        alike = codes[0::2] @ codes[1::2].T / 0.1
        own = torch.arange(len(alike))
        return (nn.functional.cross_entropy(alike, own) + nn.functional.cross_entropy(alike.T, own)) / 2

    def layers(self) -> list[nn.Module]:
        return [*self.encoder.layers]


class Training(Resumable):
    """Of one of the above on some people's lines. With `others`, the same strokes by other pens, of Numbers on both:
    half of each batch are those of the other half."""

    def __init__(self, task: nn.Module, people: People, steps: int, seed: int, others: People | None = None) -> None:
        super().__init__(task, muon_and_adamw(task, task.layers(), MUON, ADAMW), steps, WARM_UP, FALL)
        self.people, self.seed, self.ages = people, seed, people.of_lines("ages").astype(np.float32)
        self.others = others

    def rows(self, rng: np.random.Generator) -> np.ndarray:
        if not isinstance(self.network, Hands):
            return rng.choice(len(self.ages), BATCH // 2 if self.others else BATCH, replace=False)
        writers = rng.choice(len(self.people.ages), BATCH, replace=False)
        return (writers[:, None] * self.people.each + np.arange(2)).ravel()

    def advance(self) -> float:
        """One step. Returns the loss."""
        self.network.train()
        rng = np.random.default_rng([4, self.seed, self.step])
        rows = self.rows(rng)
        pictures, ages = varied(as_input(self.people.pictures[rows]), rng), torch.from_numpy(self.ages[rows])
        # the plain formula of attention: with so few tokens a step costs a fifth less than with the fused one
        with sdpa_kernel(SDPBackend.MATH), autocast():
            if self.others:
                others = varied(as_input(self.others.pictures[rows]), rng)
                agree = AGREE * min(1, max(0, (self.step / self.steps - FROM) / (ON - FROM)))
                loss = self.network.loss_of_pairs(pictures, others, ages, agree)
            else:
                loss = self.network.loss(pictures, ages)
        loss.backward()
        self.update()
        return loss.item()


@torch.inference_mode()
def answers(task: nn.Module, people: People) -> np.ndarray:
    """(writers, lines of each, 3) years."""
    task.eval()
    rows = range(0, len(people.pictures), 100)
    found = np.concatenate([task.answers(as_input(people.pictures[i : i + 100])) for i in rows])
    return found.reshape(len(people.ages), people.each, -1)
