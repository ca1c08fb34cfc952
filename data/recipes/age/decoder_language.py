"""Measure whether the language of a TrOCR's decoder matters: German handwriting, read and judged for age.

    python -m data.recipes.age.decoder_language --threads 2    needs apt-get (Debian 12); 25 minutes, after writer_age

The reader's encoder stays as it is: what it says of each line is computed once. Behind it learns, from German lines by
synthetic writers, to read them or to write their writer's age as text, one of

    german, english    the language model of decoder-german or decoder-english; its cross-attention is new
    untrained          a decoder of the same shape that knows nothing
    english reader     the English language model after it learned to read English lines, as TrOCR's published ones did
    reader             the decoder that the encoder learned to read English with
    none               no decoder: a linear layer trained by CTC reads, ridge regression tells the age

Tested are the German lines that data/handwriting keeps for test: no decoder has learned from them. Trainings that are
finished are kept in .cache/recipes/decoder_language. Tables go to data/results:

    decoder_language.csv         the error on the way: character error rate, or mean absolute error of age in years
    decoder_language_final.csv   the error at the end, with an interval over writers, and how much worse than German
"""

import argparse
import json
import tempfile
import zlib

import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import VisionEncoderDecoderModel
from transformers.modeling_outputs import BaseModelOutput

from data.recipes.age._age_training import BATCH, as_input, reader, ridge
from data.recipes.common.optimizers import muon_and_adamw
from data.recipes.common.scores import interval
from data.recipes.common.training import Resumable, autocast
from data.recipes.handwriting._reader import (
    END,
    HIDDEN,
    PAD,
    START,
    VOCABULARY,
    Reader,
    ctc_targets,
    decoded_texts,
    labels,
)
from data.recipes.handwriting._writers import HEIGHT, WIDTH, People, fitted, training_writers, unseen_writers
from utils import checkpoint, dataset_path
from utils.data import DATA, ROOT
from utils.handwriting.lines import load_lines
from utils.handwriting.reading import edits

Tensor = torch.Tensor
WORK = ROOT / ".cache" / "recipes" / "decoder_language"
DECODERS = ("german", "english", "untrained", "english reader", "reader", "none")
FEW = 500
LINES = {"read": (FEW, 8000), "age": (4000,)}  # German lines trained on, two a writer
STEPS = {FEW: 500, 4000: 300, 8000: 600}
SEEDS = {FEW: 3, 4000: 2, 8000: 1}  # each with lines of its own
TRIED = (0, 100, 200, 300, 400, 500, 600)  # steps at which the error is measured
# With few lines each decoder has the one of these rates of AdamW with which it reads 200 lines of other writers best:
# with one for all, language models fall far behind an untrained decoder.
RATES, FEW_BATCH = (3e-4, 1e-3, 3e-3, 1e-2), 16
MUON, ADAMW = 2.5e-3, 1e-3  # rates for more lines: lower ones find no letter within 450 steps
READS = 0.1  # of these rates for a decoder that reads already
WARM_UP, FALL = 50, 0.4


def part_in(language: str, people: People, first: int, lines: int) -> People:
    """`lines` lines by the writers of one language from number `first` of them on."""
    chosen = np.flatnonzero(people.languages == language)[first : first + lines // people.each]
    rows = (chosen[:, None] * people.each + np.arange(people.each)).ravel()
    return People(people.pictures[rows], people.ages[chosen], people.languages[chosen], people.texts[rows])


def handwriting_test() -> People:
    """The German lines of data/handwriting's test writers, at the model's size."""
    lines = load_lines(dataset_path("handwriting"))["test"]
    lines = lines.filter(lambda language: language == "de", input_columns="language")
    ages = [lines["age"][i] for i in range(0, len(lines), 5)]
    pictures = np.stack([fitted(np.asarray(picture)) for picture in lines["image"]])
    return People(pictures, np.array(ages), np.array(["de"] * len(ages)), np.array(lines["text"]))


@torch.no_grad()
def states_of(people: People) -> Tensor:
    """(lines, 97, HIDDEN), kept in bfloat16 to be small: what the reader's encoder says of each line."""
    file = WORK / f"states-{zlib.crc32(people.pictures[::7].tobytes()):08x}-{len(people.pictures)}.pt"
    if not file.is_file():
        encoder = reader().encoder
        with autocast():
            parts = [encoder(as_input(people.pictures[i : i + BATCH])).last_hidden_state.bfloat16()
                     for i in range(0, len(people.pictures), BATCH)]  # fmt: skip
        partial = file.with_suffix(".part")
        torch.save(torch.cat(parts), partial)
        partial.rename(file)
    return torch.load(file, weights_only=True)


def assembled(decoder: str) -> VisionEncoderDecoderModel:
    """The reader's encoder with one of the decoders; "english reader" is one that still has to learn to read."""
    if decoder == "reader":
        return reader()
    with tempfile.TemporaryDirectory() as folder:
        reader().encoder.save_pretrained(folder)
        language = "german" if decoder == "german" else "english"
        model = VisionEncoderDecoderModel.from_encoder_decoder_pretrained(folder, checkpoint(f"decoder-{language}"))
    if decoder == "untrained":
        model.decoder = Reader(HEIGHT, WIDTH).model.decoder
    for config in (model.config, model.generation_config):
        config.decoder_start_token_id, config.pad_token_id, config.eos_token_id = START, PAD, END
    return model.eval()


class Reading(nn.Module):
    """A decoder that learns to read from the encoder's states."""

    def __init__(self, model: VisionEncoderDecoderModel) -> None:
        super().__init__()
        self.model, self.decoder = [model], model.decoder  # in a list: the encoder is not to be trained

    def loss(self, states: Tensor, texts: list[str], ages: Tensor) -> Tensor:
        wanted = labels(texts)
        shown = torch.cat([torch.full((len(texts), 1), START), wanted[:, :-1]], 1).clamp(min=PAD)
        logits = self.decoder(input_ids=shown, encoder_hidden_states=states, use_cache=False).logits
        return nn.functional.cross_entropy(logits.float().flatten(0, 1), wanted.flatten())

    def layers(self) -> list[nn.Module]:
        return [*self.decoder.model.decoder.layers]

    def answers(self, states: Tensor) -> list[str]:
        states = BaseModelOutput(last_hidden_state=states.float())
        ids = self.model[0].generate(encoder_outputs=states, num_beams=1, do_sample=False, max_new_tokens=33)
        return decoded_texts(ids)


class WritingAge(Reading):
    """A decoder that learns to write an age in two digits."""

    def loss(self, states: Tensor, texts: list[str], ages: Tensor) -> Tensor:
        return super().loss(states, [f"{age:02.0f}" for age in ages.tolist()], ages)


class ReadingAlone(nn.Module):
    """A linear layer that names a character, or none, for each column of the line: CTC, no decoder."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(HIDDEN, len(VOCABULARY))

    def scores(self, states: Tensor) -> Tensor:
        return self.head(states[:, 1:].float())

    def loss(self, states: Tensor, texts: list[str], ages: Tensor) -> Tensor:
        targets, lengths = ctc_targets(texts)
        scores = self.scores(states).float().log_softmax(-1).transpose(0, 1)
        columns = torch.full((len(texts),), len(scores))
        return nn.functional.ctc_loss(scores, targets, columns, lengths, blank=PAD, zero_infinity=True)

    def layers(self) -> list[nn.Module]:
        return [self.head]

    def answers(self, states: Tensor) -> list[str]:
        best = self.scores(states).argmax(-1)
        new = torch.ones_like(best, dtype=torch.bool)
        new[:, 1:] = best[:, 1:] != best[:, :-1]  # the same letter in neighbouring columns is one letter
        return decoded_texts(torch.where(new, best, PAD))


class Training(Resumable):
    """Of one of the above on some people's lines. rate: with FEW lines AdamW's, else a share of MUON and ADAMW."""

    def __init__(self, task: nn.Module, people: People, steps: int, seed: int, rate: float) -> None:
        if len(people.texts) == FEW:
            optimizers, self.batch = [torch.optim.AdamW(task.parameters(), lr=rate)], FEW_BATCH
        else:
            optimizers, self.batch = muon_and_adamw(task, task.layers(), rate * MUON, rate * ADAMW), BATCH
        super().__init__(task, optimizers, steps, WARM_UP, FALL)
        self.texts, self.ages = people.texts, torch.from_numpy(people.of_lines("ages"))
        self.states, self.seed = states_of(people), seed

    def advance(self) -> None:
        self.network.train()
        rows = np.random.default_rng([5, self.seed, self.step]).choice(len(self.texts), self.batch, replace=False)
        states, ages = self.states[torch.from_numpy(rows)].float(), self.ages[rows]
        with sdpa_kernel(SDPBackend.MATH), autocast():
            loss = self.network.loss(states, self.texts[rows].tolist(), ages)
        loss.backward()
        self.update()

    def finish(self) -> None:
        while self.step < self.steps:
            self.advance()


def english_reader(everyone: People) -> VisionEncoderDecoderModel:
    """The English language model as decoder, taught to read 8,000 English lines. Kept."""
    model, file = assembled("english reader"), WORK / "english-reader.pt"
    if not file.is_file():
        torch.manual_seed(0)
        Training(Reading(model), part_in("en", everyone, 0, 8000), STEPS[8000], 0, 1.0).finish()
        torch.save(model.decoder.state_dict(), file)
    model.decoder.load_state_dict(torch.load(file, weights_only=True))
    return model.eval()


def task_of(what: str, decoder: str, everyone: People) -> nn.Module:
    if decoder == "none":
        return ReadingAlone()
    model = english_reader(everyone) if decoder == "english reader" else assembled(decoder)
    return WritingAge(model) if what == "age" else Reading(model)


@torch.inference_mode()
def tried(task: nn.Module, people: People, states: Tensor, usual: float) -> dict[str, list[float]]:
    """For each writer what is wrong and of how much: edits and characters, or years and 1.

    usual: years, for an answer that is no number.
    """
    task.eval()
    answers = [text for i in range(0, len(states), 125) for text in task.answers(states[i : i + 125])]
    if isinstance(task, WritingAge):
        return years_off(np.array([float(text) if text.isdecimal() else usual for text in answers]), people)
    wrong = np.array([edits(text, answer) for text, answer in zip(people.texts, answers, strict=True)])
    letters = np.array([len(text) for text in people.texts])
    return {
        name: values.reshape(-1, people.each).sum(1).tolist() for name, values in (("wrong", wrong), ("of", letters))
    }


def years_off(years: np.ndarray, people: People) -> dict[str, list[float]]:
    off = abs(years.reshape(-1, people.each).mean(1) - people.ages)
    return {"wrong": off.tolist(), "of": [1.0] * len(off)}


def by_ridge(people: People, test: People) -> dict[str, list[float]]:
    """Ages without decoder: ridge regression on the mean states, which takes no steps."""
    known, new = (states_of(part)[:, 1:].float().mean(1).numpy() for part in (people, test))
    return years_off(ridge(known, people.of_lines("ages")).predict(new), test)


def rate(found: dict[str, list[float]]) -> float:
    return sum(found["wrong"]) / sum(found["of"])


def best_rate(decoder: str, everyone: People) -> float:
    """The one of RATES with which a decoder, trained on seed 0's FEW lines, reads 100 other writers best; kept.

    From the smallest on, until one is worse than the best before it.
    """
    file = WORK / f"rates-{decoder.replace(' ', '_')}.json"
    errors = json.loads(file.read_text()) if file.is_file() else {}
    people, others = part_in("de", everyone, 0, FEW), part_in("de", everyone, 1000, 200)
    for one in RATES:
        if str(one) not in errors:
            torch.manual_seed(0)
            training = Training(task_of("read", decoder, everyone), people, STEPS[FEW], 0, one)
            training.finish()
            errors[str(one)] = rate(tried(training.network, others, states_of(others), 0.0))
            print(f"{decoder}, rate {one}: {errors[str(one)]:.3f} on other writers", flush=True)
            file.write_text(json.dumps(errors))
        if errors[str(one)] > min(errors.values()):
            break
    return float(min(errors, key=errors.get))


def run(what: str, decoder: str, lines: int, seed: int, everyone: People, test: People) -> dict[str, dict]:
    """What `tried` finds at each step of TRIED; kept."""
    file = WORK / f"{what}-{decoder.replace(' ', '_')}-{lines}-{seed}.json"
    if not file.is_file():
        reads = what == "read" and "reader" in decoder
        highest = best_rate(decoder, everyone) if lines == FEW else READS if reads else 1.0
        torch.manual_seed(seed)
        people, steps, found = part_in("de", everyone, seed * lines // 2, lines), STEPS[lines], {}
        usual, states = float(np.median(people.ages)), states_of(test)
        if (what, decoder) == ("age", "none"):
            found = {str(step): by_ridge(people, test) for step in TRIED if step <= steps}
        else:
            task = task_of(what, decoder, everyone)
            training = Training(task, people, steps, seed, highest)
            while True:
                if training.step in TRIED:
                    found[str(training.step)] = tried(task, test, states, usual)
                    print(f"{file.stem}, step {training.step}: {rate(found[str(training.step)]):.3f}", flush=True)
                if training.step == steps:
                    break
                training.advance()
        file.write_text(json.dumps(found))
    return json.loads(file.read_text())


def tables(everyone: People, tests: dict[str, People]) -> tuple[pd.DataFrame, pd.DataFrame]:
    way, final = [], []
    for what, lines in ((what, lines) for what, sizes in LINES.items() for lines in sizes):
        ends = {}
        for decoder in DECODERS:
            runs = [run(what, decoder, lines, seed, everyone, tests[what]) for seed in range(SEEDS[lines])]
            named = {"task": what, "decoder": decoder, "lines": lines}
            for step in runs[0]:
                way.append(named | {"step": int(step), "error": np.mean([rate(one[step]) for one in runs])})
            last = [one[str(STEPS[lines])] for one in runs]
            ends[decoder] = wrong, of = np.mean([one["wrong"] for one in last], 0), np.array(last[0]["of"])
            row = named | {"seeds": len(runs), "error": wrong.sum() / of.sum()}
            row["low"], row["high"] = interval(wrong, of)
            worse = wrong - ends["german"][0]
            row["worse"] = worse.sum() / of.sum()
            row["worse_low"], row["worse_high"] = interval(worse, of)
            final.append(row)
    return pd.DataFrame(way).round(4), pd.DataFrame(final).round(4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    torch.set_num_threads(parser.parse_args().threads)
    WORK.mkdir(parents=True, exist_ok=True)
    everyone, unseen = training_writers(8), unseen_writers()["languages"]
    tests = {"read": handwriting_test(), "age": part_in("de", unseen, 0, 2000)}
    for name, table in zip(("decoder_language", "decoder_language_final"), tables(everyone, tests), strict=True):
        table.to_csv(DATA / "results" / f"{name}.csv", index=False, lineterminator="\n")
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
