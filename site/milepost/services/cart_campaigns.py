"""Milestone campaigns of the cart: drawn up, saved, turned on and off (S22–S43, K1, K2, K5)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from milepost.domain.cart_plans import ITEMS, Rule, TierPlan, check, shown_percent
from milepost.domain.carts import Trigger
from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.messages import N_
from milepost.domain.money import Money
from milepost.services.author import Author
from milepost.services.editing import save_part
from milepost.services.noting import note
from milepost.storage import cart_campaigns
from milepost.storage.database import Connection, Database, reading, unit


class ResetAsked(Conflict):
    """Another trigger resets every message; nobody has agreed to that yet (K2)."""


def part(campaign_id: int, step: str) -> str:
    """What a step of the campaign is called among the parts that are edited."""
    return f"cart-{campaign_id}-{step}"


async def make_campaign(
    database: Database, author: Author, name: str, trigger: Trigger, now: datetime
) -> int:
    """A draft that nobody sees; its id. Raises Invalid."""
    check(Rule(name, trigger), ())
    async with unit(database) as db:
        made = await cart_campaigns.add(db, author.store_id, name, trigger, now)
        after = {"trigger": trigger}
        await note(
            db, author.store_id, author.creator_id, "cart_campaign_made", now, name, {}, after
        )
    return made


async def locked(db: Connection, author: Author, campaign_id: int) -> Any:
    """The store's campaign, locked. Raises NotFound."""
    row = await cart_campaigns.lock(db, author.store_id, campaign_id)
    if row is None:
        raise NotFound(N_("There is no such campaign."))
    return row


def rule_of(row: Any, tiers: list[Any]) -> Rule:
    """The rule in a campaign's row and its tiers' rows."""
    return Rule(
        row["name"],
        row["trigger"],
        tuple(
            TierPlan(
                f"t{place}",
                tier["kind"],
                tier["targets"],
                tier["id"],
                tier["percent"],
                tier["amounts"],
                tier["product_id"],
            )
            for place, tier in enumerate(tiers)
        ),
        row["adds_up"],
        row["after_codes"],
        tuple(row["excluded_products"]),
        tuple(row["excluded_collections"]),
    )


async def save_rule(
    database: Database,
    author: Author,
    campaign_id: int,
    base: int,
    rule: Rule,
    now: datetime,
    *,
    reset: bool = False,
) -> None:
    """Save what the campaign counts and gives; in the shop at once where it is active.

    Raises Invalid, Overtaken; ResetAsked where the trigger changes and `reset` does not agree.
    """
    async with unit(database) as db:
        row = await locked(db, author, campaign_id)
        check(rule, row["currencies"])
        was = rule_of(row, await cart_campaigns.tiers(db, row["track_id"]))
        goods = await _goods(db, author.store_id, was, rule)
        if row["state"] == "active" and not rule.tiers:
            raise Conflict(
                N_("It is active, so it needs a tier. Pause it to take all of them out.")
            )
        if rule.trigger != was.trigger and not reset:
            raise ResetAsked(N_("Another trigger resets all messages. Nothing is saved yet."))
        await save_part(db, author, part(campaign_id, "rule"), base, now)
        own = {tier.id for tier in was.tiers}
        if any(tier.id is not None and tier.id not in own for tier in rule.tiers):
            raise NotFound(N_("There is no such tier."))
        await cart_campaigns.save_rule(db, campaign_id, row["track_id"], rule)
        if rule.trigger != was.trigger:
            await cart_campaigns.forget_messages(db, campaign_id)
        before, after = told(was, goods), told(rule, goods)
        if rule.trigger != was.trigger:
            after["messages"] = "reset"
        await note(
            db, author.store_id, author.creator_id, "cart_rule_saved", now, rule.name, before, after
        )


async def _goods(db: Connection, store_id: int, was: Rule, rule: Rule) -> Mapping[int, str]:
    """The titles of what both rules name. Raises Invalid for what the shop does not have."""
    gifts = {t.product_id for r in (was, rule) for t in r.tiers if t.product_id}
    named = gifts | {*was.excluded_products, *rule.excluded_products}
    goods = await cart_campaigns.known(db, store_id, sorted(named))
    for tier in rule.tiers:
        if tier.kind == "gift" and tier.product_id not in goods:
            raise Invalid(
                N_("The shop has no such product any more. Pick another gift."),
                about=f"{tier.key}-product",
            )
    if any(one not in goods for one in rule.excluded_products):
        raise Invalid(N_("The shop has no such product any more."), about="excluded")
    return goods


def told(rule: Rule, goods: Mapping[int, str]) -> dict[str, Any]:
    """The rule as the log keeps it, in words that no language owns."""
    return {
        "name": rule.name,
        "trigger": rule.trigger,
        "adds_up": rule.adds_up,
        "after_codes": rule.after_codes,
        "steps": [_told_tier(tier, goods) for tier in rule.tiers],
        "excluded": [goods.get(one, str(one)) for one in rule.excluded_products],
        "excluded_collections": len(rule.excluded_collections),
    }


def _told_tier(tier: TierPlan, goods: Mapping[int, str]) -> dict[str, str]:
    match tier.kind:
        case "percent":
            gives = f"{shown_percent(tier.percent or 0)} %"
        case "amount":
            gives = " / ".join(str(Money(a, c)) for c, a in tier.amounts.items())
        case "gift":
            gives = goods.get(tier.product_id or 0, "")
        case _:
            gives = "shipping"
    starts = " / ".join(
        str(target) if unit == ITEMS else str(Money(target, unit))
        for unit, target in tier.targets.items()
    )
    return {"starts": starts, "gives": gives}


async def turn_on(database: Database, author: Author, campaign_id: int, now: datetime) -> None:
    """Make it the store's active one. Raises Conflict where another is, or it has no tier."""
    try:
        async with unit(database) as db:
            row = await locked(db, author, campaign_id)
            if row["state"] == "active":
                return
            tiers = await cart_campaigns.tiers(db, row["track_id"])
            if not tiers:
                raise Conflict(N_("It has no tier, so it would give nothing. Add one under Rule."))
            check(rule_of(row, tiers), row["currencies"])
            # This waits for whoever is just turning another one on: the index lets one through.
            await cart_campaigns.turn(db, campaign_id, "active", author.creator_id, now)
            await _note_turn(db, author, row, "active", now)
    except cart_campaigns.Taken:
        raise await _refusal(database, author.store_id) from None


async def _refusal(database: Database, store_id: int) -> Conflict:
    """Which campaign is active, and whose doing that is."""
    async with reading(database) as db:
        other = await cart_campaigns.active(db, store_id)
    if other is None:
        return Conflict(N_("Another campaign was active a moment ago. Try once more."))
    return Conflict(
        N_(
            "“%(name)s” is active, turned on by %(who)s. A store has one active milestone"
            " campaign, so that a cart shows one bar. Pause that one first."
        ),
        name=other["name"],
        who=other["turner"] or "—",
    )


async def pause(database: Database, author: Author, campaign_id: int, now: datetime) -> None:
    """No cart shows the campaign any more, and none gets a reward from it."""
    async with unit(database) as db:
        row = await locked(db, author, campaign_id)
        if row["state"] != "active":
            return
        await cart_campaigns.turn(db, campaign_id, "paused", author.creator_id, now)
        await _note_turn(db, author, row, "paused", now)


async def discard(database: Database, author: Author, campaign_id: int, now: datetime) -> None:
    """Throw a draft away. Raises Conflict for one that carts have shown: the log speaks of it."""
    async with unit(database) as db:
        row = await locked(db, author, campaign_id)
        if row["state"] != "draft":
            raise Conflict(N_("Carts have shown it, so it stays. Pause it, and no cart shows it."))
        await cart_campaigns.discard(db, author.store_id, campaign_id)
        await note(
            db, author.store_id, author.creator_id, "cart_campaign_discarded", now, row["name"]
        )


async def _note_turn(db: Connection, author: Author, row: Any, state: str, now: datetime) -> None:
    what = "cart_campaign_activated" if state == "active" else "cart_campaign_paused"
    await note(db, author.store_id, author.creator_id, what, now, row["name"])
