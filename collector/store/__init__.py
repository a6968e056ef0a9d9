"""The DuckDB store: one file, one owner process."""
