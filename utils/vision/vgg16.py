"""Networks for pictures that transformers does not have: a slim VGG16."""

import json
from copy import deepcopy
from itertools import pairwise
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval
from torchvision.models.vgg import VGG, make_layers

# torchvision's plan of VGG16: channels of the convolutions, "M" for pooling
PLAN = [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"]


class SlimVGG16(VGG):
    """torchvision's VGG16 with every width divided by `slim`: the same `.features`, `.avgpool` and `.classifier`."""

    def __init__(self, num_classes: int = 1000, batch_norm: bool = False, dropout: float = 0.5, slim: int = 8) -> None:
        nn.Module.__init__(self)  # VGG's own would first build the full-width classifier
        self.features = make_layers([step if step == "M" else step // slim for step in PLAN], batch_norm)
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        width = 4096 // slim
        normalised = [nn.BatchNorm1d(width)] if batch_norm else []
        self.classifier = nn.Sequential(
            nn.Linear(512 // slim * 7 * 7, width), *normalised, nn.ReLU(True), nn.Dropout(dropout),
            nn.Linear(width, width), *deepcopy(normalised), nn.ReLU(True), nn.Dropout(dropout),
            nn.Linear(width, num_classes),
        )  # fmt: skip

    @classmethod
    def from_pretrained(cls, name: str | Path, num_classes: int | None = None) -> "SlimVGG16":
        """The network whose weights lie in the folder `name`, in float32; with `num_classes`, a new last layer.

        Torchvision's weights in timm's form, as the Hub has them, give a network of the full width.
        FileNotFoundError if there is no such folder.
        """
        if not (file := Path(name) / "model.safetensors").is_file():
            raise FileNotFoundError(f"{file} is missing: give the folder that checkpoint() or save_pretrained() names")
        weights = {key: value.float() for key, value in as_in_torchvision(load_file(file)).items()}
        model = cls(len(weights["classifier.6.bias"]), slim=512 // len(weights["features.28.bias"]))
        model.load_state_dict(weights)
        if num_classes is not None:
            model.classifier[6] = nn.Linear(model.classifier[6].in_features, num_classes)
        return model.eval()

    def save_pretrained(self, folder: str | Path) -> None:
        """Write model.safetensors and config.json into `folder`."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        state = {name: value.contiguous() for name, value in self.state_dict().items()}
        save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
        config = {"architectures": ["SlimVGG16"], "num_classes": self.classifier[6].out_features}
        (folder / "config.json").write_text(json.dumps(config) + "\n")


def as_in_torchvision(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """VGG's weights under torchvision's names. timm's first linear layer is a convolution over all 7 x 7 places."""
    layers = {"pre_logits.fc1": "classifier.0", "pre_logits.fc2": "classifier.3", "head.fc": "classifier.6"}
    renamed = {}
    for name, value in weights.items():
        layer, _, kind = name.rpartition(".")
        if layer in layers:
            name, value = f"{layers[layer]}.{kind}", value.flatten(1) if kind == "weight" else value
        renamed[name] = value
    return renamed


def fuse_batch_norm(model: SlimVGG16) -> SlimVGG16:
    """The same network without batch normalisation: its fixed scale and shift are multiplied into the layer before."""
    last = model.classifier[-1]
    plain = SlimVGG16(last.out_features, slim=4096 // last.in_features)
    fused = [
        fuse_conv_bn_eval(layer, norm) if isinstance(layer, nn.Conv2d) else fuse_linear_bn_eval(layer, norm)
        for layer, norm in pairwise([*model.eval().features, *model.classifier])
        if isinstance(norm, nn.BatchNorm2d | nn.BatchNorm1d)
    ]
    ours = [layer for layer in [*plain.features, *plain.classifier] if isinstance(layer, nn.Conv2d | nn.Linear)]
    for target, source in zip(ours, [*fused, last], strict=True):
        target.load_state_dict(source.state_dict())
    return plain.eval()
