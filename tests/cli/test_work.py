"""`milepost work` begins before its database is there, and waits for it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from milepost.cli.ports import free_port


def test_it_waits_for_a_database_that_is_away_and_stops_when_told(tmp_path: Path) -> None:
    known = {
        "BASE_URL": "http://localhost:8000",
        "DATABASE_URL": f"postgresql://nobody@127.0.0.1:{free_port(20_000)}/none",
        "SECRET_KEY": "a-secret-of-the-tests",
        "STRIPE_SECRET_KEY": "sk_test_nobody",
        "STRIPE_WEBHOOK_SECRET": "whsec_nobody",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "milepost", "work"],
        env=os.environ | known,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as worker:
        assert worker.stdout is not None
        said = [worker.stdout.readline() for _ in range(2)]
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
    assert all("the database can't be reached" in line for line in said)
