"""Attributes of a decoded request as an answer has them."""

from typing import Any

from collector.store import attribute_encoding
from collector.store.batch import Batch
from collector.store.values import decode_attributes


def attributes(batch: Batch, table: str = "spans") -> list[dict[str, Any]]:
    """Those of each row of a table."""
    stored = attribute_encoding.encode_tables(batch.tables)[table].column("attributes").to_pylist()
    return [decode_attributes(each) for each in stored]
