"""What it takes to train on `microsoft/trocr-base-handwritten`: writers, operations, memory, time.

    python -m data.recipes.age.full_size      # a minute of one core and 7 GB of memory; fetches nothing

Three tables. How many writers helped how much, as measured with the course's small reader (data/results). What a
training step of one line takes by formulas, beside what PyTorch counts and keeps while a randomly initialised model of
that very configuration runs it, forward and backward. And the time that follows for a GPU, which is reckoned and not
measured. docs/full_size.md explains them.
"""

import gc
import resource
import time
from collections.abc import Callable

import pandas as pd
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode, sdpa_backward_flop_count, sdpa_flop_count
from transformers import TrOCRConfig, VisionEncoderDecoderConfig, VisionEncoderDecoderModel, ViTConfig

from utils.age.model import WriterAgeConfig, WriterAgeModel
from utils.age.train import to_tune
from utils.data import results

FLOAT = 4  # bytes
LETTERS = 3  # tokens of an age that is written: two digits and the end
GPU = 65e12  # operations a second in half precision by the data sheet of a small one (T4)
REACHED = 0.3  # of that; a guess: trainings rarely reach more
LINES = 5000  # 1,000 writers of five lines
ATEN = torch.ops.aten
ON_A_PROCESSOR = {  # which PyTorch's counter knows only of GPUs
    ATEN._scaled_dot_product_flash_attention_for_cpu: lambda q, k, v, *_, **__: sdpa_flop_count(q, k, v),
    ATEN._scaled_dot_product_flash_attention_for_cpu_backward: (
        lambda gradient, q, k, v, *_, **__: sdpa_backward_flop_count(gradient, q, k, v)
    ),
}


def configuration() -> VisionEncoderDecoderConfig:
    """That of microsoft/trocr-base-handwritten, as published: a ViT-Base of 384 pixels and a RoBERTa-like decoder."""
    encoder = ViTConfig(hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072,
                        image_size=384, patch_size=16, qkv_bias=False, hidden_dropout_prob=0.0,
                        attention_probs_dropout_prob=0.0)  # fmt: skip
    decoder = TrOCRConfig(vocab_size=50265, d_model=1024, decoder_layers=12, decoder_attention_heads=16,
                          decoder_ffn_dim=4096, max_position_embeddings=512, cross_attention_hidden_size=768,
                          use_learned_position_embeddings=True, layernorm_embedding=True, scale_embedding=False,
                          use_cache=False, is_decoder=True, add_cross_attention=True)  # fmt: skip
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)
    config.decoder_start_token_id, config.pad_token_id = 2, 1
    return config


def age_model(tune: str) -> nn.Module:
    """The encoder with the head of years, of which --tune trains this much; all weights random."""
    return to_tune(WriterAgeModel(WriterAgeConfig(encoder=configuration().encoder.to_dict())), tune)


def picture() -> torch.Tensor:
    side = configuration().encoder.image_size
    return torch.zeros(1, 3, side, side)


def age_loss(model: nn.Module) -> torch.Tensor:
    return model(picture(), labels=torch.tensor([50.0])).loss


def text_loss(model: nn.Module) -> torch.Tensor:
    return model(picture(), labels=torch.full((1, LETTERS), 5)).loss


WAYS: dict[str, tuple[Callable[[], nn.Module], Callable[[nn.Module], torch.Tensor]]] = {
    "only the head": (lambda: age_model("head"), age_loss),
    "LoRA": (lambda: age_model("lora"), age_loss),
    "all of the encoder": (lambda: age_model("all"), age_loss),
    "encoder and decoder": (lambda: VisionEncoderDecoderModel(configuration()), text_loss),
}


def by_formula(way: str) -> tuple[float, float]:
    """Operations, and bytes kept for the way back, of a step of one line.

    A weight of a matrix costs two operations for each token forward, two for the gradient of what came in and two for
    its own. Attention costs 4 for each pair of tokens and column forward, and 2.5 times that back, for the scores are
    not kept but computed again. A layer keeps what its two norms, its matrices, attention (query, key, value, answer)
    and GELU were given; a frozen matrix keeps nothing.
    """
    encoder, decoder = configuration().encoder, configuration().decoder
    width, layers, tokens = encoder.hidden_size, encoder.num_hidden_layers, 1 + (encoder.image_size // 16) ** 2
    attention = 4 * tokens**2 * width * layers
    matrices = 2 * 12 * width**2 * layers * tokens + 2 * 3 * 16**2 * width * (tokens - 1)
    kept = width * layers * tokens
    if way == "only the head":
        return matrices + attention, 0
    if way == "LoRA":
        return 2 * matrices + 3.5 * attention, FLOAT * 11 * kept
    kept *= 16
    if way == "encoder and decoder":  # which looks at the encoder's tokens and writes LETTERS
        wide, deep = decoder.d_model, decoder.decoder_layers
        matrices += 2 * deep * (14 * wide**2 * LETTERS + 2 * wide * width * tokens)
        matrices += 2 * wide * decoder.vocab_size * LETTERS
        kept += deep * (2 * wide * tokens + 25 * wide * LETTERS) + width * tokens
    return 3 * matrices + 3.5 * attention, FLOAT * kept


def kept_by(forward: Callable[[], torch.Tensor], model: nn.Module) -> tuple[torch.Tensor, int]:
    """The loss, and the bytes that are kept for the way back beside the weights; what is kept twice counts once."""
    weights = {weight.untyped_storage().data_ptr() for weight in model.parameters()}
    kept: dict[int, int] = {}
    alive = []

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
            alive.append(storage)  # so that no other tensor gets its address
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = forward()
    return loss, sum(kept.values())


def step(way: str) -> dict[str, float]:
    """One step of AdamW with one line: what it needs, counted, in millions (parameters), GB and 10^9 operations."""
    build, loss_of = WAYS[way]
    torch.manual_seed(0)
    model = build().train()
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(trained)
    began = time.process_time()
    with FlopCounterMode(display=False, custom_mapping=ON_A_PROCESSOR) as counter:
        loss, activations = kept_by(lambda: loss_of(model), model)
        loss.backward()
    seconds = time.process_time() - began
    optimizer.step()
    states = sum(v.nbytes for state in optimizer.state.values() for v in state.values())
    gradients = sum(weight.grad.nbytes for weight in trained if weight.grad is not None)
    operations, formula = by_formula(way)
    return {
        "parameters": sum(weight.numel() for weight in model.parameters()) / 1e6,
        "trained": sum(weight.numel() for weight in trained) / 1e6,
        "weights": sum(weight.nbytes for weight in model.parameters()) / 1e9,
        "gradients, AdamW": (gradients + states) / 1e9,
        "a line": activations / 1e9,
        "by formula": formula / 1e9,
        "operations": counter.get_total_flops() / 1e9,
        "reckoned": operations / 1e9,
        "core seconds": seconds,
    }


def learning_curve() -> pd.DataFrame:
    """Years off over five lines, by the number of writers (two lines of each), with the course's reader."""
    table = results("writer_age").query("start == 'reader' and way in ('frozen', 'number')")
    return table.pivot(index="writers", columns="way", values=["error_one_line", "error_five_lines"]).round(1)


def main() -> None:
    torch.set_num_threads(1)
    guess = results("handwriting_floors").set_index("seen").loc["nothing (the median age)", "error_five_lines"]
    print(f"Years off, by the number of writers learned from (two lines of each); the same for everybody: {guess:.1f}")
    print(learning_curve().to_string())
    rows = {}
    for way in WAYS:
        rows[way] = step(way)
        gc.collect()
    table = pd.DataFrame(rows).T
    print("\nOne line, float32: millions of parameters, GB, 10^9 operations (counted, and by formula)")
    print(table.round(2).to_string())
    print(f"\nReckoned for a GPU of {GPU / 1e12:.0f}e12 operations a second of which {REACHED:.0%} are reached")
    needs = pd.DataFrame({
        "GB, batch of 16": table["weights"] + table["gradients, AdamW"] + 16 * table["a line"],
        f"minutes, {LINES:,} lines once": table["operations"] * 1e9 * LINES / (GPU * REACHED) / 60,
    })  # fmt: skip
    print(needs.round(1).to_string())
    print(f"\nThis process took at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB.")


if __name__ == "__main__":
    main()
