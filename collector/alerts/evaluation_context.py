"""What one pass of the rules looks at: the store and the live bus at one moment."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from collector.alerts.growth import GrowthTracker
from collector.alerts.query_runner import QueryRunner
from collector.alerts.rule import Rule
from collector.models import CallsBy, CallsSort, Problem
from collector.prices.price_list import PriceBook
from collector.questions import call_figures, score_counts, standstill
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
class EvaluationContext:
    """One pass. What several rules ask with the same values is asked once."""

    asking: QueryRunner
    bus: BusPicture
    now_ns: int
    letters: GrowthTracker
    """Dead letters, by channel and group."""
    clocks: defaultdict[str, GrowthTracker]
    """Spans that begin in the future, by service; for each rule that looks at them."""
    prices: PriceBook = field(default_factory=PriceBook)
    firing: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)
    """What fires now is about, by the name of its rule."""
    _answers: dict[object, list[Row]] = field(default_factory=dict)
    _standing: list[Problem] | None = None

    def get_window_bounds(self, rule: Rule) -> dict[str, int]:
        """Returns the bounds of a rule's window, until now."""
        return {"first_ns": max(0, self.now_ns - int(rule.window * SECOND_NS)), "end_ns": self.now_ns}

    def query_store(self, query: Query, **values: object) -> list[Row]:
        """Asks the store.

        Raises:
            RuleTooSlowError: when it takes too long.
        """
        asked = (query, *sorted(values.items()))
        if asked not in self._answers:
            self._answers[asked] = self.asking.query_rows(query, values, {})
        return self._answers[asked]

    def query_scores(self, rule: Rule) -> list[Row]:
        """Returns what was scored in a rule's window, as `score_counts.count_scores_by_step` does.

        Raises:
            RuleTooSlowError: when it takes too long.
        """
        within = Range(**self.get_window_bounds(rule), window=None)
        asked = ("scores", within.first_ns, within.end_ns)
        if asked not in self._answers:
            self._answers[asked] = self.asking.run_question(
                lambda session: score_counts.count_scores_by_step(session, within)
            )
        return self._answers[asked]

    def query_groups(self, query: Query, window: float, **values: object) -> list[Row]:
        """Asks the store and the live bus together: what groups owe is the table `bus_groups`, in which `grown` says by
        how many dead letters more than so many seconds ago.

        Raises:
            RuleTooSlowError: when it takes too long.
        """
        return self.asking.query_rows(query, values, {"bus_groups": self._groups_table(window)})

    def query_spending(self, rule: Rule, sort: CallsSort) -> list[Row]:
        """Returns what calls of models used and cost in a rule's window, put together by what the rule says, those that
        spent most first. What nobody told whose it is, is left out.

        Raises:
            RuleTooSlowError: when it takes too long.
        """
        wanted = {
            **call_figures.CallCriteria(CallsBy(rule.by)).values,
            **{name: list(patterns) for name, patterns in rule.filters.items()},
        }
        within = Range(**self.get_window_bounds(rule), window=None)
        order = call_figures.CallOrder(sort, limit=_SPENDERS)
        rows = self.asking.run_question(
            lambda session: call_figures.find_spenders(session, within, wanted, order, self.prices)
        )
        return [row for row in rows if row["name"]]

    def find_standstills(self) -> list[Problem]:
        """Returns what stands still on the bus."""
        if self._standing is None:
            self._standing = standstill.find_standstills(self.bus.channels, self.bus.apps, self.bus.breakers)
        return self._standing

    def _groups_table(self, window: float) -> pa.Table:
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
                "grown": self.letters.measure_growth((channel.channel, group.group), window),
            }
            for channel in self.bus.channels
            for group in channel.groups
            if not group.is_ephemeral
        ]
        return pa.Table.from_pylist(rows, schema=_GROUPS)
