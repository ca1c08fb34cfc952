"""A kernel that is a fork is a kernel as any other: its own process, folder, random numbers; it dies when it should."""

import os
import subprocess
import sys
import time

import pytest
from forked_kernels import python, start, wait
from jupyter_client.manager import start_new_kernel

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")


@pytest.fixture(scope="module")
def forks(tmp_path_factory):
    """JUPYTER_PATH of a running process whose forks are the kernels: this run's, if it has one."""
    if "kernels-" in os.environ.get("JUPYTER_PATH", ""):
        yield os.environ["JUPYTER_PATH"]
        return
    folder = tmp_path_factory.mktemp("forks")
    process = start(folder)
    wait(process)
    yield str(folder)
    process.stdin.close()
    assert process.wait() == 0


@pytest.fixture
def kernel(forks, monkeypatch, tmp_path):
    """A function that starts a kernel in a folder of the test's own: its manager, and a function that asks it."""
    monkeypatch.setenv("JUPYTER_PATH", forks)
    started = []

    def kernel(**environment):
        manager, client = start_new_kernel(cwd=str(tmp_path), env=os.environ | environment)
        started.append((manager, client))

        def ask(code):
            texts = []
            client.execute_interactive(code, timeout=30, output_hook=lambda m: texts.append(m["content"].get("text")))
            return "".join(filter(None, texts))

        return manager, client, ask

    yield kernel
    for manager, client in started:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def gone(process: int) -> bool:
    for _ in range(50):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def test_libraries_are_there_and_all_else_is_its_own(kernel, tmp_path):
    facts = "import os, random, subprocess, sys; print(os.getpid(), os.getcwd(), os.environ['WHOSE'], random.random(), "
    facts += "subprocess.run(['false']).returncode, 'torch' in sys.modules, 'torch' in globals(), sep='|')"
    one = kernel(WHOSE="one")[2](facts).strip().split("|")
    other = kernel(WHOSE="other")[2](facts).strip().split("|")
    assert one[1:3] == [str(tmp_path), "one"] and other[1:3] == [str(tmp_path), "other"]
    assert one[4:] == other[4:] == ["1", "True", "False"]
    assert one[0] != other[0] and one[3] != other[3]


def test_no_library_draws_the_same_numbers_twice(kernel):
    draw = "import numpy, torch; print(numpy.random.rand(), torch.rand(1).item())"
    one, other = kernel()[2](draw).split(), kernel()[2](draw).split()
    assert one[0] != other[0] and one[1] != other[1]


def test_it_can_be_interrupted(kernel, tmp_path):
    manager, client, ask = kernel()
    # On error a kernel drops what was asked meanwhile, unless it is told not to.
    message = client.execute("import time; open('asleep', 'w').close(); time.sleep(600)", stop_on_error=False)
    for _ in range(600):
        if (tmp_path / "asleep").exists():
            break
        time.sleep(0.1)
    manager.interrupt_kernel()
    reply = client.get_shell_msg(timeout=60)
    while reply["parent_header"]["msg_id"] != message:  # on a busy machine there may be late ones of the start
        reply = client.get_shell_msg(timeout=60)
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    assert ask("print('still here')") == "still here\n"


def test_killed_it_is_gone(kernel):
    manager, _, ask = kernel()
    process = int(ask("import os; print(os.getpid())"))
    manager.provisioner.process.kill()
    assert gone(process)


def test_a_kernel_that_dies_is_seen_to_be_dead(kernel):
    manager, client, _ = kernel()
    client.execute("import os; os._exit(1)")
    for _ in range(50):
        if not manager.is_alive():
            return
        time.sleep(0.1)
    pytest.fail("Jupyter takes the kernel to be alive")


def test_a_script_runs_in_a_fork(forks, monkeypatch, tmp_path):
    """With its arguments, folder and standard streams, and the folder of the file first where modules are sought."""
    file = tmp_path / "said.py"
    facts = "sys.argv[1:], os.getcwd(), sys.path[0], 'torch' in sys.modules, __name__, sys.stdin.readline()"
    file.write_text(f"import os, sys; print({facts}, sep='|')")
    monkeypatch.setenv("JUPYTER_PATH", forks)
    ran = subprocess.run([*python(), str(file), "a"], cwd=tmp_path, input="line", capture_output=True, text=True)
    assert ran.stdout == f"['a']|{tmp_path}|{tmp_path}|True|__main__|line\n", ran.stderr
