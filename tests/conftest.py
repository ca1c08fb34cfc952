"""What several test files need."""

import shutil

import matplotlib.pyplot as plt
import pytest

FLAGS = ["--disable-quic", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]


@pytest.fixture
def shown(monkeypatch):
    """The figures that were shown, with their descriptions."""
    figures = []
    for module in ("pictures", "reading"):
        monkeypatch.setattr(f"utils.plots.{module}.show", lambda figure, alt, colours=0: figures.append((figure, alt)))
    yield figures
    plt.close("all")


@pytest.fixture(scope="module")
def chromium():
    """A browser that reaches nothing but this machine."""
    from playwright.sync_api import sync_playwright  # here: most test files need no browser

    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if not path:
        pytest.skip("needs Chromium: sudo apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
