"""`milepost demo`, the whole tree of processes, as `make run` starts it."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.waiting import wait_until

pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all of them: only the first demo seeds it."""
    return tmp_path_factory.mktemp("demo")


@contextmanager
def demo(folder: Path, port: int = 0) -> Iterator["subprocess.Popen[str]"]:
    """The demo, started in `folder`; killed at the end should it still run."""
    with subprocess.Popen(
        [sys.executable, "-m", "milepost", "demo"],
        cwd=folder,
        env=os.environ | {"PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def address(running: "subprocess.Popen[str]") -> str:
    """The address in what a demo prints once it is ready."""
    return ready(running)[0]


def ready(running: "subprocess.Popen[str]") -> tuple[str, str]:
    """The address, and the way into the studio, which a demo prints once it is ready."""
    assert running.stdout
    line = running.stdout.readline()
    said = re.fullmatch(
        r"Milepost is running at (http://localhost:\d+) \(Ctrl-C stops it\)\n", line
    )
    assert said, line or (running.stderr.read() if running.stderr else "")
    line = running.stdout.readline()
    way_in = re.fullmatch(r"Its studio, by this link for an hour: (http://\S+)\n", line)
    assert way_in, line
    return said[1], way_in[1]


def family(running: "subprocess.Popen[str]") -> dict[str, psutil.Process]:
    """What a demo started, by name."""
    names = {"serve": "web", "work": "worker", "milepost.sandbox": "sandbox", "-D": "postgres"}
    found = {}
    for child in psutil.Process(running.pid).children():
        words = child.cmdline()
        found[next(name for word, name in names.items() if word in words)] = child
    return found


def has_ended(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_it_serves_until_it_is_stopped_and_leaves_nothing_running(folder: Path) -> None:
    """It prints a way into the studio, and a second one in the same folder is refused meanwhile."""
    with demo(folder) as running:
        here, link = ready(running)
        with urllib.request.urlopen(f"{here}/readyz", timeout=60) as answer:
            assert answer.status == 200
        assert set(family(running)) == {"postgres", "sandbox", "web", "worker"}
        assert link.startswith(f"{here}/studio/sign-in/")
        with urllib.request.urlopen(link, timeout=60) as answer:
            assert b"owner@example.org" in answer.read()
        with httpx.Client(trust_env=False, timeout=60, headers={"origin": here}) as owner:
            assert owner.post(link).status_code == 303
            listed = owner.get(f"{here}/studio/larkfield/subscriptions").text
            assert "Mira Falk" in listed and "every week" in listed
        with demo(folder) as second:
            _, complaints = second.communicate(timeout=60)
            assert second.returncode == 1
            assert "Another Milepost runs on" in complaints
        everything = psutil.Process(running.pid).children(recursive=True)
        running.send_signal(signal.SIGTERM)  # tests/acceptance/test_demo.py presses Ctrl-C
        rest, complaints = running.communicate(timeout=60)
        assert (running.returncode, rest, complaints) == (0, "", "")
        assert all(has_ended(process) for process in everything)


def test_a_killed_demo_leaves_no_orphans_and_the_next_one_names_a_part_that_dies(
    folder: Path,
) -> None:
    if sys.platform == "linux":  # other kernels do not tell a child
        with demo(folder) as running:
            address(running)
            everything = psutil.Process(running.pid).children(recursive=True)
            running.kill()
        wait_until(lambda: all(has_ended(process) for process in everything), "the orphans end")
    with demo(folder) as again:
        address(again)
        everything = psutil.Process(again.pid).children(recursive=True)
        family(again)["worker"].kill()
        _, complaints = again.communicate(timeout=60)
        assert again.returncode == 1
        assert complaints.startswith("worker stopped unexpectedly (killed by SIGKILL)")
        assert all(has_ended(process) for process in everything)


def test_a_port_that_is_taken_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with demo(tmp_path, port) as running:
            _, complaints = running.communicate(timeout=60)
    assert running.returncode == 1
    assert complaints == (
        f"Port {port} is taken by another program. Stop it, or set PORT to a free one.\n"
    )
    assert not (tmp_path / "var").exists()
