"""A small explorer of the text tasks: choose one, type, and see what the model sees and what it answers.

    from utils.pipelines.explorer import explorer

    explorer()

It is made of Jupyter's own widgets (ipywidgets): no server but the kernel, nothing is fetched or kept.
`utils.pipelines.tasks` does the work, and can be called without it.
"""

from html import escape

from ipywidgets import HTML, Button, Dropdown, Layout, Text, Textarea, VBox

from utils.pipelines.tasks import TASKS, Rows, answer, doubt
from utils.plots.charts import COLOURS

KINDS = dict(zip(("person", "organisation", "place", "other"), COLOURS, strict=False))  # colours of named entities
LOOKS = dict.fromkeys(("[CLS]", "[SEP]", "[MASK]", "<mask>", "<s>", "</s>"), "added")
LOOKS |= dict.fromkeys(("[UNK]", "<unk>"), "unknown")
SIGNS = {"##": "## continues a word", "Ġ": "Ġ is a space", "▁": "▁ is a space"}  # of the tokenizers in this course
SHOWN = {"description_width": "7em"}
# The page's own colour of text on nothing or on a tint, so that it can be read on a light and on a dark theme.
STYLE = """<style>
.explorer {line-height: 1.7; overflow-wrap: anywhere}
.explorer h4 {margin: 0.8em 0 0.3em; font-weight: bold}
.explorer .tokens {max-height: 14em; overflow-y: auto}
.explorer .token {display: inline-block; border: 1px solid #88888899; border-radius: 4px; padding: 0 0.35em;
  margin: 0 0.25em 0.25em 0; font-family: monospace; line-height: 1.6; white-space: pre-wrap}
.explorer .added {background: #56B4E940; border-style: dashed}
.explorer .unknown {border: 2px solid #D55E00}
.explorer .text {white-space: pre-wrap; margin-bottom: 0.6em}
.explorer mark {color: inherit; border-radius: 4px; padding: 0.1em 0.2em; box-decoration-break: clone}
.explorer mark small {font-weight: bold}
.explorer table {border-collapse: collapse}
.explorer th, .explorer td {text-align: left; padding: 0.1em 1.2em 0.1em 0; border-bottom: 1px solid #88888866}
.explorer .number {text-align: right; font-variant-numeric: tabular-nums}
.explorer .sentence {border-left: 5px solid #D55E00; padding: 0.2em 0.8em; margin: 0.5em 0}
</style>"""


class Explorer(VBox):
    """The explorer as one widget. Where no widget can be shown (a web page, GitHub), its repr is."""

    def __init__(self) -> None:
        wide, indented = {"width": "auto"}, {"margin": "2px 2px 2px 7.6em"}  # below the boxes, not their names
        self.task = Dropdown(options=list(TASKS), description="Task", style=SHOWN, layout=Layout(**wide))
        self.hint = HTML(layout=Layout(**indented))
        self.text = Textarea(description="Text", rows=4, style=SHOWN, layout=Layout(**wide))
        self.other = Text(style=SHOWN, layout=Layout(**wide))
        self.button = Button(description="Run", button_style="primary", layout=Layout(**indented))
        self.result = HTML()
        parts = [self.task, self.hint, self.text, self.other, self.button, self.result]
        super().__init__(parts, layout=Layout(max_width="60em"))
        self.task.observe(self._choose, names="value")
        self.button.on_click(self._run)
        self._choose({"old": self.task.value, "new": self.task.value})

    def __repr__(self) -> str:
        return "Explorer of the text tasks: run this cell in JupyterLab to use it"

    def _choose(self, change: dict) -> None:
        """Show the boxes of a task with its examples; a text that somebody typed stays."""
        old, new = TASKS[change["old"]], TASKS[change["new"]]
        if self.text.value.strip() in ("", old.text):
            self.text.value = new.text
        self.hint.value = escape(new.hint)
        self.other.description, self.other.value = new.needs, new.other
        self.other.layout.display = None if new.needs else "none"
        self.result.value = ""

    def _run(self, _: Button) -> None:
        self.button.disabled = True
        self.result.value = "Working … (the first time, the model has to be loaded)"
        try:
            self.result.value = in_html(self.task.value, self.text.value, self.other.value)
        finally:
            self.button.disabled = False


def explorer() -> Explorer:
    """The explorer, as the last line of a cell. Models are loaded when they are first asked."""
    return Explorer()


def in_html(task: str, text: str, other: str) -> str:
    """What the explorer shows below its button: tokens and answer, or a sentence that says what is wrong."""
    try:
        tokens, rows = answer(task, text, other)
        warning = doubt(task, text, other)
    except (ValueError, OSError) as error:  # OSError: a checkpoint is missing, and the message says what to do
        return page(sentence(str(error)))
    parts = [sentence(warning)] if warning else []
    pieces = [token for one in tokens for token in one]
    many = f" in {len(tokens)} inputs" if len(tokens) > 1 else ""
    sign = next((f" ({words})" for sign, words in SIGNS.items() if any(token.startswith(sign) for token in pieces)), "")
    parts.append(f"<h4>The model sees {len(pieces)} tokens{many}{sign}</h4>")
    parts.append(f'<div class="tokens">{"".join(map(boxes, tokens))}</div>')
    parts.append("<h4>It answers</h4>")
    if rows and "start" in rows[0]:
        parts.append(marked(text, rows))
    parts.append(table(rows) if rows else "<div>Nothing: it finds no such thing in this text.</div>")
    return page("".join(parts))


def page(content: str) -> str:
    return f'{STYLE}<div class="explorer">{content}</div>'


def sentence(words: str) -> str:
    return f'<div class="sentence">{escape(words)}</div>'


def boxes(tokens: list[str]) -> str:
    """A line of tokens, each in a box: special ones in a dashed box, unknown ones in a thick one."""
    spans = (f'<span class="token {LOOKS.get(one, "")}">{escape(one)}</span>' for one in tokens)
    return f"<div>{''.join(spans)}</div>"


def marked(text: str, rows: Rows) -> str:
    """The text with the places of the rows marked, named entities with their kind in words.

    A row without a place says that there is none: no later one is marked, for it is less likely.
    """
    parts, done = [], 0
    for row in rows:
        start, end, kind = row["start"], row["end"], row.get("kind", "")
        if start == end:
            break
        colour = KINDS.get(kind, COLOURS[0])
        named = f" <small>{escape(kind)}</small>" if kind else ""
        style = f"background: {colour}40; border-bottom: 3px solid {colour}"
        parts.append(f'{escape(text[done:start])}<mark style="{style}">{escape(text[start:end])}{named}</mark>')
        done = end
    return f'<div class="text">{"".join(parts)}{escape(text[done:])}</div>'


def table(rows: Rows) -> str:
    """The rows as a table, scores with two digits; places in the text are left to `marked`."""
    names = [name for name in rows[0] if name not in ("start", "end")]
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    lines = ["".join(cell(row[name]) for name in names) for row in rows]
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def cell(value: str | float | int) -> str:
    if isinstance(value, str):
        return f"<td>{escape(value)}</td>"
    return f'<td class="number">{value:.2f}</td>' if isinstance(value, float) else f'<td class="number">{value}</td>'
