"""The agents of both shapes. They ask the same questions and get the same documents; what differs is what travels.

`everything` is orchestrated: each step is given the whole conversation so far, adds its document and question, and
hands all of it on. `keys` is a hybrid: its first call is a step, whose event sets off a chain of agents, and each of
them names what it reads, the answer before, and gets nothing else.
"""

from typing import Final

from pydantic import BaseModel, ConfigDict

from runtime import App, Context, Event, Retry
from sample_agents.accuracy.calls import call
from sample_agents.accuracy.conversation import START, Messages, add_answer, add_question, clean_answer
from sample_agents.accuracy.dossier import CALLS, RELATIONS, Dossier
from sample_agents.accuracy.settings import Settings, is_simulated

#: Before the names of workflows and channels, so that no view ever shows figures of the simulation as a model's.
MARK: Final = "simulated/" if is_simulated() else ""

#: Tries of each agent, and seconds for one: an endpoint may be slow.
_RETRY: Final = Retry(attempts=4, first_delay=0.5, max_delay=10)
_TIMEOUT: Final = 300.0


class Task(BaseModel):
    """Which dossier, and how wide the simulated attention is, in tokens."""

    model_config = ConfigDict(frozen=True)

    seed: int
    number: int
    width: int

    @property
    def dossier(self) -> Dossier:
        """The dossier itself."""
        return Dossier(self.seed, self.number)


class Transcript(BaseModel):
    """Everything so far: what the shape `everything` hands on."""

    model_config = ConfigDict(frozen=True)

    messages: Messages
    answers: tuple[str, ...]


class Found(BaseModel):
    """The one answer that the next agent names: what the shape `keys` hands on."""

    model_config = ConfigDict(frozen=True)

    task: Task
    answer: str


app = App("accuracy")
everything = app.workflow(f"{MARK}everything", task=Task)
keys = app.workflow(f"{MARK}keys", task=Task)


def channel(place: int) -> str:
    """Where the answer of a call is published."""
    return f"{MARK}dossier.{place:02d}.{RELATIONS[place - 1].replace(' ', '-')}"


def group(place: int) -> str:
    """The agent of a call."""
    return RELATIONS[place - 1].replace(" ", "_")


def record(subject: str, place: int) -> str:
    """The key of the app's shared state that holds an answer of the shape `keys`."""
    return f"answer.{subject}.{place}"


async def _ask(task: Task, place: int, before: Messages, of: str, ctx: Context) -> tuple[Messages, str]:
    """One call, and two judgements of it: against the truth, and against its own question, for who is asked about the
    wrong thing can't be right."""
    messages = add_question(before, task.dossier, place, of)
    model = Settings.load().make_model(task.width, task.seed)
    answer = clean_answer((await call(model, messages)).text)
    truth, looked_up = task.dossier.truth[place - 1], task.dossier.look_up(place, of)
    ctx.score(answer == truth, explanation=f"{answer}; right is {truth}")
    ctx.score(answer == looked_up, "to its question", explanation=f"asked of {of}: {answer}; right is {looked_up}")
    return add_answer(messages, answer), answer


async def _go_on(task: Task, so_far: Transcript, ctx: Context) -> Transcript:
    place = len(so_far.answers) + 1
    of = so_far.answers[-1] if so_far.answers else task.dossier.shipment
    messages, answer = await _ask(task, place, so_far.messages, of, ctx)
    return Transcript(messages=messages, answers=(*so_far.answers, answer))


@everything.step(retry=_RETRY, timeout=_TIMEOUT)
async def pickup_hub(task: Task, ctx: Context) -> Transcript:
    """The first call."""
    return await _go_on(task, Transcript(messages=START, answers=()), ctx)


@everything.step(retry=_RETRY, timeout=_TIMEOUT)
async def night_line(task: Task, pickup_hub: Transcript, ctx: Context) -> Transcript:
    """The second, and so on."""
    return await _go_on(task, pickup_hub, ctx)


@everything.step(retry=_RETRY, timeout=_TIMEOUT)
async def trailer(task: Task, night_line: Transcript, ctx: Context) -> Transcript:
    return await _go_on(task, night_line, ctx)


@everything.step(retry=_RETRY, timeout=_TIMEOUT)
async def driver(task: Task, trailer: Transcript, ctx: Context) -> Transcript:
    return await _go_on(task, trailer, ctx)


@everything.step(retry=_RETRY, timeout=_TIMEOUT)
async def relief_depot(task: Task, driver: Transcript, ctx: Context) -> Transcript:
    return await _go_on(task, driver, ctx)


@everything.step(retry=_RETRY, timeout=_TIMEOUT)
async def customs_office(task: Task, relief_depot: Transcript, ctx: Context) -> Transcript:
    return await _go_on(task, relief_depot, ctx)


@everything.step(retry=_RETRY, timeout=_TIMEOUT)
async def clerk(task: Task, customs_office: Transcript, ctx: Context) -> Transcript:
    return await _go_on(task, customs_office, ctx)


@everything.step(retry=_RETRY, timeout=_TIMEOUT)
async def permit(task: Task, clerk: Transcript, ctx: Context) -> Transcript:
    return await _go_on(task, clerk, ctx)


@everything.step(retry=_RETRY, timeout=_TIMEOUT)
async def carrier(task: Task, permit: Transcript, ctx: Context) -> Transcript:
    return await _go_on(task, permit, ctx)


@everything.step(retry=_RETRY, timeout=_TIMEOUT)
async def invoice_account(task: Task, carrier: Transcript, ctx: Context) -> Transcript:
    return await _go_on(task, carrier, ctx)


@keys.step(name=group(1), retry=_RETRY, timeout=_TIMEOUT, publishes=channel(1))
async def open_dossier(task: Task, ctx: Context) -> Found:
    """The critical part, which somebody waits for: the dossier is opened, and its first question answered."""
    _, answer = await _ask(task, 1, START, task.dossier.shipment, ctx)
    return Found(task=task, answer=answer)


def _react(place: int) -> None:
    """Declares the agent of a later call: it hears of the answer before, and of nothing else."""

    async def react(event: Event[Found], ctx: Context) -> None:
        found = event.data
        _, answer = await _ask(found.task, place, START, found.answer, ctx)
        await app.shared.put(record(event.subject, place), answer)
        if place < CALLS:
            ctx.publish(channel(place), Found(task=found.task, answer=answer))

    app.subscribe(channel(place - 1), group=group(place), retry=_RETRY, timeout=_TIMEOUT)(react)


for _place in range(2, CALLS + 1):
    _react(_place)
