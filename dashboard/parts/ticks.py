"""Which rows of a list are ticked. The browser tells of each press and draws it at once; the page says which rows are
ticked only where it ticks them itself, so that no press is lost to an answer that was on its way."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import streamlit as st


@dataclass
class Ticks:
    """The ids of what is ticked.

    Attributes:
        ids: what is ticked.
        turn: how often the page ticked by itself; the browser takes its ticks over when that moves.
    """

    ids: set[str] = field(default_factory=set)
    turn: int = 0

    @classmethod
    def of(cls, name: str) -> Self:
        """Returns the ticks of a list, as the session of the browser remembers them."""
        found: Self = st.session_state.setdefault(f"{name}-ticks", cls())
        return found

    def put(self, ids: Iterable[str], *, on: bool) -> None:
        """Ticks rows, or takes their ticks away."""
        self.ids = self.ids | {*ids} if on else self.ids - {*ids}
        self.turn += 1

    def take(self, known: Collection[str], told: object) -> None:
        """Takes over what a browser says is ticked, of what can be."""
        ids = told.get("ids") if isinstance(told, Mapping) else None
        if isinstance(ids, list):
            self.ids = self.ids - {*known} | {each for each in known if each in ids}

    def as_data(self) -> dict[str, Any]:
        """Returns the ticks as plain JSON."""
        return {"turn": self.turn, "ids": sorted(self.ids)}
