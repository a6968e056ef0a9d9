"""What can't travel fails where it was made: the message says where it stands, of what type it is, and what to do."""

import asyncio
import csv
import inspect
import io
import itertools
import sys
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from types import coroutine
from typing import Any

import pytest
from pydantic import BaseModel, PrivateAttr, SecretStr, TypeAdapter

from runtime.codec import lazy
from runtime.codec.encode import encode
from runtime.codec.masking import mask_secrets
from runtime.codec.refusal import MAX_DEPTH
from runtime.errors import CauselineError, UnencodableError
from tests.runtime.codec.trips import WHAT, same, trip

ADVICE = "make it a pydantic model, a dataclass or plain JSON"


class Answer:
    text = "hunter2"

    def __repr__(self) -> str:
        return "hunter2"


class Array:
    def tolist(self) -> list[int]:
        return []


class Model(BaseModel):
    answers: Any
    _private: Any = PrivateAttr()


@dataclass
class Data:
    answers: Any


async def work() -> None: ...


async def stream() -> AsyncIterator[int]:
    yield 1


@coroutine
def old_style() -> Iterator[None]:
    yield


def refusal(value: Any) -> str:
    with pytest.raises(UnencodableError) as raised:
        encode(value, WHAT)
    assert isinstance(raised.value, CauselineError)
    assert "hunter2" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    return str(raised.value)


KINDS: list[tuple[Any, str, str]] = [
    (Answer(), f"{__name__}.Answer", ""),
    (object(), "object", ""),
    (Answer, "type", "make an instance of it, or "),
    (len, "builtin_function_or_method", "call it, or "),
    (refusal, "function", "call it, or "),
    (Answer().__repr__, "method", "call it, or "),
    (sys, "module", ""),
    (ValueError("hunter2"), "ValueError", "raise it, or "),
    (io.StringIO("hunter2"), "_io.StringIO", "read it, or "),
    (io.BytesIO(b"hunter2"), "_io.BytesIO", "read it, or "),
    (threading.Lock(), "_thread.lock", ""),
    (threading.Thread(), "threading.Thread", ""),
    (stream(), "async_generator", "collect it with `async for`, or "),
    (old_style(), "generator", "await it, or "),
    (Array(), f"{__name__}.Array", "take its tolist(), or "),
    (..., "ellipsis", ""),
    (memoryview(b"hunter2").cast("c"), "memoryview", "take its tobytes(), or "),
]


@pytest.mark.parametrize(("value", "kind", "hint"), KINDS, ids=lambda part: part if isinstance(part, str) else "")
def test_what_can_not_travel_is_told_by_its_type_and_with_a_way_out(value: Any, kind: str, hint: str):
    """A hint where there is an obvious one."""
    assert refusal(value) == f"{WHAT} can't travel: it is of type {kind}; {hint}{ADVICE}"


async def test_what_is_awaited_elsewhere_says_so():
    """Coroutines, tasks and futures."""
    waiting = work()
    task = asyncio.create_task(work())
    assert "is of type coroutine; await it, or" in refusal(waiting)
    assert "is of type _asyncio.Task; await it, or" in refusal([task])
    await waiting
    await task


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"answers": [1, 2, 3, {"text": Answer()}]}, ".answers[3].text"),
        (Model(answers=[Answer()]), ".answers[0]"),
        (Data((1, Answer())), ".answers[1]"),
        ([Data({"a b": Answer()})], "[0].answers['a b']"),
        ({1: {"x": Answer()}}, "['1'].x"),
        ({(1, 2): Answer()}, "[a key of type tuple]"),
        ({None: 1, 7: Answer()}, "[7]"),
        ({Answer(): 1}, f"[a key of type {__name__}.Answer]"),
        ({"x" * 1000: Answer()}, f"['{'x' * 64}']"),
        ({"k": deque([{1, Answer}])}, ".k[0]["),
        ((item for item in [1, Answer()]), "[1]"),
        ({"a": zip([Answer()], strict=True)}, ".a[0][0]"),
        ({"a": {"b": Answer()}.items()}, ".a[0][1]"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_the_place_within_a_value_is_told(value: Any, place: str):
    """Keys and positions, as one would write them."""
    assert f"{WHAT}, at {place}" in refusal(value)


@pytest.mark.parametrize("make", [lambda one: [one], lambda one: {"a": one}, Data, lambda one: Model(answers=one)])
def test_what_refers_to_itself_is_told_where_it_does(make: Any):
    """By way of containers and objects; attributes that nobody sees count, too."""
    loop: Any = []
    loop.append(make(loop))
    assert "it refers to itself there; write that reference as an id" in refusal(loop)
    assert "at [0]" in refusal(loop)


def test_a_private_reference_to_a_parent_is_a_circle():
    """It is not left out, for it can travel in another form."""
    parent = Model(answers=None)
    parent.answers = [Model(answers=None) for _ in range(5)]
    for child in parent.answers:
        child._private = parent
    assert "at .answers[0]._private, can't travel: it refers to itself there" in refusal(parent)


def test_the_same_thing_twice_is_no_circle():
    """It arrives twice."""
    part = [1]
    assert same(trip([part, part, {"a": part}]), [[1], [1], {"a": [1]}])


def nested(levels: int, wrap: Any) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = wrap(value)
    return value


@pytest.mark.parametrize(
    ("wrap", "levels"),
    [
        (lambda one: [one], 1),
        (lambda one: (one,), 1),
        (lambda one: {"a": one}, 1),
        (lambda one: {None: one}, 2),
        (Data, 1),
        (lambda one: Model(answers=one), 1),
    ],
)
def test_nesting_has_a_bound(wrap: Any, levels: int):
    """All that is allowed is written and read with room to spare on the stack of whoever calls."""
    deepest = nested(MAX_DEPTH // levels, wrap)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 700)
    try:
        back = trip(deepest, type(deepest))
        shown = mask_secrets(encode(deepest, WHAT))
        said = refusal(nested(MAX_DEPTH // levels + 1, wrap))
    finally:
        sys.setrecursionlimit(limit)
    assert type(back) is type(deepest)
    assert shown
    assert f"can't travel: it is nested deeper than {MAX_DEPTH} levels, at " in said
    assert len(said) < 400


LAZY: list[Any] = [
    (lambda: (n for n in range(3)), [0, 1, 2]),
    (lambda: map(str, [1]), ["1"]),
    (lambda: filter(None, [0, 1]), [1]),
    (lambda: zip([1], "a", strict=True), [(1, "a")]),
    (lambda: enumerate("a"), [(0, "a")]),
    (lambda: iter({"a": 1}), ["a"]),
    (lambda: reversed([1, 2]), [2, 1]),
    (lambda: itertools.chain([1], [b"x"]), [1, b"x"]),
    (lambda: csv.reader(["a,b"]), [["a", "b"]]),
    (lambda: {"a": 1}.keys(), ["a"]),
    (lambda: {"a": (1,)}.values(), [(1,)]),
    (lambda: {"a": 1}.items(), [("a", 1)]),
    (lambda: TypeAdapter(Iterable[int]).validate_python(["1"]), [1]),
]


@pytest.mark.parametrize(("make", "value"), LAZY)
def test_lazy_values_are_read_into_lists(make: Any, value: Any):
    """Alone and within others."""
    assert same(trip(make()), value)
    assert same(trip({"a": make()}), {"a": value})
    assert same(trip(Data(make()), Data).answers, value)


def test_an_endless_value_ends_in_an_error():
    """Not in a full memory."""
    said = refusal({"a": itertools.count()})
    hint = "read at most 1,000,000 elements of it into a list"
    assert said == f"{WHAT}, at .a, can't travel: it is of type itertools.count; {hint}, or {ADVICE}"


def test_as_many_elements_as_are_allowed_are_read(monkeypatch: pytest.MonkeyPatch):
    """And not one more."""
    monkeypatch.setattr(lazy, "LAZY_LIMIT", 3)
    assert trip(iter(range(3))) == [0, 1, 2]
    assert "read at most 3 elements of it" in refusal(iter(range(4)))


@pytest.mark.parametrize(
    "error", [KeyError("own"), RecursionError("own"), UnencodableError("own"), GeneratorExit("own")]
)
def test_what_a_lazy_value_raises_goes_through(error: BaseException):
    """Whatever it is; it is not that the value can't travel."""

    def failing() -> Iterator[int]:
        yield 1
        raise error

    with pytest.raises(type(error)) as raised:
        encode({"a": failing()}, WHAT)
    assert raised.value is error


def test_nothing_is_used_up_that_nobody_handed_over():
    """A generator in a private attribute."""
    model = Model(answers=1)
    model._private = (n for n in range(3))
    assert "at ._private, can't travel: it is of type generator; read it into a list, or " in refusal(model)
    assert list(model._private) == [0, 1, 2]


def test_secrets_are_never_quoted():
    """Neither as values nor as keys of their own kind."""
    assert "hunter2" not in refusal({SecretStr("hunter2"): Answer()})
    assert "hunter2" not in refusal([SecretStr("hunter2"), "hunter2", Answer()])
