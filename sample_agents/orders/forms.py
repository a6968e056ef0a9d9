"""What the agents of the orders demo, the payment provider and the carrier hand to each other."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Form(BaseModel):
    """Base of all: immutable."""

    model_config = ConfigDict(frozen=True)


class Card(StrEnum):
    """A card, by how the line to its bank behaves; test cards of real providers do the like."""

    GOOD = "good"
    DECLINED = "declined"
    DROPS_FIRST = "drops-first"
    """Whatever is asked is done, and the first answer is lost on its way back."""
    DROPS_ALL = "drops-all"
    """A charge is made, and nobody ever hears of it; only a refund is answered."""


class Order(Form):
    """What somebody wants. `crash_in` names the step that crashes once, after the outside world has done its part."""

    customer: str
    cents: int
    card: Card = Card.GOOD
    postcode: str
    crash_in: str = ""


class Receipt(Form):
    """The provider has taken money. `charge` is the key that it was asked with."""

    charge: str
    cents: int


class Processed(Form):
    """An order is on its way: what everybody who cares is told."""

    customer: str
    cents: int
    parcel: str
