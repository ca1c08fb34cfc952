"""Turn weights as packages ship them into folders that `from_pretrained` takes.

Each function writes one such folder (config.json, model.safetensors, tokenizer or processor files).
`utils.checkpoints` calls them on first use; nothing here is part of a lesson.
"""

import json
import struct
from pathlib import Path

import numpy as np


def merge_adapter(adapter: Path, base: Path, folder: Path, model_class: str) -> None:
    """Merge a LoRA adapter with its head (`adapter`, a peft folder) into the encoder at `base`.

    model_class: the class of transformers that has such a head ("AutoModelForSequenceClassification"). The names of
    its labels, if it has labels, are in the adapter's labels.json.
    """
    import torch
    import transformers
    from peft import PeftModel
    from transformers import AutoTokenizer

    settings = {}
    if (file := adapter / "labels.json").is_file():
        labels = json.loads(file.read_text())
        settings = {"num_labels": len(labels), "id2label": dict(enumerate(labels))}
        settings["label2id"] = {label: i for i, label in enumerate(labels)}
    model = getattr(transformers, model_class).from_pretrained(base, dtype=torch.float32, **settings)
    PeftModel.from_pretrained(model, adapter).merge_and_unload().save_pretrained(folder)
    AutoTokenizer.from_pretrained(base).save_pretrained(folder)


def widen(source: Path, folder: Path, model: str, files: str, **settings) -> None:
    """Write the model in `source`, which is kept in float16 to be small, in float32, and the files that go with it.

    model, files: names of classes of transformers ("AutoModel", "AutoTokenizer"); `settings` go to the model's.
    """
    import torch
    import transformers

    for name, how in ((model, {"dtype": torch.float32, **settings}), (files, {})):
        getattr(transformers, name).from_pretrained(source, **how).save_pretrained(folder)


def convert_efficientnet_lite0(weights: Path, folder: Path) -> None:
    """Write EfficientNet-Lite0 (`weights`: a .pth state dictionary) as an image classifier that runs through timm.

    The two implementations name the 296 tensors differently but define them in the same order with the same
    shapes, so that they are paired by position; a mismatch of any shape raises ValueError.
    """
    import timm
    import torch
    from safetensors.torch import save_file
    from torchvision.models import EfficientNet_B0_Weights
    from transformers import CLIPImageProcessor

    state = torch.load(weights, weights_only=True)
    target = timm.create_model("tf_efficientnet_lite0", pretrained=False).state_dict()
    if [v.shape for v in state.values()] != [v.shape for v in target.values()]:
        raise ValueError(f"{weights.name} does not hold the tensors of EfficientNet-Lite0 in the expected order")
    renamed = {f"timm_model.{name}": v.contiguous() for name, v in zip(target, state.values(), strict=True)}
    save_file(renamed, folder / "model.safetensors", metadata={"format": "pt"})

    config = {
        "architecture": "tf_efficientnet_lite0",
        "architectures": ["TimmWrapperForImageClassification"],
        "model_type": "timm_wrapper",
        "label_names": EfficientNet_B0_Weights.DEFAULT.meta["categories"],
        "num_classes": 1000,
        "num_features": 1280,
        "global_pool": "avg",
    }
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    # Not ImageNet's usual mean and deviation: the "lite" networks were trained on (x - 127) / 128.
    CLIPImageProcessor(
        size={"shortest_edge": 256}, crop_size={"height": 224, "width": 224},
        image_mean=[0.5, 0.5, 0.5], image_std=[0.5, 0.5, 0.5],
    ).save_pretrained(folder)  # fmt: skip


def convert_whisper(model_bin: Path, folder: Path) -> None:
    """Write Whisper tiny.en (`model_bin`: a CTranslate2 file, beside its tokenizer.json) as a transformers model."""
    import torch
    from transformers import (
        GenerationConfig,
        WhisperConfig,
        WhisperFeatureExtractor,
        WhisperForConditionalGeneration,
        WhisperProcessor,
        WhisperTokenizerFast,
    )

    config = WhisperConfig(vocab_size=51864, d_model=384, encoder_layers=4, decoder_layers=4,
                           encoder_attention_heads=6, decoder_attention_heads=6,
                           encoder_ffn_dim=1536, decoder_ffn_dim=1536,
                           bos_token_id=50256, eos_token_id=50256, pad_token_id=50256,
                           decoder_start_token_id=50257)  # fmt: skip
    model = WhisperForConditionalGeneration(config)
    model.load_state_dict({k: torch.from_numpy(v) for k, v in _whisper_state(read_ctranslate2(model_bin)).items()})

    shipped = json.loads((model_bin.parent / "config.json").read_text())
    model.generation_config = GenerationConfig(
        bos_token_id=50256, eos_token_id=50256, pad_token_id=50256, decoder_start_token_id=50257,
        max_length=448, is_multilingual=False, no_timestamps_token_id=50362,
        suppress_tokens=shipped["suppress_ids"], begin_suppress_tokens=shipped["suppress_ids_begin"],
        alignment_heads=shipped["alignment_heads"],
    )  # fmt: skip
    model.save_pretrained(folder)
    tokenizer = WhisperTokenizerFast(
        tokenizer_file=str(model_bin.parent / "tokenizer.json"),
        bos_token="<|endoftext|>", eos_token="<|endoftext|>", unk_token="<|endoftext|>", pad_token="<|endoftext|>",
    )  # fmt: skip
    WhisperProcessor(WhisperFeatureExtractor(), tokenizer).save_pretrained(folder)


def read_ctranslate2(path: Path) -> dict[str, np.ndarray]:
    """Read the float16 variables of a CTranslate2 binary (version 6) as float32 arrays by name.

    Layout: version, specification name, revision, number of variables; then for each variable its name, rank,
    dimensions, type and bytes. Numbers are little-endian; text is length-prefixed and ends in a zero byte.
    """
    with open(path, "rb") as file:

        def number(code: str) -> int:
            return struct.unpack("<" + code, file.read(struct.calcsize(code)))[0]

        def text() -> str:
            return file.read(number("H"))[:-1].decode()

        version, specification, _ = number("I"), text(), number("I")
        if (version, specification) != (6, "WhisperSpec"):
            raise ValueError(f"{path.name}: expected a WhisperSpec of version 6, found {specification} of {version}")
        variables = {}
        for _ in range(number("I")):
            name = text()
            shape = [number("I") for _ in range(number("B"))]
            kind, size = number("B"), number("I")
            data = file.read(size)
            if kind == 4:  # float16; the other kinds hold settings, not weights
                variables[name] = np.frombuffer(data, np.float16).reshape(shape).astype(np.float32)
    return variables


def _whisper_state(variables: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Rename CTranslate2's variables to those of WhisperForConditionalGeneration; split its fused projections."""
    state: dict[str, np.ndarray] = {}

    def put(name: str, weight: np.ndarray, bias: np.ndarray | None = None) -> None:
        state[f"{name}.weight"] = weight
        if bias is not None:
            state[f"{name}.bias"] = bias

    def norm(name: str, source: str) -> None:
        put(name, variables[f"{source}/gamma"], variables[f"{source}/beta"])

    def linear(name: str, source: str) -> None:
        put(name, variables[f"{source}/weight"], variables[f"{source}/bias"])

    def projections(names: str, target: str, source: str) -> None:
        weights = np.split(variables[f"{source}/weight"], len(names))
        biases = np.split(variables[f"{source}/bias"], len(names))
        for letter, weight, bias in zip(names, weights, biases, strict=True):
            put(f"{target}.{letter}_proj", weight, None if letter == "k" else bias)  # Whisper's keys have no bias

    for side in ("encoder", "decoder"):
        for i in range(4):
            ours, theirs = f"model.{side}.layers.{i}", f"{side}/layer_{i}"
            projections("qkv", f"{ours}.self_attn", f"{theirs}/self_attention/linear_0")
            linear(f"{ours}.self_attn.out_proj", f"{theirs}/self_attention/linear_1")
            norm(f"{ours}.self_attn_layer_norm", f"{theirs}/self_attention/layer_norm")
            if side == "decoder":
                projections("q", f"{ours}.encoder_attn", f"{theirs}/attention/linear_0")
                projections("kv", f"{ours}.encoder_attn", f"{theirs}/attention/linear_1")
                linear(f"{ours}.encoder_attn.out_proj", f"{theirs}/attention/linear_2")
                norm(f"{ours}.encoder_attn_layer_norm", f"{theirs}/attention/layer_norm")
            linear(f"{ours}.fc1", f"{theirs}/ffn/linear_0")
            linear(f"{ours}.fc2", f"{theirs}/ffn/linear_1")
            norm(f"{ours}.final_layer_norm", f"{theirs}/ffn/layer_norm")
        norm(f"model.{side}.layer_norm", f"{side}/layer_norm")
        put(f"model.{side}.embed_positions", variables[f"{side}/position_encodings/encodings"])
    linear("model.encoder.conv1", "encoder/conv1")
    linear("model.encoder.conv2", "encoder/conv2")
    put("model.decoder.embed_tokens", variables["decoder/embeddings/weight"])
    put("proj_out", variables["decoder/embeddings/weight"])
    return state
