"""A real HTTP server that speaks the collector's API about a `World`, on a free loopback port."""

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from collector import models as api
from tests.dashboard import (
    accuracy_of,
    advice_of,
    alerts_of,
    breakers_of,
    budgets_of,
    figures_of,
    logs_of,
    schedules_of,
    shadows_of,
    topology_of,
    traces_of,
    trends_of,
)
from tests.dashboard.world import World

Params = dict[str, str]


class NotFound(Exception):  # noqa: N818 a plain answer of this server
    """Raised when nothing has the id asked for."""


class Conflict(Exception):  # noqa: N818 a plain answer of this server
    """Raised when something does not stand as a request needs it."""


class Refused(Exception):  # noqa: N818 a plain answer of this server
    """Raised by a route that a test has refuse what it is asked: with an HTTP status, a code and a sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


class FakeCollector:
    """Serves a world until closed; it can be away and come back on the same port."""

    def __init__(self, world: World, port: int = 0) -> None:
        self.world = world
        self.asked: list[Params] = []
        """The parameters of every question, in the order in which they came."""
        self.is_hasty = False
        """Whether a search has looked at nothing yet where its first answer comes."""
        self.routes: dict[str, Callable[..., api.Model]] = {
            "overview": self._overview,
            "overview/trends": lambda params: trends_of.trends(world),
            "runs": self._runs,
            "events": self._events,
            "search": self._search,
            "steps": lambda params: figures_of.steps(world),
            "channels": lambda params: figures_of.channel_list(world, params),
            "dead-letters": self._letters,
            "waits": self._waits,
            "workers": lambda params: figures_of.workers(world),
            "schedules": lambda params: api.ScheduleList(items=world.schedules),
            "budgets": lambda params: budgets_of.listed(world, params),
            "breakers": lambda params: breakers_of.listed(world),
            "shadows": lambda params: api.ShadowList(items=list(world.shadows.values()), at=world.now),
            "topology": lambda params: topology_of.topology(world),
            "advice": lambda params: advice_of.advice(world),
            "audit": self._audit,
            "traces": lambda params: traces_of.briefs(world, params),
            "alerts": lambda params: alerts_of.alerts(world, params),
            "logs": lambda params: logs_of.logs(world, params),
        }
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def _overview(self, _: Params) -> api.Overview:
        spent = budgets_of.listed(self.world, {"spent": "true"}).items
        found = {"spent_budgets": spent, "undo_failures": budgets_of.failures(self.world)}
        return figures_of.overview(self.world).model_copy(update=found)

    def _waits(self, params: Params) -> api.WaitList:
        wanted = params.get("runs", "").split(",") if params.get("runs") else list(self.world.runs)
        items = [
            api.WaitingRun(
                run_id=run_id,
                app=detail.server.app,
                workflow=detail.run.workflow,
                subject=detail.run.subject,
                name=wait.name,
                key=wait.key,
                step=wait.step,
                since=wait.since,
                until=wait.until,
            )
            for run_id, detail in self.world.runs.items()
            if run_id in wanted and detail.server
            for wait in detail.server.waits
        ]
        return api.WaitList(items=sorted(items, key=lambda wait: wait.since), at=self.world.now)

    def refuse(self, route: str, status: int, code: str, message: str) -> None:
        """Refuse all that is asked of a route from now on."""

        def refused(_: Params) -> api.Model:
            raise Refused(status, code, message)

        self.routes[route] = refused

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str, params: Params, body: dict[str, Any] | None) -> api.Model:
        """What the API says.

        Raises:
            NotFound: when nothing has the id asked for.
        """
        self.asked.append(params)
        parts = [unquote(part) for part in path.strip("/").split("/")]
        if parts == ["healthz"]:
            return api.Health(status="ok", version="0", schema_version=1, bus=api.BusState(connected=True))
        try:
            if (len(parts) == 2 and parts[1] in self.routes) or "/".join(parts[1:]) in self.routes:
                return self.routes["/".join(parts[1:])](params)
            by_id = {"event": ["events"], "node": ["nodes"], "causality": ["nodes"]}.get(parts[1])
            named = (
                parts[1:]
                if by_id is None
                else [*by_id, params["id"], *(["causality"] if parts[1] == "causality" else [])]
            )
            return self._one(named, params, body or {})
        except KeyError:
            raise NotFound(path) from None

    def _one(self, parts: list[str], params: Params, body: dict[str, Any]) -> api.Model:
        match parts:
            case ["dead-letters", "replay"]:
                return self._replay(body)
            case ["dead-letters", "summary"]:
                return figures_of.summary(self.world)
            case (
                ["runs", _, "cancel" | "resume" | "answer" | "undo"]
                | ["budgets", _, "raise" | "cancel"]
                | ["groups", "retire"]
                | ["alerts" | "schedules", _]
                | ["breakers", "open" | "hold" | "close"]
                | ["shadows", "switch" | "anew"]
            ):
                return self._operate(parts, body)
            case ["runs" | "dead-letters" | "budgets" | "breakers", _] | ["runs", _, "streamed"]:
                return self._run_or_letter(parts, params)
            case ["events", event_id]:
                return api.EventDetail(**self.world.events[event_id].model_dump())
            case ["steps", "one" | "accuracy" as which]:
                return {"one": figures_of.one, "accuracy": accuracy_of.accuracy}[which](self.world, params)
            case ["traces", trace_id]:
                return traces_of.trace(self.world, trace_id)
            case ["nodes", node_id]:
                return figures_of.detail(self.world, node_id)
            case ["nodes", node_id, "causality"]:
                return self._causality(node_id, params.get("direction", "both"))
        raise KeyError(parts)

    def _run_or_letter(self, parts: list[str], params: Params) -> api.Model:
        kind, id_, *rest = parts
        if rest == ["streamed"]:
            return self.world.streamed(id_, int(params["after"]))
        known: dict[str, Mapping[str, api.Model]] = {
            "runs": self.world.runs,
            "budgets": self.world.budgets,
            "breakers": self.world.breakers,
        }
        return known.get(kind, self.world.letters)[id_]

    def _replay(self, body: dict[str, Any]) -> api.SettlementAnswer:
        request = api.ReplayRequest(**body)
        return api.SettlementAnswer(items=[self.world.replay(each, request.operator) for each in request.ids])

    def _operate(self, parts: list[str], body: dict[str, Any]) -> api.Model:
        if parts[0] == "groups":
            return self.world.retire(api.RetireRequest(**body))
        if parts == ["alerts", "silence"]:
            return alerts_of.silence(self.world, api.SilenceRequest(**body))
        if parts == ["alerts", "unsilence"]:
            return self.world.silences.pop(body["id"])
        match parts[0]:
            case "budgets":
                return budgets_of.act(self.world, parts[1], parts[2], body)
            case "breakers":
                return breakers_of.act(self.world, parts[1], api.BreakerRequest(**body))
            case "shadows":
                return shadows_of.act(self.world, parts[1], body)
            case "schedules":
                return schedules_of.act(self.world, parts[1], api.ScheduleRequest(**body))
        return self._operate_run(*parts[1:], body)

    def _operate_run(self, run_id: str, action: str, body: dict[str, Any]) -> api.Model:
        if action == "undo":
            return budgets_of.undo(self.world, run_id)
        if action == "answer":
            return self.world.answer(run_id, api.WaitAnswer(**body))
        request = api.RunRequest(**body)
        stands = self.world.runs[run_id].run.status
        if stands != {"cancel": api.NodeStatus.RUNNING, "resume": api.NodeStatus.FAILED}[action]:
            raise Conflict(f"run {run_id} is {stands}")
        return self.world.act_on_run(action, run_id, request.operator)

    def _audit(self, params: Params) -> api.Page[api.AuditEntry]:
        wanted = {name: params[name] for name in ("dead_letter_id", "run_id") if name in params}
        found = [
            entry
            for entry in reversed(self.world.audit)
            if all(getattr(entry, name) == value for name, value in wanted.items())
        ]
        return api.Page[api.AuditEntry](**_page(found, params))

    def _causality(self, node_id: str, direction: str) -> api.CausalGraph:
        picture = self.world.picture_of(node_id)
        if picture is None:
            raise KeyError(node_id)
        seen = {node_id} if direction != "whole" else {*picture.nodes, *(hole.id for hole in picture.holes)}
        for near, far in (("effect", "cause"), ("cause", "effect")):
            if direction == {"cause": "causes", "effect": "effects"}[far] or direction == "both":
                todo = [node_id]
                while todo:
                    here = todo.pop()
                    more = [getattr(edge, far) for edge in picture.edges if getattr(edge, near) == here]
                    todo += [each for each in more if each not in seen]
                    seen.update(more)
        return api.CausalGraph(
            focus=node_id,
            nodes=[node for node in picture.nodes.values() if node.id in seen],
            edges=[edge for edge in picture.edges if edge.cause in seen and edge.effect in seen],
            holes=[hole for hole in picture.holes if hole.id in seen or seen & set(hole.named_by)],
        )

    def _runs(self, params: Params) -> api.RunPage:
        found = [detail.run for detail in self.world.runs.values()]
        waiting = {wait.run_id for wait in self._waits({}).items}
        stands = {run.run_id: {None, run.status, "waiting" if run.run_id in waiting else None} for run in found}
        found = [run for run in found if params.get("status") in stands[run.run_id]]
        found = [run for run in found if params.get("q", "").lower() in f"{run.subject} {run.run_id}".lower()]
        page = _page(sorted(found, key=lambda run: run.start, reverse=True), params)
        return api.RunPage(**page, window=None if params.get("q") else figures_of.window(self.world))

    def _events(self, params: Params) -> api.EventPage:
        wanted = params.get("q", "").lower()
        found = [
            event
            for event in self.world.events.values()
            if wanted in f"{event.event_id} {event.correlation_id} {event.subject} {event.payload}".lower()
            and params.get("status") in (None, *(delivery.status for delivery in event.deliveries))
        ]
        page = _page(sorted(found, key=lambda event: event.time, reverse=True), params)
        return api.EventPage(**page, window=None if wanted else figures_of.window(self.world))

    def _search(self, params: Params) -> api.SearchAnswer:
        wanted, ids = params["q"].lower(), self._ids()
        named = [
            api.Named(role=role, records=1, node_id=node_id, trace_id="", first=self.world.now, last=self.world.now)
            for role, known in ids.items()
            if (node_id := known.get(wanted))
        ]
        nodes = [node for picture in self.world.pictures.values() for node in picture.nodes.values()]
        found = [node for node in nodes if wanted in f"{node.id} {node.subject} {node.name} {node.error}".lower()]
        is_id = len(wanted.replace("-", "")) == 32
        times = {"first": self.world.now, "last": self.world.now}
        beginning = wanted[:100] if wanted[100:] else None
        searched = api.Searched(text=wanted, is_id=is_id, beginning=beginning, records=99, **times)
        if self.is_hasty and "cursor" not in params:
            return api.SearchAnswer(searched=searched, truncated=True, next="further", back_to=self.world.now)
        return api.SearchAnswer(named=named, items=found[: int(params["limit"])], searched=searched)

    def _ids(self) -> dict[str, dict[str, str]]:
        nodes = [node for picture in self.world.pictures.values() for node in picture.nodes.values()]
        return {
            "node": {node.id: node.id for node in nodes},
            "correlation": {node.correlation_id: node.id for node in nodes if node.correlation_id},
        }

    def _letters(self, params: Params) -> api.Page[api.DeadLetter]:
        found = [
            letter
            for letter in self.world.letters.values()
            if letter.state == params.get("state", "dead")
            and all(params.get(key) in (None, getattr(letter, key)) for key in ("channel", "group", "reason"))
            and params.get("q", "").lower() in f"{letter.subject} {letter.id} {letter.event_id} {letter.error}".lower()
        ]
        newest = sorted(found, key=lambda letter: (letter.dead_at, letter.id), reverse=True)
        return api.Page[api.DeadLetter](**_page(newest, params))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            # A connection a request (the base class's habit): one that is kept would still answer after `close`.

            def do_GET(self) -> None:
                self._serve(None)

            def do_POST(self) -> None:
                self._serve(json.loads(self.rfile.read(int(self.headers["content-length"]))))

            def _serve(self, body: dict[str, Any] | None) -> None:
                address = urlsplit(self.path)
                params = {key: values[-1] for key, values in parse_qs(address.query, keep_blank_values=True).items()}
                try:
                    status, answer = 200, fake.answer(address.path, params, body)
                except NotFound as missing:
                    error = api.ErrorBody(code="not_found", message=f"there is nothing at {missing}", hint="")
                    status, answer = 404, api.ErrorAnswer(error=error)
                except Conflict as conflict:
                    error = api.ErrorBody(code="conflict", message=str(conflict), hint="see how it stands")
                    status, answer = 409, api.ErrorAnswer(error=error)
                except Refused as refused:
                    error = api.ErrorBody(code=refused.code, message=str(refused), hint="see its log")
                    status, answer = refused.status, api.ErrorAnswer(error=error)
                content = answer.model_dump_json().encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler


def _page(items: Iterable[Any], params: Params) -> dict[str, Any]:
    """One page; the cursor is the place where the next begins."""
    every = list(items)
    at, limit = int(params.get("cursor") or 0), int(params.get("limit") or 50)
    return {"items": every[at : at + limit], "next": str(at + limit) if at + limit < len(every) else None}
