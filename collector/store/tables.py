"""The tables that hold what was sent, which a copy has to hold, too."""

from typing import Final

#: In the order in which they are filled: what others name comes first.
TABLES: Final = (
    "resources",
    "scopes",
    "spans",
    "pending",
    "span_events",
    "span_links",
    "logs",
    "metric_points",
    "rejections",
)
