"""Writes resources and scopes: each once. One that is surely stored costs no statement."""

import pyarrow as pa

from collector.store.database import Database, Session
from collector.store.queries import Query


class SourceTable:
    """The resources, or the scopes, that are stored. For the writer alone.

    Args:
        database: where they are.
        name: of the column with their ids.
        stored: the query for those of some ids that are stored.
        insert: the statement that stores others.
    """

    def __init__(self, database: Database, name: str, stored: Query, insert: Query) -> None:
        self._database = database
        self._name = name
        self._stored = stored
        self._insert = insert
        self._sure: set[int] = set()
        self._known_changes = database.source_changes

    def write(self, session: Session, sources: pa.Table) -> None:
        """Writes those that are not stored yet.

        Args:
            session: a transaction.
            sources: of a batch; one may be there more than once.
        """
        if self._known_changes != self._database.source_changes:
            self._known_changes = self._database.source_changes
            self._sure.clear()
        ids = sources.column(self._name).to_pylist()
        places = {one: place for place, one in enumerate(ids) if one not in self._sure}
        if not places:
            return
        # What is stored by this very transaction may be rolled back: it is not sure before a later one finds it.
        self._sure |= {row["id"] for row in session.rows(self._stored, ids=list(places))}
        new = [place for one, place in places.items() if one not in self._sure]
        if new:
            session.register("incoming_sources", sources.take(pa.array(new)))
            session.run(self._insert)


def create_resource_table(database: Database) -> SourceTable:
    """Returns the table of resources."""
    return SourceTable(database, "resource_id", Query.INGEST_STORED_RESOURCES, Query.INGEST_INSERT_RESOURCES)


def create_scope_table(database: Database) -> SourceTable:
    """Returns the table of scopes."""
    return SourceTable(database, "scope_id", Query.INGEST_STORED_SCOPES, Query.INGEST_INSERT_SCOPES)
