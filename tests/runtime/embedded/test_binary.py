"""Which server program runs."""

from pathlib import Path

import pytest

from runtime.embedded import binary
from runtime.embedded.files import ServerFiles


@pytest.fixture
def files(tmp_path: Path) -> ServerFiles:
    found = ServerFiles(tmp_path)
    found.make_folders()
    return found


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH; the package's program is `packaged/valkey-server`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(binary, "_find_packaged", lambda: iter([tmp_path / "packaged" / "valkey-server"]))
    return folder


def put(folder: Path, name: str, version: str) -> Path:
    program = folder / name
    program.write_text(f"#!/bin/sh\necho 'Redis server v={version} sha=0'\n")
    program.chmod(0o755)
    return program


def test_a_server_on_path_comes_before_the_package(files: ServerFiles, programs: Path) -> None:
    """What the machine's owner installed is preferred."""
    installed = put(programs, "redis-server", "7.0.15")

    assert binary.find_binary(files) == installed


def test_without_one_on_path_the_package_serves(files: ServerFiles, programs: Path) -> None:
    """A newcomer installs nothing."""
    assert binary.find_binary(files) == programs.parent / "packaged" / "valkey-server"


@pytest.mark.parametrize("version", ["6.0.16", "5.0.7", "nonsense"])
def test_a_server_that_is_too_old_is_passed_over(files: ServerFiles, programs: Path, version: str) -> None:
    """The bus needs commands of Redis 6.2."""
    put(programs, "redis-server", version)

    assert binary.find_binary(files) == programs.parent / "packaged" / "valkey-server"


def test_the_program_that_wrote_the_data_stays(files: ServerFiles, programs: Path) -> None:
    """A server installed later may be unable to read what a newer one wrote."""
    binary.save_binary(files, binary.find_binary(files))
    put(programs, "redis-server", "7.0.15")

    assert binary.find_binary(files) == programs.parent / "packaged" / "valkey-server"


def test_when_that_program_moved_one_of_its_name_is_taken(files: ServerFiles, programs: Path) -> None:
    """An environment made anew has the same package in another folder."""
    binary.save_binary(files, Path("/elsewhere/valkey-server"))
    put(programs, "redis-server", "7.0.15")

    assert binary.find_binary(files) == programs.parent / "packaged" / "valkey-server"


def test_the_package_really_holds_a_program() -> None:
    """Found without importing it."""
    found = list(binary._find_packaged())

    assert [path.name for path in found] == ["valkey-server"]
    assert found[0].is_file()
