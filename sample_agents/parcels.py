"""What the agents of the logistics demo hand to each other."""

from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Base of all: immutable."""

    model_config = ConfigDict(frozen=True)


class Label(StrEnum):
    """How well the address on a parcel can be read."""

    CLEAR = "clear"
    SMUDGED = "smudged"


class Order(Model):
    """A parcel that somebody wants sent. `seed` and `number` fix how the simulated outside world treats it."""

    seed: int
    number: int
    sender_postcode: str
    recipient: str
    postcode: str
    phone: str
    weight_grams: int
    label: Label


class Pickup(Model):
    """A carrier has fetched the parcel. `calls` counts how often it had to be asked."""

    booking: str
    hub: str
    calls: int


class Sorting(Model):
    """The hub that the parcel goes to, and the one that it should go to."""

    origin: str
    hub: str
    right_hub: str


class Transit(Model):
    """The hubs that the parcel passed, first to last."""

    route: tuple[str, ...]
    detour: bool


class Delivered(Model):
    """The parcel is there: what everybody who cares is told."""

    number: int
    seed: int
    recipient: str
    phone: str
    weight_grams: int
    route: tuple[str, ...]
    detour: bool
    calls: int


class Invoice(Model):
    """What the sender owes, in euros."""

    net: Decimal
    vat: Decimal
    total: Decimal
