"""What a customer has of a store's programs, and why (R5): accounts, trails, rewards, history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from milepost.domain.account_words import Booked, said
from milepost.domain.messages import Sentence
from milepost.domain.program_plans import ProgramPlan, Step
from milepost.domain.program_reasons import Ahead, Given, why
from milepost.domain.programs import KINDS, MEASURES, measure_of
from milepost.services.exchanging import Offer, offers_to
from milepost.services.programs import plan_of
from milepost.storage import accounts, own_rewards
from milepost.storage.database import Connection, Database, reading

MOST = 20  # grants, or entries, on one page
Place = tuple[int, int, int]  # of a grant among the others: its seq, milestone and beneficiary


@dataclass(frozen=True, slots=True)
class Running:
    """A program that gives now, and where the customer stands in it, by measure."""

    id: int
    plan: ProgramPlan
    readings: Mapping[str, int]
    given: frozenset[int]

    @property
    def ahead(self) -> Ahead | None:
        """The milestone that comes next, and how far it is; None when they have them all."""
        plan = self.plan
        if KINDS[plan.kind].in_steps:
            for number, step in enumerate(plan.steps, 1):
                if step.id not in self.given:
                    return self._ahead(step, step.target, number)
            return None
        coming = [
            (target, step) for step in plan.steps if (target := self._coming(step)) is not None
        ]
        if not coming:
            return None
        target, step = min(coming, key=lambda pair: pair[0])
        return self._ahead(step, target)

    def _coming(self, step: Step) -> int | None:
        """The reading at which the milestone gives next, in this lap or a later one (L5)."""
        have, every = self.readings.get(step.measure, 0), self.plan.every
        if have < step.target:
            return None if step.id in self.given and not every else step.target
        return step.target + ((have - step.target) // every + 1) * every if every else None

    def _ahead(self, step: Step, target: int, number: int | None = None) -> Ahead:
        return Ahead(
            MEASURES[step.measure],
            target,
            self.readings.get(step.measure, 0),
            self.plan.currency,
            number,
            len(self.plan.steps),
        )


@dataclass(frozen=True, slots=True)
class OwnRewards:
    """Everything on a customer's page of rewards; `account` is their row, with its store."""

    account: Any
    others: Sequence[Any]
    balances: Sequence[Any]
    pendings: Sequence[Any]
    running: Sequence[Running]
    grants: Sequence[Any]
    older_grants: Place | None
    entries: Sequence[Any]
    older_entries: int | None
    products: Mapping[int, Any]
    offers: Sequence[Offer]

    @property
    def counts_friends(self) -> bool:
        """True when a program that gives now counts referrals."""
        return any(step.measure == "referrals" for one in self.running for step in one.plan.steps)


async def show_rewards(
    database: Database,
    email: str,
    now: datetime,
    *,
    store: str = "",
    before_grant: Place | None = None,
    before_entry: int | None = None,
) -> OwnRewards | None:
    """All of it in the store of this slug, else where they have an account.

    None where no store that keeps accounts knows the address. Its queries are as many for much as
    for little.
    """
    async with reading(database) as db:
        known = await own_rewards.accounts_of(db, email)
        if not known:
            return None
        account = next((row for row in known if row["store_slug"] == store), known[0])
        me = account["id"]
        running = await running_for(db, me, account["store_id"], now)
        grants = await own_rewards.grants(db, me, before_grant, MOST + 1)
        entries = await accounts.history(db, me, None, before_entry, MOST + 1)
        gifts = {id_ for grant in grants for id_ in grant["products"]}
        gifts |= {id_ for one in running for s in one.plan.steps for id_ in s.reward.products}
        titles = await own_rewards.products(db, gifts)
        return OwnRewards(
            account=account,
            others=[row for row in known if row is not account],
            balances=await accounts.balances(db, me),
            pendings=await own_rewards.pendings(db, me),
            running=running,
            grants=grants[:MOST],
            older_grants=_place(grants[MOST - 1]) if len(grants) > MOST else None,
            entries=entries[:MOST],
            older_entries=entries[MOST - 1]["id"] if len(entries) > MOST else None,
            products={row["id"]: row for row in titles},
            offers=await offers_to(db, email, account["store_slug"]),
        )


def _place(grant: Any) -> Place:
    return grant["granted_seq"], grant["milestone_id"], grant["beneficiary"]


async def running_for(db: Connection, me: int, store_id: int, now: datetime) -> list[Running]:
    """What gives now; an invitation back is no promise, so nobody is shown one before it comes."""
    rows = [
        row for row in await own_rewards.running(db, store_id, now) if row["kind"] != "inactivity"
    ]
    ids = [row["id"] for row in rows]
    milestones = await own_rewards.milestones_of(db, ids)
    readings = await own_rewards.readings(db, me, ids)
    given = await own_rewards.given(db, me, ids)
    return [
        Running(
            row["id"],
            plan_of(row, [m for m in milestones if m["program_id"] == row["id"]]),
            {
                measure_of(r["fact"], r["sums"]).key: r["reading"]
                for r in readings
                if r["program_id"] == row["id"]
            },
            frozenset(g["milestone_id"] for g in given if g["program_id"] == row["id"]),
        )
        for row in rows
    ]


def why_given(grant: Any, locale: str) -> Sentence:
    """Why its customer has what a program gave, or has it no more (R5); it is called as there."""
    zone = ZoneInfo(grant["zone"])
    idle_since = grant["idle_since"]
    return why(
        Given(
            program=program_in(grant, locale),
            measure=measure_of(grant["fact"], grant["sums"]),
            target=grant["target"],
            currency=grant["currency"],
            since=grant["counts_from"].astimezone(zone),
            step=grant["step"],
            lap=grant["lap"],
            every=grant["every"],
            idle_since=idle_since.astimezone(zone) if idle_since is not None else None,
            is_void=grant["state"] == "void",
        )
    )


def program_in(row: Any, locale: str) -> str:
    """What the `program` of a row is called in that language, or as it was first written (B15)."""
    return str(row["program_translations"].get(locale, {}).get("name") or row["program"])


def what_happened(entry: Any) -> Sentence:
    """An entry of an account in a sentence."""
    measure = measure_of(entry["fact"], entry["sums"]) if entry["sums"] is not None else None
    return said(
        Booked(
            unit=entry["unit"],
            kind=entry["kind"],
            ready=entry["ready"],
            pending=entry["pending"],
            forgiven=entry["forgiven"],
            source=entry["source"],
            target=measure.said(entry["target"], entry["currency"]) if measure else None,
            is_amount=measure is not None and measure.sums == "amount",
            reason=entry["reason"],
        )
    )
