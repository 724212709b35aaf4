"""A real worker that is killed while the mail server has its mail in hand."""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from datetime import datetime
from pathlib import Path

import pytest

from milepost.storage.mails import Letter
from tests.mailing.mailserver import MailServer
from tests.mailing.people import backer, promise, state_of
from tests.world import World


async def a_worker(folder: Path, database_url: str, server: MailServer) -> Process:
    """`milepost work`, as an operator runs it."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "milepost", "work",
        cwd=folder,
        env=os.environ
        | {
            "DATABASE_URL": database_url,
            "BASE_URL": "https://fund.example.org",
            "SECRET_KEY": "a-secret-of-the-tests",
            "STRIPE_SECRET_KEY": "sk_test_nobody",
            "STRIPE_WEBHOOK_SECRET": "whsec_nobody",
            "STRIPE_API_BASE": "http://127.0.0.1:9",
            "SMTP_URL": server.url,
        },
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


async def until(world: World, key: str, state: str) -> None:
    async with asyncio.timeout(30):
        while await state_of(world, key) != state:  # noqa: ASYNC110 - another process's work
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("dies", ["killed", "told to stop"])
async def test_a_mail_in_the_servers_hands_is_never_sent_again(
    world: World, database_url: str, server: MailServer, tmp_path: Path, dies: str
) -> None:
    campaign_id = await world.campaign(closes_at=datetime(2099, 1, 1))
    dana, eli = [await backer(world, campaign_id, who) for who in ("Dana", "Eli")]
    await promise(world, Letter("receipt", "dana", dana))
    server.silent = dies == "killed"
    worker = await a_worker(tmp_path, database_url, server)
    try:
        async with asyncio.timeout(30):
            await server.came.wait()
        worker.kill() if dies == "killed" else worker.terminate()
        await worker.wait()
    finally:
        if worker.returncode is None:
            worker.kill()
    assert await state_of(world, "dana") == ("sending" if dies == "killed" else "sent")
    server.silent = False
    await promise(world, Letter("receipt", "eli", eli))
    worker = await a_worker(tmp_path, database_url, server)
    try:
        await until(world, "eli", "sent")
    finally:
        worker.terminate()
        await worker.wait()
    assert server.recipients == ["dana@example.org", "eli@example.org"]
