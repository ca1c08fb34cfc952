"""The families of transformers, with years."""

import matplotlib.pyplot as plt

from utils.plots.charts import COLOURS, show

FAMILIES = {  # family -> model -> year of its first publication
    "encoder:\nreads": {
        "BERT": 2018, "RoBERTa": 2019, "DistilBERT": 2019, "XLM-RoBERTa": 2019, "MiniLM": 2020, "ViT": 2020,
        "DeBERTa-v3": 2021, "ModernBERT": 2024,
    },
    "decoder:\nwrites": {"GPT": 2018, "GPT-2": 2019, "GPT-3": 2020, "Llama": 2023, "Qwen": 2023, "Gemma": 2024},
    "encoder-decoder:\nreads, then writes": {
        "Transformer": 2017, "Marian": 2018, "T5": 2019, "BART": 2019, "TrOCR": 2021, "Whisper": 2022,
    },
}  # fmt: skip
IN_THE_COURSE = {"MiniLM", "ViT", "GPT-2", "Marian", "TrOCR", "Whisper"}  # a checkpoint of this kind is used


def model_families() -> None:
    """Show well-known transformers by family and year; those of which the course uses one are framed."""
    figure, axes = plt.subplots(figsize=(9, 3.6))
    bottom, told = 0.0, []
    for colour, (family, models) in zip((COLOURS[5], COLOURS[1], COLOURS[2]), FAMILIES.items(), strict=True):
        years = list(models.values())
        height = max(years.count(year) for year in years) * 0.5 + 0.2
        bottom -= height + 0.15
        axes.add_patch(plt.Rectangle((2016.5, bottom), 8.1, height, facecolor=colour, alpha=0.25, edgecolor="none"))
        axes.text(2016.4, bottom + height / 2, family, ha="right", va="center", fontsize=10.5)
        for place, (name, year) in enumerate(models.items()):
            above = years[:place].count(year)
            frame = {"facecolor": "white", "edgecolor": "black" if name in IN_THE_COURSE else "none", "pad": 2}
            axes.text(year, bottom + height - 0.35 - 0.5 * above, name, ha="center", va="center", fontsize=9.5,
                      weight="bold" if name in IN_THE_COURSE else "normal", bbox=frame)  # fmt: skip
        dated = ", ".join(f"{name} {year}" for name, year in models.items())
        told.append(f"{' '.join(family.split())}: {dated}")
    axes.set(xlim=(2014.3, 2024.8), ylim=(bottom - 0.1, 0))
    axes.set_xticks(range(2017, 2025))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_bounds(2016.5, 2024.6)
    course = ", ".join(name for models in FAMILIES.values() for name in models if name in IN_THE_COURSE)
    show(figure, f"Transformers by family and year. {'. '.join(told)}. In this course: {course}.")
