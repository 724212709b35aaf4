"""Milepost as an operator runs it: a sandbox, two web processes, two workers, on free ports."""

import asyncio
import contextlib
import os
import random
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Self

import httpx

from milepost.cli.ports import free_port
from milepost.cli.processes import Processes

HERE = "127.0.0.1"
KEY, SECRET = "sk_test_acceptance", "whsec_acceptance"
MILEPOST = (sys.executable, "-m", "milepost")
SECONDS_TO_READY = 60.0
LOOK_AGAIN = 0.05  # seconds
PATIENCE = 60.0  # seconds until something has failed to happen, on a busy machine


async def eventually(
    holds: Callable[[], Awaitable[bool]], what: str, within: float = PATIENCE
) -> None:
    """Return as soon as `holds` answers true; AssertionError naming `what` after `within`."""
    never = asyncio.Event()
    try:
        async with asyncio.timeout(within):
            while not await holds():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(never.wait(), LOOK_AGAIN)
    except TimeoutError:
        raise AssertionError(f"{what}: not within {within:.0f} s") from None


def port_of_our_own() -> int:
    """A port that nobody uses, from below those that a crowd's own connections are given."""
    while True:
        wanted = random.randint(10_000, 32_000)
        if free_port(wanted) == wanted:
            return wanted


class Crew(Processes):
    """Processes of a test: one may be killed, and all logs may be read."""

    def kill(self, name: str) -> None:
        """End a process without a word of warning."""
        killed = self._running.pop(name)
        killed.kill()
        killed.wait()

    def logs(self) -> Iterator[tuple[str, str]]:
        """The last of each log, by name; the workers' first, frames of tracebacks left out."""
        for log in sorted(self._logs.glob("*.log"), key=lambda log: log.stem, reverse=True):
            said = [x for x in log.read_text(errors="replace").splitlines() if x[:1].strip()]
            yield log.stem, "\n".join(said[-25:])


class Milepost:
    """All processes of one Milepost on the database at `database_url`; `folder` takes its logs."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.database_url = database_url
        self.folder = folder
        ports = [port_of_our_own() for _ in range(3)]
        self.sandbox, *self.webs = [f"http://{HERE}:{port}" for port in ports]
        self._ports = ports
        self._crew = Crew(folder / "log")
        self._workers = 0
        known = {name: value for name, value in os.environ.items() if name not in UNKNOWN}
        self.environment = known | {
            "BASE_URL": self.webs[0],
            "DATABASE_URL": database_url,
            "MEDIA_URL": str(folder / "media"),
            "SECRET_KEY": "a-secret-for-acceptance-tests",
            "STRIPE_API_BASE": self.sandbox,
            "STRIPE_SECRET_KEY": KEY,
            "STRIPE_WEBHOOK_SECRET": SECRET,
        }

    def __enter__(self) -> Self:
        try:
            self._start_sandbox()
            for number in (1, 2):
                self._start_web(number)
            self.workers = [self.start_worker(), self.start_worker()]
            for number in (1, 2):
                self._until_web(number)
            self._until_ready("sandbox", f"{self.sandbox}/sandbox/state")
        except BaseException:
            self._crew.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._crew.stop()

    def _start_sandbox(self) -> None:
        words = {
            "--port": str(self._ports[0]),
            "--webhook-url": f"{self.webs[0]}/webhooks/stripe",
            "--webhook-secret": SECRET,
            "--key": KEY,
        }
        command = [sys.executable, "-m", "milepost.sandbox"]
        for pair in words.items():
            command += pair
        self._crew.start("sandbox", command, self.environment)

    def _until_ready(self, name: str, url: str) -> None:
        def answers() -> bool:
            with contextlib.suppress(httpx.HTTPError):
                return httpx.get(url, trust_env=False, timeout=5).status_code == 200
            return False

        self._crew.wait_until(answers, name, SECONDS_TO_READY)

    def _start_web(self, number: int) -> None:
        environment = self.environment | {"PORT": str(self._ports[number])}
        self._crew.start(f"web-{number}", [*MILEPOST, "serve"], environment)

    def _until_web(self, number: int) -> None:
        self._until_ready(f"web-{number}", f"{self.webs[number - 1]}/readyz")

    def kill_web(self) -> None:
        """SIGKILL the second web process."""
        self._crew.kill("web-2")

    def start_web(self) -> None:
        """The second web process, again."""
        self._start_web(2)
        self._until_web(2)

    def start_worker(self) -> str:
        """One more worker; its name."""
        self._workers += 1
        name = f"worker-{self._workers}"
        self._crew.start(name, [*MILEPOST, "work"], self.environment)
        return name

    def kill_worker(self) -> None:
        """SIGKILL one of the workers, and start another in its place."""
        self._crew.kill(self.workers.pop(0))
        self.workers.append(self.start_worker())

    def stop_workers(self) -> None:
        """Stop every worker as a deploy does."""
        self._crew.stop(*self.workers)
        self.workers = []

    def check(self) -> None:
        """Raise ProcessDied when a process has ended that nobody stopped."""
        self._crew.check()

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run `milepost …` to its end."""
        return subprocess.run(
            [*MILEPOST, *words],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def logs(self) -> Iterator[tuple[str, str]]:
        """The last of each process' log, by name."""
        return self._crew.logs()

    def switch(self, path: str, **told: Any) -> Any:
        """Turn one of the sandbox's switches; its answer must be a success."""
        answer = httpx.post(
            f"{self.sandbox}/sandbox/{path}", json=told, trust_env=False, timeout=60
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def sandbox_has(self, what: str) -> Any:
        """What the sandbox's own books say: `books`, `events`, `charges`, `sessions` …"""
        answer = httpx.get(f"{self.sandbox}/sandbox/{what}", trust_env=False, timeout=30)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        return told["data"] if set(told) == {"data"} else told


# What a test's processes must not take from whoever runs the tests.
UNKNOWN = {"HOOKS_ANYWHERE", "LOG_FORMAT", "PORT", "SMTP_URL", "TRUSTED_PROXIES"}
UNKNOWN |= {"WEB_CONCURRENCY"}
