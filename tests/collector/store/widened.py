"""Stores as collectors before `0015_narrow_attributes.sql` made them: attributes as OTLP has them, decoded."""

from pathlib import Path

import duckdb

from collector.store import ddl, tables

#: The last schema with attributes in OTLP's own form.
WIDE = 14

#: What makes attributes as they were of those that are stored today.
_MACROS = """
    CREATE OR REPLACE TEMP MACRO wide_item(j) AS {
        'string_value': CASE WHEN json_type(j) = 'VARCHAR' THEN json_extract_string(j, '$') END,
        'bool_value': CASE WHEN json_type(j) = 'BOOLEAN' THEN CAST(j AS BOOLEAN) END,
        'int_value': CASE WHEN json_type(j) IN ('BIGINT', 'UBIGINT') THEN CAST(j AS BIGINT) END,
        'double_value': CASE WHEN json_type(j) = 'DOUBLE' THEN CAST(json_extract_string(j, '$') AS DOUBLE) END,
        'array_value': CAST(json_extract_string(j, '$."5"') AS BLOB),
        'kvlist_value': CAST(json_extract_string(j, '$."6"') AS BLOB),
        'bytes_value': from_base64(json_extract_string(j, '$."7"'))
    };
    CREATE OR REPLACE TEMP MACRO wide_value(v) AS {
        'string_value': CASE WHEN v.kind = 1 THEN v."text" END,
        'bool_value': CASE WHEN v.kind = 2 THEN CAST(v."text" AS BOOLEAN) END,
        'int_value': CASE WHEN v.kind = 3 THEN CAST(v."text" AS BIGINT) END,
        'double_value': CASE WHEN v.kind = 4 THEN CAST(v."text" AS DOUBLE) END,
        'array_value': CASE WHEN v.kind = 5 THEN {
            'values': list_transform(CAST(v."text" AS JSON[]), lambda j: wide_item(j))
        } END,
        'kvlist_value': CASE WHEN v.kind = 6 THEN CAST(v."text" AS BLOB) END,
        'bytes_value': CASE WHEN v.kind = 7 THEN from_base64(v."text") END
    };
    CREATE OR REPLACE TEMP MACRO wide(attributes) AS list_transform(
        attributes, lambda a: {'key': a."key", 'value': wide_value(a)}
    );
"""

_COLUMNS = {
    "attributes": "wide(attributes)",
    "body": "wide_value(body)",
    "events": "list_transform(events, lambda e: struct_update(e, attributes := wide(e.attributes)))",
    "links": "list_transform(links, lambda l: struct_update(l, attributes := wide(l.attributes)))",
}


def store(path: Path, of: Path, version: int = WIDE, left_out: tuple[str, ...] = ()) -> None:
    """Makes the store that an older collector would have made of the same.

    Args:
        path: its file.
        of: a store of today, which nobody has open.
        version: the older collector's schema.
        left_out: columns of spans that it did not fill.
    """
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE schema_version (version INTEGER NOT NULL, applied_at TIMESTAMPTZ NOT NULL)")
        for number, statements in ddl.migrations():
            if number <= version:
                connection.execute(statements)
                connection.execute("INSERT INTO schema_version VALUES ($number, now())", {"number": number})
        connection.execute(f"ATTACH '{of}' AS today (READ_ONLY)")
        connection.execute(_MACROS)
        for table in tables.TABLES:
            there = {row[0] for row in connection.execute(f"DESCRIBE {table.name}").fetchall()}
            names = [row[0] for row in connection.execute(f"DESCRIBE today.{table.name}").fetchall()]
            kept = [name for name in names if name in there and not (table.name == "spans" and name in left_out)]
            chosen = ", ".join(f'{_COLUMNS.get(name, name)} AS "{name}"' for name in kept)
            statement = f"INSERT INTO {table.name} BY NAME SELECT {chosen} FROM today.{table.name}"  # noqa: S608 names are our own
            connection.execute(statement)
