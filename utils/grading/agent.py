"""In the student's kernel: does what the tester asks for with what the student made, and answers with data.

Nothing here protects anything: this is where the student's code is at home, and whatever it answers is only an answer.
The tester sends names and arguments, and never a test or what it expects.
"""

import builtins
import contextlib
import io
import json
import socket
import sys
import time
import traceback
from itertools import islice
from pathlib import Path

from wire import pack, receive, send, unpack

PRINTED = 1_000_000  # characters that one call may print
LONGEST = 100_000  # of what is gone through
PLAIN = {
    str: str.__str__, int: int.__pos__, float: float.__pos__, dict: lambda one: dict(dict.items(one)),
    tuple: lambda one: (*tuple.__iter__(one),), list: lambda one: [*list.__iter__(one)],
    set: lambda one: {*set.__iter__(one)}, frozenset: lambda one: frozenset(frozenset.__iter__(one)),
}  # fmt: skip
OBJECTS = {}  # what the tester knows by a number


def serve(path: str, namespace: dict) -> None:
    """Answer at the socket `path`, until the tester has no more questions. `namespace` holds the student's names."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        _call(connection, path)
        while True:
            request, blocks = receive(connection)
            reply, blocks = _answer(request, blocks, connection, namespace)
            try:
                send(connection, reply, blocks)
            except ValueError as error:
                send(connection, {"error": ["ValueError", f"the answer is {error}", ""]})
    except (OSError, EOFError, ValueError, KeyboardInterrupt):
        pass
    finally:
        connection.close()


def _call(connection: socket.socket, path: str) -> None:
    for _ in range(1000):
        with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
            return connection.connect(path)
        time.sleep(0.01)


class _Printed(io.StringIO):
    def write(self, text: str) -> int:
        if self.tell() + len(text) > PRINTED:
            raise RuntimeError(f"more than {PRINTED:,} characters of output")
        return super().write(text)


def _answer(request: dict, blocks: list[bytes], connection: socket.socket, namespace: dict) -> tuple[dict, list]:
    printed, reply, blocks_out = _Printed(), {}, []
    try:
        with contextlib.redirect_stdout(printed):
            value, reply["changed"] = _do(request, lambda p: _made(p, blocks, connection, namespace), namespace)
        reply["value"] = pack(value, blocks_out, _kept)
    except BaseException as error:  # whatever the student's code raises
        reply, blocks_out = {"error": _described(error)}, []
    return reply | {"printed": printed.getvalue()}, blocks_out


def _described(error: BaseException) -> list[str]:
    try:
        text = str(error)
    except Exception:
        text = "(its message cannot be shown)"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    return [type(error).__name__, text[:2000], "".join(traceback.format_list(frames))[-3000:]]


def _do(request: dict, made, namespace: dict) -> tuple[object, list[int]]:
    """What was asked for, and the numbers of the arguments that were changed by it."""
    what = request["do"]
    if what == "name":
        if request["name"] not in namespace:
            raise NameError(f"name {request['name']!r} is not defined")
        return namespace[request["name"]], []
    thing = OBJECTS[request["object"]]
    if what == "call":
        arguments = [made(one) for one in request["arguments"]]
        named = {name: made(one) for name, one in request["named"].items()}
        every = [*arguments, *named.values()]
        before = [_fixed(one) for one in every]
        result = thing(*arguments, **named)
        return result, [i for i, one in enumerate(every) if before[i] != _fixed(one)]
    if what == "attribute":
        return getattr(thing, request["name"]), []
    if what == "item":
        return thing[made(request["key"])], []
    if what == "list":
        return list(islice(thing, LONGEST)), []
    return {"length": len, "text": lambda one: repr(one)[:2000]}[what](thing), []


def _kept(value: object, blocks: list[bytes]) -> dict:
    """Of what only extends a known type its data, for all else a number."""
    torch, numpy, kind = sys.modules.get("torch"), sys.modules.get("numpy"), type(value)
    if torch and issubclass(kind, torch.Tensor) and kind is not torch.nn.Parameter and kind is not torch.Tensor:
        with torch._C.DisableTorchFunctionSubclass():
            return pack(value.as_subclass(torch.Tensor), blocks, _numbered)
    if numpy and issubclass(kind, numpy.ndarray) and kind is not numpy.ndarray:
        return pack(value.view(numpy.ndarray), blocks, _numbered)
    for base, plain in PLAIN.items():
        if issubclass(kind, base) and not (numpy and issubclass(kind, numpy.generic)):
            return pack(plain(value), blocks, _kept)
    return _numbered(value, blocks)


def _numbered(value: object, blocks: list[bytes]) -> dict:
    OBJECTS[len(OBJECTS)] = value
    return {"object": len(OBJECTS) - 1}


def _fixed(value: object) -> object:
    """What tells whether a value was changed; None for what is no data."""
    if type(value) not in (list, set, dict) and type(value).__name__ not in ("Tensor", "ndarray"):
        return None
    blocks = []
    return json.dumps(pack(value, blocks, lambda one, blocks: {"object": id(one)})), blocks


def _made(packed: object, blocks: list[bytes], connection: socket.socket, namespace: dict) -> object:
    """An argument: data, or what stands for it here."""

    def other(packed: dict) -> object:
        kind, content = next(iter(packed.items()))
        if kind == "object":
            return OBJECTS[content]
        if kind == "named":
            name, *keys = content
            return namespace[name][unpack(keys[0], blocks, other)] if keys else namespace[name]
        if kind == "instance":
            owner, base, attributes = (unpack(part, blocks, other) for part in content)
            new = owner.__new__(owner) if base is None else owner(base)
            new.__dict__.update(attributes)
            return new
        if kind == "path":
            return Path(content)
        if kind == "generator":
            numpy = sys.modules["numpy"]
            generator = numpy.random.default_rng(0)
            generator.bit_generator.state = unpack(content, blocks, other)
            return generator
        return lambda *arguments: _called_back(content, arguments, connection)

    return unpack(packed, blocks, other)


def _called_back(number: int, arguments: tuple, connection: socket.socket) -> object:
    """Call a function of the tests."""
    blocks = []
    send(connection, {"callback": number, "arguments": pack(arguments, blocks, _kept)}, blocks)
    reply, blocks = receive(connection)
    if "error" in reply:
        name, text = reply["error"]
        kind = getattr(builtins, name, Exception)
        raise kind(text)
    return unpack(reply["value"], blocks, lambda packed: OBJECTS[packed["object"]])
