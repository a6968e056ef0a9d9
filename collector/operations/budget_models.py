"""The bus's budgets as the API gives them. Pure."""

from collections.abc import Mapping
from typing import Final

from collector.errors import BadQueryError, ConflictError
from collector.models import Budget, ParkedWork, RaiseRequest, places
from collector.times import MILLISECOND_NS, moment
from runtime import admin as records

_MICROS: Final = 1_000_000

#: Work that waits for one budget, and is told of: the others are counted.
MOST_PARKED: Final = 100


def build_budget(account: records.Account, most_parked: int = MOST_PARKED) -> Budget:
    """Returns a budget with what waits for it, of which so much is told of; the rest is counted."""
    limits = account.limits
    return Budget(
        id=str(account.id),
        parent=None if account.parent is None else str(account.parent),
        app=account.app,
        what=account.what,
        status=account.status,
        by=account.by or None,
        opened_at=moment(account.opened_ms * MILLISECOND_NS),
        ends_at=None if account.ends_ms is None else moment(account.ends_ms * MILLISECOND_NS),
        usd=account.micros / _MICROS,
        usd_limit=None if limits.micros is None else limits.micros / _MICROS,
        tokens=account.tokens,
        tokens_limit=limits.tokens,
        hops=account.hops,
        hops_limit=limits.hops,
        parked=[build_parked_work(one) for one in account.parked[:most_parked]],
        parked_total=len(account.parked),
    )


def compute_raise(account: records.Account, request: RaiseRequest) -> records.Budget:
    """Returns what is to be added to a budget.

    Raises:
        ConflictError: it is cancelled, and nothing begins under it whatever it may spend.
        BadQueryError: it does not have a limit to which something is to be added.
    """
    if account.status == "cancelled":
        raise ConflictError(
            "budget_cancelled",
            f"budget {account.id} was cancelled by {account.by or 'somebody'}: nothing begins under it any more",
            "start the work anew, under a budget of its own",
        )
    limits = _limits_by_name(account)
    added = request.model_dump(include=set(limits), exclude_none=True)
    absent = [name for name in added if limits[name] is None]
    if absent:
        has = ", ".join(name for name, limit in limits.items() if limit is not None)
        raise BadQueryError(f"{absent[0]}: budget {account.id} does not limit its {absent[0]}; it limits {has}")
    return records.Budget(**added)


def _limits_by_name(account: records.Account) -> Mapping[str, int | None]:
    limits = account.limits
    return {"usd": limits.micros, "tokens": limits.tokens, "hops": limits.hops, "minutes": account.ends_ms}


def build_parked_step(found: records.ParkedUnder) -> ParkedWork:
    """Returns a step of a run that waits, with the budget that it waits for."""
    account = found.account
    return build_parked_work(found.work).model_copy(update={"budget_id": str(account.id), "budget": account.what})


def build_parked_work(work: records.Parked) -> ParkedWork:
    """Returns work that waits."""
    run_id, workflow, step = work.task.split("|", 2) if work.task else ("", "", "")
    return ParkedWork(
        node_id=str(work.node),
        what=work.what,
        since=moment(work.since_ms * MILLISECOND_NS),
        app=work.app or None,
        run_id=run_id or None,
        workflow=workflow or None,
        step=places.of_word(step) if step else None,
        channel=work.channel or None,
        group=work.group or None,
        reason=work.reason or None,
    )
