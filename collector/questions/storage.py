"""How much is stored, since when, and what is kept of it."""

from datetime import datetime

from collector import models
from collector.store.database import Database, Session
from collector.store.early_times import EARLIEST_NS
from collector.store.queries import Query
from collector.store.queries.upkeep import Upkeep
from collector.store.retention.keeper import Keeper
from collector.times import moment, moment_or_none


def describe_storage(session: Session, database: Database, keeper: Keeper | None) -> models.Storage:
    """Returns what is stored now; without a keeper all of it is kept."""
    size = session.one(Upkeep.RETENTION_SIZE)
    held = session.one(Upkeep.RETENTION_RECORDS)
    return models.Storage(
        kept_since=moment_or_none(held["oldest_ns"]),
        spans=held["spans"],
        logs=held["logs"],
        points=held["points"],
        file_bytes=database.file_bytes + database.log_bytes,
        used_bytes=size["used_bytes"] + database.log_bytes,
        free_bytes=size["free_bytes"],
        limits=_describe_limits(keeper),
        cleaned=_describe_cleaning(keeper),
    )


def find_kept_since(session: Session) -> datetime | None:
    """Returns when the oldest span began that is stored: what is older was removed, or never arrived."""
    oldest_ns = session.one_cached(Query.LISTS_EXTENT)["oldest_ns"]
    if oldest_ns is not None and oldest_ns < EARLIEST_NS:
        oldest_ns = session.one(Upkeep.RETENTION_OLDEST)["oldest_ns"]
    return moment_or_none(oldest_ns)


def _describe_limits(keeper: Keeper | None) -> models.RetentionLimits | None:
    if keeper is None:
        return None
    policy = keeper.policy
    return models.RetentionLimits(days=policy.days, gib=policy.gib, metrics_days=policy.metrics_days)


def _describe_cleaning(keeper: Keeper | None) -> models.Cleaned | None:
    last = keeper.last_cleaning if keeper else None
    if last is None:
        return None
    removed = last.removed
    return models.Cleaned(at=moment(last.at_ns), spans=removed.spans, logs=removed.logs, points=removed.points)
