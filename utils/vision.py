"""Networks for pictures that transformers does not have: a slim VGG16."""

import json
from itertools import pairwise
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torchvision.models.vgg import VGG, make_layers

# torchvision's plan of VGG16, every width divided by eight
PLAN = [8, 8, "M", 16, 16, "M", 32, 32, 32, "M", 64, 64, 64, "M", 64, 64, 64, "M"]


class SlimVGG16(VGG):
    """torchvision's VGG16 at one eighth of its width: the same `.features`, `.avgpool` and `.classifier`."""

    def __init__(self, num_classes: int = 1000, batch_norm: bool = False, dropout: float = 0.5) -> None:
        nn.Module.__init__(self)  # VGG's own would first build the full-width classifier
        self.features = make_layers(PLAN, batch_norm)
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(64 * 7 * 7, 512), nn.ReLU(True), nn.Dropout(dropout),
            nn.Linear(512, 512), nn.ReLU(True), nn.Dropout(dropout),
            nn.Linear(512, num_classes),
        )  # fmt: skip

    @classmethod
    def from_pretrained(cls, folder: str | Path, num_classes: int | None = None) -> "SlimVGG16":
        """The network whose weights lie in `folder`, in float32; with `num_classes`, a new last layer of that size."""
        weights = {name: value.float() for name, value in load_file(Path(folder) / "model.safetensors").items()}
        model = cls(len(weights["classifier.6.bias"]))
        model.load_state_dict(weights)
        if num_classes is not None:
            model.classifier[6] = nn.Linear(512, num_classes)
        return model.eval()

    def save_pretrained(self, folder: str | Path) -> None:
        """Write model.safetensors and config.json into `folder`."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        state = {name: value.contiguous() for name, value in self.state_dict().items()}
        save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
        config = {"architectures": ["SlimVGG16"], "plan": PLAN, "num_classes": self.classifier[6].out_features}
        (folder / "config.json").write_text(json.dumps(config) + "\n")


def fuse_batch_norm(model: SlimVGG16) -> SlimVGG16:
    """The same network without batch normalisation: its fixed scale and shift are multiplied into the convolutions."""
    plain = SlimVGG16(model.classifier[6].out_features)
    layers = list(model.eval().features)
    fused = [
        fuse_conv_bn_eval(conv, norm) for conv, norm in pairwise(layers)
        if isinstance(norm, nn.BatchNorm2d)
    ]  # fmt: skip
    ours = [layer for layer in plain.features if isinstance(layer, nn.Conv2d)]
    with torch.no_grad():
        for target, source in zip(ours, fused, strict=True):
            target.weight.copy_(source.weight)
            target.bias.copy_(source.bias)
    plain.classifier.load_state_dict(model.classifier.state_dict())
    return plain.eval()
