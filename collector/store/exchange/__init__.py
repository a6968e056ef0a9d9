"""A time range as Parquet files with a manifest: written from one snapshot, read into any store, once or again."""
