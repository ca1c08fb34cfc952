"""The families of transformers: each model stands in its year, in the row of its family."""

import matplotlib.pyplot as plt

from utils.plots import families


def test_each_model_stands_in_its_year(monkeypatch):
    shown = []
    monkeypatch.setattr(families, "show", lambda figure, alt: shown.append((figure, alt)))
    families.model_families()
    ((figure, alt),) = shown
    place = {text.get_text(): text.get_position() for text in figure.axes[0].texts}
    lowest = float("inf")
    for models in families.FAMILIES.values():
        heights = [place[model][1] for model in models]
        assert all(place[model][0] == year for model, year in models.items())
        assert len({place[model] for model in models}) == len(models) and max(heights) < lowest
        lowest = min(heights)
    assert "encoder-decoder: reads, then writes: Transformer 2017, Marian 2018" in alt
    assert alt.endswith("In this course: MiniLM, ViT, GPT-2, Marian, TrOCR, Whisper.")
    plt.close("all")
