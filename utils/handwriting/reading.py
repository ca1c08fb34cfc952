"""What the lessons on reading count and look up: edits, confusions, strips of a picture, error rates of writers."""

from collections import Counter
from collections.abc import Callable, Sequence

import jiwer
import numpy as np
import pandas as pd
import torch
from transformers import PreTrainedTokenizerBase, VisionEncoderDecoderModel

from utils.handwriting.strokes import characters

IGNORED = -100  # what the loss passes over
MARKS = {
    " ": "space", ".": "full stop", ",": "comma", ";": "semicolon", ":": "colon", "'": "apostrophe", '"': "quote",
    "-": "hyphen", "!": "exclamation mark", "?": "question mark",
}  # fmt: skip

LONGEST = 32  # characters that the course's reader can write
QUOTES = str.maketrans("‘’‚‛′“”„‟″«»‹›", "'''''" + '"' * 7 + "''")


def plain(text: str) -> str:
    """The text with typographic quotes and apostrophes as plain ones, which are those that the reader writes."""
    return text.translate(QUOTES)


def unwritable(texts: Sequence[str]) -> str:
    """What the course's reader cannot write in these texts: characters with their counts, and texts that are too long.
    A sentence, or nothing if it can write all."""
    unknown = Counter("".join(texts))
    for character in characters():
        del unknown[character]
    long = [text for text in texts if len(text) > LONGEST]
    found = []
    if unknown:
        found.append(f"the reader cannot write {_listed(unknown)}: replace them, or it learns to leave them out")
    if long:
        found.append(
            f"texts longer than the {LONGEST} characters that the reader can write: {len(long)}, first {long[0]!r} "
            f"({len(long[0])}); cut such lines in two, or leave them out before you teach it"
        )
    return "; ".join(found)


def _listed(unknown: Counter) -> str:
    return ", ".join(f"{character!r} {count} times" for character, count in unknown.most_common())


def labels_for(texts: Sequence[str], tokenizer: PreTrainedTokenizerBase) -> torch.Tensor:
    """Labels (lines, tokens) of a reader with one token a character: its ids, </s>, then -100.

    Typographic quotes become plain ones. ValueError if a text is too long or has a character without a token.
    """
    texts = [plain(text) for text in texts]
    for text in texts:
        if len(text) >= tokenizer.model_max_length:
            raise ValueError(
                f"{text!r} has {len(text)} characters, and the reader writes at most {tokenizer.model_max_length - 1}: "
                "cut the line in two, or leave it out"
            )
    known = tokenizer.get_vocab()
    if unknown := Counter(character for text in texts for character in text if character not in known):
        raise ValueError(f"the reader cannot write {_listed(unknown)}: replace them, or leave these lines out")
    encoded = tokenizer(
        [text + tokenizer.eos_token for text in texts], add_special_tokens=False, padding=True, return_tensors="pt"
    )
    return encoded.input_ids.masked_fill(encoded.attention_mask == 0, IGNORED)


def edits(text: str, answer: str) -> int:
    """How many letters must be replaced, taken out or put in to make `text` of `answer`: the least number."""
    count = jiwer.process_characters(text, answer)
    return count.substitutions + count.deletions + count.insertions


def by_letter(texts: Sequence[str], answers: Sequence[str]) -> tuple[Counter, Counter, Counter]:
    """How often each character was written, how often it was missed, and what was read for it: pairs
    (character, what was read, "" for nothing)."""
    written, missed, taken_for = Counter(), Counter(), Counter()
    result = jiwer.process_characters(list(texts), list(answers))
    for text, answer, chunks in zip(texts, answers, result.alignments, strict=True):
        written.update(text)
        for chunk in chunks:
            if chunk.type in ("substitute", "delete"):
                letters = text[chunk.ref_start_idx : chunk.ref_end_idx]
                instead = answer[chunk.hyp_start_idx : chunk.hyp_end_idx] or [""] * len(letters)
                missed.update(letters)
                taken_for.update(zip(letters, instead, strict=True))
    return written, missed, taken_for


def confusions(
    texts: Sequence[str], answers: Sequence[str], least: int = 20, most: int = 6, in_words: bool = False
) -> pd.DataFrame:
    """The `most` characters that are missed most often, of those written at least `least` times.

    Columns: letter, written (times), missed (share), read as (the three most frequent, "nothing" where it is left out);
    with `in_words` marks have their names: "comma" for ",".
    """
    names = MARKS if in_words else {}
    written, missed, taken_for = by_letter(texts, answers)
    frequent = [letter for letter, count in written.items() if count >= least]
    worst = sorted(frequent, key=lambda letter: (-missed[letter] / written[letter], letter))[:most]
    rows = []
    for c in worst:
        instead = [
            names.get(other, other) or "nothing" for (letter, other), _ in taken_for.most_common() if letter == c
        ]
        rows.append((names.get(c, c), written[c], missed[c] / written[c], ", ".join(instead[:3])))
    return pd.DataFrame(rows, columns=["letter", "written", "missed", "read as"])


def strip_width(model: VisionEncoderDecoderModel) -> int:
    """Pixels from one patch to the next on its right."""
    return model.encoder.embeddings.patch_embeddings.projection.stride[1]


def by_strip(weights: torch.Tensor, model: VisionEncoderDecoderModel, width: int) -> torch.Tensor:
    """Attention (letters, 1 + patches) to a picture of `width` pixels, as (letters, patches side by side).

    [CLS] is left out; patches that lie above each other, where a model has them, are added up.
    """
    across = width // strip_width(model)
    down = weights.shape[1] // across
    return weights[:, -across * down :].unflatten(1, (down, across)).sum(1)


def covered(pixels: torch.Tensor, strips: Sequence[int], width: int, reach: int = 3) -> torch.Tensor:
    """Copies (len(strips), channels, height, w) of one picture, in each of them one strip and `reach` strips to either
    side covered with the paper's grey (the picture's median). `width`: of a strip, in pixels."""
    copies = pixels.repeat(len(strips), 1, 1, 1)
    for copy, strip in zip(copies, strips, strict=True):
        copy[:, :, max(0, strip - reach) * width : (strip + reach + 1) * width] = pixels.median()
    return copies


def as_tokens(tokenizer: PreTrainedTokenizerBase, ids: torch.Tensor) -> list[str]:
    """The names of ids (n,); -100, which is no id, stays as it is."""
    return [str(i) if i == IGNORED else tokenizer.convert_ids_to_tokens(i) for i in ids.tolist()]


def check_confidence(
    confidence: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    model: VisionEncoderDecoderModel,
    pixels: torch.Tensor,
    errors: Sequence[int],
) -> None:
    """Print whether `confidence(pixels, ids)` gives the mean probability of each line's tokens, padding left out.

    If it does, also print which share of all `errors` (edits of each line) the least confident fifth of the lines has.
    """
    with torch.no_grad():
        out = model.generate(pixels, output_scores=True, return_dict_in_generate=True)
        found = torch.as_tensor(confidence(pixels, out.sequences))
    if found.shape != (len(pixels),):
        print(f"not yet: {len(pixels)} lines need {len(pixels)} numbers, and {tuple(found.shape)} came")
        return
    probabilities = model.compute_transition_scores(out.sequences, out.scores, normalize_logits=True).exp()
    said = (out.sequences[:, 1:] != model.generation_config.pad_token_id).float()
    wanted = (probabilities * said).sum(1) / said.sum(1)
    if torch.allclose(found, wanted, atol=1e-3):
        fifth = found.argsort()[: max(1, len(found) // 5)].tolist()
        share = sum(errors[i] for i in fifth) / sum(errors)
        print(f"correct: the {len(fifth)} least sure of {len(found)} lines have {share:.0%} of all errors")
    elif torch.allclose(found, (probabilities * said).mean(1), atol=1e-3):
        print("not yet: the number of tokens counts the padding, too")
    else:
        worst = (found - wanted).abs().argmax()
        print(f"not yet: line {worst} should get {wanted[worst]:.3f} and gets {found[worst]:.3f}")


def edits_by_writer(texts: Sequence[str], answers: Sequence[str], each: int) -> pd.DataFrame:
    """A row for each writer, who wrote `each` lines, one after the other; columns: edits, letters (as written)."""
    rows = [(edits(text, answer), len(text)) for text, answer in zip(texts, answers, strict=True)]
    return pd.DataFrame(rows, columns=["edits", "letters"]).groupby(np.arange(len(rows)) // each).sum()


def _drawn(writers: int, draws: int = 2000) -> np.ndarray:
    """Rows of writers (draws, writers), drawn with replacement: the same at each call, so that one can pair."""
    return np.random.default_rng(0).integers(writers, size=(draws, writers))


def rate_intervals(counts: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Error rates (columns: value, low, high), a row for each table of `edits_by_writer`.

    low and high hold the middle 95 % of the rates of writers drawn with replacement.
    """
    rows = {}
    for name, table in counts.items():
        wrong, letters = table.to_numpy()[_drawn(len(table))].sum(axis=1).T
        rows[name] = table["edits"].sum() / table["letters"].sum(), *np.quantile(wrong / letters, [0.025, 0.975])
    return pd.DataFrame.from_dict(rows, "index", columns=["value", "low", "high"])


def share_saved(real: pd.DataFrame, mixed: pd.DataFrame) -> tuple[float, float, float]:
    """Which share of the edits in `mixed` the same writers' `real` lines do not have, and its interval (low, high).

    Both are tables of `edits_by_writer`. Real and mixed lines of a writer are drawn together: the interval is paired.
    """
    drawn = _drawn(len(real))
    ratios = real["edits"].to_numpy()[drawn].sum(axis=1) / mixed["edits"].to_numpy()[drawn].sum(axis=1)
    low, high = np.quantile(1 - ratios, [0.025, 0.975])
    return 1 - real["edits"].sum() / mixed["edits"].sum(), low, high


def check_mixing(
    cost_of_mixing: Callable[[Callable], dict[str, float]], readers: dict[str, Callable], rates: pd.Series
) -> None:
    """Print what `cost_of_mixing` finds for each of two readers, and whether it is right for the first.

    rates: the first reader's error rates of the lines "English", "German", "English, mixed" and "German, mixed".
    """
    languages = ("English", "German")
    found = {name: cost_of_mixing(read) for name, read in readers.items()}
    for name, cost in found.items():
        print(f"{name}:", {language: round(cost[language], 2) for language in languages})
    first, second = found.values()
    wanted = {language: rates[f"{language}, mixed"] - rates[language] for language in languages}
    if any(abs(first[language] - wanted[language]) > 1e-6 for language in languages):
        print(f"not yet: that isn't what mixing costs the {next(iter(readers))}")
    elif first == second:
        print("not yet: the two read differently. Do you use read_with?")
    else:
        print("correct")
