"""A milestone's reward as a program sends it: what differs, and what it can't be (R1, R2)."""

from dataclasses import asdict
from typing import Any

from milepost.domain.errors import Invalid
from milepost.services.milestone_wishes import NewReward
from milepost.storage import editing, products
from milepost.storage.database import Connection
from milepost.web.api.gate import Call
from milepost.web.api.milestone_fields import RewardSent
from milepost.web.api.parts import check_alt, check_locales, clean, picture_sent, texts_of


async def reward_sent(
    db: Connection, call: Call, campaign: Any, sent: RewardSent, present: Any | None
) -> NewReward:
    """The reward as it is to be. Raises Invalid about one of its fields."""
    blank = asdict(NewReward(""))
    values = blank if present is None else {name: present[name] for name in blank}
    wanted = {name: getattr(sent, name) for name in sent.model_fields_set}
    if "product" in wanted:
        wanted["product_id"] = wanted.pop("product")
    for name in ("title", "image_alt", "shared_code"):
        if name in wanted:
            wanted[name] = clean(wanted[name])
    for name in ("text_before", "text_after", "exclusive"):
        if name in wanted:
            wanted[name] = wanted[name].replace("\r\n", "\n").strip()
    if "image" in wanted:
        wanted["image"] = await picture_sent(db, call, wanted["image"], values["image"])
    if "translations" in wanted:
        own = (await editing.campaign(db, campaign["id"]))["store_locale"]
        check_locales(wanted["translations"], own)
        wanted["translations"] = _translated(values["translations"], wanted["translations"])
    values |= wanted
    if values["product_id"] is not None:
        if wanted.get("exclusive") or wanted.get("code_kind", "none") != "none":
            raise Invalid(
                "A product is sent, so it holds nothing and has no code.", about="product"
            )
        values |= {"exclusive": "", "code_kind": "none"}
        values |= await _as_the_product(db, call, values)
    if values["code_kind"] != "shared":
        values["shared_code"] = ""
    elif not values["shared_code"]:
        raise Invalid("Type the code that all of them get.", about="shared_code")
    if not values["title"]:
        raise Invalid("Give the reward a title.", about="title")
    if not values["image"]:
        values["image_alt"] = ""
    elif {"image", "image_alt"} & wanted.keys():
        check_alt(values["image"], values["image_alt"])
    return NewReward(**values)


async def _as_the_product(db: Connection, call: Call, values: dict[str, Any]) -> dict[str, Any]:
    """A product's own title and picture, where there is no title."""
    row = await products.one(db, call.store_id, values["product_id"])
    if row is None or values["title"]:
        return {}
    own = {"title": row["title"]}
    picture = {"image": row["image"], "image_alt": row["image_alt"]}
    return own if values["image"] else own | picture


def _translated(present: dict[str, Any], sent: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Texts in other languages with those that were sent; empty ones fall back."""
    found = texts_of(present)
    for locale, texts in sent.items():
        said = {name: text.strip() for name, text in texts.model_dump(exclude_unset=True).items()}
        own = {name: text for name, text in (found.get(locale, {}) | said).items() if text}
        found = {name: texts for name, texts in found.items() if name != locale}
        found |= {locale: own} if own else {}
    return found
