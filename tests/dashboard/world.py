"""A small logistics company in memory: the answers that a collector would give about it, built without randomness."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from collector import models as api
from runtime.semconv import Coordination, NodeKind
from tests.dashboard.picture import Picture, bars_of, edge

STEPS = ("pickup", "sorting", "transit", "delivery")
CHANNEL = "shipment.delivered"
GROUPS = ("sms", "tracking-board", "billing")
NO_CARRIER = "+00 000"


class World:
    """Everything that happened; `letters` by id, `pictures` by correlation id."""

    def __init__(self, shipments: int = 12, dead_every: int = 3) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.pictures: dict[str, Picture] = {}
        self.runs: dict[str, api.RunDetail] = {}
        self.events: dict[str, api.Event] = {}
        self.letters: dict[str, api.DeadLetterDetail] = {}
        self.audit: list[api.AuditEntry] = []
        self.answers: list[api.WaitAnswer] = []
        self.said: dict[str, list[api.RunStreamEvent]] = {}
        """What runs have streamed."""
        self.schedules: list[api.Schedule] = []
        self.budgets: dict[str, api.Budget] = {}
        self.breakers: dict[str, api.Breaker] = {}
        self.shadows: dict[str, api.ShadowedStep] = {}
        self.outages: list[api.Outage] = []
        self.unserved: dict[str, int] = {}
        """Groups that nobody serves, and how many events each owes."""
        self.fired: list[api.Alert] = []
        self.over: list[api.Alert] = []
        self.rules: list[api.AlertRule] = []
        self.silences: dict[str, api.Silence] = {}
        self.webhooks: list[api.WebhookState] = []
        self.rule_file = ("", "")
        self._numbers = count(1)
        for number in range(1, shipments + 1):
            begin = self.now - timedelta(minutes=50) + timedelta(seconds=37 * number)
            self.ship(number, begin, sms_dies=number % dead_every == 1)

    def new_id(self) -> str:
        """The next id; they sort by birth."""
        return str(UUID(int=(0x0190_0000_0000_7000_8000 << 48) + next(self._numbers)))

    def ship(self, number: int, begin: datetime, *, sms_dies: bool, subject: str | None = None) -> str:
        """One shipment, from pickup to its three reactions. Returns its event's id."""
        subject = subject or f"SHIP-{number:04d}"
        story = _Story(self, subject, begin, number)
        story.orchestrate()
        for group in GROUPS:
            story.deliver(group, dies=sms_dies and group == "sms")
        return story.event_id

    def add_dead_letter(self, subject: str) -> str:
        """Another shipment, just now, whose SMS goes dead. Returns the letter's id."""
        before = set(self.letters)
        self.ship(len(self.runs) + 1, self.now + timedelta(seconds=next(self._numbers)), sms_dies=True, subject=subject)
        return next(iter(set(self.letters) - before))

    def picture_of(self, node_id: str) -> Picture | None:
        """The picture that holds the node, named by its own id or as a hole."""
        for picture in self.pictures.values():
            if node_id in picture.nodes or any(hole.id == node_id for hole in picture.holes):
                return picture
        return None

    def replay(self, letter_id: str, operator: str) -> api.Settlement:
        """Send a letter again: it waits until `finish_replays`."""
        letter = self.letters.get(letter_id)
        if letter is None:
            return api.Settlement(dead_letter_id=letter_id, status="not_found")
        if letter.state != api.DeadLetterState.DEAD:
            return api.Settlement(dead_letter_id=letter_id, status="already_settled", replay_id=letter.replay_id)
        replay_id, delivery_id = self.new_id(), self.new_id()
        at = datetime.now(UTC)
        settled = {"state": api.DeadLetterState.REPLAYED, "replay_id": replay_id, "settled_at": at}
        self.letters[letter_id] = letter.model_copy(
            update={**settled, "operator": operator, "replay_outcome": "pending"}
        )
        self.audit.append(
            api.AuditEntry(
                at=at,
                action="replay",
                channel=letter.channel,
                group=letter.group,
                dead_letter_id=letter_id,
                event_id=letter.event_id,
                operator=operator,
            )
        )
        picture = self.picture_of(letter_id)
        assert picture is not None
        old = picture.nodes[letter_id]
        picture.nodes[letter_id] = old.model_copy(update={"status": api.NodeStatus.REPLAYED})
        picture.nodes[replay_id] = api.Node(
            id=replay_id,
            kind=NodeKind.REPLAY,
            name=CHANNEL,
            agent=letter.group,
            status=api.NodeStatus.OK,
            start=at,
            end=at,
            correlation_id=old.correlation_id,
            event_id=letter.event_id,
            channel=CHANNEL,
            group=letter.group,
            subject=letter.subject,
        )
        picture.nodes[delivery_id] = api.Node(
            id=delivery_id,
            kind=NodeKind.DELIVERY,
            name=letter.group,
            agent=letter.group,
            status=api.NodeStatus.RUNNING,
            start=at,
            correlation_id=old.correlation_id,
            event_id=letter.event_id,
            channel=CHANNEL,
            group=letter.group,
            round=letter.round + 1,
            attempts=0,
            subject=letter.subject,
        )
        picture.edges += [
            edge(letter_id, replay_id, Coordination.REACTED),
            edge(replay_id, delivery_id, Coordination.REACTED),
        ]
        return api.Settlement(dead_letter_id=letter_id, status="replayed", replay_id=replay_id, delivery_id=delivery_id)

    def stand(self, run_id: str, status: api.NodeStatus, *, life: int = 1, step: str = "", error: str = "") -> None:
        """How a run stands from now on, on the server as in what spans tell; `step` failed it."""
        detail = self.runs[run_id]
        ended = None if status == api.NodeStatus.RUNNING else detail.run.end or self.now
        begun = detail.run.start + timedelta(seconds=60 * (life - 1))
        told = [each for each in detail.lives if each.life < life]
        now = api.RunLife(
            life=life, status=status, start=begun, end=ended, failed_step=step or None, error=error or None
        )
        run = detail.run.model_copy(update={"status": status, "life": life, "end": ended, "version": "1.4"})
        if ended is None:
            run = run.model_copy(update={"duration_ms": None})
        server = api.RunOnServer(
            app="logistics",
            workflow=run.workflow,
            status=status,
            life=life,
            accepted_at=run.start,
            version="1.4",
            resumed_at=begun if life > 1 else None,
            ended_at=ended,
            failed_step=step or None,
            error=error or None,
        )
        self.runs[run_id] = detail.model_copy(update={"run": run, "lives": [*told, now], "server": server})

    def wait(self, run_id: str, wait: api.RunWait) -> None:
        """A run waits for something from now on."""
        detail = self.runs[run_id]
        assert detail.server is not None
        self.runs[run_id] = detail.model_copy(update={"server": detail.server.model_copy(update={"waits": [wait]})})

    def begin(self, run_id: str, count: int) -> None:
        """A run goes on, and of its steps, which wait for one another, so many have begun."""
        self.stand(run_id, api.NodeStatus.RUNNING)
        detail = self.runs[run_id]
        assert detail.server is not None
        names = [step.step for step in detail.steps]
        coming = [api.StepToCome(step=names[at], waits_for=names[at - 1 : at]) for at in range(count, len(names))]
        server = detail.server.model_copy(update={"to_come": coming})
        self.runs[run_id] = detail.model_copy(update={"server": server, "steps": detail.steps[:count]})

    def say(self, run_id: str, step: str, value: object, attempt: int = 1) -> None:
        """A step of a run streams something."""
        said = self.said.setdefault(run_id, [])
        if said and (said[-1].attempt or 1) < attempt:
            kind, offset = api.RunStreamKind.ATTEMPT, len(said) + 1
            said.append(api.RunStreamEvent(kind=kind, offset=offset, step=step, attempt=attempt))
        kind, offset = api.RunStreamKind.CHUNK, len(said) + 1
        said.append(api.RunStreamEvent(kind=kind, offset=offset, step=step, attempt=attempt, value=value))

    def streamed(self, run_id: str, after: int) -> api.RunStreamPage:
        """What a run has streamed after an offset; nobody knows of one that was never heard."""
        said, status = self.said[run_id], self.runs[run_id].run.status
        items = said[after:]
        if status != api.NodeStatus.RUNNING:
            items = [*items, api.RunStreamEvent(kind=api.RunStreamKind.END, offset=len(said), status=status)]
        return api.RunStreamPage(items=items, last=len(said), status=status, complete=True)

    def act_on_run(self, action: str, run_id: str, operator: str) -> api.RunAnswer:
        """An operator cancels or resumes a run."""
        detail = self.runs[run_id]
        wanted = {"cancel": api.NodeStatus.CANCELLED, "resume": api.NodeStatus.RUNNING}[action]
        self.stand(run_id, wanted, life=detail.run.life + (action == "resume"))
        self.audit.append(
            api.AuditEntry(
                at=datetime.now(UTC),
                action=action,
                operator=operator,
                app="logistics",
                workflow=detail.run.workflow,
                run_id=run_id,
            )
        )
        return api.RunAnswer(run_id=run_id, status=wanted, changed=True)

    def answer(self, run_id: str, given: api.WaitAnswer) -> api.RunAnswer:
        """An operator answers what a run waits for."""
        detail = self.runs[run_id]
        assert detail.server is not None
        left = [wait for wait in detail.server.waits if (wait.name, wait.key) != (given.name, given.key)]
        self.runs[run_id] = detail.model_copy(update={"server": detail.server.model_copy(update={"waits": left})})
        self.answers.append(given)
        return api.RunAnswer(run_id=run_id, status=api.NodeStatus.RUNNING, changed=True)

    def retire(self, request: api.RetireRequest) -> api.RetiredGroup:
        """An operator removes a group that nobody serves."""
        owed = self.unserved.pop(request.group)
        self.audit.append(
            api.AuditEntry(
                at=datetime.now(UTC),
                action="retire",
                operator=request.operator,
                reason=request.reason,
                channel=request.channel,
                group=request.group,
            )
        )
        return api.RetiredGroup(channel=request.channel, group=request.group, pending=owed, retrying=0, dead=0)

    def finish_replays(self) -> None:
        """Every waiting replay ends: well, unless no carrier accepts the number."""
        for letter in [each for each in self.letters.values() if each.replay_outcome == "pending"]:
            picture = self.picture_of(letter.id)
            assert picture is not None
            assert letter.replay_id is not None
            delivery_id = next(edge.effect for edge in picture.edges if edge.cause == letter.replay_id)
            again_dead = NO_CARRIER in (letter.payload or "")
            start = (letter.settled_at or self.now) + timedelta(milliseconds=90)
            end = start + timedelta(milliseconds=210)
            outcome = "dead_letter" if again_dead else "ok"
            picture.nodes[delivery_id] = picture.nodes[delivery_id].model_copy(
                update={
                    "status": api.NodeStatus.DEAD if again_dead else api.NodeStatus.OK,
                    "start": start,
                    "end": end,
                    "attempts": 1,
                    "bars": [api.AttemptBar(attempt=1, outcome=outcome, start=start, end=end)],
                }
            )
            self.letters[letter.id] = letter.model_copy(update={"replay_outcome": "dead" if again_dead else "ok"})
            if again_dead:
                self.bury(picture, picture.nodes[delivery_id], letter.payload or "{}", letter.envelope, letter.history)

    def bury(
        self, picture: Picture, delivery: api.Node, payload: str, envelope: str, history: list[api.AttemptError]
    ) -> None:
        """A delivery that gave up leaves a dead letter."""
        letter_id = self.new_id()
        at = (delivery.end or self.now) + timedelta(milliseconds=5)
        reason = "max_attempts" if NO_CARRIER not in payload else "non_retryable"
        error = (
            "CarrierError: the SMS gateway answered 503" if reason == "max_attempts" else "NumberRefused: no carrier"
        )
        picture.nodes[letter_id] = api.Node(
            id=letter_id,
            kind=NodeKind.DEAD_LETTER,
            name=CHANNEL,
            agent="sms",
            status=api.NodeStatus.DEAD,
            start=at,
            end=at,
            correlation_id=delivery.correlation_id,
            event_id=delivery.event_id,
            channel=CHANNEL,
            group="sms",
            round=delivery.round,
            reason=reason,
            error=error,
            subject=delivery.subject,
            attempts=delivery.attempts,
        )
        picture.edges.append(edge(delivery.id, letter_id, Coordination.REACTED))
        rounds = [
            api.AttemptError(
                attempt=bar.attempt,
                round=delivery.round or 0,
                started_at=bar.start,
                ended_at=bar.end,
                worker="w-1",
                error_type=error.split(":")[0],
                message=error.split(": ", 1)[1],
                traceback=f'Traceback (most recent call last):\n  File "logistics.py", line 88, in send_sms\n    '
                f"raise CarrierError(answer.status)\n{error}",
            )
            for bar in delivery.bars
        ]
        self.letters[letter_id] = api.DeadLetterDetail(
            id=letter_id,
            channel=CHANNEL,
            group="sms",
            event_id=delivery.event_id or "",
            round=delivery.round or 0,
            reason=reason,
            error=error,
            attempts=delivery.attempts,
            dead_at=at,
            state=api.DeadLetterState.DEAD,
            subject=delivery.subject,
            delivery_id=delivery.id,
            correlation_id=delivery.correlation_id,
            envelope=envelope,
            payload=payload,
            history=[*history, *rounds],
        )


class _Story:
    """One shipment as it unfolds."""

    def __init__(self, world: World, subject: str, begin: datetime, number: int) -> None:
        self.world, self.subject, self.begin, self.number = world, subject, begin, number
        self.correlation_id, self.run_id = world.new_id(), world.new_id()
        self.event_id = ""
        self.picture = world.pictures.setdefault(self.correlation_id, Picture())
        phone = NO_CARRIER if number % 7 == 0 or number == 4 else f"+49 30 {1000 + number}"
        self.payload = f'{{"order": "{subject}", "city": "Lyon", "phone": "{phone}", "parcels": {number % 4 + 1}}}'
        self.envelope = f'{{"specversion": "1.0", "type": "{CHANNEL}", "source": "logistics", "data": {self.payload}}}'

    def _common(self) -> dict[str, str]:
        return {"correlation_id": self.correlation_id, "subject": self.subject}

    def orchestrate(self) -> None:
        at, previous, rows = self.begin, None, []
        for depth, step in enumerate(STEPS, 1):
            retried = step == "sorting" and self.number % 4 == 1
            bars = bars_of(at, tries=2 if retried else 1, last="ok", millis=60 + 35 * depth + self.number)
            node = api.Node(
                id=self.world.new_id(),
                kind=NodeKind.STEP,
                name=step,
                agent=step,
                status=api.NodeStatus.OK,
                start=at,
                end=bars[-1].end,
                attempts=len(bars),
                run_id=self.run_id,
                workflow="shipment",
                bars=bars,
                trace_id=f"{self.number:032x}",
                **self._common(),
            )
            self.picture.nodes[node.id] = node
            self.picture.edges.append(edge(previous or self.run_id, node.id, Coordination.COMMANDED))
            rows.append(self._row(node, step, depth, previous))
            previous, at = node.id, (node.end or at) + timedelta(milliseconds=12)
        assert previous is not None
        self._finish(rows, at, previous)

    def _row(self, node: api.Node, step: str, depth: int, previous: str | None) -> api.RunStep:
        took = (node.end or self.begin) - (node.start or self.begin)
        wrong = step == "sorting" and self.number % 6 == 5
        return api.RunStep(
            node_id=node.id,
            step=step,
            agent=step,
            status=node.status,
            depth=depth,
            attempts=node.attempts,
            start=node.start or self.begin,
            end=node.end,
            duration_ms=took / timedelta(milliseconds=1),
            causes=[previous] if previous else [],
            keys_read=[STEPS[depth - 2]] if depth > 1 else ["order"],
            keys_written=[step],
            context_size=180 * depth,
            score=(0.0 if wrong else 1.0) if step == "sorting" else None,
        )

    def _finish(self, rows: list[api.RunStep], at: datetime, publisher: str) -> None:
        end = at
        self.picture.nodes[self.run_id] = api.Node(
            id=self.run_id,
            kind=NodeKind.RUN,
            name="shipment",
            agent="shipment",
            status=api.NodeStatus.OK,
            start=self.begin - timedelta(milliseconds=9),
            end=end,
            attempts=1,
            run_id=self.run_id,
            workflow="shipment",
            trace_id=f"{self.number:032x}",
            **self._common(),
        )
        self.event_id = self.world.new_id()
        self.picture.nodes[self.event_id] = api.Node(
            id=self.event_id,
            kind=NodeKind.EVENT,
            name=CHANNEL,
            agent="delivery",
            status=api.NodeStatus.OK,
            start=at,
            end=at,
            event_id=self.event_id,
            channel=CHANNEL,
            **self._common(),
        )
        self.picture.edges.append(edge(publisher, self.event_id, Coordination.REACTED))
        event = api.Event(
            event_id=self.event_id,
            channel=CHANNEL,
            time=at,
            source="logistics",
            subject=self.subject,
            correlation_id=self.correlation_id,
            causation_id=publisher,
            payload=self.payload,
        )
        self.world.events[self.event_id] = event
        run = api.Run(
            run_id=self.run_id,
            workflow="shipment",
            service="logistics",
            status=api.NodeStatus.OK,
            start=self.begin,
            end=end,
            duration_ms=(end - self.begin) / timedelta(milliseconds=1),
            subject=self.subject,
            correlation_id=self.correlation_id,
            input_keys=["order"],
            steps=len(rows),
            failed_steps=0,
            retries=sum(row.attempts - 1 for row in rows),
        )
        self.world.runs[self.run_id] = api.RunDetail(run=run, steps=rows, events=[event])

    def deliver(self, group: str, *, dies: bool) -> None:
        published = self.world.events[self.event_id].time
        start = published + timedelta(milliseconds={"sms": 45, "tracking-board": 70, "billing": 30}[group])
        final = NO_CARRIER in self.payload
        bars = bars_of(start, tries=(1 if final else 5) if dies else 1, last="dead_letter" if dies else "ok", millis=85)
        node = api.Node(
            id=self.world.new_id(),
            kind=NodeKind.DELIVERY,
            name=group,
            agent=group,
            status=api.NodeStatus.DEAD if dies else api.NodeStatus.OK,
            start=start,
            end=bars[-1].end,
            attempts=len(bars),
            event_id=self.event_id,
            channel=CHANNEL,
            group=group,
            round=0,
            bars=bars,
            error="CarrierError: the SMS gateway answered 503" if dies else None,
            **self._common(),
        )
        self.picture.nodes[node.id] = node
        self.picture.edges.append(edge(self.event_id, node.id, Coordination.REACTED))
        brief = api.DeliveryBrief(delivery_id=node.id, group=group, status=node.status, round=0, attempts=node.attempts)
        self.world.events[self.event_id].deliveries.append(brief)
        if dies:
            self.world.bury(self.picture, node, self.payload, self.envelope, [])
