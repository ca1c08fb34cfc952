"""Set-up of every test run: offline, the same hash seed in every kernel, and no silent skips in CI."""

import os

import pytest

# nbval's kernels inherit these. Set here, so that plain `pytest --nbval notebooks tests` is the whole command.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["PYTHONHASHSEED"] = "0"
os.environ["WORKBOOK_CHECKPOINTS"] = "local"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """With CI=true a skipped test fails: there, everything that a test needs must be installed."""
    report = (yield).get_result()
    if report.skipped and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"skipped, which counts as a failure with CI=true: {report.longrepr[-1]}"
