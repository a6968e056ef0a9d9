"""What models cost, as a table by which the database prices calls."""

from collections.abc import Iterable
from typing import Any, Final

import pyarrow as pa

from collector.prices import price_list
from collector.prices.price_list import EVER, CalledModel, PriceBook
from collector.store.database import Row

_CALLED: Final = ("response_model", "model", "provider", "service_tier")

_RATES: Final = pa.schema(
    [
        *((name, pa.string()) for name in _CALLED),
        *((name, pa.int64()) for name in ("from_ns", "until_ns", "above", "upto")),
        *((name, pa.float64()) for name in ("input_rate", "output_rate", "reading_rate", "writing_rate")),
        *((name, pa.bool_()) for name in ("has_long", "is_own")),
    ]
)


def build_rate_table(prices: PriceBook, called: Iterable[Row]) -> pa.Table:
    """Returns the table of what models cost, by which the database prices calls.

    Args:
        prices: the lists.
        called: of `calls/called.sql`.
    """
    rows: list[dict[str, Any]] = []
    for row in ({name: each[name] for name in _CALLED} for each in called):
        for reign in price_list.find_price_periods(prices, CalledModel(**row)):
            tiers = reign.price.find_rates(row["service_tier"])
            ends = [above for above, _ in tiers[1:]] + [EVER]
            rows += [
                {
                    **row,
                    "from_ns": reign.first_ns,
                    "until_ns": reign.end_ns,
                    "above": above,
                    "upto": upto,
                    "input_rate": rate.input,
                    "output_rate": rate.output,
                    "reading_rate": rate.cache_read_rate,
                    "writing_rate": rate.cache_write_rate,
                    "has_long": rate.cache_write_long is not None,
                    "is_own": reign.of.is_own,
                }
                for (above, rate), upto in zip(tiers, ends, strict=False)
            ]
    return pa.Table.from_pylist(rows, schema=_RATES)
