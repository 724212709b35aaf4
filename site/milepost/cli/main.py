"""The `milepost` command: finds a subcommand's module by its name, and imports no other."""

import atexit
import gc
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from milepost.cli.refusal import Refusal
from milepost.settings import SettingsError
from milepost.storage.embedded import EmbeddedError

# `create-owner` is the function `command` in `create_owner.py`; its docstring is the help.
COMMANDS = (
    "migrate",
    "create-owner",
    "connect",
    "set-plan",
    "serve",
    "work",
    "demo",
    "seed",
    "audit",
    "replay",
    "reveal",
    "closing",
    "refund",
    "cancel",
    "release",
    "disputes",
    "ship",
    "ask",
    "lock",
    "inbox",
    "mails",
    "crowd",
)


class Commands(TyperGroup):
    """The subcommands, each imported when it is asked for, so that `serve` starts quickly."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Every command's name, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"milepost.cli.{cmd_name.replace('-', '_')}")
        lone = typer.Typer(add_completion=False, rich_markup_mode=None)
        lone.command(cmd_name)(module.command)
        return typer.main.get_command(lone)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what it refuses is told in sentences, without a traceback."""
        atexit.register(gc.freeze)  # a process that ends need not be searched for garbage first
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(2) from None
        except (Refusal, EmbeddedError) as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None


app = typer.Typer(
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def milepost() -> None:
    """Self-hosted crowdfunding microsites whose milestones also serve the shop."""
