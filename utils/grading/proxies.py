"""What the tester knows of a student: values as data, and for all else proxies that ask the student's kernel.

A proxy equals nothing but itself, is neither true nor false, and has no arithmetic: what an object of a student's says
of itself counts for nothing, only the data that it answers with.
"""

import builtins
import os
import secrets
import socket
import sys
from collections.abc import Iterator
from pathlib import PurePath

from wire import pack, receive, send, unpack

PRINTED = 1_000_000  # characters that the student's code may print in a test cell
ASKED = ("__code__", "__name__", "__doc__")  # of the names with underscores around them


class Student:
    """The student's kernel, seen from the tester. `setup` has the names that the exercise's own cells made."""

    def __init__(self, path: str, setup: dict):
        self.path, self.setup = path, setup
        self.connection, self.callbacks, self.busy, self.printed = None, [], False, 0

    def meet(self) -> None:
        """Wait for its call; nobody else gets through."""
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(self.path)
            try:
                server.listen(1)
                self.connection, _ = server.accept()
            finally:
                os.unlink(self.path)
        self.printed = 0

    def leave(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection, self.callbacks = None, []

    def ask(self, request: dict, arguments: tuple = (), blocks: list[bytes] = ()) -> object:
        """The answer. Raises what the student's code raised; RuntimeError if there is no proper answer."""
        __tracebackhide__ = True
        if self.connection is None:
            raise RuntimeError("the student's kernel has ended, or this belongs to a cell that is over")
        if self.busy:
            raise RuntimeError("a function of the tests that the student's code calls cannot call that code")
        self.busy = True
        try:
            send(self.connection, request, list(blocks))
            reply, blocks = receive(self.connection)
            while "callback" in reply:
                self._call_back(reply, blocks)
                reply, blocks = receive(self.connection)
            value, error = self._read(reply, blocks, arguments)
        except (EOFError, OSError):
            self.leave()
            raise RuntimeError("the student's kernel has ended, or does not answer") from None
        except ValueError as problem:
            self.leave()
            raise RuntimeError(f"the student's kernel gave no proper answer: {problem}") from None
        finally:
            self.busy = False
        if error:
            raise error
        return value

    def _read(self, reply: dict, blocks: list[bytes], arguments: tuple) -> tuple[object, Exception | None]:
        printed, changed = reply.get("printed", ""), reply.get("changed", [])
        if type(printed) is not str or type(changed) is not list:
            raise ValueError("no answer")
        self.printed += len(printed)
        if self.printed > PRINTED:
            raise ValueError(f"more than {PRINTED:,} characters of output")
        sys.stdout.write(printed)
        if "error" in reply:
            return None, _error(reply["error"])
        for i in changed:
            if type(i) is int and 0 <= i < len(arguments):
                _spoil(arguments[i])
        return unpack(reply.get("value"), blocks, self._proxy), None

    def _call_back(self, reply: dict, blocks: list[bytes]) -> None:
        """The student's code calls a function of the tests: with data, like an answer."""
        number, blocks_out = reply["callback"], []
        if type(number) is not int or not 0 <= number < len(self.callbacks):
            raise ValueError("no such function")
        try:
            value = self.callbacks[number](*unpack(reply.get("arguments"), blocks, self._proxy))
            answer = {"value": pack(value, blocks_out, self._argument)}
        except Exception as error:
            answer, blocks_out = {"error": [type(error).__name__, str(error)]}, []
        send(self.connection, answer, blocks_out)

    def _proxy(self, packed: dict) -> "Proxy":
        if type(number := packed["object"]) is not int:
            raise ValueError("no object")
        return Proxy(self, number)

    def call(self, number: int, arguments: tuple, named: dict) -> object:
        __tracebackhide__ = True
        blocks = []
        packed = [pack(one, blocks, self._argument) for one in arguments]
        packed_named = {name: pack(one, blocks, self._argument) for name, one in named.items()}
        request = {"do": "call", "object": number, "arguments": packed, "named": packed_named}
        return self.ask(request, (*arguments, *named.values()), blocks)

    def _argument(self, value: object, blocks: list[bytes]) -> dict:
        """What stands for an argument that is no data. TypeError if nothing can."""
        if type(value) is Proxy:
            return {"object": object.__getattribute__(value, "_number")}
        for name, own in self.setup.items():
            if own is value:
                return {"named": [name]}
            if type(own) is dict:
                for key, one in own.items():
                    if one is value and type(key) in (str, int):
                        return {"named": [name, key]}
        if isinstance(value, PurePath):
            return {"path": str(value)}
        numpy = sys.modules.get("numpy")
        if numpy and type(value) is numpy.random.Generator:
            return {"generator": pack(value.bit_generator.state, blocks, self._argument)}
        if any(own is type(value) for own in self.setup.values()) and not isinstance(value, dict):
            return self._instance(value, blocks)
        if isinstance(value, dict):
            return pack(dict(value), blocks, self._argument)
        if callable(value):
            self.callbacks.append(value)
            return {"callback": len(self.callbacks) - 1}
        raise TypeError(f"a {type(value).__name__} cannot be handed to the student's code")

    def _instance(self, value: object, blocks: list[bytes]) -> dict:
        """An object of a class that the exercise's own cells know: made anew in the student's kernel."""
        base = str.__str__(value) if isinstance(value, str) else None
        parts = (type(value), base, dict(vars(value)))
        return {"instance": [pack(part, blocks, self._argument) for part in parts]}


class Proxy:
    """Stands for an object in the student's kernel."""

    __slots__ = ("_number", "_student")

    def __init__(self, student: Student, number: int):
        self._student, self._number = student, number

    def __call__(self, *arguments: object, **named: object) -> object:
        __tracebackhide__ = True
        return self._student.call(self._number, arguments, named)

    def __getattr__(self, name: str) -> object:
        __tracebackhide__ = True
        if name.startswith(("__", "_repr_", "_ipython_")) and name not in ASKED:
            raise AttributeError(name)
        return self._student.ask({"do": "attribute", "object": self._number, "name": name})

    def __getitem__(self, key: object) -> object:
        __tracebackhide__ = True
        packed = pack(key, [], self._student._argument)
        return self._student.ask({"do": "item", "object": self._number, "key": packed})

    def __len__(self) -> int:
        __tracebackhide__ = True
        length = self._student.ask({"do": "length", "object": self._number})
        if type(length) is not int:
            raise TypeError("no length")
        return length

    def __iter__(self) -> Iterator:
        __tracebackhide__ = True
        items = self._student.ask({"do": "list", "object": self._number})
        if type(items) is not list:
            raise TypeError("no list")
        return iter(items)

    def __repr__(self) -> str:
        text = self._student.ask({"do": "text", "object": self._number})
        return text if type(text) is str else "(an object that cannot be shown)"

    def __array__(self, *_: object, **__: object) -> None:  # numpy would go through it item by item
        raise TypeError("an object of the student's is no array")

    def __bool__(self) -> bool:
        raise TypeError("an object of the student's is neither true nor false")


def _error(described: object) -> Exception:
    """What the student's code raised. What would end a loop of the tests in silence becomes another one."""
    if type(described) is not list or len(described) != 3 or not all(type(part) is str for part in described):
        raise ValueError("no answer")
    name, text, trace = described
    kind = getattr(builtins, name, None)
    ends = (StopIteration, StopAsyncIteration)
    if not isinstance(kind, type) or not issubclass(kind, Exception) or issubclass(kind, ends):
        kind = type(name[:80] or "Error", (Exception,), {})
    try:
        error = kind(text)
    except TypeError:  # it wants more than a text
        error = type(name, (Exception,), {})(text)
    if trace:
        error.add_note(trace)
    return error


def _spoil(value: object) -> None:
    """Leave nothing in an argument that the student's code has changed: tests that look at it see that, and a test
    that compares with it cannot be met by changing it."""
    if type(value) is list:
        value[:] = [object()]
    elif type(value) is dict:
        value.clear()
        value[object()] = object()
    elif type(value) is set:
        value.clear()
        value.add(object())
    elif type(value).__name__ in ("Tensor", "ndarray"):
        _spoil_array(value)


def _spoil_array(value: object) -> None:
    tensor = type(value).__name__ == "Tensor"
    kind = str(value.dtype).removeprefix("torch.")
    try:
        if kind.startswith("float"):
            value.detach().fill_(float("nan")) if tensor else value.fill(float("nan"))
        elif kind == "int64":
            numbers = [secrets.randbits(60) for _ in range(value.numel() if tensor else value.size)]
            new = value.new_tensor(numbers).view(value.shape) if tensor else None
            value.copy_(new) if tensor else value.put(range(value.size), numbers)
        else:
            raise ValueError(kind)
    except (RuntimeError, ValueError):
        raise AssertionError("the function has changed what it was given: let it work on a copy") from None
