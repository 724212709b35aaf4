"""A small world for tests: one store, its campaigns, the cast, and a clock that stands still."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from milepost.domain.audience import Audience
from milepost.domain.facts import Fact
from milepost.domain.lines import Line
from milepost.domain.shipping import Fee
from milepost.services import milestones as milestone_services
from milepost.services.granting import fan_out
from milepost.services.milestones import NewMilestone, NewReward
from milepost.services.preparing import (
    NewCampaign,
    NewProduct,
    NewStore,
    NewTier,
    NewZone,
    create_campaign,
    create_product,
    create_store,
    create_tier,
    create_zone,
)
from milepost.services.receiving import keep_events
from milepost.services.settling import settle_all
from milepost.storage import pledges
from milepost.storage.database import Database, open_database, reading, unit
from milepost.storage.inbox import Arrival

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass
class World:
    """What a test needs at hand; `now` is the only clock."""

    database: Database
    store_id: int
    now: datetime = NOON
    _serial: Any = field(default_factory=itertools.count)

    def clock(self) -> datetime:
        """The instant at which this world stands."""
        return self.now

    async def campaign(self, **columns: Any) -> int:
        """A live campaign; its id."""
        number = next(self._serial)
        defaults: dict[str, Any] = {
            "slug": f"campaign-{number}",
            "title": "Field Recorder",
            "basis": "units",
            "currency": "USD",
            "goal": 100,
            "opens_at": datetime(2026, 5, 1),
            "closes_at": datetime(2026, 7, 1),
        }
        async with unit(self.database) as db:
            new = NewCampaign(**defaults | columns)
            made, _ = await create_campaign(db, self.store_id, new, self.now, "alice")
        return made

    async def tier(self, campaign_id: int, **columns: Any) -> int:
        """A tier of the campaign; its id."""
        async with unit(self.database) as db:
            return await create_tier(
                db, campaign_id, NewTier(**{"title": "One recorder", "price": 4500} | columns)
            )

    async def zone(
        self, campaign_id: int, fees: dict[int, tuple[int, int]], countries: tuple[str, ...] = ()
    ) -> int:
        """A shipping zone: tier → fee for the first and each further; everywhere, if no country."""
        new = NewZone("A zone", countries, {tier: Fee(*fee) for tier, fee in fees.items()})
        async with unit(self.database) as db:
            return await create_zone(db, campaign_id, new)

    async def product(self, **columns: Any) -> int:
        """A product of the store; its id."""
        async with unit(self.database) as db:
            return await create_product(
                db, self.store_id, NewProduct(**{"title": "Wind muff"} | columns)
            )

    async def milestone(
        self,
        campaign_id: int,
        target: int,
        audience: str = "all_backers",
        *,
        product_id: int | None = None,
        codes: tuple[str, ...] = (),
        reveal: Any = "automatic",
        mystery: bool = False,
        switches: dict[str, Any] | None = None,
        **reward: Any,
    ) -> int:
        """A milestone with a reward; its id."""
        kind: Any = audience
        new = NewMilestone(
            target,
            NewReward(
                **{"title": f"Reward at {target}", "product_id": product_id}
                | ({"code_kind": "pool"} if codes else {})
                | reward
            ),
            Audience(kind, **(switches or {})),
            reveal,
            mystery,
            codes,
        )
        return await milestone_services.add_milestone(
            self.database, campaign_id, new, "alice", self.now
        )

    async def started(self, campaign_id: int, *lines: Line) -> int:
        """A pledge whose checkout is open; its id."""
        async with unit(self.database) as db:
            pledge_id = await pledges.add(
                db,
                key=f"key-{next(self._serial)}",
                campaign_id=campaign_id,
                locale="en",
                lines=lines or (Line("tier", "One recorder", 1, 4500, 1),),
                late=False,
                claiming=False,
                now=self.now,
                expires_at=self.now + timedelta(minutes=31),
            )
            return pledge_id

    async def hear(self, campaign_id: int, *facts: Fact) -> None:
        """Facts arrive in the inbox, each as an event of its own."""
        arrivals = [
            Arrival(f"evt_{next(self._serial)}", "test", self.now, "{}", fact, campaign_id)
            for fact in facts
        ]
        await keep_events(self.database, arrivals, self.now)

    async def pledged(self, campaign_id: int, who: str, *lines: Line) -> int:
        """A pledge that `who` has paid, and that is settled; its id."""
        pledge_id = await self.started(campaign_id, *lines)
        money = sum(x.amount for x in lines) or 4500
        await self.hear(campaign_id, paid(pledge_id, who, money))
        await self.settle()
        return pledge_id

    async def settle(self) -> None:
        """Everything that waits is settled and every reach is granted."""
        await settle_all(self.database, self.clock)
        for row in await self.rows("select id from milestones where reached_seq is not null"):
            await fan_out(self.database, row["id"])

    async def rows(self, sql: str, *values: Any) -> list[Any]:
        """Rows as they stand in the database."""
        async with reading(self.database) as db:
            return list(await db.fetch(sql, *values))

    async def row(self, sql: str, *values: Any) -> Any:
        """The one row."""
        (row,) = await self.rows(sql, *values)
        return row

    async def grants(self, milestone_id: int) -> dict[str, str]:
        """Who has the milestone's reward, in which state: first name → state."""
        rows = await self.rows(
            "select split_part(c.email, '@', 1) as who, g.state from grants g"
            " join customers c on c.id = g.customer_id where g.milestone_id = $1",
            milestone_id,
        )
        return {row["who"]: row["state"] for row in rows}


def paid(pledge_id: int, who: str, money: int = 4500) -> Fact:
    """The fact that `who` has paid the pledge."""
    detail = {"email": f"{who.lower()}@example.org", "name": who.title(), "locale": "en"}
    return Fact("paid", pledge_id, amount=money, payment=f"pi_{pledge_id}", detail=detail)


def recorders(count: int) -> Line:
    """A line of `count` recorders at $45."""
    return Line("tier", "One recorder", count, 4500, count)


@asynccontextmanager
async def open_world(url: str) -> AsyncIterator[World]:
    """A world in the database at `url`, with Alice's store in it."""
    async with open_database(url) as database:
        async with unit(database) as db:
            store_id = await create_store(db, NewStore("larkfield", "Larkfield"), NOON)
        yield World(database, store_id)
