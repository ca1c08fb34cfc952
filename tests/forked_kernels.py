"""Kernels that start at once: one process imports the large libraries, every kernel is a fork of it.

    pytest -p tests.forked_kernels --nbval …      what `make test` does; without it each kernel imports by itself

Most of what starting a lesson costs a processor is importing torch and transformers, the same for sixty kernels. A fork
of a process that has them is a kernel of its own all the same: its namespace, folder, environment and random numbers
are new. `make portable` starts every kernel from nothing. Linux only; elsewhere the plugin does nothing.
"""

import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from importlib import import_module
from pathlib import Path

LIBRARIES = (
    "ipykernel.kernelapp", "torch", "torchvision", "transformers.pipelines", "transformers.trainer", "datasets",
    "evaluate", "peft", "matplotlib.pyplot", "pandas", "scipy.stats", "sklearn.linear_model", "sklearn.metrics",
)  # fmt: skip


# --- what pytest does


def pytest_collection_modifyitems(config, items):
    """Start the process whose forks are the kernels, if there will be any, and make `python3` such a kernel."""
    wanted = any(item.path.suffix == ".ipynb" or item.path.name == "test_exercises.py" for item in items)
    controls = getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput")
    if not wanted or controls or sys.platform != "linux":
        return
    folder = tempfile.TemporaryDirectory(prefix="kernels-")
    process = start(Path(folder.name))

    def end():
        process.stdin.close()
        process.wait()
        folder.cleanup()

    config.add_cleanup(end)
    os.environ["JUPYTER_PATH"] = folder.name


def start(folder: Path) -> subprocess.Popen:
    """Start it; it ends when its standard input is closed. With JUPYTER_PATH=folder, Jupyter's python3 is a fork."""
    path = str(folder / "socket")
    spec = folder / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    argv = [sys.executable, "-I", "-S", __file__, "kernel", path, "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "Python 3 (ipykernel)", "language": "python"}))
    # matplotlib reads its backend when it is imported; a kernel would set it before
    environment = os.environ | {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    command = [sys.executable, __file__, "serve", path]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    if not process.stdout.readline():  # it says when it has imported all; kernels would time out if they waited for it
        raise RuntimeError(f"{__file__} ended before it was ready: what it printed says why")
    return process


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
