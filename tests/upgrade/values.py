"""What attempts of today are given of values that the release wrote down: each as the type that is asked for."""

import json
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from tests.upgrade import parcels
from tests.upgrade.opening import Opened

#: State that `pickup` wrote, as it is read back.
PACKED = {"1": [float("nan"), "x"], "by": [3, 4, 0.5]}


def written_by_the_release(opened: Opened, row: dict[str, Any]) -> dict[str, str]:
    """What an attempt must have seen of it, by name; each as Python shows it."""
    work, subject = row["key"], row["subject"]
    run = next((one for one in opened.known["runs"] if one["subject"] == subject), None)
    if run is not None and work in run["committed"]:
        raise AssertionError(f"{work} of {subject} is done again")
    if run is not None and work not in parcels.HANDLERS.values():
        return _of_step(opened, run, work)
    return _of_event(opened, row) if subject in opened.known["numbers"] else {}


def _of_step(opened: Opened, run: dict[str, Any], work: str) -> dict[str, str]:
    number, committed = run["number"], run["committed"]
    if run["workflow"] == "refund":
        return {"check": repr(json.loads(committed["check"]))} if work == "pay" else {}
    order, tags = parcels.order_of(number), parcels.tags_of(number)
    packed = parcels.packed(order)
    values: dict[str, str] = {"order": _read_back(parcels.Order, order), "tags": repr(tags)}
    results = {
        "pickup": _read_back(parcels.Parcel, packed),
        "sorting": repr(parcels.routed(packed, tags)),
        "weighing": repr(None),  # it was NaN, and JSON of a result had none
        "transit": repr(parcels.waybill(number)),
    }
    values |= {step: result for step, result in results.items() if step in committed}
    if "pickup" in committed:
        values["state"] = repr(PACKED)
    return values


def _of_event(opened: Opened, row: dict[str, Any]) -> dict[str, str]:
    subject, number = row["subject"], opened.known["numbers"][row["subject"]]
    shipments = [one for one in opened.known["runs"] if one["subject"] == subject and one["workflow"] == "shipment"]
    receipts = [one["committed"]["delivery"] for one in shipments if "delivery" in one["committed"]]
    if subject.startswith("foreign") or (shipments and not receipts):
        return {}  # somebody else wrote it, or it is of today
    plain = json.loads(receipts[0]) if receipts else _plain(parcels.receipt_of(number))
    return {
        "receipt": repr(TypeAdapter(parcels.Receipt).validate_python(plain)),
        "plain": repr(plain),
        "bill": repr({number: [0.1, float("nan")], 2: []}),
    }


def first_of(opened: Opened, handler: str) -> str:
    """What the first event of a handler's group left in its state."""
    subject, payload = "done-1", json.loads(opened.run("done-1")["committed"]["delivery"])
    if handler == "books":
        payload = {str(opened.run("done-1")["number"]): [0.1, float("nan")], "2": []}
    if handler == "make_good":
        subject, payload = "lost", _plain(parcels.receipt_of(opened.known["numbers"]["lost"]))
    return repr({"of": subject, "payload": payload, "5": [float("nan")]})


def _plain(value: Any) -> Any:
    """A value as it travels in an event."""
    return json.loads(json.dumps(to_jsonable_python(value)))


def _read_back(kind: type, value: Any) -> str:
    """A value as it is read from JSON."""
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    return repr(adapter.validate_json(adapter.dump_json(value)))
