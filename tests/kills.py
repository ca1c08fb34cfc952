"""kill -9 at every moment at which a process changes a file: a fork does the work, and dies at the n-th change."""

import os
import signal
import sys
from collections.abc import Callable, Iterator

CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate"}
WRITING = os.O_WRONLY | os.O_RDWR


def killed_at_every_change(work: Callable[[], None]) -> Iterator[int]:
    """Do the work in one fork after the other, killed before its first, second … change; yield after each.

    The last fork lives to the end of its work. What stands in a buffer is lost with a fork, so that a file which was
    opened is empty or half there.
    """
    number = 1
    while _killed(work, number):
        yield number
        number += 1
    yield number
    assert number > 1, "it changed no file"


def _killed(work: Callable[[], None], number: int) -> bool:
    if (child := os.fork()) == 0:
        left = number

        def count(event: str, arguments: tuple) -> None:
            nonlocal left
            if event in CHANGES or (event == "open" and (arguments[2] or 0) & WRITING):
                left -= 1
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        try:
            work()
        except BaseException as error:
            os.write(2, f"{error!r}\n".encode())
            os._exit(1)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert status in (0, signal.SIGKILL), f"the work failed with status {status}"
    return status != 0
