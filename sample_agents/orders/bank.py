"""A simulated payment provider with idempotency keys, which works, and a line to it, which does not always."""

from runtime import NonRetryableError
from sample_agents.orders.forms import Card, Order, Receipt
from sample_agents.orders.ledger import Entry, Kind, Ledger


class AnswerLostError(Exception):
    """Raised when the provider has done what it was asked for, and its answer did not arrive."""


class CardDeclinedError(NonRetryableError):
    """Raised when a card is declined: it will be the next time, too."""


class Bank:
    """The provider.

    Args:
        ledger: its books.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def charge(self, key: str, subject: str, order: Order) -> Receipt:
        """Takes the money for an order; asked again with the same key it takes nothing, and answers as before.

        Args:
            key: the idempotency key.
            subject: the order's number.
            order: who pays, how much, with which card.

        Raises:
            AnswerLostError: it was taken, and nobody hears of it.
            CardDeclinedError: nothing was taken.
        """
        if order.card is Card.DECLINED:
            raise CardDeclinedError(f"the card of order {subject} is declined")
        charge, asked = self._ledger.enter(Entry(Kind.CHARGE, key, subject, order.cents))
        if order.card is Card.DROPS_ALL or (order.card is Card.DROPS_FIRST and asked == 1):
            raise AnswerLostError(f"no answer to the charge for order {subject}: it was made, or it was not")
        return Receipt(charge=charge.key, cents=charge.cents)

    def refund(self, charge: str, card: Card) -> int:
        """Gives back what was taken with a key, once.

        Args:
            charge: the idempotency key of the charge.
            card: goes where the money came from.

        Returns:
            How many cents; 0 where nothing was taken.

        Raises:
            AnswerLostError: it was given back, and nobody hears of it.
        """
        taken = self._ledger.find(Kind.CHARGE, charge)
        if taken is None:
            return 0
        refund, asked = self._ledger.enter(Entry(Kind.REFUND, charge, taken.subject, taken.cents))
        if card is Card.DROPS_FIRST and asked == 1:
            raise AnswerLostError(f"no answer to the refund for order {taken.subject}: it was made, or it was not")
        return refund.cents
