"""Child processes that stop with their supervisor."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from milepost.cli.processes import ProcessDied, Processes
from tests.waiting import wait_until

LIVES = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
FAILS = [sys.executable, "-c", "print('what went wrong'); raise SystemExit(3)"]
# Keeps a child of its own, and does not mind being asked to stop.
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(600)",
]
SUPERVISOR = """
import sys, time
from pathlib import Path
from milepost.cli.processes import Processes
processes = Processes(Path(sys.argv[1]))
processes.start("child", [sys.executable, "-c", "import time; time.sleep(600)"], {})
print(processes._running["child"].pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    processes = Processes(tmp_path / "log")
    yield processes
    processes.stop()


def children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def has_said(log: Path) -> bool:
    return log.exists() and log.read_text().endswith("\n")


def test_a_stop_ends_them_and_leaves_nothing(processes: Processes, tmp_path: Path) -> None:
    before = children()
    processes.start("one", LIVES, os.environ)
    processes.start("two", LIVES, os.environ)
    wait_until(lambda: has_said(tmp_path / "log" / "two.log"), "two is up")
    processes.check()
    processes.stop("one")
    processes.check()
    processes.stop()
    assert children() == before


def test_one_that_ends_by_itself_is_named_with_its_last_words(processes: Processes) -> None:
    processes.start("web", LIVES, os.environ)
    processes.start("worker", FAILS, os.environ)
    with pytest.raises(ProcessDied) as told:
        processes.wait_until(lambda: False, "web", within=20)
    assert "worker stopped unexpectedly (exit code 3)" in str(told.value)
    assert "what went wrong" in str(told.value)


def test_one_that_never_gets_ready_is_named(processes: Processes) -> None:
    processes.start("web", LIVES, os.environ)
    with pytest.raises(ProcessDied, match="web is not ready after 0 s"):
        processes.wait_until(lambda: False, "web", within=0.1)


def test_a_step_that_fails_is_named_and_one_that_works_is_over(processes: Processes) -> None:
    processes.run("migrate", [sys.executable, "-c", "print('done')"], os.environ)
    processes.check()
    with pytest.raises(ProcessDied, match="seed stopped unexpectedly"):
        processes.run("seed", FAILS, os.environ)


def test_one_that_will_not_stop_is_ended_with_its_children(
    processes: Processes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("milepost.cli.processes.PATIENCE", 0.2)
    log = tmp_path / "log" / "stubborn.log"
    processes.start("stubborn", STUBBORN, os.environ)
    wait_until(lambda: has_said(log), "the stubborn one is up")
    grandchild = psutil.Process(int(log.read_text()))
    processes.stop("stubborn")
    wait_until(
        lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE,
        "its child is gone",
    )


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels do not tell a child")
def test_a_killed_supervisor_leaves_no_orphan(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as supervisor:
        assert supervisor.stdout
        child = psutil.Process(int(supervisor.stdout.readline()))
        # The kernel is told of the tie between fork and exec; the command's own name follows it.
        wait_until(lambda: "setpriv" not in child.name(), "the child runs its command")
        supervisor.send_signal(signal.SIGKILL)
    wait_until(
        lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE,
        "the child is gone",
    )
