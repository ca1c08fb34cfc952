"""The reader of handwriting: its checkpoint reads as the card says, with the calls that the lecture uses."""

import jiwer
import pandas as pd
import pytest
import torch
from transformers import TrOCRProcessor, VisionEncoderDecoderModel

from utils import checkpoint, dataset_path
from utils.data import DATA
from utils.handwriting.lines import fit_line, load_lines

CARD = (DATA / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def reader():
    """Processor and model."""
    folder = checkpoint("trocr")
    return TrOCRProcessor.from_pretrained(folder), VisionEncoderDecoderModel.from_pretrained(folder).eval()


@pytest.fixture(scope="module")
def lines():
    """The English lines of the test split, the shortest pictures first."""
    test = load_lines(dataset_path("handwriting"))["test"]
    english = [i for i, language in enumerate(test["language"]) if language == "en"]
    pictures = test["image"]
    return test.select(sorted(english, key=lambda i: pictures[i].width))


def read(reader, pictures):
    processor, model = reader
    with torch.inference_mode():
        ids = model.generate(processor(images=pictures, return_tensors="pt").pixel_values)
    return processor.batch_decode(ids, skip_special_tokens=True)


def test_the_checkpoint_is_small_and_whole(reader):
    _, model = reader
    assert sum(weights.numel() for weights in model.parameters()) <= 6_000_000
    assert {weights.dtype for weights in model.parameters()} == {torch.float32}
    assert not [name for name in model.state_dict() if "ctc" in name]
    assert model.config.decoder_start_token_id == model.generation_config.decoder_start_token_id == 1


def test_it_reads_new_writers(reader, lines):
    some = lines.select(range(0, len(lines), 4))
    fitted = [fit_line(picture, 48, 384).convert("RGB") for picture in some["image"]]
    assert jiwer.cer(list(some["text"]), read(reader, fitted)) < 0.07  # the card: 0.027, a margin for few lines


def test_stretched_letters_are_harder(reader, lines):
    """The processor makes every picture 48 x 384 by force, which stretches short lines."""
    short = lines.select(range(60))
    fitted = read(reader, [fit_line(picture, 48, 384).convert("RGB") for picture in short["image"]])
    stretched = read(reader, [picture.convert("RGB") for picture in short["image"]])
    rates = [jiwer.cer(list(short["text"]), texts) for texts in (fitted, stretched)]
    assert rates[1] > rates[0] + 0.03
    assert "| the 60 shortest English lines of `handwriting`'s test split | {:.2f} | {:.2f} |".format(*rates) in CARD


def test_greedy_is_the_default_and_beams_work(reader, lines):
    processor, model = reader
    pixels = processor(images=fit_line(lines[0]["image"], 48, 384).convert("RGB"), return_tensors="pt").pixel_values
    with torch.inference_mode():
        default, greedy = model.generate(pixels), model.generate(pixels, num_beams=1, do_sample=False)
        assert torch.equal(default, greedy)
        assert len(model.generate(pixels, num_beams=4)) == 1


def test_the_loss_of_the_lectures_code_is_small(reader, lines):
    processor, model = reader
    picture = fit_line(lines[0]["image"], 48, 384).convert("RGB")
    pixels = processor(images=picture, return_tensors="pt").pixel_values
    right, wrong = (processor.tokenizer(text, return_tensors="pt").input_ids for text in (lines[0]["text"], "zzzzz"))
    assert right[0, -1] == model.config.eos_token_id
    with torch.inference_mode():
        assert model(pixel_values=pixels, labels=right).loss < 1 < model(pixel_values=pixels, labels=wrong).loss


def test_the_card_states_the_results():
    table = pd.read_csv(DATA / "results" / "trocr.csv").set_index("lines")
    for name, rate in table["error_rate"].items():
        assert f"{rate:.3f}" in CARD, f"the card lacks the error rate of {name}: {rate:.3f}"
    for name, rate in table["worst_tenth"].dropna().items():
        assert f"{rate:.3f}" in CARD, f"the card lacks the worst tenth of {name}: {rate:.3f}"
