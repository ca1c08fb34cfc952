# %% [markdown]
# # Exercise 08 · Exotic animals with VGG16: fine-tuning
#
# In the first notebook of this exercise, [feature_extraction](feature_extraction.ipynb), the pretrained VGG16 stayed as it was, and only a new layer was trained. Here you also train some of its own layers: you choose which, you give old and new layers
# different learning rates, and you save the whole network. Everything you need is in lessons 06 to 08 and in the tasks.
#
# | task | points |
# |---|---|
# | 1 · Choose what is trained | 2 |
# | 2 · Two learning rates | 2 |
# | 3 · The whole loop | 3 |
# | 4 · Two epochs | 3 |
# | 5 · Save it, and name an animal | 3 |
# | 6 · Why these layers? (in words) | 2 |
# | **total** | **15** |
#
# **Time:** about 75 minutes to work through, about 25 s to run.
#
# **How it works**
#
# 1. Put your code in place of the lines `# YOUR CODE HERE` and `raise NotImplementedError()`. Keep the names of the functions.
# 2. Run the test cell below it. Either it says that the visible tests pass, or its last line says what is wrong.
# 3. Before you hand in: *Kernel → Restart Kernel and Run All Cells*, and save.
#
# Grading adds hidden tests, which call your functions with other data. Test cells are put back as they were before grading, so changing or deleting one has no effect.
# Task 4 needs your solutions of 1, 2 and 3. The others do not need each other: skip one and go on.

# %% [markdown]
# ## The network and the pictures
#
# They are the same as in the first notebook. `SlimVGG16` takes pictures of 112 x 112 pixels with numbers from -1 to 1. It has two parts: `features`, 31 layers in five blocks, and `classifier`, whose last layer is `classifier[6]`.
#
# | block | layers of `features` | convolutions | numbers it can learn |
# |---|---|---|---|
# | 1 | 0 to 4 | 0, 2 | 808 |
# | 2 | 5 to 9 | 5, 7 | 3,488 |
# | 3 | 10 to 16 | 10, 12, 14 | 23,136 |
# | 4 | 17 to 23 | 17, 19, 21 | 92,352 |
# | 5 | 24 to 30 | 24, 26, 28 | 110,784 |
#
# The training pictures are 160 drawings in six styles, each used eight times, each time changed a little by `vary`. An epoch is one pass over these 1,280. The 96 test pictures are the same animals in **three other styles**.

# %% locked=set-up
import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torchvision.transforms import v2
from transformers import ViTImageProcessor

from utils import checkpoint, dataset_path
from utils.pictures import load_pictures, to_rgb
from utils.vision import SlimVGG16

pictures = load_pictures(dataset_path("exotic_animals"))
names = pictures["train"].features["label"].names  # names[0] belongs to class 0, and so on
processor = ViTImageProcessor(size={"height": 112, "width": 112}, image_mean=[0.5] * 3, image_std=[0.5] * 3)
print({split: len(rows) for split, rows in pictures.items()}, "pictures of", len(names), "animals")

# %% locked=data
vary = v2.Compose([
    v2.RandomHorizontalFlip(),
    v2.RandomAffine(10, (0.1, 0.1), (0.85, 1.2), interpolation=v2.InterpolationMode.BILINEAR, fill=1.0),
])  # fmt: skip

pixels, labels = {}, {}
for split in ("train", "test"):
    pixels[split] = processor(list(pictures[split]["image"]), return_tensors="pt").pixel_values
    labels[split] = torch.tensor(pictures[split]["label"])
torch.manual_seed(0)
varied = torch.stack([vary(picture) for _ in range(8) for picture in pixels["train"]])
train_data = TensorDataset(varied, labels["train"].repeat(8))
test_data = TensorDataset(pixels["test"], labels["test"])
print(tuple(varied.shape), f"numbers from {varied.min():.0f} to {varied.max():.0f}")

# %% [markdown]
# ## Task 1 · Choose what is trained (2 points)
#
# Write `pretrained(classes, first)`. It loads the network, `SlimVGG16.from_pretrained(checkpoint("vgg16"))`, changes it and returns it:
#
# - `classifier[6]` is a fresh `nn.Linear` from 512 to `classes` numbers.
# - Trainable (`requires_grad` is `True`) are the layers of `features` from number `first` on, and all of `classifier`. All layers before `first` are frozen.
# - `first = 0` means that everything is trained, `first = 31` that only the classifier is.

# %% solution=pretrained
def pretrained(classes, first):
    """Return the pretrained network with a new last layer, trainable from layer `first` of its features on."""
    ### BEGIN SOLUTION
    model = SlimVGG16.from_pretrained(checkpoint("vgg16"))
    model.classifier[6] = nn.Linear(512, classes)
    model.requires_grad_(True)
    model.features[:first].requires_grad_(False)
    return model
    ### END SOLUTION

# %% tests=test-pretrained points=2
network = pretrained(28, 24)
last = network.classifier[6]
assert isinstance(last, nn.Linear), f"classifier[6] is a {type(last).__name__}, not a Linear"
assert (last.in_features, last.out_features) == (512, 28), f"the new layer is {last}: it must lead from 512 to 28"
trainable = {name for name, p in network.named_parameters() if p.requires_grad}
for part in ("classifier.6.", "classifier.0.", "features.28.", "features.24."):
    assert {part + "weight", part + "bias"} <= trainable, f"{part}weight and {part}bias must be trainable"
for part in ("features.0.", "features.21."):
    assert part + "weight" not in trainable, f"{part}weight stands before layer 24: it must be frozen"
print("Task 1: the visible tests pass.")
### BEGIN HIDDEN TESTS
original = SlimVGG16.from_pretrained(checkpoint("vgg16")).state_dict()
for classes, first in ((28, 0), (3, 31), (5, 17), (9, 12), (9, 13)):
    network = pretrained(classes, first)
    assert network.classifier[6].weight.shape == (classes, 512), f"wrong new layer for {classes} classes"
    for name, p in network.named_parameters():
        part, number, _ = name.split(".")
        assert p.requires_grad == (part == "classifier" or int(number) >= first), f"first = {first}: {name} is wrong"
        assert (part, number) == ("classifier", "6") or torch.equal(p, original[name]), f"{name} is not the pretrained"
### END HIDDEN TESTS

# %% [markdown]
# ## Task 2 · Two learning rates (2 points)
#
# The new layer starts from chance and has far to go; the pretrained ones shall only be nudged. An optimizer takes a list of **parameter groups**, each a dictionary with its own `"lr"`. Write `parameter_groups(model, new_rate, old_rate)`.
#
# - It returns a list of two dictionaries with the keys `"params"` (a list of parameters) and `"lr"`.
# - The first holds the parameters of `model.classifier[6]` and `new_rate`; the second all other **trainable** parameters and `old_rate`.
# - Frozen parameters are in neither. No parameter is in both.

# %% solution=groups
def parameter_groups(model, new_rate, old_rate):
    """Return two parameter groups: the last layer with new_rate, what else is trainable with old_rate."""
    ### BEGIN SOLUTION
    new = list(model.classifier[6].parameters())
    old = [p for name, p in model.named_parameters() if p.requires_grad and not name.startswith("classifier.6.")]
    return [{"params": new, "lr": new_rate}, {"params": old, "lr": old_rate}]
    ### END SOLUTION

# %% tests=test-groups points=2
network = SlimVGG16(4)
network.features.requires_grad_(False)
groups = parameter_groups(network, 0.01, 0.001)
assert len(groups) == 2, f"a list of two groups, not {len(groups)}"
assert [sorted(group) for group in groups] == [["lr", "params"]] * 2, "each group has the keys params and lr"
assert [group["lr"] for group in groups] == [0.01, 0.001], "first the new layer with new_rate, then the others"
sizes = [sum(p.numel() for p in group["params"]) for group in groups]
assert sizes[0] == 4 * 512 + 4, f"the first group has {sizes[0]:,} numbers; the new layer has {4 * 512 + 4:,}"
rest = sum(p.numel() for p in network.classifier[:6].parameters())
assert sizes[1] == rest, f"the second group has {sizes[1]:,} numbers; {rest:,} others are trainable here"
print("Task 2: the visible tests pass.")
### BEGIN HIDDEN TESTS
for first in (0, 19, 31):
    network = SlimVGG16(7)
    network.features[:first].requires_grad_(False)
    network.classifier[0].bias.requires_grad_(False)  # as somebody left it
    new, old = (
        [id(p) for p in group["params"]] for group in torch.optim.SGD(parameter_groups(network, 1, 2)).param_groups
    )
    known = {id(p): name for name, p in network.named_parameters() if p.requires_grad}
    assert {known.get(i) for i in new} == {"classifier.6.weight", "classifier.6.bias"}, "wrong first group"
    assert set(new) | set(old) == set(known) and len(new) + len(old) == len(known), "wrong second group"
### END HIDDEN TESTS

# %% [markdown]
# ## Task 3 · The whole loop (3 points)
#
# Write `train(model, train_loader, test_loader, loss_function, optimizer, epochs)`. The loaders give pairs `(inputs, labels)`, the loss function gives the mean over a batch.
#
# - Each epoch: train on all batches of `train_loader` in training mode, one step for each; then test on those of `test_loader` in evaluation mode, without gradients.
# - After each epoch it prints a line with the four numbers below.
# - It returns the history: a list with a dictionary for each epoch, with the keys `train_loss`, `train_accuracy`, `test_loss`, `test_accuracy`. Losses are means **over all examples**: the last batch may be smaller, and then counts less.
# The two numbers of training come from the batches as they pass, each before its step; no second pass.
#
# It must work for any model. In the second epoch the model must be in training mode again.

# %% solution=train
def train(model, train_loader, test_loader, loss_function, optimizer, epochs):
    """Train and test for some epochs; print and return loss and accuracy of each."""
    ### BEGIN SOLUTION
    history = []
    for epoch in range(epochs):
        row = {}
        for split, loader in (("train", train_loader), ("test", test_loader)):
            training = split == "train"
            model.train(training)
            total, right, n = 0.0, 0, 0
            for inputs, labels in loader:
                with torch.set_grad_enabled(training):
                    logits = model(inputs)
                    loss = loss_function(logits, labels)
                if training:
                    loss.backward()
                    optimizer.step()
                    optimizer.zero_grad()
                total += loss.item() * len(labels)
                right += (logits.argmax(dim=1) == labels).sum().item()
                n += len(labels)
            row |= {f"{split}_loss": total / n, f"{split}_accuracy": right / n}
        print(f"epoch {epoch + 1}: " + ", ".join(f"{key} {value:.2f}" for key, value in row.items()))
        history.append(row)
    return history
    ### END SOLUTION

# %% tests=test-train points=3
torch.manual_seed(0)
x, y, toy, cross_entropy, seen = torch.randn(10, 6), torch.arange(10) % 3, nn.Linear(6, 3), nn.CrossEntropyLoss(), []
toy.register_forward_hook(lambda layer, inputs, out: seen.append((layer.training, out.requires_grad)))
loader, start = DataLoader(TensorDataset(x, y), batch_size=4), toy.weight.detach().clone()
with redirect_stdout(StringIO()) as printed:
    rows = train(toy, loader, loader, cross_entropy, torch.optim.SGD(toy.parameters(), lr=0.5), 2)
keys = ["test_accuracy", "test_loss", "train_accuracy", "train_loss"]
assert [sorted(row) for row in rows] == [keys] * 2, f"history: two dictionaries with the keys {', '.join(keys)}"
assert len(printed.getvalue().splitlines()) >= 2, "print a line after each epoch"
assert seen == ([(True, True)] * 3 + [(False, False)] * 3) * 2, f"train() and gradients for 3 batches, then not: {seen}"
assert not torch.equal(toy.weight, start), "the model has not changed"
assert abs(rows[1]["test_loss"] - cross_entropy(toy(x), y)) < 1e-5, "batches of 4, 4 and 2 must count by their size"
assert abs(rows[1]["test_accuracy"] - (toy(x).argmax(dim=1) == y).float().mean()) < 1e-5, "wrong test_accuracy"
print("Task 3: the visible tests pass.")
### BEGIN HIDDEN TESTS
mine, other, losses = nn.Linear(6, 3), nn.Linear(6, 3), []
other.load_state_dict(mine.state_dict())
own, adam = torch.optim.Adam(mine.parameters(), 0.1), torch.optim.Adam(other.parameters(), 0.1)
for a, b in list(zip(x.split(4), y.split(4))) * 3:
    own.zero_grad(), (loss := cross_entropy(mine(a), b)).backward(), own.step(), losses.append(loss.item() * len(b))
with redirect_stdout(StringIO()):
    rows = train(other, loader, DataLoader(TensorDataset(x[:5], y[:5])), cross_entropy, adam, 3)
assert torch.allclose(other.weight, mine.weight, atol=1e-5), "other weights after three epochs: zero_grad, or steps?"
assert len(rows) == 3 and abs(rows[2]["train_loss"] - sum(losses[6:]) / 10) < 1e-4, "wrong train_loss"
### END HIDDEN TESTS

# %% [markdown]
# ## Task 4 · Two epochs (3 points)
#
# Which layers you do not freeze is up to you. Set `FIRST`, so that at least the last convolution of `features` is trained, and write `fit(train_data, test_data)`, which does the whole training. The data sets are like the two above; there are 28 classes.
#
# 1. Make the network with `pretrained(28, FIRST)`.
# 2. Make two `DataLoader`s (only the one for training shuffles), choose a loss function, an optimizer and two learning rates.
# 3. Call `train` for **two epochs**, and return the model and its history.
#
# More than BAR % of the test pictures must be right after two epochs; guessing gets less than 4 %. Many choices get there. If yours does not, look at the training loss: does it hardly fall, or does it jump? Only the training data may be trained on. The test calls `fit` with other pictures, too.

# %% solution=fit tags=nbval-ignore-output
### BEGIN SOLUTION
FIRST = 24
### END SOLUTION


def fit(train_data, test_data):
    """Fine-tune for two epochs; return the model and its history."""
    ### BEGIN SOLUTION
    model = pretrained(28, FIRST)
    train_loader = DataLoader(train_data, batch_size=16, shuffle=True)
    test_loader = DataLoader(test_data, batch_size=32)
    optimizer = torch.optim.AdamW(parameter_groups(model, new_rate=3e-3, old_rate=3e-4))
    history = train(model, train_loader, test_loader, nn.CrossEntropyLoss(), optimizer, epochs=2)
    return model, history
    ### END SOLUTION


torch.manual_seed(0)
model, history = fit(train_data, test_data)

# %% tests=test-fit points=3
assert len(history) == 2, f"two epochs, not {len(history)}"
assert history[1]["train_loss"] < history[0]["train_loss"], "the training loss does not fall"
with torch.inference_mode():
    accuracy = (model.eval()(pixels["test"]).argmax(dim=1) == labels["test"]).float().mean().item()
assert abs(accuracy - history[1]["test_accuracy"]) < 0.02, "the last test_accuracy is not that of the model"
assert accuracy > BAR, f"test accuracy {accuracy:.2f}: try other learning rates or other layers"
original = SlimVGG16.from_pretrained(checkpoint("vgg16")).state_dict()
moved = {name for name, p in model.features.named_parameters() if not torch.equal(p, original[f"features.{name}"])}
assert "28.weight" in moved, "the last convolution, features[28], was not trained"
chosen = {name for name, _ in model.features.named_parameters() if int(name.split(".")[0]) >= FIRST}
assert moved == chosen, f"FIRST is {FIRST}, but trained are the parameters {sorted(moved)} of features"
print("Task 4: the visible tests pass.")
### BEGIN HIDDEN TESTS
order = torch.randperm(28)  # other classes, and the split the other way round
varied_test = torch.stack([vary(picture) for _ in range(8) for picture in pixels["test"]])
unseen = TensorDataset(pixels["train"], order[labels["train"]])
with redirect_stdout(StringIO()):
    other, _ = fit(TensorDataset(varied_test, order[labels["test"]].repeat(8)), unseen)
still = {name for name, p in other.named_parameters() if name in original and torch.equal(p, original[name])}
assert still == {name for name, p in other.named_parameters() if not p.requires_grad}, "a frozen layer has changed"
with torch.inference_mode():
    right = other.eval()(pixels["train"]).argmax(dim=1) == order[labels["train"]]
assert right.float().mean() > SWAPPED, f"trained on other pictures, only {right.float().mean():.2f} are right"
### END HIDDEN TESTS

# %% [markdown]
# ## Task 5 · Save it, and name an animal (3 points)
#
# Now layers all over the network have changed, so the whole network is saved. And a model whose classes have no names is of little use to others. Write two functions.
#
# - `save(model, names, folder)` writes the network into `folder` with `model.save_pretrained(folder)`, and beside it the list `names`, in a file of your choice (JSON or text, no pickle).
# - `predict(folder, path, k=3)` loads both from `folder`, opens the picture in the file `path`, and returns a list of the `k` most probable classes, most probable first, as pairs: name and probability (a plain number). It must know nothing but the two arguments and
# `processor`: there may be other classes than our 28.
#
# The picture may have any size, and may be grey or partly transparent: `to_rgb(picture)` makes it RGB on white, as the drawings are. `processor(picture, return_tensors="pt").pixel_values` does the rest, and gives a batch of one.

# %% solution=predict
def save(model, names, folder):
    """Write the network and the names of its classes into the folder."""
    ### BEGIN SOLUTION
    model.save_pretrained(folder)
    (Path(folder) / "names.json").write_text(json.dumps(names))
    ### END SOLUTION


def predict(folder, path, k=3):
    """Return the k most probable classes for the picture: a list of pairs (name, probability)."""
    ### BEGIN SOLUTION
    model = SlimVGG16.from_pretrained(folder).eval()
    names = json.loads((Path(folder) / "names.json").read_text())
    picture = processor(to_rgb(Image.open(path)), return_tensors="pt").pixel_values
    with torch.inference_mode():
        best = model(picture).softmax(dim=-1)[0].topk(k)
    return [(names[i], p) for p, i in zip(best.values.tolist(), best.indices.tolist())]
    ### END SOLUTION

# %% tests=test-predict points=3
path = Path(dataset_path("exotic_animals"), "photographs", "lion", "photograph--lion.png")
network, animals = SlimVGG16.from_pretrained(checkpoint("vgg16"), 4), ["lion", "newt", "yak", "emu"]
nn.init.normal_(network.classifier[6].weight, std=0.3, generator=torch.Generator().manual_seed(0))
with TemporaryDirectory() as folder, torch.inference_mode():
    save(network, animals, folder)
    assert {f.suffix for f in Path(folder).iterdir()} <= {".safetensors", ".json", ".txt"}, "a file of another kind"
    loaded, two = SlimVGG16.from_pretrained(folder), pixels["test"][:2]
    assert torch.equal(loaded(two), network(two)), "the saved network gives other answers"
    found, right = predict(folder, path), processor(Image.open(path), return_tensors="pt").pixel_values
    share = network(right).softmax(dim=-1)[0].tolist()
assert len(found) == 3 and found == sorted(found, key=lambda pair: -pair[1]), "three pairs, the most probable first"
for name, p in found:
    assert name in animals and isinstance(p, float), f"({name!r}, {p!r}): a saved name and a plain number are right"
    assert abs(p - share[animals.index(name)]) < 0.05, f"{name}: {p:.2f}, not {share[animals.index(name)]:.2f}"
print("Task 5: the visible tests pass.")
### BEGIN HIDDEN TESTS
with TemporaryDirectory() as folder, torch.inference_mode():
    odd = Image.new("RGBA", (300, 90), (255, 0, 0, 0))
    odd.paste((9, 200, 90, 255), (0, 0, 100, 90))  # a green stripe on the left, all else transparent
    for mode in ("RGBA", "L"):
        save(network.train(), animals[::-1], str(folder)), odd.convert(mode).save(path := Path(folder) / "odd.png")
        share = network.eval()(processor(to_rgb(Image.open(path)), return_tensors="pt").pixel_values).softmax(-1)[0]
        found = {name: abs(p - share[animals[::-1].index(name)]) for name, p in predict(folder, str(path), k=4)}
        assert len(found) == 4 and max(found.values()) < 0.05, f"wrong probabilities for a {mode} picture with k = 4"
### END HIDDEN TESTS

# %% [markdown]
# ## Task 6 · Why these layers? (2 points, graded by a person)
#
# Answer in four to eight sentences:
#
# 1. Which layers did you leave trainable, and why these? Name one reason for training fewer layers, and one for training more.
# 2. Somebody says: "Fine-tuning is better than feature extraction, my test accuracy is higher." What must have been the same in both trainings, and what would you do to be sure of it with 96 test pictures?

# %% [markdown] answer=answer-layers points=2
# **1.** (1 point: a choice with its reason, one reason each way.) For example block 5 and the classifier. The first blocks see edges, colours and simple textures, which animals share with all other pictures; the last ones put together what the pretraining needed, and
# must be turned towards the new task. Fewer layers: less to overfit with 160 pictures, less time and memory, nothing learned gets lost. More layers: pictures that differ from those of the pretraining (X-rays, say) need other features
# further down, and with more pictures there is less danger of overfitting. Learning rates belong here: small ones make many trainable layers harmless.
#
# **2.** (1 point) The same pictures in training and test, the same variations and number of epochs, and equal care for the learning rates of both. Then several seeds for both, and the difference with its interval, counted on the same pictures: with 96 the 95 % interval of one accuracy is
# about ± 0.10, so a difference of a few hundredths says nothing. Better still: hold out each style in turn. Layers and learning rates are chosen on a validation set, not on the test set.
