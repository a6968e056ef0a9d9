"""A simulated model: it reads the prompt that it is given, and its one weakness is that its attention is bounded.

The mechanism, all of it:

1. The prompt is cut into sentences, one a line, and each sentence into tokens (words and punctuation).
2. The last line that asks `What is the R of X?` is the question. A sentence of the form `The R of X is V.` holds its
   answer. Where there is none, the reply is `unknown`.
3. Attention is a softmax over tokens. Those of the sentence that holds the answer have, together, the weight `width`;
   every other token of the prompt has the weight 1. So the answer is found with probability

       width / (width + tokens of all other sentences)

   A width of so many tokens as the rest of the prompt has means: found every other time.
4. Where attention falls elsewhere, it falls on one of the other sentences, in proportion to its tokens, and the model
   answers from what it found there: the value where that sentence states one (it sounds right, and is wrong), else
   `unknown`.

The draw depends on the seed and on the text of the prompt alone: the same prompt has the same answer. Nothing here
knows which call it is, in which shape, or what is right.
"""

import random
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sample_agents.accuracy.conversation import Message, Messages
from sample_agents.accuracy.dossier import UNKNOWN
from sample_agents.accuracy.model import Reply

#: Tokens. Chosen so that an effect is visible within ten short documents; it is the measure of no real model.
DEFAULT_WIDTH: Final = 16_000

_TOKEN: Final = re.compile(r"[\w-]+|[^\w\s]")
_QUESTION: Final = re.compile(r"What is the (?P<relation>.+) of (?P<of>\S+)\?")
_FACT: Final = re.compile(r"The (?P<relation>.+) of (?P<of>\S+) is (?P<value>\S+)\.")


@lru_cache(maxsize=4096)
def tokens(text: str) -> int:
    """How many tokens a text has."""
    return len(_TOKEN.findall(text))


@dataclass(frozen=True, slots=True)
class SimulatedModel:
    """A `Model`.

    Attributes:
        width: of its attention, in tokens.
        seed: of its draws.
    """

    width: int = DEFAULT_WIDTH
    seed: int = 0

    @property
    def name(self) -> str:
        return f"simulated-attention-{self.width}"

    @property
    def provider(self) -> str:
        return "causeline.simulation"

    @property
    def is_streamed(self) -> bool:
        return False

    def reply(self, messages: Messages) -> Reply:
        """Reads the messages, and answers from where its attention falls."""
        lines = [line for message in messages for line in message.content.splitlines() if line.strip()]
        found = self._attend(lines)
        fact = _FACT.fullmatch(found)
        text = fact["value"] if fact else UNKNOWN
        return Reply(
            text=text,
            input_tokens=sum(map(tokens, lines)),
            output_tokens=tokens(text),
            model=self.name,
            finish_reason="stop",
            cost=0.0,  # which is the truth: nobody is paid for a simulated call
        )

    def chance(self, messages: Messages) -> float:
        """With which probability the model finds the answer in these messages; 0 where they don't hold it."""
        lines = [line for message in messages for line in message.content.splitlines() if line.strip()]
        place = _place(lines)
        return 0.0 if place is None else self._chance(lines, place)

    def _attend(self, lines: list[str]) -> str:
        """The sentence on which attention falls; empty where none holds the answer."""
        place = _place(lines)
        if place is None:
            return ""
        draw = random.Random(f"{self.seed}/" + "\n".join(lines))
        if draw.random() < self._chance(lines, place):
            return lines[place]
        others = lines[:place] + lines[place + 1 :]
        return draw.choices(others, weights=[tokens(line) for line in others])[0]

    def _chance(self, lines: list[str], place: int) -> float:
        distraction = sum(map(tokens, lines)) - tokens(lines[place])
        return self.width / (self.width + distraction)


def _place(lines: list[str]) -> int | None:
    """Where the sentence is that answers the last question."""
    asked = next((match for line in reversed(lines) if (match := _QUESTION.fullmatch(line))), None)
    if asked is None:
        return None
    stated = f"The {asked['relation']} of {asked['of']} is "
    return next((place for place, line in enumerate(lines) if line.startswith(stated) and _FACT.fullmatch(line)), None)


def one(content: str) -> Messages:
    """A prompt of one message, to try the model with."""
    return (Message(role="user", content=content),)
