"""A simulated parcel carrier, which takes an order's parcel once."""

from runtime import NonRetryableError
from sample_agents.orders.fates import ISLAND
from sample_agents.orders.forms import Order
from sample_agents.orders.ledger import Entry, Kind, Ledger


class NobodyGoesThereError(NonRetryableError):
    """Raised when no carrier serves a postcode, today or tomorrow."""


def book(ledger: Ledger, key: str, subject: str, order: Order) -> str:
    """Has a parcel fetched; asked again with the same key, there is still one.

    Args:
        ledger: the carrier's books.
        key: the idempotency key.
        subject: the order's number.
        order: where it goes.

    Returns:
        The parcel's number.

    Raises:
        NobodyGoesThereError: no carrier serves the postcode.
    """
    if order.postcode.startswith(ISLAND):
        raise NobodyGoesThereError(f"no carrier takes the parcel of order {subject} to {order.postcode}")
    ledger.enter(Entry(Kind.PARCEL, key, subject, order.cents))
    return f"P-{subject}"
