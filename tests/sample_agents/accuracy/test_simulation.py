"""The simulated model is weak in one way, by one rule, and in no other."""

import pytest

from sample_agents.accuracy import simulation
from sample_agents.accuracy.chain import answers, count_right_answers
from sample_agents.accuracy.conversation import Shape
from sample_agents.accuracy.dossier import CALLS, UNKNOWN, Dossier
from sample_agents.accuracy.simulation import SimulatedModel, one, tokens

FACT = "The night line of hub-7 is line-42."
OTHER = "The night line of hub-8 is line-99."
REMARK = "Visitors park behind the silo and leave their keys at the counter."
QUESTION = "What is the night line of hub-7?"


def prompt(*lines: str) -> str:
    return "\n".join((*lines, QUESTION))


def found(model: SimulatedModel, noise: int) -> int:
    """Of 400 prompts that differ in a mark alone, how often the fact is found among so many remarks."""
    prompts = [one(prompt(f"Note {mark}.", FACT, *[REMARK] * noise)) for mark in range(400)]
    return sum(model.reply(messages).text == "line-42" for messages in prompts)


def test_the_more_there_is_that_does_not_matter_the_more_is_missed() -> None:
    """With one width."""
    model = SimulatedModel(200)
    counts = [found(model, noise) for noise in (1, 10, 40, 160)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 300
    assert counts[-1] < 80


def test_the_chance_is_the_width_beside_what_distracts() -> None:
    """Worked out by hand, and met by counting: within four standard deviations of 400 draws."""
    model = SimulatedModel(200)
    distraction = tokens("Note 1.") + 10 * tokens(REMARK) + tokens(QUESTION)
    chance = 200 / (200 + distraction)
    assert model.chance(one(prompt("Note 1.", FACT, *[REMARK] * 10))) == pytest.approx(chance)
    spread = (chance * (1 - chance) / 400) ** 0.5
    assert abs(found(model, 10) / 400 - chance) < 4 * spread


def test_a_wide_attention_misses_nothing() -> None:
    """However long the prompt."""
    assert found(SimulatedModel(10**9), 200) == 400
    assert count_right_answers(Shape.EVERYTHING, 1, 5, 10**9) == [5] * CALLS


def test_it_reads_the_prompt_that_it_is_given() -> None:
    """A fact that is not there is unknown; one that says something else is believed."""
    model = SimulatedModel(10**9)
    assert model.reply(one(prompt(OTHER, REMARK))).text == UNKNOWN
    assert model.reply(one(prompt("The night line of hub-7 is line-1."))).text == "line-1"
    assert model.reply(one(FACT)).text == UNKNOWN
    assert model.chance(one(FACT)) == 0


def test_what_it_says_when_it_misses_stands_in_the_prompt() -> None:
    """The value of another sentence, or that nothing is known: never anything invented."""
    model = SimulatedModel(1)
    said = {model.reply(one(prompt(f"Note {mark}.", FACT, OTHER, REMARK))).text for mark in range(200)}
    assert said == {"line-42", "line-99", UNKNOWN}


def test_the_last_question_is_the_one_that_it_answers() -> None:
    """Those before are part of what distracts."""
    earlier = "What is the night line of hub-8?"
    assert SimulatedModel(10**9).reply(one(prompt(FACT, OTHER, earlier))).text == "line-42"


def test_the_same_prompt_and_seed_have_the_same_answer() -> None:
    """Another seed draws otherwise."""
    dossiers = [Dossier(3, number) for number in range(1, 9)]
    said = [[answers(Shape.EVERYTHING, each, SimulatedModel(1_000, seed)) for each in dossiers] for seed in (1, 1, 2)]
    assert said[0] == said[1] != said[2]


def test_it_counts_its_tokens_and_costs_nothing() -> None:
    """All of the prompt, whether attended to or not."""
    reply = SimulatedModel().reply(one(prompt(FACT)))
    assert (reply.input_tokens, reply.output_tokens, reply.cost) == (tokens(FACT) + tokens(QUESTION), 1, 0.0)


def test_it_knows_neither_shapes_nor_calls_nor_what_is_right() -> None:
    """No table of results, and nothing to look one up by."""
    assert not {"Shape", "Dossier", "RELATIONS", "CALLS"} & vars(simulation).keys()


def test_one_prompt_that_grows_loses_more_than_prompts_that_do_not() -> None:
    """With the width that is chosen where nobody says one."""
    whole, keys = (count_right_answers(shape, 7, 60, simulation.DEFAULT_WIDTH) for shape in Shape)
    assert whole[0] == keys[0]
    assert whole[-1] < keys[-1]
