"""Keep the libraries' own chatter out of the lessons; nothing that a student could act on is hidden."""

import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

# Messages in which transformers 5.23 warns about its own code: logger, beginning of the message, where it comes from.
KNOWN_MESSAGES = [
    (
        "transformers.generation.utils",
        "Passing `generation_config` together with generation-related arguments=({",
        "Whisper's generate() hands its own suppress_tokens on in the way that it calls deprecated",
    ),
]


def _is_news(record: logging.LogRecord) -> bool:
    return not any(record.name == name and str(record.msg).startswith(begin) for name, begin, _ in KNOWN_MESSAGES)


def quiet() -> None:
    """No progress bars for work that takes a second, and no messages of KNOWN_MESSAGES, in this process."""
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    for name, _, _ in KNOWN_MESSAGES:
        logging.getLogger(name).addFilter(_is_news)  # adding the same filter twice has no effect


@contextmanager
def silent() -> Iterator[None]:
    """Within the block nothing warns and transformers logs errors only: for conversions, whose reports are expected."""
    from transformers.utils import logging as transformers_logging

    before = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        transformers_logging.set_verbosity(before)


class _Printer(logging.Handler):
    """Prints what is logged, without bold letters, the place of a folder on this machine, and empty columns."""

    def emit(self, record: logging.LogRecord) -> None:
        text = re.sub(r"\x1b?\[\d+(?:;\d+)*m", "", record.getMessage())
        text = re.sub(r"(?<= LOAD REPORT from: ).+", "…", text)
        print(re.sub(r"[ |]+$|(?:-\+-)+$", "", text, flags=re.M))


@contextmanager
def printed_messages() -> Iterator[None]:
    """Within the block transformers prints its messages into the page, where it would write them to standard error."""
    logger = logging.getLogger("transformers")
    with patch.object(logger, "handlers", [_Printer()]), patch.dict(os.environ, COLUMNS="100"):
        yield
