"""What the store keeps of alerts is told in the order in which it happened."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from collector.alerts.alert_store import AlertStore
from collector.models import Silence
from collector.store.database import Database
from tests.collector.story import uid

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
MANY = 40


def silence(number: int, operator: str) -> Silence:
    """One whose ids say nothing of their order."""
    until = BEGUN + timedelta(hours=1)
    return Silence(id=str(uid(f"{number}")), rule="r", operator=operator, reason="why", made_at=BEGUN, until=until)


def test_a_silence_that_ends_another_begins_after_it(database: Database) -> None:
    """Both are of one moment; whoever reads the audit sees first what holds."""
    book, ended = AlertStore(database), list[UUID]()
    for number in range(MANY):
        made = silence(number, f"o{number}")
        book.insert_silence(made, 10 * number, 10**9, ended)
        ended = [UUID(made.id)]
    acts = [(row["action"], row["operator"]) for row in book.find_operator_actions(-1, 10**9)]
    wanted = [(action, f"o{number}") for number in reversed(range(1, MANY)) for action in ("silence", "unsilence")]
    assert acts == [*wanted, ("silence", "o0")]
