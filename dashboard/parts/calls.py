"""What steps of agents called: models, tools, retrievers and guardrails, a row each."""

from collections.abc import Sequence
from typing import Final

from collector.models import Call, RunStep
from dashboard import selection, wording
from dashboard.parts import table, usage

#: Icons by what was called.
_ICONS: Final = {
    "model": ":material/psychology:",
    "embedding": ":material/data_array:",
    "tool": ":material/build:",
    "retriever": ":material/manage_search:",
    "guardrail": ":material/shield:",
    "evaluator": ":material/grading:",
}
#: Calls that a table shows at once; more are a press away.
AT_ONCE: Final = 40
#: Calls of each step that are shown at once, where all of a table's steps together made more than `_OF_ALL`.
_OF_EACH: Final = 3
_OF_ALL: Final = 200
#: The parameter of the address that says whose calls are all shown.
_ALL: Final = "calls"
#: Columns of a table of calls alone, as wide as those of the steps that make them.
WIDTHS: Final = (3.4, 1.6, 1.1, 1.2, 7.0)


def at_once(steps: Sequence[RunStep]) -> int:
    """Returns how many calls of each step a table of steps shows at once: of many the first ones, so that it is still
    the steps that one sees."""
    return AT_ONCE if sum(len(step.calls) for step in steps) <= _OF_ALL else _OF_EACH


def rows(calls: Sequence[Call], whose: str, depth: int = 0, most: int = AT_ONCE) -> list[table.Row]:
    """Returns a row for each call, in order of their beginning.

    Args:
        calls: what was called.
        whose: id of what made the calls.
        depth: how far they are indented.
        most: how many are shown at once.
    """
    whole = len(calls) <= most + 1 or selection.read(_ALL) == whose
    found = [_row(call, depth) for call in (calls if whole else calls[:most])]
    if not whole:
        more = table.Part(f"Show all {len(calls):,} calls", icon=":material/unfold_more:")
        found.append(table.Row([[more]], table.Link({_ALL: whose}), depth=depth))
    return found


def _row(call: Call, depth: int) -> table.Row:
    cells = (
        [table.Part(wording.clip(call.name, wording.NAME) or "(no name)", icon=_ICONS.get(call.role, ""))],
        [table.Part("from the record", table.MUTED)] if call.recorded else [table.badge(call.status)],
        [table.Part("")],
        [table.Part("" if call.recorded else table.keep_on_one_line(wording.duration(call.duration_ms)))],
        [table.Part(call.model or call.role), *_facts(call)],
    )
    return table.Row(cells, table.Link({"call": call.node_id}), depth=depth)


def _price(call: Call) -> str:
    """Returns how a call's cost is known, where that is not plain, or why it is not."""
    if call.usage is None or not call.cost_note:
        return ""
    plain = call.usage.cost_usd is not None and not call.usage.at_least and ";" not in call.cost_note
    return "" if plain or call.usage.unreported else call.cost_note


def _facts(call: Call) -> list[table.Part]:
    told = [usage.brief(call.usage), usage.parts(call.usage), _price(call)]
    if call.first_chunk_ms is not None:
        told.append(f"first part after {wording.duration(call.first_chunk_ms)}")
    facts = [(table.keep_facts_unbroken(part), table.MUTED) for part in told]
    facts += [(part, table.ORANGE) for part in (call.uncounted, *call.notes) if part]
    facts += [(f"parked: {call.parked}", table.ORANGE)] if call.parked else []
    facts += [(wording.gist(call.error, 160), table.RED)] if call.error else []
    return [table.Part(f"\N{MIDDLE DOT} {part}", look) for part, look in facts if part]
