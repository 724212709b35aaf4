"""PostgreSQL refuses to be root: whom it runs as instead, and how it becomes that."""

import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path


class StepDownError(Exception):
    """Root cannot become another user here; the text says what to do."""


@dataclass(frozen=True)
class Account:
    """Whom a server runs as: the words before its command that make it so, and its user and group.

    Both are empty for the user that we are already.
    """

    prefix: tuple[str, ...] = ()
    owner: tuple[int, int] | None = None

    def give(self, path: Path) -> None:
        """Make `path` the account's own."""
        if self.owner:
            os.chown(path, *self.owner)


def server_account(folder: Path) -> Account:
    """The account for a server whose data is in `folder`.

    Raises StepDownError for root where there is no way to become another user.
    """
    if os.geteuid() != 0:
        return Account(dying_along("INT"))
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise StepDownError(
            "PostgreSQL refuses to run as root, and setpriv (from util-linux) is not here to step"
            " down. Run Milepost as another user, or set DATABASE_URL."
        )
    entry = _user_for(folder)
    # It keeps root's way through folders that are closed to others, such as /root, so that none
    # need be opened for it. Without the securebit access(2), with which it looks for its own
    # programs, would forget that.
    return Account(
        (
            setpriv,
            f"--reuid={entry.pw_uid}",
            f"--regid={entry.pw_gid}",
            "--clear-groups",
            "--securebits=+no_setuid_fixup",
            "--inh-caps=-all,+dac_override",
            "--ambient-caps=-all,+dac_override",
            "--pdeathsig=INT",
            "--",
        ),
        (entry.pw_uid, entry.pw_gid),
    )


def dying_along(signal_name: str) -> tuple[str, ...]:
    """The words before a command that have Linux send it this signal when we die, however we die.

    Where there is no setpriv, as on macOS, there are none.
    """
    setpriv = shutil.which("setpriv")
    return (setpriv, f"--pdeathsig={signal_name}", "--") if setpriv else ()


def _user_for(folder: Path) -> pwd.struct_passwd:
    """The user whom the folder, or else the folder around it, belongs to; for root's, nobody."""
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        entry = pwd.getpwuid(nearest.stat().st_uid)
    except KeyError:
        return pwd.getpwnam("nobody")
    return entry if entry.pw_uid != 0 else pwd.getpwnam("nobody")
