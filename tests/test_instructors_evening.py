"""docs/instructors.md in a real browser: Validate, the Formgrader and its marking page, the report, a page of feedback.

The pictures that the page shows are taken here, into grading/screenshots, which git ignores.
"""

import json
import re
import shutil
import urllib.request
from types import SimpleNamespace

import nbformat
import pytest
from exercise_cells import changed, tiny_with_answer
from lab_server import FIRST, lab
from playwright.sync_api import expect

from utils.data import ROOT
from utils.grading import sandbox
from utils.grading.__main__ import export, write_report
from utils.grading.course import Course

SOLVED = {"double": "def double(x):\n    return x + x", "why": "It is $x + x$, hence divisible by 2."}
PICTURES = ROOT / "grading" / "screenshots"
SIZE = {"width": 1400, "height": 800}


def write(notebook, path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    """A course whose students' notebooks are made, and a class of four, graded."""
    root = tmp_path_factory.mktemp("class")
    write(tiny_with_answer(), root / "notebooks" / "exercises" / "tiny" / "tiny.ipynb")
    for name in ("nbgrader_config.py", FIRST):
        shutil.copy(ROOT / name, root / name)
    (root / "utils").symlink_to(ROOT / "utils")
    course = Course(root, sandbox=sandbox.missing() is None)
    course.editions()
    course.release("tiny")
    edition = course.released("tiny")["tiny"]
    write(changed(edition, **SOLVED), root / "exercises" / "tiny" / "solved.ipynb")
    submitted = course.grading / "submitted"
    write(changed(edition, **SOLVED), submitted / "Bea" / "tiny" / "tiny.ipynb")
    write(changed(edition, double="def double(x):\n    return 2"), submitted / "Cem" / "tiny" / "tiny.ipynb")
    (submitted / "Eva" / "tiny").mkdir(parents=True)
    (submitted / "Eva" / "tiny" / "tiny.ipynb").write_text('{"cells": [', encoding="utf-8")
    (submitted / "Fay").mkdir()
    course.grade("tiny", say=lambda line: None)
    return course


@pytest.fixture(scope="module")
def browser(course, chromium, tmp_path_factory):
    """JupyterLab by `make lab`'s own command, open in a tab that reaches nothing but this machine."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with lab(course.root, tmp_path_factory.mktemp("jupyter")) as page:
        address, token = re.fullmatch(r"(http://\S+)/lab/tree/\S+\?token=(\w+)", page).groups()
        address = address.replace("localhost", "127.0.0.1")
        context = chromium.new_context(viewport=SIZE)
        context.set_default_timeout(180_000)  # a busy machine needs a minute and more for JupyterLab's first page
        tab = context.new_page()
        tab.goto(f"{address}/lab/tree/exercises/tiny/tiny.ipynb?token={token}")
        yield SimpleNamespace(tab=tab, context=context, address=address, token=token)
        context.close()


def test_the_button_validate_tells_a_student_which_test_fails(browser):
    browser.tab.get_by_role("button", name="Validate").click()
    result = browser.tab.locator(".jp-Dialog")
    expect(result).to_contain_text("Validation Results", timeout=180_000)
    expect(result).to_contain_text("assert double(1) == 2")
    expect(result).to_contain_text("NotImplementedError")
    browser.tab.screenshot(path=PICTURES / "validate.png")
    result.get_by_role("button", name="Ok").click()


def test_validate_has_nothing_to_say_about_a_solved_notebook(browser):
    request = urllib.request.Request(
        f"{browser.address}/assignments/validate",
        data=json.dumps({"path": "exercises/tiny/solved.ipynb"}).encode(),
        headers={"Authorization": f"token {browser.token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as reply:
        assert json.loads(reply.read()) == {"success": True, "value": {}}


def test_the_formgrader_opens_from_the_menu_and_knows_the_class(browser):
    browser.tab.get_by_role("menuitem", name="Nbgrader").click()
    browser.tab.get_by_role("menuitem", name="Formgrader", exact=True).click()
    page = browser.tab.frame_locator("iframe").last
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="tiny", exact=True))
    expect(row).to_contain_text("3", timeout=180_000)  # folders of submissions
    browser.tab.screenshot(path=PICTURES / "formgrader.png")


def test_an_answer_is_marked_by_hand_without_the_network(browser, course):
    with course.gradebook() as gradebook:
        number = gradebook.find_submission_notebook("tiny", "tiny", "Bea").id
    tab, broken = browser.context.new_page(), []
    tab.on("pageerror", lambda error: broken.append(error))
    tab.on("requestfailed", lambda request: broken.append(request.url))
    tab.goto(f"{browser.address}/formgrader/submissions/{number}/")
    tab.wait_for_function("formgrader.loaded")  # before, nobody listens to the fields, and the focus moves once more
    points, comment = tab.locator("input.score").last, tab.locator("textarea.comment").last
    points.fill("1.5")
    with tab.expect_response(lambda reply: "/api/grade/" in reply.url):
        points.press("Tab")  # the page's own keys, which wait for MathJax: to the next field that is to be filled in
    comment.fill("Why is $x + x$ divisible by 2?")
    with tab.expect_response(lambda reply: "/api/comment/" in reply.url):
        comment.press("Tab")
    tab.screenshot(path=PICTURES / "marking.png", full_page=True)
    assert broken == []
    tab.close()
    assert "tiny,Bea,graded,4.5,5,4.5," in export(course).read_text(encoding="utf-8-sig")


def test_the_report_and_feedback_are_pages_for_any_browser(browser, course):
    """What the screenshots show is there; what it must say is tested in test_grading_a_class.py."""
    tab = browser.context.new_page()
    tab.goto(write_report(course, "tiny").as_uri())
    expect(tab.get_by_role("row", name="Eva unreadable")).to_be_visible()
    tab.screenshot(path=PICTURES / "report.png", full_page=True)
    folder = course.feedback("tiny")
    tab.goto((folder / "Bea" / "tiny" / "tiny.html").as_uri())
    expect(tab.get_by_text("Why is $x + x$ divisible by 2?")).to_be_visible()
    tab.screenshot(path=PICTURES / "feedback.png", full_page=True)
    tab.goto((folder / "Eva" / "tiny" / "tiny.html").as_uri())
    expect(tab.get_by_text("cannot be read as the notebook")).to_be_visible()
    tab.close()


def test_the_page_shows_the_pictures_that_are_taken_here(browser):
    page = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"!\[[^\]]+\]\(\.\./grading/screenshots/(\w+)\.png\)", page))
    assert shown == {"validate", "formgrader", "marking", "report", "feedback"}
    assert {path.stem for path in PICTURES.glob("*.png")} >= shown
