"""What the steps of a payment and their successors hand to each other."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class Form(BaseModel):
    """Base of all: immutable."""

    model_config = ConfigDict(frozen=True)


class Payment(Form):
    """Somebody pays. `hour` is that of the week, from 0."""

    customer: str
    cents: int
    country: str
    hour: int


class Authorised(Form):
    """The bank has agreed, under a code."""

    code: str


class Settled(Form):
    """The money has moved, less a fee."""

    code: str
    net: int


class Asked(Form):
    """What the four that nobody waits for are given: the fields are called as the parameters of the steps."""

    payment: Payment
    settle: Settled


class Receipt(Form):
    """What the customer is sent. No two have been written at one time."""

    text: str
    written_at: datetime


class Score(Form):
    """How much a payment looks like fraud, from 0 to 100, and why; the reasons have no order."""

    points: int
    reasons: tuple[str, ...]


class Revenue(Form):
    """What analytics notes."""

    day: int
    fee: int


class Points(Form):
    """What the customer is credited."""

    points: int
