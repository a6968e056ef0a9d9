"""What the four that nobody waits for make of a payment, whoever does it. Pure."""

from datetime import datetime

from sample_agents.migration.forms import Payment, Points, Receipt, Revenue, Score, Settled
from sample_agents.migration.week import HOURS


def receipt(payment: Payment, settled: Settled, now: datetime) -> Receipt:
    """What the customer is sent."""
    text = f"{payment.customer}, you have paid {payment.cents / 100:.2f} EUR ({settled.code})."
    return Receipt(text=text, written_at=now)


def score(payment: Payment) -> Score:
    """How much a payment looks like fraud."""
    reasons = {
        "large": payment.cents >= 40_000,
        "abroad": payment.country not in ("DE", "FR"),
        "at night": payment.hour % HOURS < 6,
    }
    found = tuple(word for word, is_so in reasons.items() if is_so)
    return Score(points=33 * len(found), reasons=found)


def revenue(payment: Payment, settled: Settled) -> Revenue:
    """What is left to us, and on which day."""
    return Revenue(day=payment.hour // HOURS + 1, fee=payment.cents - settled.net)


def points(payment: Payment) -> Points:
    """A point for each whole euro."""
    return Points(points=payment.cents // 100)


def points_rounded(payment: Payment) -> Points:
    """The same as it was understood by whoever wrote the handler: half a euro counts as one."""
    return Points(points=(payment.cents + 50) // 100)
