"""What every kernel of nbval runs first: from then on a cell fails if Python warns or if a library logs a warning.

conftest.py names this file in PYTHONSTARTUP, which IPython executes in the notebook's own namespace: so all of it is
one function that deletes itself. A warning becomes an exception where it is raised. An exception in a library's log
would change what the library does, so what is logged makes the cell fail at its end.
"""


def _fail_on_warnings() -> None:
    import logging
    import warnings

    from IPython import get_ipython

    messages: list[str] = []
    kernel = get_ipython()

    class Recorder(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            messages.append(f"{record.name}: {record.getMessage()}")

    def at_the_end_of_a_cell(result) -> None:
        if messages:
            problem = RuntimeError(f"the libraries warned: {'; '.join(messages)}")
            messages.clear()
            kernel.showtraceback((RuntimeError, problem, None))  # the kernel sends it as a cell's error

    warnings.simplefilter("error")
    # what no cell can avoid: of gradio's own statistics, and of the kernel's own end
    warnings.filterwarnings("ignore", "'future.no_silent_downcasting' is deprecated")
    warnings.filterwarnings("ignore", "The copy keyword is deprecated")
    warnings.filterwarnings("ignore", category=PendingDeprecationWarning, module="ipykernel")
    recorder = Recorder(level=logging.WARNING)
    for name in ("transformers", "datasets", "evaluate", "peft", "accelerate", "huggingface_hub"):
        logging.getLogger(name).addHandler(recorder)
    kernel.events.register("post_run_cell", at_the_end_of_a_cell)


_fail_on_warnings()
del _fail_on_warnings
