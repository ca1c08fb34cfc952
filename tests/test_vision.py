"""The vision networks: the slim VGG16 has torchvision's layout and saves; the ViT was really trained."""

import pytest
import timm
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn
from torchvision.models import vgg16
from transformers import AutoImageProcessor, AutoModel, ViTConfig, ViTModel

from utils import checkpoint, dataset_path
from utils.data import DATA, results
from utils.vision.pictures import load_pictures
from utils.vision.vgg16 import SlimVGG16, as_in_torchvision, fuse_batch_norm


def test_its_layers_are_torchvisions_at_one_eighth_width():
    with torch.device("meta"):
        full, slim = vgg16(), SlimVGG16()
    for ours, theirs in zip(slim.features, full.features, strict=True):
        assert type(ours) is type(theirs)
        if isinstance(ours, nn.Conv2d):
            assert ours.out_channels * 8 == theirs.out_channels
    assert [type(layer) for layer in slim.classifier] == [type(layer) for layer in full.classifier]


def test_folding_batch_normalisation_changes_no_answer():
    torch.manual_seed(0)
    model = SlimVGG16(10, batch_norm=True)
    model.train()(torch.rand(8, 3, 112, 112))  # moves the running mean and variance
    pixels = torch.rand(2, 3, 112, 112)
    with torch.no_grad():
        torch.testing.assert_close(fuse_batch_norm(model)(pixels), model.eval()(pixels))


def test_it_saves_and_loads_the_same(tmp_path):
    model = SlimVGG16(5).eval()
    model.save_pretrained(tmp_path)
    loaded, pixels = SlimVGG16.from_pretrained(tmp_path), torch.rand(2, 3, 112, 112)
    with torch.no_grad():
        assert torch.equal(loaded(pixels), model(pixels))
    assert SlimVGG16.from_pretrained(tmp_path, 28).classifier[6].out_features == 28


def test_weights_of_the_hub_fit_the_full_width():
    with torch.device("meta"):
        theirs, ours = timm.create_model("vgg16"), SlimVGG16(1000, slim=1)
    renamed = as_in_torchvision(theirs.state_dict())
    assert {name: value.shape for name, value in renamed.items()} == {
        name: value.shape for name, value in ours.state_dict().items()
    }


def test_what_is_no_folder_is_refused():
    with pytest.raises(FileNotFoundError, match=r"no/such/folder/model\.safetensors is missing"):
        SlimVGG16.from_pretrained("no/such/folder")


@pytest.fixture(scope="module")
def animals():
    """Pixels (n, 3, 112, 112) and labels of train and test."""
    processor = AutoImageProcessor.from_pretrained(checkpoint("vit"))
    parts = load_pictures(dataset_path("exotic_animals"))
    return {
        split: (processor(list(parts[split]["image"]), return_tensors="pt").pixel_values, list(parts[split]["label"]))
        for split in ("train", "test")
    }


def accuracy(features, animals) -> float:
    """Of a linear probe on `features(pixels)`, in styles that it never saw."""
    with torch.inference_mode():
        (x, y), (x_test, y_test) = ((features(pixels).numpy(), labels) for pixels, labels in animals.values())
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000)).fit(x, y).score(x_test, y_test)


def test_vit_sees_more_than_a_random_one_and_than_pixels(animals):
    model = AutoModel.from_pretrained(checkpoint("vit"), add_pooling_layer=False).eval()
    assert isinstance(model, ViTModel) and sum(p.numel() for p in model.parameters()) <= 3_000_000
    torch.manual_seed(0)
    random = ViTModel(ViTConfig.from_pretrained(checkpoint("vit")), add_pooling_layer=False).eval()

    def pooled(model):
        return lambda pixels: model(pixels).last_hidden_state[:, 0]

    ours = accuracy(pooled(model), animals)
    assert ours > accuracy(pooled(random), animals) + 0.2
    assert ours > accuracy(lambda pixels: nn.functional.avg_pool2d(pixels, 4).flatten(1), animals)


def test_vgg16_sees_more_than_a_random_one_and_than_pixels(animals):
    model = SlimVGG16.from_pretrained(checkpoint("vgg16"))
    assert len(model.features) == 31 and model.classifier[6].in_features == 512
    torch.manual_seed(0)
    random = SlimVGG16().eval()

    def features(model):
        return lambda pixels: model.features(pixels).flatten(1)

    ours = accuracy(features(model), animals)
    assert ours > accuracy(features(random), animals) + 0.15
    assert ours > accuracy(lambda pixels: nn.functional.avg_pool2d(pixels, 4).flatten(1), animals) + 0.05


def test_results_are_the_figures_of_the_card():
    """Five folds, five seeds: what the issue of the lesson asks of the pretrained networks, in the table it shows."""
    table = results("exotic_animals").query("fold >= 0")
    mean = table.groupby("method")["accuracy"].mean()
    assert len(table) == 25 * len(mean)
    for name in ("ViT, frozen", "VGG16 features, frozen"):
        assert mean[name] > 0.9 * mean["EfficientNet-Lite0"] and mean[name] > mean["raw pixels"] + 0.1
    for name, fine_tuned in {"ViT": "ViT, layer-wise rates", "VGG16": "VGG16, fine-tuned"}.items():
        assert mean[fine_tuned] > mean[f"{name}, frozen"] + 0.03
        assert mean[fine_tuned] > mean[f"{name}, from scratch"] + 0.25
    card = (DATA / "README.md").read_text()
    for name in mean.index:
        assert f"| {name} | {mean[name]:.3f} |" in card, f"the card lacks {name}: {mean[name]:.3f}"
