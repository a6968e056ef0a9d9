"""What a group can be ordered by is checked when it is declared."""

from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel

from runtime import App, Event
from runtime.errors import DefinitionError


class Order(BaseModel):
    order_id: str


@dataclass
class Payment:
    order: Order
    extra: dict[str, str]


def declared(annotation: Any, order_by: Any) -> str:
    """By what the group of a handler that takes this is ordered."""
    app = App("shop")

    def book(event: Any) -> None: ...

    book.__annotations__ = {"event": annotation, "return": None}
    app.subscribe("paid", group="books", order_by=order_by)(book)
    return app.build().subscriptions[0].order_by


@pytest.mark.parametrize(
    ("annotation", "order_by"),
    [
        (Order, "order_id"),
        (Event[Order], "order_id"),
        (Payment, "order.order_id"),
        (Payment, "extra.anything"),
        (dict, "whatever.there.is"),
        (Any, "order_id"),
        (Event, "order_id"),
    ],
)
def test_a_field_that_may_be_there_is_taken(annotation: Any, order_by: str):
    """Where the type does not say what it holds, any."""
    assert declared(annotation, order_by) == order_by
    assert declared(annotation, None) == ""


@pytest.mark.parametrize(
    ("annotation", "order_by", "said"),
    [
        (Order, "orderid", "no field 'orderid': did you mean 'order_id'"),
        (Event[Payment], "order.zzz", "ordered by 'order.zzz', and its payload has no field 'zzz'; it has order_id"),
    ],
)
def test_a_field_that_the_payload_has_not_is_refused(annotation: Any, order_by: str, said: str):
    """The message names the group, the field and the nearest."""
    with pytest.raises(DefinitionError, match=rf"^handler 'books' of channel paid is .*{said}"):
        declared(annotation, order_by)


@pytest.mark.parametrize("order_by", ["", ".", "a..b", "a. b", 7, ["a"]])
def test_what_is_no_path_is_refused(order_by: Any):
    """It says what to give."""
    with pytest.raises(DefinitionError, match=r"group 'books' can't be ordered by .*: name a field"):
        declared(Any, order_by)
