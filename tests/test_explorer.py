"""The explorer of lesson 01: what its tasks answer, what bad input is told, the widget (test_lab.py: in a browser)."""

import json
import re

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from transformers import pipeline

from data.recipes.questions._answer_spans import answer as answer_of_recipe
from utils import checkpoint
from utils.data import DATA
from utils.pipelines import explorer, tasks
from utils.pipelines.explorer import in_html, marked, table
from utils.pipelines.tasks import NEW_TOKENS, TASKS, answer, doubt, load

CHINESE = "今天天气很好,我们去公园"
SYLVAIN = TASKS["question-answering"].text
LIMITS = {"multilingual-sentiment": 128, "decoder": 128, "translation": 256, "summarization": 256}  # else MiniLM's
ONE_TEXT = [name for name, task in TASKS.items() if not task.needs]
CODE = "from utils.pipelines.explorer import explorer\n\nexplorer()"


@pytest.fixture
def notebook():
    """A notebook whose only cell ends with the explorer."""
    kernel = {"name": "python3", "display_name": "Python 3"}
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CODE)], metadata={"kernelspec": kernel})


@pytest.mark.parametrize("name", TASKS)
def test_each_task_answers_its_example(name):
    task = TASKS[name]
    tokens, rows = answer(name, task.text, task.other)
    assert rows and all(row.keys() == rows[0].keys() for row in rows)
    assert all(tokens) and {type(token) for one in tokens for token in one} == {str}
    assert all(0 <= row.get("score", 0) <= 1 for row in rows)
    assert all(value != "" for row in rows for value in row.values())
    assert answer(name, task.text, task.other) == (tokens, rows)
    assert doubt(name, task.text, task.other) == ""
    assert load(task.role) is load(task.role)


def test_the_answers_are_those_of_the_pipelines():
    text = "The movie was not bad."
    assert answer("sentiment-analysis", text)[1] == pipeline("sentiment-analysis", checkpoint("sentiment"))(
        text, top_k=None
    )
    zero_shot = pipeline("zero-shot-classification", checkpoint("zero-shot"))(text, ["sports", "films"])
    _, rows = answer("zero-shot-classification", text, "sports, films,, films ")
    assert [(row["label"], row["score"]) for row in rows] == [
        *zip(zero_shot["labels"], zero_shot["scores"], strict=True)
    ]


def test_what_the_model_sees_and_says():
    tokens, rows = answer("fill-mask", "Paris is the [MASK] of France.")
    assert tokens == [["[CLS]", "paris", "is", "the", "[MASK]", "of", "france", ".", "[SEP]"]]
    assert rows[0]["token"] == "capital" and len(rows) == 5
    _, rows = answer("ner", SYLVAIN)
    assert [(row["entity"], row["kind"]) for row in rows] == [
        ("Sylvain", "person"), ("Hugging Face", "organisation"), ("Brooklyn", "place"),
    ]  # fmt: skip
    assert all(SYLVAIN[row["start"] : row["end"]] == row["entity"] for row in rows)
    assert answer("ner", "It rains.") == ([["[CLS]", "it", "rains", ".", "[SEP]"]], [])
    tokens, _ = answer("zero-shot-classification", "A goal!", "sports, films")
    assert [" ".join(one) for one in tokens] == [
        f"[CLS] a goal ! [SEP] this example is {label} . [SEP]" for label in ("sports", "films")
    ]
    tokens, rows = answer("feature-extraction, similarity", "A dog chases a ball.", "A dog chases a ball.")
    assert tokens[0] == tokens[1] and rows[0]["cosine similarity"] == pytest.approx(1, abs=1e-5)
    assert answer("translation, English to German", "The weather is nice today.")[1] == [
        {"German": "Das Wetter ist heute schön."}
    ]


def test_questions_are_answered_as_the_recipe_measures_them():
    tool = load("question-answering")
    lines = (DATA / "text_evaluation" / "questions.jsonl").read_text().splitlines()[::40]
    for line in map(json.loads, lines):
        rows = answer("question-answering", line["context"], line["question"])[1]
        expected = answer_of_recipe(tool.model, tool.tokenizer, line["question"], line["context"])
        span = next(row for row in rows if row["end"])
        assert [span[key] for key in ("answer", "start", "end")] == [
            expected[key] for key in ("answer", "start", "end")
        ]
        assert span["score"] == pytest.approx(expected["score"], abs=1e-5)
        assert (rows[0] == span) == (expected["margin"] > 0)
    assert answer("question-answering", SYLVAIN, "How old is the whale?")[1][0]["answer"] == "(the text does not say)"


def test_writing_ends_after_forty_tokens():
    text = "A library for reading PNG images, for writing text, for drawing maps, for playing songs and for games. " * 3
    german = answer("translation, English to German", text)[1][0]["German"]
    assert german.endswith(" …")
    assert NEW_TOKENS - 5 < len(load("translation").tokenizer(german)["input_ids"]) <= NEW_TOKENS + 5
    goes_on = answer("text-generation", "The city is")[1][0]["it goes on"]
    assert 0 < len(load("decoder").tokenizer(goes_on)["input_ids"]) <= NEW_TOKENS


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("empty", ["", " \n "])
def test_empty_text_gets_a_sentence(name, empty):
    with pytest.raises(ValueError, match=r"^Nothing stands under “Text”: write some words there, then run it again\.$"):
        answer(name, empty, TASKS[name].other)
    if needs := TASKS[name].needs:
        with pytest.raises(ValueError, match=f"^Nothing stands under “{needs}”: write"):
            answer(name, TASKS[name].text, empty)


@pytest.mark.parametrize(
    ("task", "text", "other", "message"),
    [
        ("fill-mask", "Paris is the capital.", "", r"^No word is masked: write \[MASK\], just so"),
        ("fill-mask", "Paris is the [mask].", "", r"^No word is masked"),
        ("fill-mask", "The [MASK] of [MASK].", "", r"^There are 2 \[MASK\] in the text: keep one \[MASK\]"),
        ("zero-shot-classification", "A goal!", "sports", "and here is 1: write them with commas"),
        ("zero-shot-classification", "A goal!", " , ,", "and here are 0: write them with commas"),
        ("zero-shot-classification", "A goal!", "sports, sports", "2 to 10 different labels and here is 1"),
        ("zero-shot-classification", "A goal!", ",".join("abcdefghijk"), "and here are 11"),
        ("sentiment-analysis", "\u200b", "", "^Nothing stands under “Text”"),
    ],
)
def test_what_a_task_cannot_take_gets_a_sentence(task, text, other, message):
    with pytest.raises(ValueError, match=message) as caught:
        answer(task, text, other)
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("task", "limit"),
    [(name, LIMITS.get(task.role, 512)) for name, task in TASKS.items()],
)
def test_text_that_is_too_long_gets_a_sentence(task, limit):
    start = TASKS[task].text + " "
    with pytest.raises(ValueError, match=rf"^This makes \d+ tokens, and the model has room for {limit}\b.*: shorten"):
        answer(task, start + "word " * 600, TASKS[task].other)


def test_the_limit_is_exact(capfd):
    assert len(answer("sentiment-analysis", "word " * 510)[0][0]) == 512
    with pytest.raises(ValueError, match="513 tokens, and the model has room for 512: shorten"):
        answer("sentiment-analysis", "word " * 511)
    assert len(answer("text-generation", " the" * (128 - NEW_TOKENS))[0][0]) == 128 - NEW_TOKENS
    with pytest.raises(ValueError, match="room for 128, of which 40 are kept for what it writes: shorten"):
        answer("text-generation", " the" * (129 - NEW_TOKENS))
    assert capfd.readouterr() == ("", "")


def test_an_unknown_task_names_the_known_ones():
    with pytest.raises(KeyError, match=r"known: sentiment-analysis; .*fill-mask; ner"):
        answer("sentiment", "Hello")


def test_unknown_tokens_are_told():
    for name in [*ONE_TEXT, "question-answering"]:
        if name not in ("fill-mask", "text-generation"):  # bytes are never unknown
            answer(name, CHINESE, "What?")
            assert re.match(r"\d+ of \d+ tokens under “Text” are .*means little\.$", doubt(name, CHINESE, "What?"))
    few = doubt("sentiment-analysis", "What a nice day it was 😀")
    assert few.startswith("1 of 7 tokens under “Text” is [UNK]") and "means little" not in few
    assert doubt("feature-extraction, similarity", "Hello", CHINESE).startswith("7 of 12 tokens under “Second text”")


def test_the_full_size_translator_knows_one_direction(monkeypatch):
    monkeypatch.setattr(tasks, "use_hub", lambda: True)
    with pytest.raises(ValueError, match="from English to German only"):
        answer("translation, German to English", "Hallo")
    assert "▁translate" not in answer("translation, English to German", "Hello")[0][0]


def test_what_is_typed_is_shown_and_never_run():
    shown = in_html("sentiment-analysis", "<script>alert(1)</script> & <b>", "")
    assert "<script" not in shown and "<b>" not in shown and "&lt;" in shown and "&amp;" in shown
    shown = in_html("ner", "<i>Tom</i> & Ann live in <b>Rome</b>.", "")
    assert "<i>" not in shown and "&lt;b&gt;<mark" in shown and "Rome <small>place</small></mark>&lt;/b&gt;" in shown
    shown = in_html("zero-shot-classification", "A goal!", "<u>sports</u>, films")
    assert "<u>" not in shown and "&lt;u&gt;sports" in shown
    assert "<u>" not in in_html("zero-shot-classification", "A goal!", "<u>")


def test_a_sentence_instead_of_a_traceback(monkeypatch):
    assert '<div class="sentence">No word is masked' in in_html("fill-mask", "Paris", "")
    assert '<div class="sentence">7 of 12 tokens' in (shown := in_html("ner", CHINESE, ""))
    assert "it finds no such thing" in shown and shown.count('"token unknown"') == 7
    monkeypatch.setattr(tasks, "checkpoint", lambda role: (_ for _ in ()).throw(FileNotFoundError("git checkout it")))
    load.cache_clear()
    assert '<div class="sentence">git checkout it' in in_html("sentiment-analysis", "Hello", "")


def test_places_are_marked_and_scores_have_two_digits():
    rows = [
        {"answer": "b", "score": 0.987, "start": 1, "end": 2},
        {"answer": "none", "score": 0.0, "start": 0, "end": 0},
    ]
    assert re.sub("<mark[^>]*>", "<mark>", marked("abc", rows)) == '<div class="text">a<mark>b</mark>c</div>'
    assert marked("abc", rows[::-1]) == '<div class="text">abc</div>'
    assert '<td>b</td><td class="number">0.99</td>' in table(rows) and "start" not in table(rows)
    assert table([{"n": 384}]).endswith('<td class="number">384</td></tr></table>')


def test_the_widget(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "load", None)  # nothing is loaded before it is asked
        box = explorer.explorer()
    assert box.task.options == tuple(TASKS) and box.text.value == TASKS["sentiment-analysis"].text
    assert box.other.layout.display == "none" and box.result.value == ""
    box.button.click()
    assert "POSITIVE" in box.result.value and not box.button.disabled
    box.task.value = "question-answering"
    assert (box.text.value, box.other.description, box.other.value) == (SYLVAIN, "Question", "Where do I work?")
    assert box.other.layout.display is None and box.result.value == ""
    box.text.value = "I am Ada and I live in Rome."
    box.task.value = "ner"
    assert box.text.value == "I am Ada and I live in Rome." and box.other.layout.display == "none"
    box.button.click()
    assert "Rome <small>place</small>" in box.result.value
    box.text.value = ""
    box.task.value = "fill-mask"
    assert box.text.value == TASKS["fill-mask"].text


def test_in_a_notebook_without_a_browser(notebook, capfd):
    """The kernel turns warnings into errors (kernel_startup.py). Nothing but the widget comes out, no state is kept."""
    NotebookClient(notebook, store_widget_state=False).execute()
    (output,) = notebook.cells[0].outputs
    assert output.output_type == "execute_result" and "widgets" not in notebook.metadata
    assert output.data["text/plain"] == "Explorer of the text tasks: run this cell in JupyterLab to use it"
    assert "application/vnd.jupyter.widget-view+json" in output.data
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert "<pre>Explorer of the text tasks: run this cell in JupyterLab to use it</pre>" in page
