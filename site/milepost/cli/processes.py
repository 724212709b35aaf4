"""Child processes that stop with this one."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from milepost.storage.stepping_down import dying_along

PATIENCE = 10.0  # seconds that a process has to stop by itself
LOOK_AGAIN = 0.05  # seconds


class ProcessDied(Exception):
    """A child ended that should not have, or did not do its work; the text shows its last words."""


class Processes:
    """Named child processes, whose output goes to a log of their own in `logs`."""

    def __init__(self, logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._may_end: set[str] = set()

    def start(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        may_end: bool = False,
    ) -> None:
        """Start a process. It has a session of its own, so that a terminal's Ctrl-C spares it.

        One that `may_end` is done when it ends; the others are to run until they are stopped.
        Should this process be killed, the kernel (Linux's) tells it to stop.
        """
        with self._log(name).open("wb") as out:
            self._running[name] = subprocess.Popen(
                [*dying_along("TERM"), *command],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if may_end:
            self._may_end.add(name)

    def run(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Run a process to its end. Raises ProcessDied when it fails."""
        self.start(name, command, environment)
        if self._running[name].wait() != 0:
            raise self._died(name)
        self._clear(name)

    def check(self) -> None:
        """Raise ProcessDied for the first process that has ended."""
        for name, process in self._running.items():
            if process.poll() is not None and name not in self._may_end:
                raise self._died(name)

    def wait_until(self, ready: Callable[[], bool], name: str, within: float) -> None:
        """Wait for `ready`, which is the work of the process `name`, while all of them run.

        Raises ProcessDied when one ends before, or when it takes longer than `within` seconds.
        """
        deadline = time.monotonic() + within
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                words = self._last_words(name)
                raise ProcessDied(f"{name} is not ready after {within:.0f} s{words}")
            time.sleep(LOOK_AGAIN)

    def stop(self, *names: str) -> None:
        """Stop these processes, or all, with everything that they started; at once, then wait."""
        stopping = [name for name in self._running if name in names or not names]
        for name in stopping:
            with contextlib.suppress(ProcessLookupError):
                self._running[name].send_signal(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        for name in stopping:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._running[name].wait(max(0.0, deadline - time.monotonic()))
            self._clear(name)

    def _clear(self, name: str) -> None:
        process = self._running.pop(name)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _died(self, name: str) -> ProcessDied:
        code = self._running[name].returncode
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return ProcessDied(f"{name} stopped unexpectedly ({how}){self._last_words(name)}")

    def _last_words(self, name: str, lines: int = 15) -> str:
        log = self._log(name)
        said = log.read_text(errors="replace").splitlines()[-lines:]
        if not said:
            return f", without a word in {log}."
        return f". The last of {log}:\n" + "\n".join(f"    {line}" for line in said)

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"


@contextlib.contextmanager
def stopped_by_signals() -> Iterator[None]:
    """SIGINT, SIGTERM and SIGHUP raise KeyboardInterrupt once; later ones let the tidying be."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def interrupt(*_: object) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = [signal.signal(each, interrupt) for each in signals]
    try:
        yield
    finally:
        for each, handler in zip(signals, before, strict=True):
            signal.signal(each, handler)
