"""The API's routes, one subject a file. Those that read the store are plain functions: FastAPI runs them in threads."""
