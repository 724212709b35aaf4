"""Shipments sent at once are sent as if one were sent after the other (A15)."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from milepost.services.author import Author
from milepost.services.sending import send_shipments
from milepost.storage.database import unit
from milepost.storage.shipments import Shipment
from tests.web.parcels import parcel_road
from tests.web.studio import creator
from tests.world import World

PEOPLE = ("Dana", "Eli", "Frank")
NUMBERS = ("A", "B", "")
HINDRANCES = (None, None, "void", "backordered", "held")


@dataclass
class Model:
    """Things of each pledge, and the numbers with which they were sent."""

    hindered: dict[str, str | None]
    sent: dict[tuple[str, str], str] = field(default_factory=dict)

    def send(self, who: str, what: str, number: str) -> tuple[str, int]:
        """What becomes of one shipment, and how many parcels leave with it."""
        things = [(who, one) for one in (("goods", "muff") if what == "pledge" else ("muff",))]
        left = [one for one in things if one not in self.sent]
        going = [one for one in left if one[1] == "goods" or self.hindered[who] is None]
        self.sent |= dict.fromkeys(going, number)
        if going:
            return "sent", len(going)
        if any(self.sent.get(one) == number for one in things):
            return "already", 0
        why = {self.hindered[who] for _ in left} - {None, "void"}
        if why:
            return str(why.pop()), 0
        return ("otherwise" if any(one in self.sent for one in things) else "over"), 0


shipments = st.tuples(
    st.sampled_from(PEOPLE), st.sampled_from(("pledge", "muff")), st.sampled_from(NUMBERS)
)


calls = st.lists(st.lists(shipments, min_size=1, max_size=8), min_size=1, max_size=3)
hindered = st.fixed_dictionaries({who: st.sampled_from(HINDRANCES) for who in PEOPLE})
UNSENT = "update grants set backordered = $1 = 'backordered', state = case $1 when 'void' then $1"
UNSENT += " when 'held' then $1 else 'owed' end where pledge_id = $2"


def cases() -> list[tuple[Any, Any]]:
    """Some calls, each list after the other, and what keeps whose muff back."""
    made: list[tuple[Any, Any]] = []

    @settings(
        max_examples=60,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(calls, hindered)
    def gather(said: Any, kept_back: Any) -> None:
        made.append((said, kept_back))

    gather()
    return made


async def test_many_at_once_are_sent_as_if_one_after_the_other(world: World) -> None:
    road = await parcel_road(world, *PEOPLE)
    alice = Author(await creator(world, "Alice", "owner"), "", world.store_id, 0)
    rows = await world.rows("select pledge_id, beneficiary from grants")
    muffs = {row["pledge_id"]: (road["milestone"], row["beneficiary"]) for row in rows}

    def named(who: str, what: str, number: str) -> Shipment:
        pledge = road[who]
        carrier = "DHL" if number else ""
        if what == "pledge":
            return Shipment(pledge, None, carrier, number)
        return Shipment(None, muffs[pledge], carrier, number)

    seen: set[str] = set()
    for said, kept_back in cases():
        async with unit(world.database) as db:
            await db.execute("delete from parcels")
            for who, why in kept_back.items():
                await db.execute(UNSENT, why or "", road[who])
        model = Model(kept_back)
        for call in said:
            became = [model.send(*one) for one in call]
            sending = [named(*one) for one in call]
            done = await send_shipments(world.database, alice, "recorder", sending, world.now)
            words = [word for word, _ in became]
            assert (done.shipments, done.parcels, done.already) == (
                words.count("sent"), sum(left for _, left in became), words.count("already"),
            ), (said, kept_back)  # fmt: skip
            assert done.refused == [
                (place, word) for place, word in enumerate(words) if word not in ("sent", "already")
            ], (said, kept_back)
            seen |= set(words)
        stands = await world.rows("select * from parcels where state = 'shipped'")
        assert {
            (row["pledge_id"], row["milestone_id"] != 0, row["tracking"]) for row in stands
        } == {(road[who], what == "muff", number) for (who, what), number in model.sent.items()}
    assert seen == {"sent", "already", "otherwise", "over", "backordered", "held"}
