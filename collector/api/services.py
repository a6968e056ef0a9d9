"""What the routes are given to answer with."""

from dataclasses import dataclass, field

from collector.alerts.engine import AlertEngine
from collector.operations.backlog_watch import BacklogWatch
from collector.operations.link import OperationsLink
from collector.prices.price_file import PriceFile
from collector.store.database import Database
from collector.store.retention.keeper import Keeper
from runtime.redaction.redactor import Redactor


@dataclass(frozen=True, slots=True)
class Services:
    """The store, the operations of the live bus, who watches that, what alerts there are, who keeps the store within
    its limits, what takes secrets out of what the bus says, what calls of models cost, and whose home's collector it
    is."""

    database: Database
    operations: OperationsLink
    watch: BacklogWatch
    alerts: AlertEngine
    keeper: Keeper | None = None
    redactor: Redactor = field(default_factory=Redactor)
    prices: PriceFile = field(default_factory=PriceFile)
    home: str = ""
