"""Classes that annotations lead to."""

from abc import ABC
from enum import Enum
from typing import Generic, TypeVar

from pydantic import BaseModel

Item = TypeVar("Item")


class Leaf(BaseModel):
    a: int = 1


class Other(BaseModel):
    a: int = 1


class Box(BaseModel, Generic[Item]):
    item: Item


class Color(Enum):
    RED = "red"


class Base(ABC): ...  # noqa: B024 - what derives from it matters
