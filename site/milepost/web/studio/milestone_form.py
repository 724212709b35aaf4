"""The form of a milestone: as typed, as a milestone, and as one that is there would fill it in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from milepost.domain.audience import Audience
from milepost.domain.errors import Invalid
from milepost.domain.messages import N_, Sentence
from milepost.domain.money import short_major, typed_money
from milepost.domain.numbers import number_in
from milepost.domain.whatif import Seen
from milepost.services.foreseeing import Wish
from milepost.services.milestone_steps import cleaned_codes
from milepost.services.milestones import NewMilestone, NewReward
from milepost.services.preparing import NewProduct
from milepost.storage import products
from milepost.storage.database import reading
from milepost.web.public.chosen import plain
from milepost.web.studio.desk import Desk
from milepost.web.studio.pictures import check_alt, chosen

SHORT, LONG = 120, 5000  # characters of a title, and of a text
MOST_CODES = 100_000
LONGEST_CODE = 100
MOST_TIERS = 500
PART = 8 * 1024 * 1024  # bytes of one typed field: a pool of codes is long
TEXTS = {"title": SHORT, "text_before": LONG, "text_after": LONG, "exclusive": LONG}
TRANSLATED = ("title", "image_alt", "text_before", "text_after", "exclusive")
SWITCHES = ("include_crossing", "exclude_late", "mystery", "also_granted")
Errors = dict[str, Sentence]


@dataclass(slots=True)
class Filled:
    """What the form holds: text by field, the ticked tiers, and what is wrong with it."""

    typed: dict[str, str]
    tiers: frozenset[int] = frozenset()
    errors: Errors = field(default_factory=dict)
    new: NewMilestone | None = None
    wish: Wish | None = None  # as much of it as a what-if needs
    also_granted: bool = False
    seen: Seen | None = None
    wants: str = "save"

    def refuse(self, error: Invalid, about: str = "") -> None:
        """Keep the first thing that is wrong with a field."""
        self.errors.setdefault(error.about or about, error.sentence)


def empty(**known: str) -> dict[str, str]:
    """The form before anything is typed."""
    return {
        "target": "", "kind": "reveal", "product": "", "product_title": "", "product_stock": "",
        "find": "", "title": "", "text_before": "", "text_after": "", "exclusive": "",
        "code_kind": "none", "shared_code": "", "codes": "", "cost": "", "image": "",
        "image_alt": "", "audience": "all_backers", "per": "backer", "cap": "",
        "reveal": "automatic",
        "include_crossing": "", "exclude_late": "", "mystery": "", "also_granted": "",
    } | known  # fmt: skip


def filled_from(row: Any, currency: str, basis: str) -> Filled:
    """The form as this milestone would have been typed."""
    typed = empty(
        target=short_major(row["target"], currency) if basis == "money" else str(row["target"]),
        kind=row["kind"],
        product=str(row["product_id"] or ""),
        cost="" if row["cost"] is None else short_major(row["cost"], currency),
        cap=str(row["cap"] or ""),
        **{
            name: row[name]
            for name in (
                *("title", "text_before", "text_after", "exclusive", "code_kind", "shared_code"),
                *("image", "image_alt", "audience", "per", "reveal"),
            )
        },
        **{
            name: "on" if row[name] else ""
            for name in ("include_crossing", "exclude_late", "mystery")
        },
    )
    for locale, texts in row["translations"].items():
        typed |= {f"{locale}-{name}": texts.get(name, "") for name in TRANSLATED}
    return Filled(typed, frozenset(row["tiers"]))


async def read(
    request: Request, desk: Desk, languages: Sequence[str], present: Any | None
) -> Filled:
    """What was sent: as typed, and as a milestone unless something is wrong with it.

    `present` is the milestone that is being changed. A reached one keeps what its form no longer
    holds: its target, its audience, its way to open (A11).
    """
    limits = {"max_files": 3, "max_fields": 100 + MOST_TIERS, "max_part_size": PART}
    async with request.form(**limits) as sent:
        return await _read(request, desk, languages, present, sent)


async def _read(
    request: Request, desk: Desk, languages: Sequence[str], present: Any | None, sent: FormData
) -> Filled:
    typed = _typed(sent, languages)
    filled = Filled(typed, frozenset(_ids(sent.getlist("tiers"))))
    filled.also_granted = bool(typed["also_granted"])
    filled.seen = Seen.read(str(sent.get("seen", ""))[:80])
    wants = str(sent.get("do", "save"))
    filled.wants = wants if wants in ("save", "preview", "find") else "save"
    codes = await _codes(sent, filled)
    try:
        current = present["image"] if present is not None else ""
        typed["image"], typed["image_alt"] = await chosen(request, desk, sent, "image", current)
    except Invalid as error:
        filled.refuse(error)
    basis, currency = desk.row["basis"], desk.row["currency"]
    fixed = None
    if present is not None and present["reached_seq"] is not None:
        fixed = filled_from(present, currency, basis)
        for name in ("target", "audience", "per", "cap", "reveal", *SWITCHES[:3]):
            typed[name] = fixed.typed[name]
        filled.tiers = fixed.tiers
    await _as_the_product(request, desk, typed)
    _make(filled, basis, currency, languages, codes)
    return filled


async def _as_the_product(request: Request, desk: Desk, typed: dict[str, str]) -> None:
    """A product's own title and picture, where none are typed."""
    if typed["kind"] != "product" or typed["title"].strip():
        return
    for product_id in _ids([typed["product"]]):
        async with reading(request.state.site.database) as db:
            row = await products.one(db, desk.store_id, product_id)
        if row is not None:
            typed["title"] = row["title"]
            if not typed["image"]:
                typed["image"], typed["image_alt"] = row["image"], row["image_alt"]
    if typed["product"] == "new":
        typed["title"] = typed["product_title"].strip()


def _typed(sent: FormData, languages: Sequence[str]) -> dict[str, str]:
    typed = empty()
    for name in typed:
        value = sent.get(name)
        if isinstance(value, str):
            lines = name in ("text_before", "text_after", "exclusive")
            typed[name] = _lines(value) if lines else value if name == "codes" else plain(value)
    for name in SWITCHES:
        typed[name] = "on" if sent.get(name) else ""
    for locale in languages:
        for name in TRANSLATED:
            value = str(sent.get(f"{locale}-{name}", ""))
            typed[f"{locale}-{name}"] = (
                plain(value) if name in ("title", "image_alt") else _lines(value)
            )
    return typed


def _lines(text: str) -> str:
    """A text of several lines, without characters that no page can hold."""
    kept = (c for c in text.replace("\r\n", "\n")[: LONG + 1] if c.isprintable() or c == "\n")
    return "".join(kept).strip()


async def _codes(sent: FormData, filled: Filled) -> tuple[str, ...]:
    """The pool's codes, one a line: pasted, and from a file; the file's stay in the form."""
    typed, file = filled.typed, sent.get("codes_file")
    pasted = typed["codes"].replace("\r\n", "\n")
    if isinstance(file, UploadFile) and file.filename:
        try:
            more = (await file.read()).decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError:
            message = N_("That file is not plain text. Save it as UTF-8, one code a line.")
            filled.refuse(Invalid(message, about="codes"))
            more = ""
        pasted = "\n".join(part.strip("\n") for part in (pasted, more) if part.strip())
    kept = "".join(c for c in pasted if c.isprintable() or c == "\n").strip("\n")
    typed["codes"] = kept
    if typed["kind"] != "reveal" or typed["code_kind"] != "pool" or not kept.strip():
        return ()
    codes = [line for line in kept.split("\n") if line.strip()]
    if len(codes) > MOST_CODES or any(len(code) > LONGEST_CODE for code in codes):
        message = N_("A pool takes up to %(most)s codes of %(long)s characters each at once.")
        filled.refuse(Invalid(message, about="codes", most=MOST_CODES, long=LONGEST_CODE))
        return ()
    try:
        return tuple(cleaned_codes(codes))
    except Invalid as error:
        filled.refuse(error)
        return ()


def _make(
    filled: Filled,
    basis: str,
    currency: str,
    languages: Sequence[str],
    codes: tuple[str, ...],
) -> None:
    typed = filled.typed
    target = _number(filled, "target", currency if basis == "money" else "", needed=True)
    cost = _number(filled, "cost", currency, zero=True)
    product_id, product = _product(filled)
    reward = _reward(filled, product_id, cost, languages)
    audience = _audience(filled)
    if target is not None and audience is not None:
        filled.wish = Wish(
            target=target,
            audience=audience,
            product_id=product_id,
            stock=product.stock if product is not None else None,
            from_pool=reward.code_kind == "pool",
            new_codes=len(codes),
            cost=cost,
        )
    if typed["kind"] == "reveal" and typed["code_kind"] == "shared" and not typed["shared_code"]:
        filled.refuse(Invalid(N_("Type the code that all of them get."), about="shared_code"))
    if filled.errors or target is None or audience is None:
        return
    filled.new = NewMilestone(
        target=target,
        reward=reward,
        audience=audience,
        reveal="manual" if typed["reveal"] == "manual" else "automatic",
        mystery=bool(typed["mystery"]),
        codes=codes,
        product=product,
    )


def _reward(
    filled: Filled, product_id: int | None, cost: int | None, languages: Sequence[str]
) -> NewReward:
    typed = filled.typed
    is_reveal = typed["kind"] == "reveal"
    for name, most in TEXTS.items():
        if len(typed[name]) > most:
            filled.refuse(
                Invalid(N_("That is longer than %(most)s characters."), about=name, most=most)
            )
    if not typed["title"]:
        filled.refuse(Invalid(N_("Give the reward a title."), about="title"))
    try:
        check_alt("image", typed["image"], typed["image_alt"])
    except Invalid as error:
        filled.refuse(error)
    code_kind: Any = typed["code_kind"] if typed["code_kind"] in ("shared", "pool") else "none"
    translations = {}
    for locale in languages:
        texts = {n: v for n in TRANSLATED if (v := typed.get(f"{locale}-{n}", "").strip())}
        if not is_reveal:
            texts.pop("exclusive", None)
        if texts:
            translations[locale] = texts
    return NewReward(
        title=typed["title"],
        product_id=product_id,
        image=typed["image"],
        image_alt=typed["image_alt"],
        text_before=typed["text_before"],
        text_after=typed["text_after"],
        exclusive=typed["exclusive"] if is_reveal else "",
        code_kind=code_kind if is_reveal else "none",
        shared_code=typed["shared_code"] if is_reveal and code_kind == "shared" else "",
        cost=cost,
        translations=translations,
    )


def _product(filled: Filled) -> tuple[int | None, NewProduct | None]:
    typed = filled.typed
    if typed["kind"] != "product":
        return None, None
    if typed["product"] != "new":
        chosen_ids = _ids([typed["product"]])
        if not chosen_ids:
            filled.refuse(Invalid(N_("Choose a product, or make a new one."), about="product"))
        return (chosen_ids[0] if chosen_ids else None), None
    title = typed["product_title"].strip() or typed["title"]
    if not title:
        filled.refuse(Invalid(N_("Give the new product a title."), about="product_title"))
    stock = _number(filled, "product_stock", "", zero=True)
    return None, NewProduct(title[:SHORT], typed["image"], typed["image_alt"], stock)


def _audience(filled: Filled) -> Audience | None:
    typed = filled.typed
    cap = _number(filled, "cap", "")
    if "cap" in filled.errors:
        return None
    kind: Any = "new_backers" if typed["audience"] == "new_backers" else "all_backers"
    per: Any = typed["per"] if typed["per"] in ("pledge", "unit") else "backer"
    return Audience(
        kind=kind,
        include_crossing=bool(typed["include_crossing"]) and kind == "new_backers",
        exclude_late=bool(typed["exclude_late"]),
        per=per,
        tiers=filled.tiers,
        cap=cap,
    )


def _number(
    filled: Filled, name: str, currency: str, *, zero: bool = False, needed: bool = False
) -> int | None:
    """A field's whole number, or its money in minor units; None where it is empty or wrong."""
    text = filled.typed[name].strip()
    if not text and not needed:
        return None
    try:
        number = (
            whole(text, name)
            if not currency
            else typed_money(text, currency, name, charged=False).amount
        )
        if number == 0 and not zero:
            raise Invalid(N_("Type something above zero."), about=name)
    except Invalid as error:
        filled.refuse(error)
        return None
    return number


def whole(text: str, about: str) -> int:
    """A whole number as a person typed it. Raises Invalid."""
    digits = text.replace("\u00a0", "").replace(" ", "")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 12):
        raise Invalid(N_("“%(typed)s” is not a whole number."), about=about, typed=text[:40])
    return int(digits)


def _ids(values: Sequence[Any]) -> list[int]:
    return [v for value in values if (v := number_in(str(value))) is not None]


def typed_target(typed: str, row: Mapping[str, Any]) -> int:
    """A target as a person typed it, in the campaign's basis. Raises Invalid about `target`."""
    if row["basis"] == "money":
        found = typed_money(typed, row["currency"], "target", charged=False).amount
    else:
        found = whole(typed.strip(), "target")
    if not found:
        raise Invalid(N_("Type something above zero."), about="target")
    return found
