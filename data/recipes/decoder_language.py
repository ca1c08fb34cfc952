"""Measure whether the language of a TrOCR's decoder matters: German handwriting, read and judged for age.

    python data/recipes/decoder_language.py --threads 2     needs apt-get (Debian 12); half an hour, after writer_age.py

The reader's encoder gets no decoder, an untrained one, the English or the German language model as decoder (new
cross-attention in all of them), or keeps the decoder with which it learned to read English. Each learns to read German
lines by synthetic writers, and each to write their writer's age as text (without decoder: to give it as a number).
Tested are the German lines that data/handwriting keeps for test: no decoder has learned from them. Trainings that are
finished are kept in .cache/recipes/decoder_language. Tables go to data/results:

    decoder_language.csv         the error on the way: character error rate, or mean absolute error of age in years
    decoder_language_final.csv   the error at the end, with an interval over writers, and how much worse than German
"""

import argparse
import json
import tempfile

import numpy as np
import pandas as pd
import torch
from _age_training import Numbers, Texts, answers, as_input, encoder_of, varied
from _optimizers import muon_and_adamw
from _reader import END, HIDDEN, PAD, START, VOCABULARY, Reader, ctc_targets, decoded_texts, labels
from _training import Resumable
from _writers import HEIGHT, WIDTH, People, fitted, training_writers, unseen_writers
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import VisionEncoderDecoderModel

from utils import checkpoint, dataset_path
from utils.data import DATA, ROOT
from utils.lines import load_lines
from utils.reading import edits

WORK = ROOT / ".cache" / "recipes" / "decoder_language"
DECODERS = ("german", "english", "reader", "untrained", "none")
LINES = {"read": (500, 8000), "age": (4000,)}  # German lines trained on, two a writer
STEPS = {500: 300, 4000: 300, 8000: 700}
SEEDS = {500: 2, 4000: 2, 8000: 1}  # each with lines of its own
BATCH = 32
TRIED = (0, 50, 100, 200, 300, 500, 700)  # steps at which the error is measured
MUON, ADAMW = 1e-3, 5e-4
WARM_UP, FALL = 30, 0.5


def german_part(people: People, first: int, lines: int) -> People:
    """`lines` lines by the German writers from number `first` of them on."""
    chosen = np.flatnonzero(people.languages == "de")[first : first + lines // people.each]
    rows = (chosen[:, None] * people.each + np.arange(people.each)).ravel()
    return People(people.pictures[rows], people.ages[chosen], people.languages[chosen], people.texts[rows])


def handwriting_test() -> People:
    """The German lines of data/handwriting's test writers, at the model's size."""
    lines = load_lines(dataset_path("handwriting"))["test"]
    lines = lines.filter(lambda language: language == "de", input_columns="language")
    ages = [lines["age"][i] for i in range(0, len(lines), 5)]
    pictures = np.stack([fitted(np.asarray(picture)) for picture in lines["image"]])
    return People(pictures, np.array(ages), np.array(["de"] * len(ages)), np.array(lines["text"]))


def assembled(decoder: str) -> VisionEncoderDecoderModel:
    """The reader's encoder with one of the decoders."""
    reader = VisionEncoderDecoderModel.from_pretrained(checkpoint("trocr"))
    if decoder == "reader":
        return reader
    with tempfile.TemporaryDirectory() as folder:
        reader.encoder.save_pretrained(folder)
        model = VisionEncoderDecoderModel.from_encoder_decoder_pretrained(
            folder, checkpoint(f"decoder-{decoder if decoder != 'untrained' else 'german'}")
        )
    if decoder == "untrained":
        model.decoder = Reader(HEIGHT, WIDTH).model.decoder
    for config in (model.config, model.generation_config):
        config.decoder_start_token_id, config.pad_token_id, config.eos_token_id = START, PAD, END
    return model


class Reading(nn.Module):
    """Encoder and decoder, to read."""

    def __init__(self, decoder: str) -> None:
        super().__init__()
        self.model = assembled(decoder)

    def loss(self, pictures: torch.Tensor, people: People, rows: np.ndarray) -> torch.Tensor:
        wanted = labels(people.texts[rows].tolist())
        shown = torch.cat([torch.full((len(rows), 1), START), wanted[:, :-1]], 1).clamp(min=PAD)
        states = self.model.encoder(pictures).last_hidden_state
        logits = self.model.decoder(input_ids=shown, encoder_hidden_states=states, use_cache=False).logits
        return nn.functional.cross_entropy(logits.float().flatten(0, 1), wanted.flatten())

    def layers(self) -> list[nn.Module]:
        return [*self.model.encoder.layers, *self.model.decoder.model.decoder.layers]

    def read(self, pictures: torch.Tensor) -> list[str]:
        return decoded_texts(self.model.generate(pictures, num_beams=1, do_sample=False, max_new_tokens=33))


class ReadingAlone(nn.Module):
    """The encoder and a linear layer that names a character, or none, for each column of the line: CTC, no decoder."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.head = encoder_of("reader", 5), nn.Linear(HIDDEN, len(VOCABULARY))

    def logits(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.head(self.encoder(pictures).last_hidden_state[:, 1:]).float()

    def loss(self, pictures: torch.Tensor, people: People, rows: np.ndarray) -> torch.Tensor:
        targets, lengths = ctc_targets(people.texts[rows].tolist())
        scores = self.logits(pictures).log_softmax(-1).transpose(0, 1)
        patches = torch.full((len(rows),), len(scores))
        return nn.functional.ctc_loss(scores, targets, patches, lengths, blank=PAD, zero_infinity=True)

    def layers(self) -> list[nn.Module]:
        return [*self.encoder.layers]

    def read(self, pictures: torch.Tensor) -> list[str]:
        best = self.logits(pictures).argmax(-1)
        new = torch.ones_like(best, dtype=torch.bool)
        new[:, 1:] = best[:, 1:] != best[:, :-1]  # the same letter in neighbouring columns is one letter
        return decoded_texts(torch.where(new, best, PAD))


class Judging(nn.Module):
    """Encoder and decoder that write an age; without decoder a number."""

    def __init__(self, decoder: str, people: People) -> None:
        super().__init__()
        if decoder == "none":
            self.task = Numbers(encoder_of("reader", 5), people)
        else:
            self.task = Texts(assembled(decoder), float(np.median(people.ages)))

    def loss(self, pictures: torch.Tensor, people: People, rows: np.ndarray) -> torch.Tensor:
        return self.task.loss(pictures, torch.from_numpy(people.of_lines("ages")[rows]).float())

    def layers(self) -> list[nn.Module]:
        return self.task.layers()


def task_of(what: str, decoder: str, people: People) -> nn.Module:
    if what == "age":
        return Judging(decoder, people)
    return ReadingAlone() if decoder == "none" else Reading(decoder)


class Training(Resumable):
    """Of one of the above on some people's lines."""

    def __init__(self, task: nn.Module, people: People, steps: int, seed: int) -> None:
        optimizers = muon_and_adamw(task, task.layers(), MUON)
        for group in optimizers[0].param_groups:
            group["lr"] = ADAMW
        super().__init__(task, optimizers, steps, WARM_UP, FALL)
        self.people, self.seed = people, seed

    def advance(self) -> None:
        self.network.train()
        rng = np.random.default_rng([5, self.seed, self.step])
        rows = rng.choice(len(self.people.pictures), BATCH, replace=False)
        pictures = varied(as_input(self.people.pictures[rows]), rng)
        with sdpa_kernel(SDPBackend.MATH), torch.autocast("cpu", torch.bfloat16):
            loss = self.network.loss(pictures, self.people, rows)
        loss.backward()
        self.update()


@torch.inference_mode()
def tried(task: nn.Module, people: People) -> dict[str, list[float]]:
    """For each writer what is wrong and of how much: edits and characters, or years and 1."""
    task.eval()
    if isinstance(task, Judging):
        off = abs(answers(task.task, people)[..., 1].mean(1) - people.ages)
        return {"wrong": off.tolist(), "of": [1.0] * len(off)}
    read = []
    for i in range(0, len(people.pictures), 75):
        read += task.read(as_input(people.pictures[i : i + 75]))
    wrong = np.array([edits(text, answer) for text, answer in zip(people.texts, read, strict=True)])
    letters = np.array([len(text) for text in people.texts])
    return {
        "wrong": wrong.reshape(-1, people.each).sum(1).tolist(),
        "of": letters.reshape(-1, people.each).sum(1).tolist(),
    }


def rate(found: dict[str, list[float]]) -> float:
    return sum(found["wrong"]) / sum(found["of"])


def run(what: str, decoder: str, lines: int, seed: int, everyone: People, test: People) -> dict[str, dict]:
    """What `tried` finds at each step of TRIED; kept."""
    WORK.mkdir(parents=True, exist_ok=True)
    file = WORK / f"{what}-{decoder}-{lines}-{seed}.json"
    if not file.is_file():
        torch.manual_seed(seed)
        people = german_part(everyone, seed * lines // 2, lines)
        task = task_of(what, decoder, people)
        training, found = Training(task, people, STEPS[lines], seed), {}
        while True:
            if training.step in TRIED:
                found[str(training.step)] = tried(task, test)
                print(f"{file.stem}, step {training.step}: {rate(found[str(training.step)]):.3f}", flush=True)
            if training.step == STEPS[lines]:
                break
            training.advance()
        file.write_text(json.dumps(found))
    return json.loads(file.read_text())


def bootstrapped(wrong: np.ndarray, of: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of sum(wrong) / sum(of) over writers drawn anew."""
    rng = np.random.default_rng(0)
    drawn = rng.integers(len(of), size=(2000, len(of)))
    return tuple(np.quantile(wrong[drawn].sum(1) / of[drawn].sum(1), [0.025, 0.975]))


def tables(everyone: People, tests: dict[str, People]) -> tuple[pd.DataFrame, pd.DataFrame]:
    way, final = [], []
    for what, sizes in LINES.items():
        for lines in sizes:
            ends = {}
            for decoder in DECODERS:
                runs = [run(what, decoder, lines, seed, everyone, tests[what]) for seed in range(SEEDS[lines])]
                for step in runs[0]:
                    error = np.mean([rate(one[step]) for one in runs])
                    way.append({"task": what, "decoder": decoder, "lines": lines, "step": int(step), "error": error})
                last = [one[str(STEPS[lines])] for one in runs]
                ends[decoder] = np.mean([one["wrong"] for one in last], 0), np.array(last[0]["of"])
                wrong, of = ends[decoder]
                row = {"task": what, "decoder": decoder, "lines": lines, "error": wrong.sum() / of.sum()}
                row["low"], row["high"] = bootstrapped(wrong, of)
                row["worse"] = (wrong - ends["german"][0]).sum() / of.sum()
                row["worse_low"], row["worse_high"] = bootstrapped(wrong - ends["german"][0], of)
                final.append(row)
    return pd.DataFrame(way).round(4), pd.DataFrame(final).round(4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    torch.set_num_threads(parser.parse_args().threads)
    everyone, unseen = training_writers(24), unseen_writers()["languages"]
    tests = {"read": handwriting_test(), "age": german_part(unseen, 0, 2000)}
    way, final = tables(everyone, tests)
    way.to_csv(DATA / "results" / "decoder_language.csv", index=False, lineterminator="\n")
    final.to_csv(DATA / "results" / "decoder_language_final.csv", index=False, lineterminator="\n")
    print(final.to_string(index=False))


if __name__ == "__main__":
    main()
