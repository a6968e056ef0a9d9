"""The craft of the agents: real work, and one way to get it wrong."""

from decimal import Decimal

import pytest

from runtime.errors import NonRetryableError
from sample_agents import depot
from sample_agents.parcels import Delivered, Invoice, Label, Order
from sample_agents.world import NO_CARRIER


def order(postcode: str, label: Label) -> Order:
    return Order(
        seed=1,
        number=1,
        sender_postcode="10115",
        recipient="Ada",
        postcode=postcode,
        phone="0151 0000001",
        weight_grams=2000,
        label=label,
    )


@pytest.mark.parametrize(
    ("postcode", "label", "hub"),
    [
        ("80331", Label.CLEAR, "München"),
        ("80331", Label.SMUDGED, "Bayreuth"),
        ("99084", Label.SMUDGED, "Leipzig"),
    ],
)
def test_a_smudged_label_is_read_as_the_neighbouring_hub(postcode: str, label: Label, hub: str):
    """A clear one as it is; the last hub's neighbour is the first."""
    assert depot.read_label(order(postcode, label)) == hub


@pytest.mark.parametrize(
    ("hubs", "route"),
    [
        (("Berlin", "Essen", "Essen"), ("Berlin", "Essen")),
        (("Berlin", "Köln", "Essen"), ("Berlin", "Köln", "Essen")),
        (("Essen", "Köln", "Essen"), ("Essen", "Köln", "Essen")),
        (("Essen", "Essen", "Essen"), ("Essen",)),
    ],
)
def test_a_parcel_always_ends_at_the_right_hub(hubs: tuple[str, str, str], route: tuple[str, ...]):
    """By a detour where it was sorted wrong, back where it came from if need be."""
    assert depot.route(*hubs) == route


def test_an_invoice_counts_weight_and_distance_but_no_detour():
    """3.90 + 2 kg x 0.85 + 3 zones x 0.40, and 19 % on top; zones form a ring."""
    delivered = Delivered(
        number=1,
        seed=1,
        recipient="Ada",
        phone="0151 1",
        weight_grams=2000,
        route=("Berlin", "Köln", "München"),
        detour=True,
        calls=1,
    )
    expected = Invoice(net=Decimal("6.80"), vat=Decimal("1.29"), total=Decimal("8.09"))
    assert depot.invoice(delivered) == expected
    assert depot.invoice(delivered.model_copy(update={"route": ("Berlin", "München")})) == expected


def test_a_number_that_no_carrier_serves_is_not_worth_another_attempt():
    """Its prefix says so."""
    assert depot.carrier_of("0151 0000001") == "north"
    with pytest.raises(NonRetryableError, match="no carrier accepts the number 0199 1"):
        depot.carrier_of(f"{NO_CARRIER} 1")
