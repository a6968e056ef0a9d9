-- Bytes of the file that are in use, and that are free to be used again.
SELECT used_blocks * block_size AS used_bytes, free_blocks * block_size AS free_bytes FROM pragma_database_size()
