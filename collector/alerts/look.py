"""What one pass of the rules looks at: the store and the live bus at one moment."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from collector.alerts.asking import Asking
from collector.alerts.growth import Growth
from collector.alerts.rule import Rule
from collector.models import CallsBy, CallsSort, Problem
from collector.prices.price_list import PriceBook
from collector.questions import call_figures, scored, standstill
from collector.questions.overview import BusPicture
from collector.questions.windows import Range
from collector.store.database import Row
from collector.store.queries import Query
from collector.times import SECOND_NS

#: Runs, users and others that one rule looks at, of those that spent most.
_SPENDERS: Final = 1_000

_GROUPS: Final = pa.schema(
    [
        ("channel", pa.string()),
        ("consumer_group", pa.string()),
        ("app", pa.string()),
        ("waiting", pa.int64()),
        ("retrying", pa.int64()),
        ("consumers", pa.int64()),
        ("dead", pa.int64()),
        ("oldest_seconds", pa.float64()),
        ("grown", pa.int64()),
    ]
)


@dataclass(slots=True)
class Look:
    """One pass. What several rules ask with the same values is asked once."""

    asking: Asking
    bus: BusPicture
    now_ns: int
    letters: Growth
    """Dead letters, by channel and group."""
    clocks: defaultdict[str, Growth]
    """Spans that begin in the future, by service; for each rule that looks at them."""
    prices: PriceBook = field(default_factory=PriceBook)
    firing: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)
    """What fires now is about, by the name of its rule."""
    _answers: dict[object, list[Row]] = field(default_factory=dict)
    _standing: list[Problem] | None = None

    def window(self, rule: Rule) -> dict[str, int]:
        """Returns the bounds of a rule's window, until now."""
        return {"first_ns": max(0, self.now_ns - int(rule.window * SECOND_NS)), "end_ns": self.now_ns}

    def ask(self, query: Query, **values: object) -> list[Row]:
        """Asks the store.

        Raises:
            RuleTooSlowError: when it takes too long.
        """
        asked = (query, *sorted(values.items()))
        if asked not in self._answers:
            self._answers[asked] = self.asking.rows(query, values, {})
        return self._answers[asked]

    def scores(self, rule: Rule) -> list[Row]:
        """Returns what was scored in a rule's window, as `scored.by_step` does.

        Raises:
            RuleTooSlowError: when it takes too long.
        """
        within = Range(**self.window(rule), window=None)
        asked = ("scores", within.first_ns, within.end_ns)
        if asked not in self._answers:
            self._answers[asked] = self.asking.answer(lambda session: scored.by_step(session, within))
        return self._answers[asked]

    def ask_of_groups(self, query: Query, window: float, **values: object) -> list[Row]:
        """Asks the store and the live bus together: what groups owe is the table `bus_groups`, in which `grown` says by
        how many dead letters more than so many seconds ago.

        Raises:
            RuleTooSlowError: when it takes too long.
        """
        return self.asking.rows(query, values, {"bus_groups": self._groups(window)})

    def spending(self, rule: Rule, sort: CallsSort) -> list[Row]:
        """Returns what calls of models used and cost in a rule's window, put together by what the rule says, those that
        spent most first. What nobody told whose it is, is left out.

        Raises:
            RuleTooSlowError: when it takes too long.
        """
        wanted = {
            **call_figures.Wanted(CallsBy(rule.by)).values,
            **{name: list(patterns) for name, patterns in rule.filters.items()},
        }
        within = Range(**self.window(rule), window=None)
        order = call_figures.Order(sort, limit=_SPENDERS)
        rows = self.asking.answer(lambda session: call_figures.of_spenders(session, within, wanted, order, self.prices))
        return [row for row in rows if row["name"]]

    def standing(self) -> list[Problem]:
        """Returns what stands still on the bus."""
        if self._standing is None:
            self._standing = standstill.find(self.bus.channels, self.bus.apps, self.bus.breakers)
        return self._standing

    def _groups(self, window: float) -> pa.Table:
        rows = [
            {
                "channel": channel.channel,
                "consumer_group": group.group,
                "app": group.app,
                "waiting": group.pending + group.retrying,
                "retrying": group.retrying,
                "consumers": group.consumers,
                "dead": group.dead,
                "oldest_seconds": group.oldest_unprocessed_seconds,
                "grown": self.letters.since((channel.channel, group.group), window),
            }
            for channel in self.bus.channels
            for group in channel.groups
            if not group.is_ephemeral
        ]
        return pa.Table.from_pylist(rows, schema=_GROUPS)
