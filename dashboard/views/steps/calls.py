"""Models, agents, tools and others: how calls of them do, and what they cost. Any column sorts."""

from typing import Final, NamedTuple

import streamlit as st

from collector.models import CallFigures, CallFiguresList, CallsBy, CallsSort, PriceState
from dashboard import export, lists, period, selection, wording
from dashboard.parts import links, rows, timespan, usage
from dashboard.views.steps import table


class _Column(NamedTuple):
    """A column: its title, its width, and what it is sorted by."""

    title: str
    width: float
    sort: CallsSort


_NAMES: Final = {
    CallsBy.MODEL: "model",
    CallsBy.AGENT: "agent",
    CallsBy.TOOL: "tool",
    CallsBy.APP: "app",
    CallsBy.USER: "user",
    CallsBy.SESSION: "session",
    CallsBy.DAY: "day (UTC)",
}
#: Filters of Runs, by what calls are put together by: there a reader sees which they are.
_RUNS: Final = {CallsBy.MODEL: "model", CallsBy.AGENT: "agent", CallsBy.APP: "app", CallsBy.SESSION: "session"}
_COUNTED: Final = (
    _Column("calls", 1.1, CallsSort.CALLS),
    _Column("failed", 1.25, CallsSort.ERROR_RATE),
)
_SPENT: Final = (
    _Column("tokens in", 1.3, CallsSort.INPUT_TOKENS),
    _Column("out", 1.2, CallsSort.OUTPUT_TOKENS),
    _Column("cached", 1.1, CallsSort.CACHE_READ_TOKENS),
    _Column("reasoning", 1.35, CallsSort.REASONING_TOKENS),
    _Column("cost", 1.8, CallsSort.COST),
)
_TIMED: Final = (
    _Column("p50", 1.35, CallsSort.P50),
    _Column("p95", 1.35, CallsSort.P95),
)
_SCORED: Final = 2.4
_FIRST: Final = _Column("first, p95", 1.3, CallsSort.FIRST_CHUNK)
#: Rows of the table; the file to save has more.
_ROWS: Final = 100
#: Models without a price that are named.
_NAMED: Final = 6
_TEXT: Final = frozenset({CallsSort.NAME})


def show(by: CallsBy) -> None:
    """Shows the table of what calls are put together by."""
    per_app = bool(selection.read("apart"))
    sort, descending = _order(by)
    wanted = lists.CallSelection(by, per_app, sort, descending, selection.read("app"), selection.read("agent"))
    answer = lists.call_figures(period.current(), wanted, _ROWS)
    with st.container(horizontal=True, vertical_alignment="center"):
        key = "steps-apart"
        st.session_state[key] = per_app
        st.toggle("Each app apart", key=key, on_change=_write_per_app, args=(key,), disabled=by is CallsBy.APP)
        _show_active_filters()
        export.button(f"calls-by-{by.value}", lists.all_call_figures(period.current(), wanted))
    timespan.show_window(answer.window, "Each call counts once, however many instrumentations told of it.")
    if not answer.items:
        what = "tool was called" if by is CallsBy.TOOL else "model was called"
        st.info(f"No {what} in this time.", icon=":material/inbox:")
        return
    _table(answer, sort, descending=descending)
    if answer.groups > len(answer.items):
        st.caption(f"The first {len(answer.items):,} of {answer.groups:,}; sums are of all, and the file has more.")
    if by is not CallsBy.TOOL:
        _prices(answer)


def get_grouping() -> CallsBy | None:
    """Returns what the reader wants calls to be put together by; None where steps are shown."""
    said = selection.read("by")
    return CallsBy(said) if said in _NAMES else None


def _order(by: CallsBy) -> tuple[CallsSort, bool]:
    said = selection.read("sort")
    usual = {CallsBy.TOOL: CallsSort.CALLS, CallsBy.DAY: CallsSort.NAME}.get(by, CallsSort.COST)
    sort = CallsSort(said) if said in {column.sort for column in _columns(by)} else usual
    return sort, selection.read("order") != "up"


def _scores(row: CallFigures) -> str:
    """Returns a line for each score, by its name."""
    told = (f"{wording.plain(each.name)} {table.accuracy(each.accuracy)}".strip() for each in row.scores)
    return "  \n".join(f":small[{line}]" for line in told) or f":small[{wording.DASH}]"


def _columns(by: CallsBy) -> list[_Column]:
    name = _Column(_NAMES[by], 3.6, CallsSort.NAME)
    spent = () if by is CallsBy.TOOL else _SPENT
    return [name, *_COUNTED, *spent, *_TIMED, *(() if by is CallsBy.TOOL else (_FIRST,))]


def _write_per_app(key: str) -> None:
    selection.write(apart="1" if st.session_state[key] else None)


def _show_active_filters() -> None:
    for name in ("app", "agent"):
        if value := selection.read(name):
            label = f"of {name} **{wording.plain(value)}**"
            links.within(label, f"calls-not-{name}", {name: None}, ":material/filter_alt_off:")


def _table(answer: CallFiguresList, sort: CallsSort, *, descending: bool) -> None:
    columns = _columns(answer.by)
    scored = any(row.scores for row in answer.items)
    widths = [*(column.width for column in columns), *([_SCORED] if scored else [])]
    with rows.of("calls"):
        cells = st.columns(widths, gap="xsmall", vertical_alignment="bottom")
        for cell, column in zip(cells, columns, strict=False):
            with cell:
                _title(column, here=column.sort is sort, descending=descending)
        if scored:
            cells[-1].caption("scores")
        for app, those in _by_app(answer):
            if app is not None:
                st.markdown(f"**{wording.name(app)}**")
            for row in those:
                cells = _row(answer, row, widths)
                if scored:
                    cells[-1].markdown(_scores(row))
        if len(answer.items) > 1:
            _cells(st.columns(widths, gap="xsmall"), ["**all**", *_facts(answer, answer.total)])


def _by_app(answer: CallFiguresList) -> list[tuple[str | None, list[CallFigures]]]:
    """Returns rows by their app, in the order of the first of each; all together where apps don't stand apart."""
    found: dict[str | None, list[CallFigures]] = {}
    for row in answer.items:
        found.setdefault(None if answer.by is CallsBy.APP else row.app, []).append(row)
    return list(found.items())


def _title(column: _Column, *, here: bool, descending: bool) -> None:
    """Shows a title that sorts by its column, and the other way round where that is how it is sorted."""
    up = descending if here else column.sort in _TEXT
    arrow = (":material/arrow_downward:" if descending else ":material/arrow_upward:") if here else None
    order = {"sort": column.sort.value, "order": "up" if up else None}
    links.within(f":small[:gray[{column.title}]]", f"calls-sort-{column.sort.value}", order, arrow)


def _row(answer: CallFiguresList, row: CallFigures, widths: list[float]) -> "list[st.delta_generator.DeltaGenerator]":
    cells = st.columns(widths, gap="xsmall", vertical_alignment="center")
    with cells[0]:
        name = wording.name(row.name) if row.name else ":gray[not named]"
        parameter = _RUNS.get(answer.by)
        if parameter and row.name:
            links.to(
                name,
                selection.RUNS,
                {parameter: row.name, "app": row.app or (row.name if parameter == "app" else None)},
            )
        else:
            st.markdown(f":small[{name}]")
    _cells(cells[1:], _facts(answer, row))
    return cells


def _cells(cells: "list[st.delta_generator.DeltaGenerator]", texts: list[str]) -> None:
    for cell, text in zip(cells, texts, strict=False):
        cell.markdown("  \n".join(f":small[{line}]" for line in text.split("  \n")))


def _facts(answer: CallFiguresList, row: CallFigures) -> list[str]:
    """Returns what stands in a row's cells behind its name, as Markdown."""
    failed = row.errors / row.calls if row.calls else 0.0
    counted = [f"{row.calls:,}", f":{'red' if row.errors else 'gray'}[{_keep_on_one_line(wording.share(failed))}]"]
    timed = [_keep_on_one_line(wording.duration(each)) for each in (row.p50_ms, row.p95_ms)]
    if answer.by is CallsBy.TOOL:
        return [*counted, *timed]
    used = row.usage
    numbers = (used.input_tokens, used.output_tokens, used.cache_read_tokens, used.reasoning_tokens)
    spent = [wording.DASH if number is None else _keep_on_one_line(_short(number)) for number in numbers]
    return [*counted, *spent, _cost(row), *timed, _keep_on_one_line(wording.duration(row.first_chunk_p95_ms))]


def _cost(row: CallFigures) -> str:
    told, without = usage.cost(row.usage), row.usage.unpriced - row.usage.unreported
    if not told:
        return f":orange[{'no price' if without > 0 else 'not known'}]" if row.usage.unpriced else wording.DASH
    return wording.plain(told) + (f"  \n:orange[{_keep_on_one_line(f'{without:,} unpriced')}]" if without > 0 else "")


def _short(number: int) -> str:
    """Returns a number of tokens as a cell has room for it; the file to save has all of it."""
    if number < 10_000:
        return f"{number:,}"
    for size, unit, digits in ((10**12, "T", 1), (10**9, "G", 1), (10**6, "M", 1), (10**3, "k", 0)):
        if number >= size * 0.9995:
            return f"{number / size:,.{digits}f} {unit}"
    return f"{number:,}"


def _keep_on_one_line(text: str) -> str:
    return text.replace(" ", wording.NO_BREAK)


def _prices(answer: CallFiguresList) -> None:
    """Says which prices hold, and what has none."""
    for each in answer.prices:
        if each.error:
            st.warning(f"**Prices are unknown.** {wording.plain(each.error)}", icon=":material/price_change:")
    told = "; ".join(_list(each) for each in answer.prices if not each.error)
    if told:
        st.caption(f"Prices by {told}. A file of your own wins: `CAUSELINE_PRICES`, or `prices.toml` in the home.")
    without = answer.total.unpriced_models
    if without and not any(each.error for each in answer.prices):
        more = f" and {len(without) - _NAMED:,} more" if len(without) > _NAMED else ""
        named = ", ".join(wording.name(model) for model in without[:_NAMED])
        st.caption(f":orange[Without a price: {named}{more}.] Sums are too low by what those cost.")
    if answer.total.usage.unreported:
        st.caption(wording.plain(usage.describe_missing_usage(answer.total.usage)) + ".")


def _list(state: PriceState) -> str:
    facts = [f"of {state.date}" if state.date else "", f"({state.source})" if state.source else ""]
    return wording.plain(" ".join([state.origin, *(fact for fact in facts if fact)]))
