"""The command line itself."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from milepost.cli.main import COMMANDS, app
from milepost.cli.ports import free_port


def milepost(*words: str, within: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "milepost", *words],
        cwd=within,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=60,
    )


def settings_for(database_url: str) -> dict[str, str]:
    """All that a command needs to be told, for this database."""
    return {
        "DATABASE_URL": database_url,
        "BASE_URL": "http://localhost:8000",
        "SECRET_KEY": "a secret for this test only",
        "STRIPE_SECRET_KEY": "sk_test_none",
        "STRIPE_WEBHOOK_SECRET": "whsec_none",
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself_with_an_example(command: str) -> None:
    told = CliRunner().invoke(app, [command, "--help"], prog_name="milepost")
    assert told.exit_code == 0
    assert "Example:" in told.stdout
    assert f"milepost {command}" in told.stdout


def test_a_command_is_asked_for_help_as_a_process_too(tmp_path: Path) -> None:
    told = milepost("serve", "--help", within=tmp_path)
    assert told.returncode == 0
    assert "Example:" in told.stdout


def test_everything_missing_is_named_at_once_with_where_to_get_it(tmp_path: Path) -> None:
    told = milepost("serve", within=tmp_path)
    assert told.returncode == 2
    lines = told.stderr.splitlines()
    assert [line.split()[0] for line in lines] == [
        "DATABASE_URL",
        "BASE_URL",
        "SECRET_KEY",
        "STRIPE_SECRET_KEY",
        "STRIPE_WEBHOOK_SECRET",
    ]
    assert lines[-1].endswith("Copy it from Stripe → Developers → Webhooks.")


def test_an_unknown_command_is_a_mistake_of_use(tmp_path: Path) -> None:
    told = milepost("sevre", within=tmp_path)
    assert told.returncode == 2
    assert "sevre" in told.stderr
    assert "Traceback" not in told.stderr


def test_migrate_says_where_the_database_went(empty_database_url: str, tmp_path: Path) -> None:
    settings = settings_for(empty_database_url)
    assert "went from empty to" in milepost("migrate", within=tmp_path, **settings).stdout
    assert "is up to date" in milepost("migrate", within=tmp_path, **settings).stdout


@pytest.mark.parametrize("words", [("inbox",), ("migrate",), ("create-owner", "a@example.org")])
def test_a_database_that_is_away_is_told_in_a_sentence(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    away = f"postgresql://nobody@127.0.0.1:{free_port(20_000)}/none"
    told = milepost(*words, within=tmp_path, **settings_for(away))
    assert told.returncode == 1
    assert told.stderr.startswith("The database can't be reached: ")
    assert told.stderr.endswith("See that it runs, and that DATABASE_URL is right.\n")


def test_a_database_without_our_tables_is_sent_to_the_migrations(
    empty_database_url: str, tmp_path: Path
) -> None:
    told = milepost("inbox", within=tmp_path, **settings_for(empty_database_url))
    assert told.returncode == 1
    assert re.fullmatch(
        r"The database's schema is empty, and this Milepost's is \d{4}\."
        r" Run milepost migrate, or the Milepost that made it\.\n",
        told.stderr,
    )
