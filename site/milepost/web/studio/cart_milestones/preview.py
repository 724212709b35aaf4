"""Beside each step: the shop's own bar at any cart, as it is typed; and what the numbers advise.

The bar is judged by `domain.carts.evaluate` and drawn by `web/shop/bar.py`, as in the shop (K6).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from milepost.domain.cart_advice import DAYS, Numbers, advise
from milepost.domain.cart_looks import Look
from milepost.domain.cart_plans import ITEMS, Rule
from milepost.domain.cart_words import Messages
from milepost.domain.carts import CartLine, Evaluation, evaluate
from milepost.domain.errors import Invalid
from milepost.domain.messages import Sentence
from milepost.domain.money import exponent
from milepost.domain.roles import Deed
from milepost.services.cart_campaigns import part, rule_of
from milepost.services.editing import part_held
from milepost.storage import cart_campaigns
from milepost.storage.database import reading
from milepost.web.me.visit import PRIVATE, back_to
from milepost.web.shop.bar import bar_view
from milepost.web.studio.cart_milestones import bar_fields as fields
from milepost.web.studio.cart_milestones.frame import HOME, STEPS, campaign_of
from milepost.web.studio.cart_milestones.rule_fields import rule_typed
from milepost.web.studio.desk import Desk, behind
from milepost.web.studio.editor import forms
from milepost.wording.languages import CART_LOCALES
from milepost.wording.saying import say

PIECE = 1000  # minor units of one item, where items are counted: no bar depends on it


@dataclass(frozen=True)
class Draft:
    """A campaign as somebody is drawing it up: what is saved, and over it what can be used of
    what is typed on one step."""

    row: Any
    tiers: list[Any]
    rule: Rule
    look: Look
    messages: Messages

    @classmethod
    def of(cls, row: Any, tiers: list[Any], step: str, typed: Mapping[str, str] | None) -> "Draft":
        """The draft; what can't be used as it is typed leaves what is saved."""
        made = cls(row, tiers, rule_of(row, tiers), Look.of(row["design"]), row["messages"])
        if typed is None:
            return made
        try:
            return made._with(step, typed)
        except Invalid:
            return made

    def _with(self, step: str, typed: Mapping[str, str]) -> "Draft":
        match step:
            case "rule":
                rule = rule_typed(typed, self.row["currencies"])
                messages = self.messages if rule.trigger == self.rule.trigger else {}
                return replace(self, rule=rule, messages=messages)
            case "display":
                look = fields.places_typed(typed)
                look = replace(self.look, places=look.places, layout=look.layout)
                return replace(self, look=look)
            case "design":
                tiers = [
                    {**dict(tier), "design": fields.tier_look_typed(typed, tier).kept}
                    for tier in self.tiers
                ]
                look = replace(self.look, **fields.design_typed(typed))
                return replace(self, look=look, tiers=tiers)
        own, rewards = fields.messages_typed(typed, self.tiers, self.row["trigger"])
        tiers = [{**dict(tier), "messages": rewards[tier["id"]]} for tier in self.tiers]
        return replace(self, messages=own, tiers=tiers)

    def rows(self, currency: str) -> dict[int, dict[str, Any]]:
        """Each tier's design and messages, by the id under which it is judged."""
        kept = {tier["id"]: tier for tier in self.tiers}
        found = {}
        for place, tier in enumerate(self.rule.tiers, 1):
            row = kept.get(tier.id, {"design": {}, "messages": {}})
            found[tier.id or -place] = {
                "kind": tier.kind,
                "design": row["design"],
                "messages": row["messages"] if self.rule.trigger == self.row["trigger"] else {},
            }
        return found

    def judged(self, at: int, currency: str, stock: Mapping[int, int | None]) -> Evaluation:
        """What a cart of that value, or of so many items, earns: by the one evaluator (K6)."""
        if self.rule.trigger == "items":
            lines = [CartLine(0, at, PIECE)] if at else []
        else:
            lines = [CartLine(0, 1, at)] if at else []
        return evaluate(lines, self.rule.milestones(currency), stock=stock)


async def beside(
    request: Request, desk: Desk, row: Any, step: str, typed: Mapping[str, str] | None
) -> dict[str, Any]:
    """What stands beside a step, for its template: the bar and the advice."""
    site = request.state.site
    if typed is None:
        held = await part_held(site.database, desk.author, part(row["id"], step), site.clock())
        typed = held.typed
    asked = typed if typed is not None else dict(request.query_params)
    async with reading(site.database) as db:
        tiers = await cart_campaigns.tiers(db, row["track_id"])
        draft = Draft.of(row, tiers, step, typed)
        gifts = [t.product_id for t in draft.rule.tiers if t.product_id is not None]
        products = {p["id"]: p for p in await cart_campaigns.gifts(db, desk.store_id, gifts)}
        since = site.clock() - timedelta(days=DAYS)
        averages = await cart_campaigns.average_orders(db, desk.store_id, since)
    return {
        "preview": _preview(draft, products, asked, desk.locale),
        "advice": _advice(draft, averages, desk.locale),
        "bar_contrast": fields.contrast_of(draft.look.colour) if step == "design" else None,
    }


def _preview(
    draft: Draft, products: Mapping[int, Any], asked: Mapping[str, str], locale: str
) -> dict[str, Any] | None:
    """The bar at the cart that is asked for, or short of the first tier; None without a tier."""
    currencies = draft.row["currencies"]
    currency = next((c for c in currencies if c == asked.get("at_in")), currencies[0])
    spoken = next((tag for tag in CART_LOCALES if tag == asked.get("at_lang")), locale)
    tiers = draft.rule.milestones(currency).tiers
    if not tiers:
        return None
    by_items = draft.rule.trigger == ITEMS
    unit = 1 if by_items else 10 ** exponent(currency)
    first, last = tiers[0].target, tiers[-1].target
    most = max(1, -(-last * 5 // (4 * unit)))
    try:
        typed = (
            forms.whole(asked, "at", 1_000_000)
            if by_items
            else forms.amount(asked, "at", currency, charged=False)
        )
    except Invalid:
        typed = None
    at = max(1, first * 3 // (5 * unit)) * unit if typed is None else typed
    found = draft.judged(at, currency, {p: row["stock"] for p, row in products.items()})
    return {
        "bar": bar_view(
            found,
            draft.look,
            draft.rows(currency),
            products,
            draft.messages,
            draft.rule.trigger,
            currency,
            spoken,
            draft.row["store_locale"],
        ),
        "at": str(at) if by_items else forms.shown_amount(at, currency),
        "most": most,
        "by_items": by_items,
        "currency": currency,
        "spoken": spoken,
        "goods": found.bill.goods,
        "total": found.bill.total,
    }


def _advice(draft: Draft, averages: list[Any], locale: str) -> list[dict[str, Any]]:
    """What the numbers say, first of the store's own currency."""
    numbers = numbers_of(averages, draft.rule.trigger, draft.row["currencies"][0])
    said = [text for by_name in draft.messages.values() for text in by_name.values()]
    return [
        {
            "topic": piece.topic,
            "is_good": piece.is_good,
            "sentence": say(Sentence(piece.message, piece.fields), locale),
        }
        for piece in advise(numbers, draft.rule, said)
    ]


def numbers_of(averages: list[Any], trigger: str, currency: str) -> Numbers:
    """The paid orders in that currency, as the trigger counts them."""
    row = next((one for one in averages if one["currency"] == currency), None)
    unit = ITEMS if trigger == "items" else currency
    if row is None:
        return Numbers(0, 0, unit)
    return Numbers(row["orders"], row["items" if trigger == "items" else "average"] or 0, unit)


@behind(Deed.SEE_STORE)
async def preview(request: Request, desk: Desk) -> Response:
    """`POST …/{cart}/preview/{step}`: what stands beside the step, for its script; and what is
    wrong with the messages that are typed. Raises 404 for no such step."""
    row, step = await campaign_of(request, desk), request.path_params["step"]
    if step not in STEPS:
        raise HTTPException(404)
    if request.method != "POST":
        return back_to(f"{desk.home}{HOME}/{row['id']}/{step}")
    typed = forms.typed_in(await forms.sent_to(request))
    context = await beside(request, desk, row, step, typed)
    html = request.state.site.renderer.page(
        "studio/cart_milestones/preview.html", desk.locale, store=desk.store, **context
    )
    wrong = {}
    if step == "languages":
        async with reading(request.state.site.database) as db:
            tiers = await cart_campaigns.tiers(db, row["track_id"])
        wrong = fields.wrong_in(typed, tiers, row["trigger"])
    errors = {name: say(one.sentence, desk.locale) for name, one in wrong.items()}
    return JSONResponse({"html": html, "errors": errors}, headers=PRIVATE)
