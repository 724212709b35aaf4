"""`milepost work` while its database comes and goes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from milepost.cli.ports import free_port
from tests.cli.test_main import settings_for
from tests.line import line_to
from tests.waiting import until


@contextmanager
def worker(database_url: str, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """A worker of its own process; killed at the end should it still run."""
    with subprocess.Popen(
        [sys.executable, "-m", "milepost", "work"],
        env=os.environ | settings_for(database_url),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def test_it_waits_for_a_database_that_is_away_and_stops_when_told(tmp_path: Path) -> None:
    nowhere = f"postgresql://nobody@127.0.0.1:{free_port(20_000)}/none"
    with worker(nowhere, tmp_path) as running:
        assert running.stdout is not None
        said = [running.stdout.readline() for _ in range(2)]
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 0
    assert all("the database can't be reached" in line for line in said)


async def test_it_stops_though_its_database_goes_away_while_its_work_is_rolled_back(
    database_url: str, tmp_path: Path
) -> None:
    async with line_to(database_url) as line:
        with worker(line.url, tmp_path) as running:
            line.silent = True
            await until(lambda: line.unanswered > 0)
            running.send_signal(signal.SIGTERM)
            await until(lambda: line.cancelling > 0)
            line.cut()
            await until(lambda: running.poll() is not None, within=20)
            assert running.returncode == 0
