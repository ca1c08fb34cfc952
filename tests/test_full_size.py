"""The way of docs/full_size.md: pages, lines, a folder, a training, a prediction, the errors by age group."""

import re
import shutil

import numpy as np
import pytest
import torch
from PIL import Image
from test_cutting_pages import drawn
from transformers import TrOCRProcessor, VisionEncoderDecoderModel, pipeline

from data.recipes.age import full_size
from utils import checkpoint
from utils.age import report
from utils.age.model import WriterAgeConfig, WriterAgeModel
from utils.age.pipeline import TASK
from utils.age.train import options, train
from utils.data import ROOT
from utils.handwriting import pages
from utils.handwriting.lines import load_lines

PAGE = (ROOT / "docs" / "full_size.md").read_text(encoding="utf-8")
SIDE = 64  # pixels: of the tiny reader's squares
SPLITS = ("train", "train", "train", "validation", "test", "test")


def tiny():
    """The full-size configuration, each number of it made small."""
    config = full_size.configuration()
    for name, value in {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64,
                        "image_size": SIDE, "pooler_output_size": 32}.items():  # fmt: skip
        setattr(config.encoder, name, value)
    for name, value in {"d_model": 48, "decoder_layers": 2, "decoder_attention_heads": 2, "decoder_ffn_dim": 96,
                        "vocab_size": 93, "cross_attention_hidden_size": 32, "bos_token_id": 1, "pad_token_id": 0,
                        "eos_token_id": 2, "max_position_embeddings": 36}.items():  # fmt: skip
        setattr(config.decoder, name, value)
    return config


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """A folder with a tiny TrOCR of that architecture, as a download of Microsoft's would be one."""
    folder = tmp_path_factory.mktemp("reader")
    torch.manual_seed(0)
    VisionEncoderDecoderModel(tiny()).save_pretrained(folder)
    processor = TrOCRProcessor.from_pretrained(checkpoint("trocr"))
    processor.image_processor.size = {"height": SIDE, "width": SIDE}
    processor.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    """A page by each of six people, cut into lines."""
    scans = tmp_path_factory.mktemp("scans")
    rows = ["file,text,language,writer,age,split"]
    for k, split in enumerate(SPLITS):
        Image.fromarray(drawn(k, 2)[0]).save(scans / f"{k}.png")
        rows.append(f"{k}.png,-,en,person {k},{12 + 12 * k},{split}")
    (scans / "metadata.csv").write_text("\n".join(rows))
    pages.main(["--data", str(scans), "--out", str(scans / "lines")])
    return scans / "lines"


@pytest.mark.parametrize("tune", ["head", "lora", "all"])
def test_from_pages_to_errors_by_age_group(reader, lines, tmp_path, capsys, monkeypatch, tune):
    monkeypatch.setattr("utils.age.train.Progress.best", lambda progress: True)  # keep the epoch, ahead or not
    given = ["--data", lines, "--model", reader, "--tune", tune, "--out", tmp_path, "--epochs", 1, "--batch-size", 3]
    trained = WriterAgeModel.from_pretrained(train(options([str(value) for value in given])))
    before = WriterAgeModel.from_reader(str(reader)).encoder.state_dict()
    after = trained.encoder.state_dict()
    changed = {name.split(".")[-2] for name in after if not torch.equal(before[name], after[name])}
    assert after.keys() <= before.keys()  # the layers that tell the age best
    assert changed == {"head": set(), "lora": {"q_proj", "v_proj"}}.get(tune, changed)
    assert len(changed) > 5 or tune != "all"

    capsys.readouterr()
    report.main(["--model", str(tmp_path / "model"), "--data", str(lines)])
    table = [line.split() for line in capsys.readouterr().out.strip().splitlines()]
    assert table[0] == ["writers", "error", "guess", "too_old", "inside"]
    assert [row[:4] for row in table[1:3]] == [["50", "to", "65", "1"], ["65", "to", "80", "1"]]
    assert table[3][:2] == ["all", "2"] and float(table[3][3]) == 42  # 60 and 72, guessed as 24

    line = load_lines(lines)["test"]["image"][0]
    told = pipeline(TASK, model=str(tmp_path / "model"))(line)
    assert told["low"] <= told["age"] <= told["high"]


def test_a_square_encoder_gets_a_squeezed_line_and_another_one_in_proportion():
    line = Image.new("L", (400, 50), 240)
    line.paste(0, (380, 0, 390, 50))
    square, wide = (WriterAgeConfig(encoder={"model_type": "vit", "image_size": size}) for size in (64, (48, 384)))
    seen = np.asarray(square.fit(line))
    assert seen.shape == (64, 64, 3) and seen[:, 61].max() < 100
    assert np.asarray(wide.fit(line)).shape == (48, 384, 3)
    assert square.fit(Image.eval(line, lambda grey: 255 - grey)).getpixel((0, 0))[0] > 200  # dark on light


def test_without_a_model_or_a_test_split_the_report_says_so(lines, tmp_path):
    with pytest.raises(ValueError, match="holds no model: give OUT/model"):
        report.main(["--model", str(tmp_path), "--data", str(lines)])
    (tmp_path / "config.json").write_text("{}")
    shutil.copytree(lines / "train", tmp_path / "train")
    rows = (lines / "metadata.csv").read_text().splitlines()
    (tmp_path / "metadata.csv").write_text("\n".join([rows[0], *(row for row in rows if row.startswith("train"))]))
    with pytest.raises(ValueError, match="has no lines in the split test"):
        report.main(["--model", str(tmp_path), "--data", str(tmp_path)])


def test_the_configuration_has_334_million_parameters_and_a_step_is_counted(monkeypatch):
    with torch.device("meta"):
        model = VisionEncoderDecoderModel(full_size.configuration())
    assert round(sum(weight.numel() for weight in model.parameters()) / 1e6) == 334
    config = full_size.configuration()
    config.encoder.num_hidden_layers = config.decoder.decoder_layers = 2
    config.encoder.image_size, config.decoder.vocab_size = 128, 100
    monkeypatch.setattr(full_size, "configuration", lambda: config)
    rows = {way: full_size.step(way) for way in full_size.WAYS}
    for way, row in rows.items():
        assert row["operations"] == pytest.approx(row["reckoned"], rel=0.1), way
        assert row["a line"] == pytest.approx(row["by formula"], rel=0.2, abs=1e-3), way
    assert rows["only the head"]["trained"] < rows["LoRA"]["trained"] < 1 < rows["all of the encoder"]["trained"]


def test_the_page_is_linked_and_its_commands_exist():
    for page in ("README.md", "docs/your_own_data.md"):
        assert "full_size.md)" in (ROOT / page).read_text(encoding="utf-8")
    modules = set(re.findall(r"-m ((?:utils|data)\.[\w.]+)", PAGE))
    assert modules == {"utils.handwriting.pages", "utils.age.train", "utils.age.report", "data.recipes.age.full_size"}
    assert all((ROOT / f"{module.replace('.', '/')}.py").is_file() for module in modules)
