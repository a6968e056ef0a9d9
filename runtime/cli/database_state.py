"""What slows the database of runs down, for `causeline check`."""

import asyncio

from runtime.cli.exposure import Finding


def find_slowdowns(url: str | None) -> list[Finding]:
    """What keeps dead rows in the database that keeps runs, if one does.

    Args:
        url: its address; None where the server of the bus keeps runs.

    Raises:
        SettingsError: the address can't be used.
    """
    if url is None:
        return []
    try:
        import psycopg

        from runtime.state.postgres import translation
        from runtime.state.postgres.dead_rows import find_dead_row_causes
    except ImportError:
        return []  # nobody here can ask; whoever works there has the driver
    try:
        return [Finding("database", words, is_open=True) for words in asyncio.run(find_dead_row_causes(url))]
    except psycopg.Error as error:
        return [Finding("database", f"it can't be asked what slows it down: {translation.translate_error(error)}")]
