"""`milepost mails`, and the setting that it all hangs on."""

import asyncio
import subprocess
from pathlib import Path

import pytest

from milepost.settings import Settings, SettingsError, read_settings
from milepost.storage import mails
from milepost.storage.database import unit
from milepost.storage.mails import Letter
from tests.cli.test_main import milepost
from tests.mailing.people import backer, promise, state_of
from tests.world import World, open_world

KNOWN = {
    "database_url": "postgresql://localhost/milepost",
    "secret_key": "a-secret-of-the-tests",
    "stripe_secret_key": "sk_test_nobody",
    "stripe_webhook_secret": "whsec_nobody",
}


async def a_mail_in_doubt(world: World) -> int:
    """A receipt whose worker died; its id."""
    pledge_id = await backer(world, await world.campaign(), "Dana")
    await promise(world, Letter("receipt", "one", pledge_id), Letter("charged", "two", pledge_id))
    row = await world.row("select id from mails where key = 'one'")
    async with unit(world.database) as db:
        await mails.claim(db, row["id"])
    return int(row["id"])


async def test_the_operator_sees_what_is_in_doubt_and_sends_it_again(
    database_url: str, tmp_path: Path
) -> None:
    settings = {name.upper(): value for name, value in KNOWN.items()} | {
        "DATABASE_URL": database_url,
        "BASE_URL": "https://fund.example.org",
    }

    async def told(*words: str) -> "subprocess.CompletedProcess[str]":
        return await asyncio.to_thread(milepost, "mails", *words, within=tmp_path, **settings)

    async with open_world(database_url) as world:
        mail_id = await a_mail_in_doubt(world)
        listed = await told()
        assert f"{mail_id} sending receipt to dana@example.org" in listed.stdout
        assert "1 wait, 1 are being sent or in doubt, 0 failed." in listed.stdout
        again = await told("--again", str(mail_id))
        assert (again.returncode, again.stderr) == (0, "")
        assert await state_of(world, "one") == "waiting"
        refused = await told("--again", str(mail_id))
        assert refused.returncode == 1
        assert refused.stderr == f"Mail {mail_id} neither failed nor is in doubt.\n"


@pytest.mark.parametrize("wrong", ["mail.example.org", "http://mail.example.org", "smtp://", "x:y"])
def test_a_mail_server_that_is_none_is_named_with_the_form_to_use(wrong: str) -> None:
    with pytest.raises(SettingsError, match=r"SMTP_URL is wrong: .*smtp://user:password@host"):
        read_settings(**KNOWN, base_url="https://fund.example.org", smtp_url=wrong)


def test_only_the_demo_keeps_its_mails() -> None:
    def keeps(base_url: str, smtp_url: str | None) -> bool:
        return Settings(**KNOWN, base_url=base_url, smtp_url=smtp_url).keeps_mails

    assert keeps("http://localhost:8000", None)
    assert keeps("http://localhost:8000", "")
    assert not keeps("http://localhost:8000", "smtp://mail.example.org")
    assert not keeps("https://fund.example.org", None)
