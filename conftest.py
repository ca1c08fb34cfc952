"""Set-up of every test run: offline, the same hash seed and watched warnings in every kernel, no silent skips."""

import os
from pathlib import Path

import pytest

# nbval's kernels inherit these. Set here, so that plain `pytest --nbval notebooks tests` is the whole command.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["PYTHONHASHSEED"] = "0"
os.environ["WORKBOOK_CHECKPOINTS"] = "local"
os.environ["PYTHONSTARTUP"] = str(Path(__file__).with_name("tests") / "kernel_startup.py")


def pytest_configure(config):
    """Workers share the processor's cores: threads on top would wait for each other. (They inherit this, too.)"""
    if getattr(config.option, "numprocesses", None):
        os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_modifyitems(items):
    """Exercises are graded first: they take longest, and a worker would end with them alone."""
    items.sort(key=lambda item: item.path.name != "test_exercises.py")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """One worker takes all tests of a file, as with --dist loadfile; of the exercises, those of one assignment."""
    from xdist.scheduler import LoadFileScheduling

    exercises = Path(__file__).with_name("notebooks").glob("exercises/*/*.ipynb")
    assignment = {f"[{path.stem}]": path.parent.name for path in exercises}

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file, _, test = nodeid.partition("::")
            return file + assignment.get(test[test.find("[") :], "") if "test_exercises" in file else file

    return Scheduling(config, log)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """With CI=true a skipped test fails: there, everything that a test needs must be installed."""
    report = (yield).get_result()
    if report.skipped and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"skipped, which counts as a failure with CI=true: {report.longrepr[-1]}"


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_sessionfinish(session):
    """The last line of a run says what was skipped, and how to get it."""
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and (skipped := reporter.stats.get("skipped")):
        reasons = sorted({report.longrepr[-1].removeprefix("Skipped: ") for report in skipped})
        reporter.write_line(f"{len(skipped)} skipped: {'; '.join(reasons)}")
