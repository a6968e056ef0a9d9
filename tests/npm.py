"""Packages of npm that tests need: installed by npm itself, once for each version of `package.json`."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

#: Installs exactly what `package.json` names; nothing that records where from.
INSTALL = ("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")


def installed(config: pytest.Config, name: str, source: Path) -> Path:
    """Returns a copy of a folder, with what its `package.json` names beside it. Skips the test where npm, or what it
    needs, is not here: `scripts/test-tools` installs it where everything must be tested.

    Args:
        config: has the cache that the copy is kept in.
        name: of the copy.
        source: the folder.
    """
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("needs node and npm")
    packages = (source / "package.json").read_bytes()
    assert config.cache is not None
    made = config.cache.mkdir(f"{name}-{hashlib.sha256(packages).hexdigest()[:16]}-{os.getpid()}")
    kept = made.with_name(made.name.rpartition("-")[0])
    if not kept.exists():
        shutil.copytree(source, made, dirs_exist_ok=True)
        done = subprocess.run(INSTALL, cwd=made, capture_output=True, text=True, timeout=240, check=False)
        if done.returncode:
            pytest.skip(f"npm can't install {name} here: {done.stderr[-500:]}")
        if not kept.exists():  # another process of the suite may be first
            made.rename(kept)
    shutil.rmtree(made, ignore_errors=True)
    return kept
