"""The reader's network, its tokenizer and processor, and what its training computes."""

import math

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors
from torch import nn
from transformers import (
    PreTrainedTokenizerFast,
    TrOCRConfig,
    TrOCRForCausalLM,
    TrOCRProcessor,
    VisionEncoderDecoderModel,
    ViTConfig,
    ViTImageProcessor,
    ViTModel,
)
from transformers.models.vit.modeling_vit import ViTPooler

from data.recipes.common.training import autocast
from data.recipes.handwriting._texts import CHARACTERS, LONGEST

Tensor = torch.Tensor
PAD, START, END, UNKNOWN = range(4)
VOCABULARY = {token: i for i, token in enumerate(["<pad>", "<s>", "</s>", "<unk>", *CHARACTERS])}
PATCH = 4  # pixels wide and as high as the picture: what stands above what is one token's affair
HIDDEN, HEADS, ENCODER_LAYERS, DECODER_LAYERS = 192, 3, 5, 2


def tokenizer() -> PreTrainedTokenizerFast:
    """One token a character; encoding adds </s> at the end."""
    backend = Tokenizer(models.WordLevel(VOCABULARY, "<unk>"))
    backend.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    backend.decoder = decoders.Fuse()
    backend.post_processor = processors.TemplateProcessing("$A </s>", special_tokens=[("</s>", END)])
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="<pad>", unk_token="<unk>",
        bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>",
        model_max_length=LONGEST + 1, clean_up_tokenization_spaces=False,
    )  # fmt: skip


def processor(height: int, width: int) -> TrOCRProcessor:
    """Pictures become float (3, height, width) from -1 (black) to 1 (white)."""
    pictures = ViTImageProcessor(
        size={"height": height, "width": width}, image_mean=[0.5] * 3, image_std=[0.5] * 3, do_convert_rgb=True
    )
    return TrOCRProcessor(image_processor=pictures, tokenizer=tokenizer())


class Reader(nn.Module):
    """A VisionEncoderDecoderModel (ViT, TrOCR) for pictures with one channel, and a CTC head that only training uses.

    The CTC head reads a character or nothing from each patch. It tells the encoder in which order the letters stand,
    which the decoder's loss alone takes very long to find out; then the cross-attention has something to find.
    """

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        encoder = ViTConfig(
            hidden_size=HIDDEN, num_hidden_layers=ENCODER_LAYERS, num_attention_heads=HEADS,
            intermediate_size=4 * HIDDEN, image_size=(height, width), patch_size=(height, PATCH), num_channels=1,
            hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        )  # fmt: skip
        decoder = TrOCRConfig(
            vocab_size=len(VOCABULARY), d_model=HIDDEN, cross_attention_hidden_size=HIDDEN,
            decoder_layers=DECODER_LAYERS, decoder_attention_heads=HEADS, decoder_ffn_dim=4 * HIDDEN,
            max_position_embeddings=LONGEST + 4, dropout=0.0,
            pad_token_id=PAD, bos_token_id=START, eos_token_id=END, decoder_start_token_id=START,
        )  # fmt: skip
        self.model = VisionEncoderDecoderModel(
            encoder=ViTModel(encoder, add_pooling_layer=False), decoder=TrOCRForCausalLM(decoder)
        )
        for config in (self.model.config, self.model.generation_config):
            config.decoder_start_token_id, config.pad_token_id = START, PAD
            config.bos_token_id, config.eos_token_id = START, END
        self.model.config.vocab_size = len(VOCABULARY)
        self.model.generation_config.max_new_tokens = LONGEST + 1
        self.ctc = nn.Linear(HIDDEN, len(VOCABULARY))  # PAD is its "nothing"
        start_like_a_trained_one(self.model.encoder)

    def encode(self, pictures: Tensor) -> Tensor:
        """Hidden states (n, 1 + width / PATCH, HIDDEN) of float pictures (n, 1, height, width) from 0 to 1.

        Pictures may be narrower than the model's: those have only the first patches' positions, and cost less.
        """
        encoder = self.model.encoder
        patches = encoder.embeddings.patch_embeddings.projection(self._pixels(pictures)).flatten(2).transpose(1, 2)
        states = torch.cat([encoder.embeddings.cls_token.expand(len(patches), -1, -1), patches], 1)
        states = states + encoder.embeddings.position_embeddings[:, : states.shape[1]]
        for layer in encoder.layers:
            states = layer(states)
        return encoder.layernorm(states)

    def losses(self, pictures: Tensor, texts: list[str], slips: Tensor) -> tuple[Tensor, Tensor]:
        """Cross-entropy of the decoder, and CTC's loss.

        Args:
            pictures: as for `encode`.
            slips: of the shape of `labels(texts)`; where it is not 0, the decoder is shown this token instead of the
                right one before, so that it learns to look at the picture and to recover from errors of its own.
        """
        wanted = labels(texts)
        with autocast():
            states = self.encode(pictures)
            shown = torch.cat([torch.full((len(texts), 1), START), wanted[:, :-1]], 1).clamp(min=PAD)
            shown = torch.where((slips > 0) & (shown > UNKNOWN), slips, shown)
            decoded = self.model.decoder(input_ids=shown, encoder_hidden_states=states, use_cache=False).logits
        cross_entropy = nn.functional.cross_entropy(decoded.float().flatten(0, 1), wanted.flatten())
        logits = self.ctc(states[:, 1:].float()).log_softmax(-1).transpose(0, 1)
        targets, lengths = ctc_targets(texts)
        patches = torch.full((len(texts),), len(logits))
        ctc = nn.functional.ctc_loss(logits, targets, patches, lengths, blank=PAD, zero_infinity=True)
        return cross_entropy, ctc

    @torch.inference_mode()
    def read(self, pictures: Tensor) -> list[str]:
        """The texts of float pictures (n, 1, height, width) from 0 to 1, greedily."""
        ids = self.model.generate(self._pixels(pictures), num_beams=1, do_sample=False)
        return decoded_texts(ids)

    def _pixels(self, pictures: Tensor) -> Tensor:
        """From -1 to 1, in as many channels as the encoder has."""
        return (2 * pictures - 1).expand(-1, self.model.encoder.config.num_channels, -1, -1)


def decoded_texts(ids: Tensor) -> list[str]:
    names = list(VOCABULARY)
    return ["".join(names[i] for i in row if i > UNKNOWN) for row in ids.tolist()]


def labels(texts: list[str]) -> Tensor:
    """(n, longest + 1) token numbers, END behind each text, then -100, which the loss passes over."""
    rows = [[*(VOCABULARY[c] for c in text), END] for text in texts]
    longest = max(map(len, rows))
    return torch.tensor([row + [-100] * (longest - len(row)) for row in rows])


def ctc_targets(texts: list[str]) -> tuple[Tensor, Tensor]:
    """All texts' token numbers one after the other, and each text's length."""
    return torch.tensor([VOCABULARY[c] for text in texts for c in text]), torch.tensor([len(text) for text in texts])


def start_like_a_trained_one(encoder: ViTModel) -> None:
    """Positions begin as sines and cosines; query times key near the identity, value times output near its negative.

    "Mimetic initialization", Trockman & Kolter 2023 (2305.09828): attention as trained transformers have it.
    """
    size = HIDDEN // HEADS

    def near_identity(noise: float, identity: float) -> tuple[Tensor, Tensor]:
        matrix = noise * torch.randn(HIDDEN, HIDDEN) / math.sqrt(HIDDEN) + identity * torch.eye(HIDDEN)
        left, values, right = torch.linalg.svd(matrix)
        return left * values.sqrt(), right.T * values.sqrt()

    with torch.no_grad():
        for layer in encoder.layers:
            for head in range(HEADS):
                rows = slice(head * size, (head + 1) * size)
                query, key = near_identity(0.7, 0.7)
                layer.attention.q_proj.weight[rows] = query[:, :size].T
                layer.attention.k_proj.weight[rows] = key[:, :size].T
            output, value = near_identity(0.4, -0.4)
            layer.attention.v_proj.weight.copy_(value.T)
            layer.attention.o_proj.weight.copy_(output)
        positions = encoder.embeddings.position_embeddings
        frequencies = 1 / 1000 ** (torch.arange(HIDDEN // 2) / (HIDDEN // 2))
        angles = torch.arange(positions.shape[1] - 1)[:, None] * frequencies
        positions[0, 1:] = 0.3 * torch.cat([angles.sin(), angles.cos()], 1)


def in_colour(reader: Reader) -> VisionEncoderDecoderModel:
    """The reader without CTC head, for RGB pictures: it sees the mean of the three channels.

    It gets the pooler that a ViTModel has when it is loaded (here one that changes nothing but for its tanh), so that
    loading does not have to invent one.
    """
    model = reader.model
    embeddings = model.encoder.embeddings.patch_embeddings
    grey = embeddings.projection
    embeddings.projection = nn.Conv2d(3, HIDDEN, grey.kernel_size, grey.stride)
    with torch.no_grad():
        embeddings.projection.weight.copy_(grey.weight.repeat(1, 3, 1, 1) / 3)
        embeddings.projection.bias.copy_(grey.bias)
    embeddings.num_channels = 3
    model.encoder.config.num_channels = 3
    model.config.encoder.num_channels = 3
    model.encoder.pooler = ViTPooler(model.encoder.config)
    nn.init.eye_(model.encoder.pooler.dense.weight)
    nn.init.zeros_(model.encoder.pooler.dense.bias)
    return model
