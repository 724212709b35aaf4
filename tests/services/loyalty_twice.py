"""A store's loyalty twice, a real one behind its services' doors and a plain one, held together."""

from datetime import datetime
from typing import Any

from milepost.services.author import Author
from milepost.services.preparing import NewProduct, NewStore, create_product, create_store
from milepost.storage import creators
from milepost.storage.database import reading, unit
from tests.model_loyalty import PlainGrant, PlainLoyalty, PlainProgram
from tests.services.ground import Ground
from tests.world import NOON

CUSTOMERS = ("Dana", "Eli", "Fay")


class LoyaltyTwice:
    """A fresh store on `ground`, and what stands in it by the one and by the other."""

    def __init__(self, ground: Ground) -> None:
        self.ground, self.run, self.database = ground, ground.run, ground.world.database
        self.now = NOON
        self.plain = PlainLoyalty(NOON)
        self.programs: list[tuple[int, PlainProgram]] = []
        self.ids: dict[str, int] = {}
        self._serial = 0
        self.run(self._open())

    async def _open(self) -> None:
        number = next(self.ground.serial)
        async with unit(self.database) as db:
            # another life may have broken off and left facts, programs that are on, or points
            for left in (
                "update loyalty_facts set waiting = false where waiting",
                "update programs set is_on = false where is_on",
                "delete from pendings",
            ):
                await db.execute(left)  # fmt: skip
            self.store_id = await create_store(db, NewStore(f"loyal-{number}", "S"), NOON)
            email = f"alice-{number}@example.org"
            alice = await creators.add(db, email, "Alice", "en", NOON)
            muff = NewProduct(title="Wind muff")
            self.product_id = await create_product(db, self.store_id, muff)
            keeps = "insert into loyalty (store_id, since) values ($1, $2)"
            await db.execute(keeps, self.store_id, NOON)
            for who in CUSTOMERS:
                self.ids[who] = await db.fetchval(
                    "insert into customers (store_id, email, created_at) values ($1, $2, $3)"
                    " returning id", self.store_id, f"{who.lower()}@example.org", NOON,
                )  # fmt: skip
        self.author = Author(alice, email, self.store_id, 0)

    def clock(self) -> datetime:
        """Both stand at this instant."""
        return self.now

    async def beneficiary(self, grant: PlainGrant) -> int:
        """The key of the real grant."""
        if grant.step.sums not in ("days", "months"):
            return self.ids[grant.who] + grant.lap * 2**40
        source = next(s for s, f in self.plain.facts.items() if f.number == grant.lap)
        async with reading(self.database) as db:
            known = "select id from loyalty_facts where store_id = $1 and source = $2"
            return int(await db.fetchval(known, self.store_id, source))

    # Both, side by side

    def compare(self) -> None:
        """Grants, balances, the entries that they are sums of, and codes."""
        real, codes, balances, sums, pendings = self.run(self._read())
        plain = {
            (key[0], key[1], key[2]): (grant.state, grant.used)
            for _, program in self.programs
            for key, grant in program.grants.items()
        }
        void = {
            (key[0], key[1], key[2]): grant.state == "void"
            for _, program in self.programs
            for key, grant in program.grants.items()
            if grant.reward == "code"
        }
        expected = self.plain.balances()
        _same("grants", real, plain)
        _same("withdrawn codes", codes, void)
        _same("balances", balances, expected)
        _same("sums of entries", {key: both for key, both in sums.items() if any(both)}, expected)
        _same("what waits", pendings, {key: of for key, (_, of) in expected.items() if of})

    async def _read(self) -> Any:
        names = {number: who for who, number in self.ids.items()}
        async with reading(self.database) as db:
            rows = await db.fetch(
                "select g.milestone_id, g.customer_id, g.beneficiary, g.state, m.sums, f.source,"
                " coalesce(k.used, 0) > 0 or g.order_id is not null as used,"
                " k.id is not null as has_code,"
                " k.withdrawn_at is not null as withdrawn"
                " from programs p join milestones m on m.track_id = p.track_id"
                " join grants g on g.milestone_id = m.id"
                " left join loyalty_facts f on m.sums in ('days', 'months')"
                " and f.id = g.beneficiary"
                " left join shop_codes k on k.milestone_id = g.milestone_id"
                " and k.beneficiary = g.beneficiary where p.store_id = $1", self.store_id,
            )  # fmt: skip
            balances, sums, pendings = [
                await db.fetch(
                    f"select customer_id, unit, {what} from {table}"
                    " where customer_id = any($1) group by customer_id, unit",
                    list(names),
                )
                for table, what in (
                    ("balances", "sum(ready)::int as ready, sum(pending)::int as pending"),
                    ("account_entries", "sum(ready)::int as ready, sum(pending)::int as pending"),
                    ("pendings", "sum(amount)::int as amount"),
                )
            ]
        grants, codes = {}, {}
        for row in rows:
            lap = (row["beneficiary"] - row["customer_id"]) // 2**40
            if row["sums"] in ("days", "months"):
                lap = self.plain.facts[row["source"]].number
            key = (row["milestone_id"], names[row["customer_id"]], lap)
            grants[key] = (row["state"], row["used"])
            if row["has_code"]:
                codes[key] = row["withdrawn"]
        return (
            grants,
            codes,
            {
                (names[r["customer_id"]], r["unit"]): (r["ready"], r["pending"])
                for r in balances
                if r["ready"] or r["pending"]
            },
            {(names[r["customer_id"]], r["unit"]): (r["ready"], r["pending"]) for r in sums},
            {(names[r["customer_id"]], r["unit"]): r["amount"] for r in pendings},
        )


def _same(what: str, real: dict[Any, Any], plain: dict[Any, Any]) -> None:
    odd = {
        key: f"is {real.get(key)}, rules say {plain.get(key)}"
        for key in {*real, *plain}
        if real.get(key) != plain.get(key)
    }
    assert not odd, f"{what}: {odd}"
