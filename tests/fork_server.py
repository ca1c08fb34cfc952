"""The process whose forks are the kernels and testers of a test run, and what is started in their place.

python fork_server.py serve SOCKET                     imports the libraries, then forks, until its standard input is
                                                       closed
python -I -S fork_server.py kernel SOCKET …            asks for a kernel with these arguments, and lives as long as it
python -I -S fork_server.py script SOCKET FILE …       asks for a process that runs this file, likewise
"""

import json
import os
import random
import runpy
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
    """Import the libraries, then fork a process for each connection, until standard input is closed."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(64)
    sys.path.pop(0)  # this file's folder, which no kernel has
    for name in LIBRARIES:
        import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system forgets those that ended
    print("ready", flush=True)
    while True:
        ready, _, _ = select.select([server, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        connection, _ = server.accept()
        message, streams, _, _ = socket.recv_fds(connection, 1 << 20, 3)
        if os.fork() == 0:
            server.close()
            become(connection, json.loads(message), streams)
        connection.close()
        for stream in streams:
            os.close(stream)


def become(connection: socket.socket, request: dict, streams: list[int]) -> None:
    """Be the kernel or the script that is asked for."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    for number, stream in enumerate(streams):
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
    {"kernel": run_kernel, "script": run_script}[request["what"]](request["arguments"])
    os._exit(0)


def run_kernel(arguments: list[str]) -> None:
    sys.__stdout__ = open(os.devnull, "w")  # noqa: SIM115  where a kernel without a parent says how to end it
    sys.argv = ["ipykernel_launcher", *arguments]
    import_module("ipykernel.kernelapp").launch_new_instance()


def run_script(arguments: list[str]) -> None:
    sys.argv = arguments
    sys.path.insert(0, os.path.dirname(arguments[0]))
    runpy.run_path(arguments[0], run_name="__main__")


# --- what is started: asks for a fork, and lives as long


def stand_for(what: str, path: str, *arguments: str) -> None:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    request = {"what": what, "environment": dict(os.environ), "folder": os.getcwd(), "arguments": arguments}
    socket.send_fds(connection, [json.dumps(request).encode()], [0, 1, 2])
    fork = int(connection.recv(32))
    signal.signal(signal.SIGINT, lambda number, frame: os.kill(fork, number))
    connection.recv(1)  # returns when the fork has ended


if __name__ == "__main__":
    serve(sys.argv[2]) if sys.argv[1] == "serve" else stand_for(*sys.argv[1:])
