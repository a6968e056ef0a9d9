"""Modules below `causeline`: `causeline.py` is one file, and has its submodules looked for here."""
