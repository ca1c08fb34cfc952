"""Sphinx's settings for the book. Nothing is executed, and nothing of it is loaded from elsewhere."""

from importlib.util import find_spec
from pathlib import Path

from docutils import nodes

HERE = Path(__file__).parent
MATHJAX = Path(find_spec("mathjax").submodule_search_locations[0], "static", "mathjax", "es5", "tex-svg-full.js")

project = "Transfer learning with transformers"
extensions = ["myst_nb", "sphinx.ext.mathjax"]
nb_execution_mode = "off"
nb_ipywidgets_js = {}
nb_merge_streams = True
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = project
html_css_files = ["book.css"]
html_static_path = [str(HERE / "book.css"), str(MATHJAX)]
mathjax_path = MATHJAX.name  # one file, with its fonts as paths: pages from the disk may load no others
html_use_index = html_copy_source = html_show_sphinx = html_show_copyright = False
html_show_search_summary = False  # it would fetch the pages, which a browser forbids to pages from the disk


def describe_pictures(app, doctree: nodes.document) -> None:
    """An output's picture is described by its plain text (utils.plots.charts.show), which myst-nb drops."""
    for bundle in doctree.findall(nodes.container):
        if bundle.get("nb_element") == "mime_bundle":
            texts = [part.astext() for part in bundle if part["mime_type"] == "text/plain"]
            for picture in bundle.findall(nodes.image):
                picture["alt"] = " ".join(texts)


def setup(app) -> dict:
    app.connect("doctree-read", describe_pictures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
