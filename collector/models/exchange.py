"""What became of an import."""

from collector.models.base import Model


class ImportAnswer(Model):
    """Rows of an export by table, how many of them were not stored before, and the range that it is of. `kept_days`
    says how long the collector keeps spans, 0 for ever: what is older goes again."""

    rows: dict[str, int]
    added: dict[str, int]
    since: str
    until: str
    kept_days: float = 0
