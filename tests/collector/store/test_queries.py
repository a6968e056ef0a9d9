"""Statements, their names, and the vocabulary that they are written in."""

import re
from importlib import import_module
from pathlib import Path

from collector.agents import langgraph
from collector.agents.messages import tools
from collector.store import attribute_columns, ddl, names
from collector.store.queries import Query
from collector.store.queries.upkeep import Upkeep
from runtime import semconv

#: Attribute names in SQL: quoted, as a text or as a column of that name, with a dot, beginning as ours or
#: OpenTelemetry's do.
ATTRIBUTE = re.compile(r"""['"]((?:causeline|gen_ai|messaging|cloudevents|error)\.[a-z_.]+)['"]""")


def sql_files(package: str) -> dict[str, str]:
    """The text of every statement file of a package and its folders, by path."""
    (root,) = import_module(package).__path__
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in Path(root).rglob("*.sql")}


def test_every_file_has_a_name_and_every_name_a_file() -> None:
    """A statement that nobody can call, or a name without a statement, is a mistake."""
    named = [*Query, *Upkeep]
    assert sorted(sql_files("collector.store.queries")) == sorted(f"{statement.value}.sql" for statement in named)
    for statement in named:
        assert statement.name == statement.value.replace("/", "_").upper()


def test_every_file_of_the_schema_is_applied() -> None:
    """Migrations by their number, the rest as derived."""
    numbered = {name for name in sql_files("collector.store.ddl") if name[:4].isdigit()}
    assert set(sql_files("collector.store.ddl")) == numbered | set(ddl.DERIVED)
    versions = [version for version, _ in ddl.migrations()]
    assert len(versions) == len(numbered)
    assert versions == sorted(set(versions))


def test_attributes_in_sql_are_words_of_the_vocabulary() -> None:
    """A name that is misspelt in SQL would be a column that stays empty."""
    ours = {value for name, value in vars(semconv).items() if name.isupper()}
    vocabulary = ours | {name.attribute for name in names.NAMES} | set(langgraph.HINTS) | set(tools.CALL_IDS)
    texts = [*sql_files("collector.store.queries").values(), *sql_files("collector.store.ddl").values()]
    used = {name for text in texts for name in ATTRIBUTE.findall(text)}
    assert len(used) > 5
    assert used - vocabulary == set()
    assert set(attribute_columns.OURS) - ours == set()


def test_values_are_bound() -> None:
    """No statement has a place for text to be pasted into."""
    for name, text in sql_files("collector.store.queries").items():
        assert "{" not in text, name
        assert "%s" not in text, name
