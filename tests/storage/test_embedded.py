"""The embedded PostgreSQL, with real processes."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from databases import Database
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from milepost.storage import embedded
from milepost.storage.postmaster import read_pid_file
from tests.waiting import wait_until

# Starts the server, says its address, and holds it until its input ends.
HOLDER = """
import sys
from pathlib import Path
from milepost.storage import embedded
server = embedded.start(Path(sys.argv[1]))
print(server.url, flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where a server keeps its data: a path with spaces, far too long for a Unix socket."""
    room = Path(tempfile.mkdtemp(prefix="milepost tests "))
    long = room / ("a rather long name " * 5).strip() / ("and another one " * 5).strip()
    long.mkdir(parents=True)
    yield long / "postgres"
    shutil.rmtree(room)


def hold(folder: Path, path: str | None = None) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | ({"PATH": path} if path else {}),
    )


def postmaster(folder: Path) -> psutil.Process:
    said = read_pid_file(folder)
    assert said
    return psutil.Process(said.pid)


def has_ended(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def ask(url: str, sql: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_every_client_library_takes_its_address(folder: Path) -> None:
    server = embedded.start(folder)
    try:
        assert await ask(server.url, "SELECT 1") == 1
        async with Database(server.url) as database:
            assert await database.fetch_val("SELECT 1") == 1
        url = make_url(server.url).set(drivername="postgresql+asyncpg")
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            assert (await connection.execute(text("SELECT 1"))).scalar() == 1
        await engine.dispose()
    finally:
        server.stop()


async def test_its_text_is_utf8_and_sorts_by_code_point_and_its_writes_are_durable(
    folder: Path,
) -> None:
    server = embedded.start(folder)
    try:
        assert await ask(server.url, "SHOW server_encoding") == "UTF8"
        words = "SELECT string_agg(w, ' ' ORDER BY w) FROM unnest(array['b','a','é','B','É']) w"
        assert await ask(server.url, words) == "B a b É é"
        assert await ask(server.url, "SELECT lower('É')") == "é"
        assert await ask(server.url, "SHOW fsync") == "on"
        assert await ask(server.url, "SHOW timezone") == "UTC"
    finally:
        server.stop()


async def test_a_stop_leaves_nothing_running_and_the_data_stays(folder: Path) -> None:
    server = embedded.start(folder)
    await ask(server.url, "CREATE TABLE kept AS SELECT 7 AS number")
    running = postmaster(folder)
    family = [running, *running.children(recursive=True)]
    assert len(family) > 1
    server.stop()
    server.stop()
    assert all(has_ended(process) for process in family)
    again = embedded.start(folder)
    try:
        assert await ask(again.url, "SELECT number FROM kept") == 7
    finally:
        again.stop()


async def test_a_second_start_borrows_the_running_server_and_does_not_stop_it(
    folder: Path,
) -> None:
    owner = embedded.start(folder)
    with hold(folder) as borrower:
        assert borrower.stdout and borrower.stdin
        assert borrower.stdout.readline().strip() == owner.url
        borrower.stdin.close()
        assert borrower.wait(20) == 0
    assert await ask(owner.url, "SELECT 1") == 1
    owner.stop()


async def test_two_folders_run_side_by_side(folder: Path) -> None:
    one, other = embedded.start(folder), embedded.start(folder.with_name("other"))
    try:
        await ask(one.url, "CREATE TABLE here (id int)")
        assert await ask(other.url, "SELECT to_regclass('here') IS NULL")
    finally:
        one.stop()
        other.stop()


async def test_a_server_whose_starter_was_killed_shuts_down_and_starts_again(
    folder: Path,
) -> None:
    with hold(folder) as starter:
        assert starter.stdout
        starter.stdout.readline()
        server = postmaster(folder)
        starter.kill()
    if sys.platform == "linux":
        wait_until(lambda: has_ended(server), "the orphaned PostgreSQL ends")
    again = embedded.start(folder)
    try:
        assert not again.is_borrowed
        assert await ask(again.url, "SELECT 1") == 1
    finally:
        again.stop()


async def test_an_orphan_that_still_runs_is_stopped_and_started_anew(
    folder: Path, tmp_path: Path
) -> None:
    """As on a system that does not tell a child of its parent's death."""
    forgetful = tmp_path / "setpriv"
    forgetful.write_text(
        "#!/bin/sh\n"
        'for word; do shift; case "$word" in --pdeathsig*) ;; *) set -- "$@" "$word";; esac; done\n'
        'if [ "$1" = -- ]; then shift; exec "$@"; fi\n'
        f'exec {shutil.which("setpriv")} "$@"\n'
    )
    forgetful.chmod(0o755)
    with hold(folder, path=f"{tmp_path}:{os.environ['PATH']}") as starter:
        assert starter.stdout
        url = starter.stdout.readline().strip()
        await ask(url, "CREATE TABLE kept AS SELECT 7 AS number")
        orphan = postmaster(folder)
        starter.kill()
    assert not has_ended(orphan)
    again = embedded.start(folder)
    try:
        assert has_ended(orphan)
        assert await ask(again.url, "SELECT number FROM kept") == 7
    finally:
        again.stop()


async def test_a_crashed_server_recovers_what_was_committed(folder: Path) -> None:
    with hold(folder) as starter:
        assert starter.stdout
        url = starter.stdout.readline().strip()
        await ask(url, "CREATE TABLE kept AS SELECT 7 AS number")
        os.kill(postmaster(folder).pid, signal.SIGKILL)
        starter.kill()
    again = embedded.start(folder)
    try:
        assert await ask(again.url, "SELECT number FROM kept") == 7
    finally:
        again.stop()


async def test_a_stale_number_that_another_process_bears_by_now_is_no_hindrance(
    folder: Path,
) -> None:
    embedded.start(folder).stop()
    (folder / "postmaster.pid").write_text(f"{os.getpid()}\n{folder}\n1\n5432\n\n\n\nready\n")
    server = embedded.start(folder)
    try:
        assert await ask(server.url, "SELECT 1") == 1
    finally:
        server.stop()


def test_an_ended_server_is_noticed(folder: Path) -> None:
    server = embedded.start(folder)
    running = postmaster(folder)
    server.check()
    running.kill()
    wait_until(lambda: has_ended(running), "PostgreSQL ends")
    with pytest.raises(embedded.EmbeddedError, match="stopped unexpectedly"):
        server.check()
    server.stop()


def test_a_folder_with_other_things_in_it_is_left_as_it_is(folder: Path) -> None:
    folder.mkdir()
    (folder / "letter.txt").write_text("Dear Dana")
    with pytest.raises(embedded.EmbeddedError, match="not a PostgreSQL folder"):
        embedded.start(folder)
    assert (folder / "letter.txt").read_text() == "Dear Dana"


def test_the_data_of_another_postgresql_is_named_and_kept(folder: Path) -> None:
    folder.mkdir()
    (folder / "PG_VERSION").write_text("9\n")
    with pytest.raises(embedded.EmbeddedError, match="made by PostgreSQL 9"):
        embedded.start(folder)
