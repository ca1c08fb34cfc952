"""The process whose forks are the kernels of a test run, and what Jupyter starts in their place.

python fork_server.py serve SOCKET              imports the libraries, then forks, until its standard input is closed
python -I -S fork_server.py kernel SOCKET …     asks for a kernel with these arguments, and lives as long as it does
"""

import json
import os
import random
import select
import signal
import socket
import sys
import threading
from importlib import import_module

LIBRARIES = (
    "ipykernel.kernelapp", "torch", "torchvision", "transformers.pipelines", "transformers.trainer", "datasets",
    "evaluate", "peft", "matplotlib.pyplot", "pandas", "scipy.stats", "sklearn.linear_model", "sklearn.metrics",
)  # fmt: skip


# --- the process that is forked


def serve(path: str) -> None:
    """Import the libraries, then fork a kernel for each connection, until standard input is closed."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(64)
    sys.path.pop(0)  # this file's folder, which no kernel has
    for name in LIBRARIES:
        import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system forgets kernels that ended
    print("ready", flush=True)
    while True:
        ready, _, _ = select.select([server, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        connection, _ = server.accept()
        message, streams, _, _ = socket.recv_fds(connection, 1 << 20, 2)
        if os.fork() == 0:
            server.close()
            become_kernel(connection, json.loads(message), streams)
        connection.close()
        for stream in streams:
            os.close(stream)


def become_kernel(connection: socket.socket, request: dict, streams: list[int]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, stream in enumerate(streams, 1):
        os.dup2(stream, number)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    for library in (random, import_module("numpy").random, import_module("torch")):
        library.seed()
    # pandas shows as many columns as a terminal is wide if it was imported outside of a kernel, and 20 within
    import_module("pandas").set_option("display.max_columns", 20)
    connection.sendall(str(os.getpid()).encode())

    def end_with_the_one_who_asked():
        connection.recv(1)
        os._exit(1)

    threading.Thread(target=end_with_the_one_who_asked, daemon=True).start()
    sys.__stdout__ = open(os.devnull, "w")  # noqa: SIM115  where a kernel without a parent says how to end it
    sys.argv = ["ipykernel_launcher", *request["arguments"]]
    import_module("ipykernel.kernelapp").launch_new_instance()
    os._exit(0)


# --- what Jupyter starts: asks for a kernel, and lives as long


def stand_for_kernel(path: str, *arguments: str) -> None:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    request = {"environment": dict(os.environ), "folder": os.getcwd(), "arguments": arguments}
    socket.send_fds(connection, [json.dumps(request).encode()], [1, 2])
    kernel = int(connection.recv(32))
    signal.signal(signal.SIGINT, lambda number, frame: os.kill(kernel, number))
    connection.recv(1)  # returns when the kernel has ended


if __name__ == "__main__":
    {"serve": serve, "kernel": stand_for_kernel}[sys.argv[1]](*sys.argv[2:])
