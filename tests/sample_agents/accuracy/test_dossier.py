"""The task has one right answer at each call, and a way to go wrong that sounds right."""

from sample_agents.accuracy.dossier import CALLS, RELATIONS, TRAILS, UNKNOWN, Dossier, question

DOSSIER = Dossier(7, 1)


def test_each_answer_is_what_the_next_question_is_about() -> None:
    """Followed through the documents, the trail is the truth."""
    of, said = DOSSIER.shipment, []
    for call in range(1, CALLS + 1):
        of = DOSSIER.look_up(call, of)
        said.append(of)
    assert tuple(said) == DOSSIER.truth
    assert len(set(said)) == CALLS >= 8


def test_a_neighbours_trail_goes_on_and_never_comes_back() -> None:
    """Whoever is wrong once finds plausible answers from there, none of them right."""
    of = next(fact.value for fact in DOSSIER.facts(1) if fact.of != DOSSIER.shipment)
    for call in range(2, CALLS + 1):
        of = DOSSIER.look_up(call, of)
        assert of not in (UNKNOWN, DOSSIER.truth[call - 1])


def test_a_document_holds_its_facts_and_remarks_a_sentence_a_line() -> None:
    """Every fact once, and none of another call."""
    lines = DOSSIER.document(3).splitlines()
    assert {str(fact) for fact in DOSSIER.facts(3)} < set(lines)
    assert len([line for line in lines if line.startswith("The ") and " is " in line and line[-2].isdigit()]) == TRAILS
    assert question(3, "line-1") == f"What is the {RELATIONS[2]} of line-1?"


def test_the_same_seed_and_number_are_the_same_dossier() -> None:
    """Any other is another."""
    assert Dossier(7, 1).document(5) == DOSSIER.document(5)
    others = (Dossier(8, 1), Dossier(7, 2))
    assert all(other.truth != DOSSIER.truth and other.document(5) != DOSSIER.document(5) for other in others)
