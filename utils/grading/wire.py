"""Messages between a student's kernel and the tester: values as data, and nothing that can run.

A message is JSON, and a safetensors block for each array and tensor in it; its length stands before it. Both sides take
values of exactly these types apart and make new ones of the data: no method of a student's object ever gets to the
tester, no subclass that equals everything. What is none of them stays where it is, and `other` says what stands for it.
Kernels import this file alone, without the rest of `utils` (execute.py).
"""

import json
import socket
import struct
import sys
from collections.abc import Callable

LARGEST_TEXT = 2**24  # bytes of JSON
LARGEST = 2**28  # bytes of all arrays and tensors in a message
DEEPEST = 40  # lists in lists
PLAIN = (type(None), bool, int, float, str)
SEQUENCES = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}


def send(connection: socket.socket, message: dict, blocks: list[bytes] = ()) -> None:
    """ValueError if it is too large."""
    text = json.dumps({"message": message, "sizes": [len(block) for block in blocks]}).encode()
    if len(text) > LARGEST_TEXT or sum(map(len, blocks)) > LARGEST:
        raise ValueError(f"larger than {LARGEST_TEXT / 2**20:.0f} MiB of values, or {LARGEST / 2**20:.0f} of arrays")
    connection.sendall(struct.pack("!I", len(text)) + text)
    for block in blocks:
        connection.sendall(block)


def receive(connection: socket.socket) -> tuple[dict, list[bytes]]:
    """EOFError if the other side is gone, ValueError if what comes is no message or too large."""
    (length,) = struct.unpack("!I", _read(connection, 4))
    if length > LARGEST_TEXT:
        raise ValueError(f"a message of {length:,} bytes")
    try:
        content = json.loads(_read(connection, length))
        message, sizes = content["message"], content["sizes"]
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"no message ({type(error).__name__})") from None
    if type(message) is not dict or type(sizes) is not list or not all(type(n) is int and n >= 0 for n in sizes):
        raise ValueError("no message")
    if sum(sizes) > LARGEST:
        raise ValueError(f"a message of {sum(sizes):,} bytes")
    return message, [_read(connection, size) for size in sizes]


def _read(connection: socket.socket, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        part = connection.recv(min(length - len(data), 2**20))
        if not part:
            raise EOFError
        data += part
    return bytes(data)


def pack(value: object, blocks: list[bytes], other: Callable[[object, list], dict], depth: int = 0) -> object:
    """The value as JSON; its arrays and tensors are added to `blocks`. ValueError if it is nested too deeply."""
    if depth > DEEPEST:
        raise ValueError("nested too deeply")
    kind = type(value)
    if kind in PLAIN:
        return value
    if kind.__module__ == "numpy" and kind.__name__ == "str_":
        return str.__str__(value)
    if kind in SEQUENCES.values():
        return {kind.__name__: [pack(one, blocks, other, depth + 1) for one in value]}
    if kind is dict:
        return {"dict": [[pack(one, blocks, other, depth + 1) for one in pair] for pair in value.items()]}
    packed = _pack_array(value, kind, blocks) or _pack_table(value, kind, blocks, other, depth)
    return packed or other(value, blocks)


def _pack_array(value: object, kind: type, blocks: list[bytes]) -> dict | None:
    torch, np = sys.modules.get("torch"), sys.modules.get("numpy")
    if torch and kind in (torch.Tensor, torch.nn.Parameter) and value.layout == torch.strided:
        from safetensors.torch import save

        blocks.append(save({"": value.detach().cpu().clone().contiguous()}))
        return {"tensor": len(blocks) - 1, "grad": bool(value.requires_grad)}
    if torch and kind is torch.Size:
        return {"tuple": list(value)}
    if np and (kind is np.ndarray or (issubclass(kind, np.generic) and kind.__module__ == "numpy")):
        if value.dtype.kind == "U":
            return {"texts": value.tolist()}
        if value.dtype.kind in "biuf" and value.dtype.itemsize <= 8:
            from safetensors.numpy import save

            blocks.append(save({"": np.ascontiguousarray(value).reshape(value.shape)}))
            return {"array": len(blocks) - 1, "scalar": kind is not np.ndarray}
    return None


def _pack_table(value: object, kind: type, blocks: list[bytes], other: Callable, depth: int) -> dict | None:
    pd = sys.modules.get("pandas")
    if not pd or kind not in (pd.DataFrame, pd.Series):
        return None
    columns = [column.to_numpy() for _, column in value.items()] if kind is pd.DataFrame else [value.to_numpy()]
    columns = [list(column) if column.dtype.kind == "O" else column for column in columns]
    names = list(value.columns) if kind is pd.DataFrame else None
    parts = [pack(part, blocks, other, depth + 1) for part in (columns, names, list(value.index))]
    return {"table": parts}


def unpack(packed: object, blocks: list[bytes], other: Callable[[dict], object]) -> object:
    """A new value of the data. ValueError if it is none."""
    try:
        return _unpack(packed, blocks, other, 0)
    except Exception as error:  # whatever a stranger's data makes a library raise
        raise ValueError(f"no value ({type(error).__name__}: {error})") from None


def _unpack(packed: object, blocks: list[bytes], other: Callable[[dict], object], depth: int) -> object:
    if type(packed) in PLAIN:
        return packed
    if depth > DEEPEST or type(packed) is not dict:
        raise ValueError("nested too deeply, or no value")
    kind, content = next(iter(packed.items()))
    if kind in SEQUENCES:
        return SEQUENCES[kind](_unpack(one, blocks, other, depth + 1) for one in content)
    if kind == "dict":
        return {_unpack(key, blocks, other, depth + 1): _unpack(one, blocks, other, depth + 1) for key, one in content}
    if kind == "tensor":
        from safetensors.torch import load

        return load(blocks[content])[""].requires_grad_(packed["grad"] is True)
    if kind in ("array", "texts"):
        import numpy as np
        from safetensors.numpy import load

        if kind == "texts":
            return np.array(content, dtype=str)
        array = load(blocks[content])[""]
        return array[()] if packed["scalar"] is True else array
    if kind == "table":
        import pandas as pd

        columns, names, index = (_unpack(part, blocks, other, depth + 1) for part in content)
        if names is None:
            return pd.Series(columns[0], index=index)
        table = pd.DataFrame(dict(enumerate(columns)), index=index)
        return table.set_axis(names, axis="columns")
    return other(packed)
