"""What a PostgreSQL leaves in its folder: the file about itself, and perhaps itself."""

import contextlib
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class PidFile:
    """What a running PostgreSQL writes about itself into `postmaster.pid`."""

    pid: int
    socket_folder: str
    is_ready: bool


def read_pid_file(folder: Path) -> PidFile | None:
    """What the server in `folder` says of itself; None without one, or before it has said all."""
    try:
        lines = (folder / "postmaster.pid").read_text().split("\n")
    except FileNotFoundError:
        return None
    if len(lines) < 8 or not lines[0].strip("-").isdigit():
        return None
    return PidFile(int(lines[0]), lines[4], lines[7].strip() == "ready")


def retire(folder: Path) -> None:
    """End a server that outlived its starter, and clear away what a killed one left in `folder`."""
    left = read_pid_file(folder)
    if left is None:
        return
    orphans = _servers_in(folder)
    for way in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if not orphans:
            break
        # Its postmaster ends the others; without one each is told.
        for process in [p for p in orphans if p.pid == left.pid] or orphans:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(way)
        orphans = _wait_for(orphans, within=15)
    # With a number in it that belongs to some other process of ours by now, this would stop the
    # next server. Nothing runs in the folder any more, so it guards nothing.
    (folder / "postmaster.pid").unlink(missing_ok=True)


def _servers_in(folder: Path) -> list[psutil.Process]:
    """Every process of a PostgreSQL whose data is in `folder`."""

    def is_one(process: psutil.Process) -> bool:
        try:
            return process.name() == "postgres" and Path(process.cwd()).samefile(folder)
        except (psutil.Error, OSError):
            return False

    return [process for process in psutil.process_iter() if is_one(process)]


def _wait_for(processes: list[psutil.Process], within: float) -> list[psutil.Process]:
    """Those that have not ended in time; one that nobody has collected yet has ended."""

    def has_ended(process: psutil.Process) -> bool:
        try:
            return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    deadline = time.monotonic() + within
    while processes and time.monotonic() < deadline:
        time.sleep(0.01)
        processes = [process for process in processes if not has_ended(process)]
    return processes
