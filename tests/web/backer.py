"""Somebody who pledges with what is their own, and the proof that all books agree after it."""

from typing import Any

import httpx

from milepost.services.auditing import audit_all
from milepost.services.auditing_loyalty import audit_loyalty_of
from milepost.services.auditing_payments import audit_payments
from tests.earned import clean, credit
from tests.sandbox.door import LONG_AGO
from tests.shopping import Shopper, Till
from tests.world import World


class Backer(Shopper):
    """Somebody's browser on a campaign's pages."""

    async def pledge(self, slug: str, **typed: str) -> httpx.Response:
        """Press the button of the form that was shown."""
        headers = self.reader.from_here | {"cookie": self.cookies}
        return await self.reader.post(f"/c/{slug}/pledge", data=typed, headers=headers)

    async def to_pay(self, slug: str, **typed: str) -> str:
        """Press it and be led to a payment page; its session's id."""
        answer = await self.pledge(slug, **typed)
        assert answer.status_code == 303, answer.text[:3000]
        return answer.headers["location"].split("/")[-1]

    async def page(self, path: str) -> str:
        """A page as this browser sees it."""
        answer = await self.reader.get(path, headers={"cookie": self.cookies})
        assert answer.status_code == 200, answer.headers
        return answer.text


async def with_purse(world: World, dana: Backer, has: int, model: str, **columns: Any) -> str:
    """Dana, signed in with so much credit before a campaign with one reward at $45; its tier's id.

    `columns` are the campaign's.
    """
    campaign = await world.campaign(slug="recorder", funding_model=model, **columns)
    tier = await world.tier(campaign)
    await credit(world, "Dana", has)
    await dana.sign_in()
    return str(tier)


async def pledge_of(world: World) -> Any:
    return await world.row("select * from pledges order by id desc limit 1")


async def proved(world: World, till: Till) -> None:
    """Books, accounts, orders and Stripe agree."""
    await clean(world)
    assert (await audit_loyalty_of(world.database, world.now)).differences == []
    assert [d async for a in audit_all(world.database) for d in a.differences] == []
    told = await audit_payments(world.database, till.gateway, world.clock, LONG_AGO)
    assert told.differences == []
