"""What the tester makes of messages: values come back as they are, and whatever else a kernel sends is refused."""

import json
import socket
import struct
import sys
import threading
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from utils.data import ROOT

sys.path.append(str(ROOT / "utils" / "grading"))  # where kernels find these modules, which need nothing else of utils
from names import names
from proxies import Proxy, Student
from wire import pack, receive, send, unpack

VALUES = [
    None, True, 3, 2**80, 0.5, "ä", [1, [2]], (1, "a"), {1, 2}, frozenset({3}), {1: "a", (2, 3): [None]}, [], {},
]  # fmt: skip
ARRAYS = [
    np.arange(6).reshape(2, 3), np.array(1.5), np.array([]), np.array([True, False]), np.array(["a", "bc"]),
    np.arange(6.0).reshape(2, 3).T, np.float32([1, np.nan]),
]  # fmt: skip


def there_and_back(value: object) -> object:
    """Through a message, as a value."""
    ours, theirs = socket.socketpair()
    blocks = []
    message = {"value": pack(value, blocks, lambda value, blocks: {"object": 0})}
    threading.Thread(target=send, args=(ours, message, blocks)).start()
    message, blocks = receive(theirs)
    ours.close(), theirs.close()
    return unpack(message["value"], blocks, lambda packed: SimpleNamespace(**packed))


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_values_come_back_with_their_types(value):
    found = there_and_back(value)
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize("value", ARRAYS, ids=str)
def test_arrays_come_back(value):
    found = there_and_back(value)
    assert found.dtype.kind == value.dtype.kind and found.shape == value.shape
    np.testing.assert_array_equal(found, value)


def test_numbers_of_numpy_and_tables_come_back():
    found = there_and_back([np.float64(1.5), np.int64(2), np.str_("a")])
    assert [type(one) for one in found] == [np.float64, np.int64, str] and found == [1.5, 2, "a"]
    table = pd.DataFrame({"writer": ["a", "b"], 3: [1.5, np.nan], "n": [1, 2]}, index=["x", "y"])
    pd.testing.assert_frame_equal(there_and_back(table), table)
    pd.testing.assert_series_equal(there_and_back(table["n"]), table["n"], check_names=False)


def test_what_is_no_value_stays_where_it_is():
    class Number(int):
        def __eq__(self, other):
            return True

    for value in (Number(2), np.array([None]), np.zeros(2).view(np.matrix), object(), len, iter([])):
        assert there_and_back(value) == SimpleNamespace(object=0)


# --- what no kernel of ours would send

FORGED = {
    "no dictionary": [],
    "an object without a number": {"value": {"object": "x"}},
    "an array that is not there": {"value": {"array": 7, "scalar": False}},
    "an array that is no array": {"value": {"array": 0, "scalar": False}},
    "a table of nothing": {"value": {"table": [[1], None, [1, 2]]}},
    "a set of lists": {"value": {"set": [{"list": []}]}},
    "a module": {"value": {"import": "os"}},
    "a name": {"value": {"named": ["x"]}},
    "a list without its kind": {"value": [1]},
    "nested": {"value": json.loads('{"list": [' * 60 + "]}" * 60)},
    "printed, no text": {"value": 2, "printed": ["2"]},
    "too much printed": {"value": 2, "printed": "x" * 2_000_000},
    "an error without a name": {"error": [1, 2, 3]},
    "an error that is no error": {"error": "x"},
    "an error with a strange name": {"error": ["\0", "", ""]},
    "a function that is not there": {"callback": 0, "arguments": {"list": []}},
}
RAW = {
    "1 GB": struct.pack("!I", 2**30),
    "no JSON": struct.pack("!I", 2) + b"no",
    "JSON without end": struct.pack("!I", 10**5) + b"[" * 10**5,
    "sizes below zero": struct.pack("!I", 30) + b'{"message": {}, "sizes": [-1]}',
    "sizes of 1 GB": struct.pack("!I", 38) + b'{"message": {}, "sizes": [1073741824]}',
    "too long a number": struct.pack("!I", 10**4) + b"1" * 10**4,
    "the end": b"",
    "the end in the middle": struct.pack("!I", 100) + b"{",
}


def asked(answer: bytes) -> object:
    """What the tester gets if a kernel answers with this."""
    ours, theirs = socket.socketpair()
    student = Student("", {})
    student.connection = ours

    def answers():
        receive(theirs)
        theirs.sendall(answer)
        theirs.close()

    threading.Thread(target=answers).start()
    return student.ask({"do": "name", "name": "x"})


@pytest.mark.parametrize("how", [*FORGED, *RAW])
def test_what_is_no_answer_is_an_error_of_the_test(how):
    answer = RAW.get(how)
    if answer is None:
        text = json.dumps({"message": FORGED[how], "sizes": [3]}).encode()
        answer = struct.pack("!I", len(text)) + text + b"abc"
    with pytest.raises(RuntimeError, match=r"no proper answer|has ended"):
        asked(answer)


@pytest.mark.parametrize(
    "name", ["StopIteration", "SystemExit", "eval", "Mine", "UnicodeDecodeError", "ExceptionGroup"]
)
def test_errors_of_a_student_are_errors_and_nothing_else(name):
    text = json.dumps({"message": {"error": [name, "said", ""]}, "sizes": []}).encode()
    with pytest.raises(Exception, match="said") as caught:
        asked(struct.pack("!I", len(text)) + text)
    assert type(caught.value).__name__ == name and not isinstance(caught.value, StopIteration)


def test_a_stand_in_equals_nothing():
    one = Proxy(Student("", {}), 0)
    assert one != 2 and not one == Proxy(one, 0)  # noqa: SIM201
    for question in (bool, abs, float, int, iter, len, np.asarray, lambda one: one < 2, lambda one: one + 1):
        with pytest.raises((TypeError, RuntimeError)):
            question(one)


def test_names_that_a_cell_uses_and_makes():
    source = """
import a, os.path
x = b + len(x0)
def f(y, w=v):
    z = y + c
    return [g(i) + z for i in x]
class K(L):
    d = e
    def m(self):
        global made
        made = self.d"""
    used = {"b", "x0", "v", "c", "g", "L", "e"}
    assert names(source) == (used, {"a", "os", "x", "f", "K", "made"})
    assert names("assert double(1) == 2") == ({"double"}, set())
