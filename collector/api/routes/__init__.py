"""The API's routes, one subject a file. Those that ask the store alone are plain functions, which FastAPI runs in
threads, and `api/conditional_requests.py` answers for them where nothing has changed. Those that ask the live bus too
are coroutines.
"""
