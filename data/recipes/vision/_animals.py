"""The animals of data/exotic_animals, and how to know one by the name of a drawing."""

import re

ANIMALS = {  # the drawings' names, where they are not just the animal's or the animal's face
    "bat": [], "bear": [], "camel": ["two-hump-camel"], "crab": [], "crocodile": [], "dolphin": [], "eagle": [],
    "elephant": [], "fox": [], "gorilla": [], "koala": [], "leopard": [], "lion": [], "lizard": [], "monkey": [],
    "octopus": [], "owl": [], "panda": [], "penguin": [], "rhinoceros": [], "scorpion": [], "shark": [], "snake": [],
    "squid": [], "tiger": [], "turtle": [], "whale": ["spouting-whale"], "wolf": [],
}  # fmt: skip


def drawings_of(animal: str) -> list[str]:
    """The names under which a style may draw the animal."""
    return [animal, f"{animal}-face", *ANIMALS[animal]]


def is_exotic(name: str) -> bool:
    """True if a drawing's name holds one of the animals: such pictures are kept out of all pretraining."""
    name = name.lower()
    words = {word.removesuffix("face").rstrip("s") for word in re.split(r"[^a-z]+", name)}
    return any(animal in words or (len(animal) > 4 and animal in name) for animal in ANIMALS)
