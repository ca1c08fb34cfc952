"""What several test files need."""

import matplotlib.pyplot as plt
import pytest


@pytest.fixture
def shown(monkeypatch):
    """The figures that were shown, with their descriptions."""
    figures = []
    for module in ("picture_plots", "reading_plots"):
        monkeypatch.setattr(f"utils.{module}.show", lambda figure, alt: figures.append((figure, alt)))
    yield figures
    plt.close("all")
