"""Simulated models, which say so by their names. They read the prompts that they are given, and nothing else.

- The researcher names the functions of the catalog that a wish names.
- The coder writes a function from the catalog. Its first drafts may have a flaw, as the seed has it; each remark in the
  prompt makes for another draft.
- The reviewer reads code as one does who is in a hurry: it sees loops without end, huge allocations and exits, and
  nothing that looks right. So it takes what is subtly wrong for good, and is scored for it.
"""

import re
from dataclasses import dataclass
from typing import Final

from sample_agents.accuracy.conversation import Message, Messages
from sample_agents.accuracy.model import ModelError, Reply
from sample_agents.accuracy.simulation import tokens
from sample_agents.codegen.catalog import FUNCTIONS
from sample_agents.codegen.plan import Plan

PROVIDER: Final = "causeline.simulation"

#: What the reviewer doubts, each by a piece of text.
SMELLS: Final = {"while True": "may never end", "1 << 36": "wants much memory", "SystemExit": "ends the process"}

#: Begins a line that tells the coder what was wrong with a draft.
REMARK: Final = "Remark: "

#: What the reviewer says where it doubts nothing.
GOOD: Final = "good"

_ORDER: Final = re.compile(r"Feature (?P<number>\d+): write (?P<name>\w+), ")


def to_research(wish: str) -> Messages:
    """The researcher's prompt."""
    return _prompt("Name the functions that are needed.", wish)


def to_write(number: int, name: str, remarks: tuple[str, ...]) -> Messages:
    """The coder's prompt."""
    order = f"Feature {number}: write {name}, {FUNCTIONS[name].task}."
    return _prompt("Write one Python function.", "\n".join([order, *(f"{REMARK}{remark}" for remark in remarks)]))


def to_review(texts: tuple[str, ...]) -> Messages:
    """The reviewer's prompt."""
    return _prompt(f"Say what you doubt, a line each, or {GOOD}.", "\n".join(texts))


@dataclass(frozen=True, slots=True)
class SimulatedResearcher:
    """A `Model`."""

    name: str = "simulated-researcher"
    provider: str = PROVIDER
    is_streamed: bool = False

    def reply(self, messages: Messages) -> Reply:
        """The names, separated by spaces."""
        words = re.findall(r"\w+", messages[-1].content)
        return _reply(self.name, messages, " ".join(word for word in words if word in FUNCTIONS))


@dataclass(frozen=True, slots=True)
class SimulatedCoder:
    """A `Model`.

    Attributes:
        seed: of its flaws.
        is_overloaded: whether its endpoint takes no call just now.
    """

    seed: int
    is_overloaded: bool = False
    name: str = "simulated-coder"
    provider: str = PROVIDER
    is_streamed: bool = False

    def reply(self, messages: Messages) -> Reply:
        """The code.

        Raises:
            ModelError: the endpoint is overloaded.
        """
        if self.is_overloaded:
            raise ModelError("the simulated endpoint is overloaded", "overloaded")
        asked = messages[-1].content
        order = _ORDER.match(asked)
        if order is None:
            return _reply(self.name, messages, "I write functions.")
        draft = sum(line.startswith(REMARK) for line in asked.splitlines())
        flaw = Plan(self.seed, int(order["number"])).flaw(order["name"], draft)
        return _reply(self.name, messages, FUNCTIONS[order["name"]].draft(flaw))


@dataclass(frozen=True, slots=True)
class SimulatedReviewer:
    """A `Model`."""

    name: str = "simulated-reviewer"
    provider: str = PROVIDER
    is_streamed: bool = False

    def reply(self, messages: Messages) -> Reply:
        """Its doubts, a line each; `good` where it has none."""
        doubts = [f"{piece}: {doubt}" for piece, doubt in SMELLS.items() if piece in messages[-1].content]
        return _reply(self.name, messages, "\n".join(doubts) or GOOD)


def _prompt(system: str, user: str) -> Messages:
    return Message(role="system", content=system), Message(role="user", content=user)


def _reply(model: str, messages: Messages, text: str) -> Reply:
    asked = sum(tokens(message.content) for message in messages)
    said = tokens(text)
    return Reply(text, input_tokens=asked, output_tokens=said, model=model, finish_reason="stop", cost=0.0)
