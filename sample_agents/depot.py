"""The craft of the logistics agents: reading labels, routing, pricing, texting. Pure."""

from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import Final

from runtime import NonRetryableError
from sample_agents.parcels import Delivered, Invoice, Label, Order
from sample_agents.world import HUBS, SMS_CARRIERS

_VAT: Final = Decimal("0.19")
_BASE: Final = Decimal("3.90")
_PER_KILOGRAM: Final = Decimal("0.85")
_PER_ZONE: Final = Decimal("0.40")
_CENT: Final = Decimal("0.01")


class CarrierBusyError(Exception):
    """Raised when the parcel carrier takes no booking just now."""


class GatewayError(Exception):
    """Raised when a carrier of text messages does not answer."""


def hub_of(postcode: str) -> str:
    """The hub that serves a postcode."""
    return HUBS[int(postcode[0])]


def read_label(order: Order) -> str:
    """The hub that the sorter reads off a label; where that is smudged, the neighbour of the right one."""
    zone = int(order.postcode[0])
    return HUBS[(zone + (order.label is Label.SMUDGED)) % len(HUBS)]


def route(origin: str, hub: str, right_hub: str) -> tuple[str, ...]:
    """The hubs that a parcel passes; one that was sorted wrong is sent on to the right hub."""
    return tuple(name for name, _ in groupby((origin, hub, right_hub)))


def zones_between(origin: str, hub: str) -> int:
    """How many postal zones lie between two hubs; the zones form a ring."""
    apart = abs(HUBS.index(origin) - HUBS.index(hub))
    return min(apart, len(HUBS) - apart)


def invoice(delivered: Delivered) -> Invoice:
    """What the sender owes: by weight and distance; nobody pays for our detours."""
    zones = zones_between(delivered.route[0], delivered.route[-1])
    net = _BASE + _PER_KILOGRAM * Decimal(delivered.weight_grams) / 1000 + _PER_ZONE * zones
    net = net.quantize(_CENT, ROUND_HALF_UP)
    vat = (net * _VAT).quantize(_CENT, ROUND_HALF_UP)
    return Invoice(net=net, vat=vat, total=net + vat)


def carrier_of(phone: str) -> str:
    """The carrier that serves a number.

    Raises:
        NonRetryableError: none does; the same number will not be served later either.
    """
    carrier = SMS_CARRIERS.get(phone.split(" ")[0])
    if carrier is None:
        raise NonRetryableError(f"no carrier accepts the number {phone}")
    return carrier
