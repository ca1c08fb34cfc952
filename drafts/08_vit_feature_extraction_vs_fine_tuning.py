# %% [markdown]
# # 08 · ViT: feature extraction or fine-tuning
#
# A vision transformer is to tell 28 animals apart, from 160 drawings. You go through the lecture's ten steps: first the network stays as it is and
# only a new last layer learns (**feature extraction**), then all of it learns (**fine-tuning**). And you measure what each way is worth, on drawings in styles
# that it wasn't trained on, and on photographs.
#
# **After this lesson you can**
#
# - turn a folder of pictures into batches that a pretrained ViT understands
# - train a new head on frozen features that were computed only once
# - fine-tune all layers, with one learning rate or with one for each layer
# - say how far an accuracy on 96 pictures can be trusted
# - write `predict(path)`, and know what its probabilities don't tell
#
# **Time:** about 40 s to run, about 90 minutes to work through.
#
# **Needs:** [lesson 07](07_vision_transformer.ipynb) (patches, `[CLS]`), lessons [05](05_fine_tuning_with_trainer.ipynb) and [06](06_fine_tuning_in_pytorch.ipynb) (frozen
# body, head, the training loop).
# %% [markdown]
# ## Steps 1 and 2: the pictures, at the model's size
#
# Step 1, *install*, is done: `transformers`, `torch` and `torchvision` came with the course, and each cell imports what it needs. Step 2: load the pictures. They
# lie in folders, one for each animal, `train/<animal>/<picture>` and `test/<animal>/<picture>`.
# %%
import numpy as np
from utils import checkpoint, dataset_path
from utils.pictures import load_pictures, to_rgb

animals = load_pictures(dataset_path("exotic_animals"))
names = animals["train"].features["label"].names
images = {split: list(animals[split]["image"]) for split in animals}
labels = {split: np.array(animals[split]["label"]) for split in animals}
print({split: len(images[split]) for split in images}, len(names), "animals:", *names)
# %% [markdown]
# That's fewer than six pictures of each animal, on average, to learn from. `load_pictures` takes **any folder of this form**: with photographs of your own, only the path changes.
#
# They are drawn in nine *styles*. Below, the first six columns are training, the last three are test. What makes the test hard?
# %%
from pathlib import Path

from datasets import Image
from utils.picture_plots import show_pictures

def styles_of(split):
    files = animals[split].cast_column("image", Image(decode=False))["image"]
    return [Path(file["path"]).name.partition("--")[0] for file in files]

styles = {split: styles_of(split) for split in animals}
def one_per_style(split, animal):
    places = np.flatnonzero(labels[split] == animal)[::-1]
    of_animal = {styles[split][i]: images[split][i] for i in places}
    return {style: of_animal[style] for style in sorted(of_animal)}

rows = [one_per_style("train", names.index(name)) | one_per_style("test", names.index(name))
        for name in ("elephant", "octopus", "penguin")]
show_pictures([picture for row in rows for picture in row.values()], columns=9,
              titles=[style.replace("-", "\n", 1) for style in rows[0]] + [""] * 18,
              alt="An elephant, an octopus and a penguin, each in nine styles: six of the training "
              "pictures, three of the test. These have other outlines, shading and poses.")
# %% [markdown]
# Eight grey elephants and a blue one; outlines, shading and poses all differ. The test asks for a **new style**, not only for a new picture: whoever learns "this is how *these* six draw an elephant" will
# fail. Guessing gets 1 of 28 right, 4 %.
#
# Our ViT takes pictures of 112 × 112 pixels, the lecture's of 224 × 224. Never guess: the **image processor** that comes with the model knows.
# %%
from transformers import AutoImageProcessor

processor = AutoImageProcessor.from_pretrained(checkpoint("vit"))
fox = images["train"][int(np.flatnonzero(labels["train"] == names.index("fox"))[0])]
prepared = processor(fox, return_tensors="pt")["pixel_values"]
print(fox.size, fox.mode, "->", tuple(prepared.shape))
print(f"values from {prepared.min():.2f} to {prepared.max():.2f}")
# %% [markdown]
# One picture, three channels (red, green, blue), 112 rows, 112 columns. The values don't go from 0 to 255 any more, and not from 0 to 1. That is step 3.
#
# ## Step 3: pretraining's mean and deviation
#
# The processor divides by 255, subtracts a mean and divides by a deviation (`std`): those with which the model was pretrained. It has never seen others. We do these two things apart, because
# later we want to change pictures in between. The **loaders** then hand out batches of 32, the training pictures in random order.
# %%
import torch
from torch.utils.data import DataLoader, TensorDataset
from torchvision.transforms import v2

print("mean", processor.image_mean, "std", processor.image_std)
pixels = {split: processor(images[split], do_normalize=False, return_tensors="pt")["pixel_values"]
          for split in images}
normalize = v2.Normalize(processor.image_mean, processor.image_std)
normalized = {split: normalize(pixels[split]) for split in pixels}
assert torch.allclose(normalize(pixels["train"][:2]),
                      processor(images["train"][:2], return_tensors="pt")["pixel_values"],
                      atol=1e-6)

targets = {split: torch.from_numpy(labels[split]) for split in labels}
loaders = {split: DataLoader(TensorDataset(normalized[split], targets[split]), batch_size=32,
                             shuffle=split == "train") for split in normalized}
x, y = next(iter(loaders["test"]))
print(tuple(x.shape), [names[i] for i in y[:5]], len(loaders["train"]), "batches an epoch")
# %% [markdown]
# With 0.5 and 0.5, white is (1 − 0.5) / 0.5 = 1 and black −1. The assert says that our two steps give what the processor gives.
#
# Many tutorials write down `[0.485, 0.456, 0.406]` here, the mean of ImageNet's photographs, as if all models wanted it. Ours doesn't, and Google's ViT doesn't either. **What happens if you
# take the wrong ones?** We'll measure it, as soon as there is something to measure with.
#
# ## Steps 4 and 6: a pretrained model with a new last layer
#
# Where does a pretrained ViT come from? Google's has seen 14 million labelled photographs; ours had to be made on two cores. It learned by **distillation**: a small network (the *student*)
# imitates a trained one (the *teacher*).
#
# - The teacher is EfficientNet-Lite0, a convolutional network, trained on ImageNet: 1.3 million photographs with labels of a thousand kinds.
# - The student looked at 56,000 views of 18,672 open drawings. At each of 7 × 7 places it had to give what the teacher sees there, and in `[CLS]` the mean over all places. No labels were
#   needed: the teacher's numbers are the answers.
# - Drawings with one of our 28 animals in their name were left out. But other drawings *in all nine styles* were among them: "new style" is true for what **you** train, not for the pretraining.
#
# And the teacher: does it know our animals? Its class names will tell.
# %%
from transformers import AutoModel, AutoModelForImageClassification
from utils.quiet import silent

teacher = AutoModelForImageClassification.from_pretrained(checkpoint("imagenet"))
last_words = {name.split(",")[0].split()[-1].lower() for name in teacher.config.id2label.values()}
known = [name for name in names if name in last_words]
print(len(teacher.config.id2label), "classes;", len(known), "of our animals:", ", ".join(known))
# %% [markdown]
# It has met most of them, in photographs. So our student knows a tiger only second-hand: from a teacher who has seen tigers, but looked at everything else while it taught.
#
# Has the student learned to see as its teacher does? Take one test drawing of each animal. Which two are alike? To the teacher, those whose numbers (1,280, the mean over the places) point in the same direction: the cosine
# tells, after the mean of all drawings has been subtracted, which is what all have in common. The same with the `[CLS]` of our ViT, and of a ViT that was never trained.
# %%
from torch.nn.functional import interpolate, normalize as to_length_one

vit = AutoModel.from_pretrained(checkpoint("vit"), add_pooling_layer=False)
torch.manual_seed(0)
random_vit = AutoModel.from_config(vit.config, add_pooling_layer=False).eval()

def likeness(vectors):
    directions = to_length_one(vectors - vectors.mean(dim=0), dim=1)
    return directions @ directions.T

first = [labels["test"].tolist().index(i) for i in range(28)]
with torch.inference_mode():
    seen = teacher.timm_model.forward_features(
        interpolate(normalized["test"][first], 224, mode="bilinear"))
    alike = {"teacher": likeness(seen.mean(dim=(2, 3)))}
    for name, network in {"our ViT": vit, "random ViT": random_vit}.items():
        alike[name] = likeness(network(normalized["test"][first]).last_hidden_state[:, 0])
pairs = np.triu_indices(28, k=1)
agreement = {name: float(np.corrcoef(alike["teacher"][pairs], matrix[pairs])[0, 1])
             for name, matrix in alike.items()}
# %% [markdown]
# 28 drawings make 378 pairs. Guess: how far do the two ViTs agree with the teacher about them? We take the **correlation** of the 378 numbers: 1 if they agree fully, 0 if one tells nothing about the other. And for seven drawings
# we look which of the other 27 is the nearest.
# %%
print({name: round(value, 1) for name, value in agreement.items()})
assert agreement["our ViT"] > agreement["random ViT"] + 0.1
asked, drawn = range(0, 28, 4), [images["test"][i] for i in first]
nearest = [int((m[i] - torch.eye(28)[i]).argmax()) for m in alike.values() for i in asked]
titles = [text for name in ("drawing", *alike) for text in [name] + [""] * 6]
show_pictures([drawn[i] for i in [*asked, *nearest]], columns=7, titles=titles,
              alt="Seven drawings; below each the one that is most alike to the teacher, "
              "to our ViT and to the random ViT.")
# %% [markdown]
# Our ViT's judgements go with the teacher's, those of a random ViT hardly do: that's what distillation has handed over. It's no copy, though: of these seven, only the tiger has the same nearest drawing with both. (The random
# ViT goes by colour: green to green, orange and brown to orange and brown.)
#
# Now load it for **our** task. `AutoModelForImageClassification` puts a new linear layer on `[CLS]`, with as many outputs as you say: that is the lecture's step 6, in the same call. `id2label` and `label2id` make
# it answer with names.
# %%
def new_model():
    torch.manual_seed(0)
    with silent():  # it reports that the classifier is new, which is what we want
        return AutoModelForImageClassification.from_pretrained(
            checkpoint("vit"), num_labels=28, id2label=dict(enumerate(names)),
            label2id={name: i for i, name in enumerate(names)})

model = new_model()
print(model.classifier)
# %% [markdown]
# ## Steps 5, 7 and 8: freeze, optimizer, loss
#
# - Step 5, **freeze**: the backbone `model.vit` gets no gradients. How many numbers are left to train? Work it out from the line above.
# - Step 7: the optimizer gets only these.
# - Step 8: the loss is **cross-entropy**, minus the logarithm of the probability that the right animal got. How large is it before training, if all 28 are about equally likely?
# %%
from torch.nn.functional import cross_entropy

def trainable(model):
    return sum(p.numel() for p in model.parameters() if p.requires_grad)

model.vit.requires_grad_(False)
print(f"{trainable(model):,} of {model.num_parameters():,};", 192 * 28 + 28)
optimizer = torch.optim.AdamW(model.classifier.parameters(), lr=0.01)
loss = cross_entropy(model(x).logits, y).item()
print(f"loss {loss:.1f}, ln 28 = {np.log(28):.1f}")
# %% [markdown]
# 192 weights and a bias for each animal, 0.3 % of the model. And the loss is that of somebody who spreads the probability evenly.
#
# ## Step 9: train, on features computed once
#
# A frozen backbone gives the same `[CLS]` for the same picture in every epoch. So run it **once** and keep what it gives (lesson 05 did so with sentences). We keep `[CLS]` and, for later, the mean over the patches.
# %%
def features(network, pictures):
    with torch.inference_mode():
        states = torch.cat([network(part).last_hidden_state for part in pictures.split(64)])
    return torch.cat([states[:, 0], states[:, 1:].mean(dim=1)], dim=1)

cached = {split: features(model.vit, normalized[split]).clone() for split in normalized}
print(f"{pixels['train'][0].numel():,} numbers a picture, {cached['train'].shape[1]} features")
# %% [markdown]
# A hundredth of the numbers. From here on, an epoch is 160 rows of 192 numbers (`[CLS]`) through one linear layer.
# %%
def train_head(head, optimizer, rows, epochs):
    torch.manual_seed(0)
    batches = DataLoader(TensorDataset(rows, targets["train"]), batch_size=32, shuffle=True)
    for _ in range(epochs):
        for x, y in batches:
            cross_entropy(head(x), y).backward()
            optimizer.step()
            optimizer.zero_grad()

cls = cached["train"][:, :192]
train_head(model.classifier, optimizer, cls, epochs=60)
for split in ("train", "test"):
    with torch.inference_mode():
        answers = model(normalized[split]).logits.argmax(dim=-1).numpy()
    print(f"{split}: {(answers == labels[split]).sum()} of {len(answers)} right")
# %% [markdown]
# Evaluated by the whole model, backbone and head: the two halves fit together. All training pictures are right, and about half of the test pictures, in styles that the head never met. How sure is "half"?
#
# ### How far can 96 pictures be trusted?
#
# Another 96 drawings would give another number. An **interval** says which true accuracies go well with what we saw: if many people did this, each with 96 pictures of their own, 95 in 100 of their intervals would hold
# the truth. `scipy` has it, by Wilson's formula. How wide is it if half of 96 are right? And half of 20, our number of photographs?
# %%
from scipy.stats import binomtest

def interval(right, pictures):
    found = binomtest(int(round(right)), pictures).proportion_ci(method="wilson")
    return {"accuracy": right / pictures, "low": float(found.low), "high": float(found.high)}

for pictures in (20, 96, 960):
    half = interval(pictures / 2, pictures)
    print(pictures, {name: round(value, 2) for name, value in half.items()})
# %% [markdown]
# With 96 pictures, 0.1 to either side; with 20 hardly anything can be told; ten times the pictures make it a third as wide. **So every accuracy below comes
# with its interval.** (Even these are a little too narrow: they take pictures for independent, and three drawings of a fox aren't.)
#
# What did the cache save? We time the backbone for all 160 pictures, and one epoch of a head.
# %% tags=nbval-ignore-output
from timeit import repeat

spare = torch.nn.Linear(192, 28)
spare_optimizer = torch.optim.AdamW(spare.parameters())
seconds_backbone = min(repeat(lambda: features(model.vit, normalized["train"]), number=1, repeat=3))
seconds_head = min(repeat(lambda: train_head(spare, spare_optimizer, cls, 1), number=1, repeat=3))
usual, with_cache = 60 * (seconds_backbone + seconds_head), seconds_backbone + 60 * seconds_head
print(f"backbone {seconds_backbone:.2f} s, head {seconds_head:.3f} s an epoch")
print(f"60 epochs: {usual:.0f} s, or {with_cache:.1f} s with the cache")
# %% [markdown]
# The backbone sixty times, or once. There is a price: a cached feature belongs to a picture as it is. To vary the pictures at random (mirrored, turned, …), anew in each epoch, one has
# to run the backbone each time.
#
# ## What if the normalisation is another?
#
# Now the promised measurement. The head stays, only the test pictures are prepared differently. Guess the order of these:
#
# - **ImageNet**: mean 0.485, 0.456, 0.406 and deviation 0.229, 0.224, 0.225
# - **0 to 1**: divided by 255, then nothing
# - **0 to 255**: nothing at all
# %%
import pandas as pd
from utils.classification_plots import interval_bars

assert seconds_backbone > 4 * seconds_head and usual > 3 * with_cache  # the cell above
imagenet = v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
ways = {"as in pretraining": normalize, "ImageNet": imagenet,
        "0 to 1": lambda x: x, "0 to 255": lambda x: 255 * x}
prepared_as = {}
for name, prepare in ways.items():
    with torch.inference_mode():
        answers = model(prepare(pixels["test"])).logits.argmax(dim=-1).numpy()
    prepared_as[name] = interval((answers == labels["test"]).sum(), len(answers))
assert all(prepared_as["as in pretraining"]["accuracy"] > prepared_as[name]["accuracy"] + 0.05
           for name in ("ImageNet", "0 to 1", "0 to 255"))
by_way = pd.DataFrame(prepared_as).T
interval_bars({"the same head, test pictures prepared in four ways": by_way},
              chance=1 / 28, alt="Bars with intervals: accuracy is highest with the normalisation "
              "of the pretraining and lower with each of the others.")
by_way.round(2)
# %% [markdown]
# The wrong normalisation costs a third of the right answers, two thirds, or nearly all. And here is the surprise: ImageNet's usual values do *more* harm than leaving out the step. Why? With them white becomes (1 − 0.485) / 0.229 ≈ 2.2 instead of 1,
# a value that the model has never seen, and most of each drawing is white. Left between 0 and 1, white stays 1 as it should be, and only the dark parts are off. With 0 to 255 guessing is nearly as good.
#
# **There was no error and no warning.** Nothing but the accuracy tells.
#
# ## What are the frozen features worth?
#
# An accuracy alone means nothing. The cheapest rival: the picture itself, as 28 × 28 coarse pixels. The second: a ViT of the same shape that was never trained. All get the same head, and the same
# training pictures: each as it is and in four variations.
# %%
vary = v2.Compose([
    v2.RandomHorizontalFlip(),
    v2.RandomInvert(p=1),  # white to black, since what comes in from outside is black
    v2.RandomAffine(degrees=10, translate=(0.05, 0.05), scale=(0.83, 1.18),
                    interpolation=v2.InterpolationMode.BILINEAR),
    v2.RandomInvert(p=1),
    v2.ColorJitter(brightness=0.1, contrast=0.1)])
torch.manual_seed(0)
variations = [torch.stack([vary(picture) for picture in pixels["train"]]) for _ in range(4)]
chosen = [pixels["train"], *variations]
show_pictures([part[i].permute(1, 2, 0) for i in (24, 84) for part in chosen], columns=5,
              titles=["as it is", *["varied"] * 4] + [""] * 5,
              alt="Two drawings, each as it is and in four variations: mirrored, turned a little, "
              "moved, larger or smaller, darker or lighter.")
# %% [markdown]
# That's **augmentation**: more pictures for free, as long as each still shows its animal. (It works on values from 0 to 1, so vary first and normalise afterwards.)
#
# The head this time is scikit-learn's `LogisticRegression`: the same linear layer with the same loss, trained until nothing moves any more, with small weights (`C=0.1`) and all features brought to one scale.
# Such a head on frozen features is called a **linear probe**.
# %%
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits
from torch.nn.functional import avg_pool2d

def probe(get_features):
    rows = np.concatenate([get_features(normalize(part)) for part in chosen])
    head = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=3000))
    with threadpool_limits(1):  # on so few numbers, threads would only wait for one another
        head.fit(rows, np.tile(labels["train"], len(chosen)))
    return {split: head.predict(get_features(normalized[split]))
            for split in ("test", "photographs")}

def scores(split="test"):
    return pd.DataFrame({name: interval((answer[split] == labels[split]).sum(), len(labels[split]))
                         for name, answer in predicted.items()}).T.round(2)

predicted = {"raw pixels": probe(lambda x: avg_pool2d(x, 4).flatten(1).numpy()),
             "random ViT": probe(lambda x: features(random_vit, x).numpy()),
             "ViT, frozen": probe(lambda x: features(model.vit, x).numpy())}
assert scores()["accuracy"]["ViT, frozen"] > scores()["accuracy"]["random ViT"] + 0.05
scores()
# %% [markdown]
# Three things to see:
#
# - Raw pixels are no fool: half are right, for who is orange is a fox or a tiger. **Without this line, "61 %" would sound like more than it is.**
# - A random ViT is *worse* than raw pixels: it stirs the picture until a linear layer finds less in it. What helps is not the architecture, it's the pretraining.
# - The frozen ViT got ten more right than our first head: this probe sees the patches' mean beside `[CLS]`, and the variations.
#
# ## Step 10: fine-tune the whole model
#
# The lecture's order is: first the head alone, as above, then everything *from there*. That has a reason: a head of random numbers sends nonsense down into the layers, and spoils what they knew before it has learned anything
# itself. It's the loop of lesson 06, with four remarks.
#
# - New variations in every epoch, so nothing can be cached.
# - `autocast` computes in **bfloat16** (lesson 06) where that does no harm: two to three times as fast on processors made for it.
# - `label_smoothing=0.1`: a tenth of the target is spread over all animals, so that the model doesn't get too sure of 160 pictures.
# - `OneCycleLR` warms up during a tenth of the steps, then lowers the rate to nearly 0.
# %%
def fine_tune(model, groups, epochs=10):
    torch.manual_seed(0)
    batches = DataLoader(TensorDataset(pixels["train"], targets["train"]), 32, shuffle=True)
    optimizer = torch.optim.AdamW(groups, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [group["lr"] for group in groups], epochs * len(batches), pct_start=0.1)
    model.train()
    for _ in range(epochs):
        for x, y in batches:
            x = normalize(torch.stack([vary(picture) for picture in x]))
            with torch.autocast("cpu", torch.bfloat16):
                logits = model(x).logits
            cross_entropy(logits.float(), y, label_smoothing=0.1).backward()
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
    return model.eval()

def answer(model):
    with torch.inference_mode():
        return {split: model(normalized[split]).logits.argmax(dim=-1).numpy()
                for split in ("test", "photographs")}
# %% [markdown]
# The head learned with a rate of 0.01. The whole model gets 0.0003: what took long to learn should be changed with care. It starts with our first head (49 of 96). Will it beat it? And the probe?
# %% tags=nbval-ignore-output
from copy import deepcopy
from time import perf_counter

predicted["ViT, first head"] = answer(model)
start, fine_tuned = perf_counter(), deepcopy(model).requires_grad_(True)
fine_tune(fine_tuned, [{"params": list(fine_tuned.parameters()), "lr": 3e-4}])
predicted["ViT, fine-tuned"] = answer(fine_tuned)
print(f"{trainable(fine_tuned):,} numbers trained, {perf_counter() - start:.0f} s")
scores()
# %% [markdown]
# Seven more than the head it started from, and not above the probe, which trained 10,780 numbers and took seconds. Before we ask how sure that is, one refinement.
#
# ### A learning rate for each layer
#
# The first layers see edges and colours, of which any picture is made; the last ones see what the pretraining asked for. So let the top learn fast and the bottom slowly: each layer at 0.65 times
# the rate of the one above. An optimizer takes **groups** of parameters, each with a rate of its own.
# %%
def layer_groups(model, top=1e-3, factor=0.65):
    parts = {"embeddings": [model.vit.embeddings]}
    parts |= {f"layer {i}": [layer] for i, layer in enumerate(model.vit.layers)}
    parts |= {"norm, head": [model.vit.layernorm, model.classifier]}
    return [{"name": name, "lr": top * factor ** (len(parts) - 1 - i),
             "params": [p for module in modules for p in module.parameters()]}
            for i, (name, modules) in enumerate(parts.items())]

assert trainable(fine_tuned) > 300 * trainable(model)
assert scores()["accuracy"]["ViT, fine-tuned"] > 5 / 28
pd.DataFrame({group["name"]: {"rate": f"{group['lr']:.1e}",
                              "parameters": sum(p.numel() for p in group["params"])}
              for group in layer_groups(fine_tuned)}).T
# %% tags=nbval-ignore-output
layer_wise = deepcopy(model).requires_grad_(True)
fine_tune(layer_wise, layer_groups(layer_wise))
predicted["ViT, layer-wise rates"] = answer(layer_wise)
scores()
# %% [markdown]
# About the same. How far did each layer move from where the pretraining had left it, in percent of its own length?
# %% tags=nbval-ignore-output
def moved(model):
    ways = zip(layer_groups(model), layer_groups(new_model()))
    flat = {new["name"]: [torch.cat([p.detach().flatten() for p in group["params"]])
                          for group in (new, old)] for new, old in ways}
    return {name: float((new - old).norm() / old.norm()) for name, (new, old) in flat.items()}

shares = pd.DataFrame({"one rate": moved(fine_tuned), "layer-wise": moved(layer_wise)})
assert scores()["accuracy"]["ViT, layer-wise rates"] > 5 / 28
shares.drop(index="norm, head").map(lambda share: f"{share:.1%}")
# %% [markdown]
# None went far: fine-tuning only bends what is there. With layer-wise rates the bottom moved less than with one rate, the top more.
#
# ### Is one better than the other?
#
# Both answered the *same* pictures. So look only at those that exactly one of them got right. If the two are equally good, it's a coin toss who that is, each time. The **p-value** is the probability that a fair coin falls
# at least as unevenly.
# %% tags=nbval-ignore-output
assert shares["layer-wise"]["embeddings"] < 0.8 * shares["one rate"]["embeddings"]

def duel(one, other):
    first, second = (predicted[name]["test"] == labels["test"] for name in (one, other))
    only = int((first & ~second).sum()), int((second & ~first).sum())
    p = binomtest(only[0], sum(only)).pvalue
    return {"only the first": only[0], "only the second": only[1], "p-value": round(p, 3)}

rivals = [("ViT, frozen", "random ViT"), ("ViT, frozen", "raw pixels"),
          ("ViT, fine-tuned", "ViT, first head"), ("ViT, layer-wise rates", "ViT, fine-tuned")]
duels = pd.DataFrame([duel(*pair) for pair in rivals], index=map(" against ".join, rivals))
duels
# %% [markdown]
# Frozen against random is beyond doubt: so unevenly a fair coin practically never falls. Frozen against raw pixels isn't, on 96 drawings, although a dozen lie between them; the usual limit is 0.05. And what fine-tuning gained, or one rate
# against many, may well be chance. **96 pictures cannot decide between ways that are this close.**
#
# ## Five folds, five seeds
#
# One split and one seed leave much to chance. So each way was trained 25 times before the lesson (`data/recipes/vision_results.py`): each of five groups of styles was the test once (a **fold**), with five seeds each. In this
# way every one of the 256 drawings was a test picture once.
# %%
from utils.data import results

assert duels["p-value"]["ViT, frozen against random ViT"] < 0.01
measured = results("exotic_animals").query("not method.str.contains('VGG')").copy()
measured["test"] = np.where(measured["fold"] < 0, "photographs", "unseen styles")
seeds = measured.groupby(["test", "method", "seed"])["accuracy"].mean()
means = seeds.groupby(["test", "method"]).mean().unstack(0).sort_values("unseen styles")
costs = measured.groupby("method")[["trained_parameters", "seconds", "peak_memory_mb"]].first()
means.round(2).join(costs)
# %% [markdown]
# (`seconds`: for one training, features included. `peak_memory_mb` says less than it seems to: the probes' script holds five versions of all pictures at once, the trainings hold one batch.)
#
# Such a number depends on chance in two ways: *which seed* and *which pictures*. Below, dots are the five seeds, and the black lines are intervals for the pictures.
# %%
panels = {}
for test, pictures in {"unseen styles": 256, "photographs": 20}.items():
    rows = {method: interval(mean * pictures, pictures) for method, mean in means[test].items()}
    dots = [list(seeds[test, method]) for method in rows]
    panels[test] = pd.DataFrame(rows).T.assign(seeds=pd.Series(dots, index=list(rows)))
interval_bars(panels, chance=1 / 28,
              alt="Bars for seven ways. Left, drawings in unseen styles: from untrained ViTs up to "
              "the teacher. Right, photographs: low, with wide intervals.")
# %%
# The course checks itself: what the text below says about the order holds in the table.
unseen = means["unseen styles"]
assert unseen["EfficientNet-Lite0"] > unseen["ViT, frozen"] + 0.05 > unseen["raw pixels"] + 0.1
assert unseen["ViT, frozen"] > unseen["ViT, fine-tuned"] > unseen["ViT, from scratch"] + 0.05
assert unseen["ViT, layer-wise rates"] > unseen["ViT, fine-tuned"] + 0.03
assert abs(unseen["ViT, layer-wise rates"] - unseen["ViT, frozen"]) < 0.02
# %% [markdown]
# Left, from top to bottom:
#
# - **From scratch, and random ViT**: well above chance, but the architecture alone makes less of a picture than there is in its pixels.
# - **Raw pixels** do better than both: with some 200 drawings, colour and outline are hard to beat.
# - **Fine-tuned with one rate** (here from a new head, in 20 epochs): better than pixels.
# - **Frozen**: better still, in a fraction of the time. With about seven drawings of each animal *feature extraction is the better bargain*; with thousands it's usually the other way round.
# - **Layer-wise rates** (new head, 20 epochs): as good as frozen, and better than one rate. (Part of that may be the new head's larger rate, 0.001.) Live, from a trained head, it looked the other way round, within chance. So much for one split.
# - **The teacher**: the best. What our student knows it has from there, and it hasn't got all of it.
#
# The dots lie close together: the seed matters less than which pictures one happens to ask.
#
# ### Photographs
#
# The right half is sobering. Have a look at what was asked, and at the answers of the frozen ViT:
# %%
from utils.classification_plots import confusion_matrices, show_answers

show_answers(images["photographs"], labels["photographs"], predicted["ViT, frozen"]["photographs"],
             names, columns=7, alt="Twenty photographs of animals, each with its name and the "
             "answer of the frozen ViT; few are right.")
# %% [markdown]
# Three or four of twenty for every pretrained ViT; *raw pixels get as many*, and a network from scratch no fewer. On photographs our pretraining is worth nothing. That's **domain shift**: what a model learned holds for pictures like those it learned from.
# Fur, shadows and real poses are in hardly any drawing. The teacher has learned from photographs, and gets twice as many, although its head too was trained on drawings only.
#
# ## Which drawings does it get wrong?
#
# A **confusion matrix** counts: rows are what is true, columns what was answered. Right answers lie on the diagonal. Below it, the drawings that the frozen ViT took for another animal.
# %%
told, true = predicted["ViT, frozen"]["test"], labels["test"]
two = {name: predicted[name]["test"] for name in ("ViT, frozen", "ViT, layer-wise rates")}
confusion_matrices(true, two, names, alt="Two matrices of 28 by 28 animals. Most test drawings lie "
                   "on the diagonal; the others are scattered, some animals never come out right.")
by_style = pd.Series(told == true).groupby(styles["test"]).mean()
assert by_style["openmoji"] + 0.1 < by_style.drop("openmoji").min()
print("right:", by_style.round(2).to_dict())
wrong = np.flatnonzero(told != true)[:32]
show_answers([images["test"][i] for i in wrong], true[wrong], told[wrong], names,
             alt="Test drawings that were taken for another animal, with name and answer.")
# %% [markdown]
# The errors have reasons. Colour and outline decide: green and long is a snake, grey and heavy is an elephant, orange with black lines is a tiger. And one style makes far more of them than the other two: openmoji draws everything with black outlines, as none of
# the training styles does.
#
# ## A picture of your own
#
# Step 9 ends with *one* test picture. `predict` takes the path of a file, prepares the picture as in training and gives the three likeliest animals. `to_rgb` puts transparent pictures on white, since most drawings on the
# web are transparent, and would get a black ground otherwise.
# %%
import PIL.Image

@torch.inference_mode()
def predict(path):
    inputs = processor(to_rgb(PIL.Image.open(path)), return_tensors="pt")
    probabilities, classes = model(**inputs).logits[0].softmax(dim=-1).topk(3)
    return {names[i]: round(p, 2) for i, p in zip(classes.tolist(), probabilities.tolist())}

path = sorted(Path(dataset_path("exotic_animals"), "test", "panda").iterdir())[0]
print(path.name, predict(path))
# %% [markdown]
# It takes the panda for a panda, with little more than half of the probability. For a picture of your own, put it beside this notebook: `predict("my_picture.jpg")`.
#
# Saved with its processor, the model is one folder, which the pipeline of lesson 01 takes. Does it give the same? And what will it say to a sheet of white paper?
# %%
from tempfile import TemporaryDirectory

from transformers import pipeline

with TemporaryDirectory() as folder:
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    classifier = pipeline("image-classification", model=folder, top_k=3)
for picture in (str(path), PIL.Image.new("RGB", (200, 200), "white")):
    print({answer["label"]: round(answer["score"], 2) for answer in classifier(picture)})
# %% [markdown]
# The same for the panda: size, mean, deviation and names travel with the model. And the white sheet is an animal too. Softmax shares out 100 % among the 28, whatever it sees: **the probabilities say
# which of the 28, never whether it's one of them.**
#
# ## Recap
#
# - The image processor knows size, mean and deviation of the pretraining. Others cost accuracy, without an error.
# - Frozen backbone: compute the features once, train a linear layer on them. That's seconds, and with few pictures hard to beat.
# - Fine-tuning: the head first, then everything, with small rates, smaller ones for lower layers, and varied pictures.
# - An accuracy needs its interval; a comparison needs the same pictures, several seeds and several folds.
# - Softmax always names one of its classes. It cannot say "none of these".
#
# ## Quiz
#
# **1.** Model A has 62 of 96 right, model B 66. A colleague takes B. What do you say?
#
# <details><summary>Answer</summary>
#
# That four pictures may be chance: each interval is about 0.1 to either side. Count the pictures that only one of them got right, and compare over several folds and seeds.
#
# </details>
#
# **2.** You cache features, and want new random variations of the pictures in each epoch. What's the catch?
#
# <details><summary>Answer</summary>
#
# A cached feature belongs to one fixed picture, and each new variation has to go through the backbone. You can cache a few fixed variations, as our probe did; beyond that the cache saves nothing.
#
# </details>
#
# **3.** You freeze the backbone, but give the optimizer `model.parameters()`. Does the backbone change?
#
# <details><summary>Answer</summary>
#
# No. Frozen parameters get no gradient, and AdamW skips what has none, weight decay included. It's only untidy; the head alone says better what is meant.
#
# </details>
#
# **4.** Your classifier says "owl, 0.93" for a photograph of a teapot. Is it broken?
#
# <details><summary>Answer</summary>
#
# No. It can only share out probabilities among its 28 animals, and a photograph of a teapot is like nothing it was trained on; so the shares mean little there.
#
# </details>
#
# ## Exercise
#
# Between frozen and full lies a middle way: train only the **last layer** of the backbone (`layers[3]`), the norm after it (`layernorm`) and the head. Complete `unfreeze_top`, which takes a new model and sets what may learn. How many
# numbers will be trained? Run the cell until it says "correct".
# %%
def unfreeze_top(model):
    model.vit.requires_grad_(False)
    # your lines here

def verdict(unfreeze):
    attempt = new_model()
    unfreeze(attempt)
    learning = {name for name, p in attempt.named_parameters() if p.requires_grad}
    wanted = {name for name, _ in attempt.named_parameters()
              if name.startswith(("vit.layers.3.", "vit.layernorm.", "classifier."))}
    if missing := wanted - learning:
        return f"not yet: {len(missing)} tensors should learn and don't, as {min(missing)}"
    if surplus := learning - wanted:
        return f"not yet: {len(surplus)} tensors learn and shouldn't, as {min(surplus)}"
    return f"correct: {trainable(attempt):,} numbers are trained"

print(verdict(unfreeze_top))
# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def unfreeze_top(model):
#     model.vit.requires_grad_(False)
#     model.vit.layers[3].requires_grad_(True)
#     model.vit.layernorm.requires_grad_(True)
# ```
#
# First everything is frozen, then two parts are opened again; the head stands outside `model.vit` and was never frozen. 450,652 numbers, a quarter of the model. What leaves layer 2 is now fixed for a fixed picture, so *that* could be cached.
#
# </details>
#
# Previous: [07 · Vision transformer](07_vision_transformer.ipynb) · Next: lesson 09
