"""What the agents of the codegen demo hand to each other."""

from pydantic import BaseModel, ConfigDict


class Form(BaseModel):
    """Base of all: immutable."""

    model_config = ConfigDict(frozen=True)


class Feature(Form):
    """What somebody wishes. `seed` and `number` fix how the simulated models do."""

    seed: int
    number: int
    wish: str


class File(Form):
    """One function as the coder wrote it. `attempts` counts how often the step was tried."""

    name: str
    text: str
    attempts: int


class Review(Form):
    """What the reviewer thinks, before any test has run."""

    is_good: bool
    doubts: tuple[str, ...]


class TestRun(Form):
    """What the tests say. `remarks` has, by function, a remark for each round in which its tests failed; `retried` are
    the functions that the coder was asked for again, because it had not answered."""

    __test__ = False  # no tests of pytest's

    passed: bool
    remarks: dict[str, tuple[str, ...]]
    retried: tuple[str, ...] = ()


class Approval(Form):
    """A person's word."""

    granted: bool
    remark: str = ""
