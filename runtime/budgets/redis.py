"""Accounts of budgets on Redis or Valkey: one slot for all of them, a script for each change."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, cast
from uuid import UUID

from runtime.budgets.account import Account, BudgetLimits, BudgetVerdict, Parked
from runtime.budgets.budget import Budget
from runtime.budgets.usage import MICROS, Price, Usage
from runtime.bus.records import AuditAction, AuditRecord
from runtime.server.batch import Question, ask_all
from runtime.server.client import Client
from runtime.server.names import FORMAT
from runtime.server.scripts import Scripts

_BASE: Final = f"causeline:{FORMAT}:{{budgets}}"
_ALL: Final = f"{_BASE}:all"
_SPENT: Final = f"{_BASE}:spent"
_AUDIT: Final = f"{_BASE}:aud"
#: Accounts whose prices are kept in mind.
_MOST_PRICES: Final = 1000


class RedisAccounts:
    """`Accounts` on one server. Args: `client` of the event loop that uses it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._scripts = Scripts(client, "runtime.budgets")
        self._prices: dict[UUID, Mapping[str, Price] | None] = {}

    async def open(self, id_: UUID, budget: Budget, app: str, what: str, parent: UUID | None) -> None:
        priced = {model: [price.input, price.output] for model, price in budget.prices.items()}
        prices = json.dumps(None if budget.usd is None else priced)
        limits = (_micros(budget.usd), _or_empty(budget.tokens), _or_empty(budget.hops))
        words = (str(id_), str(parent or ""), app, what, _or_empty(budget.minutes), *limits, prices)
        await self._scripts.call("open", [_account_key(id_), _ALL], *words)

    async def withdraw(self, id_: UUID) -> None:
        await self._scripts.call("withdraw", [_account_key(id_), _ALL, f"{_BASE}:used"], str(id_))

    async def admit(self, id_: UUID, work: Parked) -> BudgetVerdict:
        return _parse_verdict(
            await self._scripts.call("admit", [_account_key(id_)], str(id_), str(work.node), work.text())
        )

    async def reserve(self, id_: UUID, call: str, usage: Usage, work: Parked) -> BudgetVerdict:
        cost = usage.micros(await self._prices_of(id_)), usage.all_tokens
        words = (str(id_), call, *cost, str(work.node), work.text())
        return _parse_verdict(await self._scripts.call("reserve", [_account_key(id_)], *words))

    async def settle(self, id_: UUID, call: str, usage: Usage) -> None:
        cost = usage.micros(await self._prices_of(id_)), usage.all_tokens
        ask = self._scripts.call if call else self._scripts.call_once
        await ask("settle", [_account_key(id_)], str(id_), call, *cost)

    async def get(self, id_: UUID) -> Account | None:
        return next(iter(await self._read_accounts([str(id_).encode()])), None)

    async def list_newest(self, limit: int) -> list[Account]:
        ids: Any = await self._client.zrange(_ALL, 0, limit - 1, desc=True)
        return await self._read_accounts(ids)

    async def list_spent(self, limit: int) -> list[Account]:
        ids: Any = await self._client.zrange(_SPENT, 0, limit - 1)
        return await self._read_accounts(ids)

    async def _read_accounts(self, ids: Sequence[bytes]) -> list[Account]:
        names = [UUID(id_.decode()) for id_ in ids]
        told = await ask_all(self._client, (_get_all(key(id_)) for id_ in names for key in (_account_key, _parked_key)))
        rows = zip(names, told[::2], told[1::2], strict=True)
        return [_parse_account(id_, fields, _read_parked(parked)) for id_, fields, parked in rows if fields]

    async def raise_(self, id_: UUID, more: Budget, operator: str) -> list[Parked] | None:
        limits = (_micros(more.usd), _or_empty(more.tokens), _or_empty(more.hops), _or_empty(more.minutes))
        return await self._change_account(id_, "raise", operator, limits, _describe_raise(more))

    async def cancel(self, id_: UUID, operator: str) -> list[Parked] | None:
        return await self._change_account(id_, "cancel", operator, ("", "", "", ""))

    async def unpark(self, id_: UUID, node: UUID) -> None:
        await self._scripts.call("unpark", [_parked_key(id_)], str(id_), str(node))

    async def is_parked(self, id_: UUID, node: UUID) -> bool:
        return bool(await self._client.hexists(_parked_key(id_), str(node)))

    async def forget(self, older_than_ms: int, limit: int) -> int:
        before = await self._client.now_ms() - older_than_ms
        return int(await self._scripts.call("forget", [_ALL, f"{_BASE}:used"], before, limit))

    async def audit(self, until_ms: int | None, limit: int) -> list[tuple[str, AuditRecord]]:
        newest = "+" if until_ms is None else str(until_ms)
        rows: Any = await self._client.xrevrange(_AUDIT, max=newest, count=limit)
        return [(f"{entry.decode()}/budgets", _parse_audit_record(entry, values)) for entry, values in rows]

    async def forget_audit(self, older_than_ms: int) -> None:
        before = await self._client.now_ms() - older_than_ms
        await self._client.xtrim(_AUDIT, minid=str(before), approximate=False)

    async def _change_account(
        self, id_: UUID, how: str, operator: str, limits: tuple[str | float, ...], added: str = ""
    ) -> list[Parked] | None:
        keys = [_account_key(id_), _parked_key(id_), _SPENT, _AUDIT]
        answer: Any = await self._scripts.call_once("change", keys, how, operator, *limits, str(id_), added)
        return None if answer is None else list(_read_parked(dict(zip(answer[::2], answer[1::2], strict=True))))

    async def _prices_of(self, id_: UUID) -> Mapping[str, Price] | None:
        if id_ not in self._prices:
            text: Any = await self._client.hget(_account_key(id_), "prices")
            while len(self._prices) >= _MOST_PRICES:
                del self._prices[next(iter(self._prices))]
            self._prices[id_] = _parse_prices(text)
        return self._prices[id_]


def _account_key(id_: UUID) -> str:
    return f"{_BASE}:a:{id_}"


def _parked_key(id_: UUID) -> str:
    return f"{_BASE}:p:{id_}"


def _get_all(key: str) -> Question:
    return lambda pipe: pipe.hgetall(key)


def _describe_raise(more: Budget) -> str:
    return ", ".join(f"{name} +{much:,}" for name, much in more.given.items())


def _parse_audit_record(entry: bytes, raw: Mapping[bytes, bytes]) -> AuditRecord:
    said = {name.decode(): value.decode(errors="replace") for name, value in raw.items()}
    return AuditRecord(
        at_ms=int(entry.partition(b"-")[0]),
        action=cast("AuditAction", said["action"]),
        operator=said["operator"],
        reason=said["reason"],
        app=said["app"],
        budget_id=UUID(said["budget"]),
        budget=said["what"],
    )


def _micros(usd: float | None) -> str | int:
    return "" if usd is None else round(usd * MICROS)


def _or_empty(limit: float | None) -> str | float:
    return "" if limit is None else limit


def _parse_prices(text: str | bytes | None) -> Mapping[str, Price] | None:
    said = json.loads(text) if text else None
    return None if said is None else {model: Price(*price) for model, price in said.items()}


def _parse_verdict(answer: list[Any]) -> BudgetVerdict:
    match answer:
        case [0, account, reason]:
            return BudgetVerdict("spent", UUID(account.decode()), reason.decode())
        case [-1, account, by]:
            return BudgetVerdict("cancelled", UUID(account.decode()), by.decode())
    return BudgetVerdict("may")


def _read_parked(rows: Mapping[bytes, bytes]) -> tuple[Parked, ...]:
    found = []
    for node, text in rows.items():
        said = json.loads(text)
        since = int(said.pop("since"))
        found.append(replace(Parked(UUID(node.decode()), **said), since_ms=since))
    return tuple(sorted(found, key=lambda one: one.since_ms))


def _parse_account(id_: UUID, fields: Mapping[bytes, bytes], parked: tuple[Parked, ...]) -> Account:
    said = {name.decode(): value.decode() for name, value in fields.items()}

    def limit(name: str) -> int | None:
        return int(said[name]) if name in said else None

    return Account(
        id=id_,
        parent=UUID(said["parent"]) if said["parent"] else None,
        app=said["app"],
        what=said["what"],
        status="cancelled" if said.get("status") == "cancelled" else "spent" if parked else "open",
        opened_ms=int(said["opened"]),
        ends_ms=limit("ends"),
        limits=BudgetLimits(limit("max_micros"), limit("max_tokens"), limit("max_hops")),
        micros=int(said.get("micros", 0)),
        tokens=int(said.get("tokens", 0)),
        hops=int(said.get("hops", 0)),
        by=said.get("by", ""),
        prices=_parse_prices(said["prices"]) or {},
        parked=parked,
    )
