"""How what is stored lies in the file."""

import random
from pathlib import Path

from collector.otlp.decode.spans import decode
from collector.store.database import Database
from collector.store.records import Records
from collector.store.vacuum import vacuum
from tests.collector.story import Story, place

CALLS, STEPS, TOLD, WORDS = 400, 20, 70, 40


def test_what_models_were_told_takes_a_third_of_its_length(path: Path) -> None:
    """Each call is told the last messages before it again, and most spans say little; also in a file that is written
    anew."""
    chance, story, length = random.Random(5), Story(), 0
    known = ["".join(chance.choices("etaoinshrdlu", k=chance.randint(2, 9))) for _ in range(2_000)]
    said = [" ".join(chance.choices(known, k=WORDS)) for _ in range(CALLS + TOLD)]
    for number in range(CALLS):
        prompt = "\n".join(said[number : number + TOLD])
        length += len(prompt)
        story.add(f"call {number}", place(f"t{number}", "call"), attributes={"llm.prompt": prompt})
        for step in range(STEPS):
            story.add(f"call {number}", place(f"t{number}", f"s{step}"), attributes={"step": f"step {step}"})
    database = Database.open(path)
    with database.writing() as session:
        Records(database).write(session, decode(story.request()))
    assert database.checkpoint()
    database.close()
    assert path.stat().st_size < length / 3
    assert vacuum(path).after < length / 3
