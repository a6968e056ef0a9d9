"""Steps and handlers that name one breaker share it, and agree on what it is."""

import pytest

from runtime import App, Breaker
from runtime.errors import DefinitionError


def sharing(one: Breaker, other: Breaker) -> App:
    """An app whose step and handler have each one of two."""
    app = App("crew")
    app.workflow("shipment", order=int).step(name="sort", breaker=one)(lambda order: order)
    app.subscribe("sorted", group="board", breaker=other)(lambda order: None)
    return app


def test_two_that_have_one_name_and_differ_are_refused():
    """Both places are named: whichever asked last would decide."""
    app = sharing(Breaker("carrier", failures=2), Breaker("carrier", failures=3))
    places = "failures=2 at step 'sort' of shipment, and failures=3 at group board of sorted"
    with pytest.raises(DefinitionError, match=f"breaker 'carrier' has {places}: .*make one"):
        app.build()


def test_what_each_ignores_is_its_own():
    """One for bad input, say."""
    sharing(Breaker("carrier"), Breaker("carrier", ignores=(ValueError,))).build()
