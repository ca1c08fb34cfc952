"""A model that tells a writer's age from a line of handwriting, as transformers knows models and pipelines.

model = WriterAgeModel.from_reader(checkpoint("trocr"))       # the reader's encoder, a new head
model(pixel_values, labels=ages).loss                         # to train it
pipeline("writer-age", model=checkpoint("writer-age"))(image) # {"age": 43.1, "low": 28.0, "high": 61.5}
"""

import torch
from PIL import Image
from torch import nn
from transformers import AutoConfig, AutoModel, PreTrainedConfig, PreTrainedModel, VisionEncoderDecoderModel, ViTModel
from transformers.modeling_outputs import ImageClassifierOutput

from utils.handwriting.lines import dark_on_light, fit_line
from utils.vision.opening import as_pixels

BILINEAR = Image.Resampling.BILINEAR  # as its processor resizes
QUANTILES = (0.1, 0.5, 0.9)  # of the ages of people who write like this


class WriterAgeConfig(PreTrainedConfig):
    """`encoder`: configuration of a ViT. `mean`, `spread`: of the ages trained on, years; the head answers in these."""

    model_type = "writer-age"
    sub_configs = {"encoder": AutoConfig}  # noqa: RUF012
    encoder: PreTrainedConfig | dict | None = None
    mean: float = 49.0
    spread: float = 24.0

    def __post_init__(self, **kwargs) -> None:
        encoder = dict(self.encoder or {"model_type": "vit"}) if not hasattr(self.encoder, "to_dict") else self.encoder
        if isinstance(encoder, dict):
            encoder = AutoConfig.for_model(encoder.pop("model_type"), **encoder)
        self.encoder = encoder
        super().__post_init__(**kwargs)

    @property
    def picture_size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        size = self.encoder.image_size
        return (size, size) if isinstance(size, int) else tuple(size)

    def fit(self, line: Image.Image) -> Image.Image:
        """The picture of a line as this encoder knows lines (mode RGB, `picture_size`): letters in proportion, as
        `fit_line` does; where the encoder takes squares, squeezed to one, as Microsoft's TrOCR learned them."""
        height, width = self.picture_size
        if height != width:
            return fit_line(line, height, width).convert("RGB")
        return dark_on_light(as_pixels(line).convert("L")).resize((width, height), BILINEAR).convert("RGB")


class WriterAgeModel(PreTrainedModel):
    """A ViT; the mean of its patches' states; a linear layer that gives three quantiles of the age."""

    config_class = WriterAgeConfig
    main_input_name = "pixel_values"

    def __init__(self, config: WriterAgeConfig) -> None:
        super().__init__(config)
        self.encoder = ViTModel(config.encoder, add_pooling_layer=False)
        self.head = nn.Linear(config.encoder.hidden_size, len(QUANTILES))
        self.post_init()

    @classmethod
    def from_reader(cls, folder: str, layers: int | None = None, **settings) -> "WriterAgeModel":
        """The encoder of the TrOCR in `folder` (or on the Hub) with a new head; of its layers the first `layers`.

        `settings` go to the configuration. ValueError if the encoder is no ViT, as in the small ones of Microsoft's, or
        has not so many layers.
        """
        reader = VisionEncoderDecoderModel.from_pretrained(folder)
        if (kind := reader.config.encoder.model_type) != "vit":
            raise ValueError(f"{folder} has an encoder of type {kind}: take a reader with a ViT")
        if layers is not None and not 1 <= layers <= len(reader.encoder.layers):
            raise ValueError(f"{folder} has {len(reader.encoder.layers)} layers: take 1 to all of them, not {layers}")
        reader.encoder.layers = reader.encoder.layers[:layers]
        encoder = reader.encoder.config.to_dict() | {"num_hidden_layers": len(reader.encoder.layers)}
        model = cls(WriterAgeConfig(encoder=encoder, **settings))
        model.encoder.load_state_dict({k: v for k, v in reader.encoder.state_dict().items() if "pooler" not in k})
        return model

    def forward(self, pixel_values: torch.Tensor, labels: torch.Tensor | None = None, **_) -> ImageClassifierOutput:
        """`logits` (n, 3): years, the quantiles 0.1, 0.5, 0.9, of pictures (n, 3, height, width).

        With `labels` (n,), ages in years, `loss` is the mean pinball loss, in units of `spread`.
        ValueError for pictures of another size than the encoder's.
        """
        if pixel_values.shape[2:] != self.config.picture_size:
            wanted, found = (" x ".join(map(str, size)) for size in (self.config.picture_size, pixel_values.shape[2:]))
            raise ValueError(f"pictures of {wanted} pixels are wanted, not {found}: fit_line brings them to size")
        states = self.encoder(pixel_values).last_hidden_state[:, 1:].mean(1)
        answers = self.head(states)
        loss = None
        if labels is not None:
            off = (labels.to(answers).unsqueeze(1) - self.config.mean) / self.config.spread - answers
            levels = answers.new_tensor(QUANTILES)
            loss = torch.maximum(levels * off, (levels - 1) * off).mean()
        return ImageClassifierOutput(loss=loss, logits=self.config.mean + self.config.spread * answers)


AutoConfig.register("writer-age", WriterAgeConfig, exist_ok=True)
AutoModel.register(WriterAgeConfig, WriterAgeModel, exist_ok=True)
