"""Discounting: the codes of a shop, made, changed and ended; what was paid keeps its price (M3)."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.messages import N_
from milepost.domain.money import Money
from milepost.services.noting import note
from milepost.storage import shop_codes
from milepost.storage.database import Connection, Database, unit

CodeKind = Literal["percent", "amount", "shipping"]
_NAME = re.compile(r"[A-Z0-9][A-Z0-9_-]{2,39}")


@dataclass(frozen=True, slots=True)
class CodeTerms:
    """What a code takes off: hundredths of a percent, minor units by currency, or the shipping.

    It works from `opens_at` until `closes_at`, which were said on the clock of `zone`, and `most`
    times; None sets no bound.
    """

    kind: CodeKind
    percent: int | None = None
    amounts: Mapping[str, int] = field(default_factory=dict)
    zone: str = "UTC"
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    most: int | None = None

    def check(self) -> None:
        """Raises Invalid where it would take nothing off, or never work."""
        if self.kind == "percent" and self.percent is None:
            raise Invalid(N_("Say how many percent it takes off."), about="percent")
        if self.kind == "amount" and not self.amounts:
            raise Invalid(N_("Say how much it takes off, in one currency at least."), about="kind")
        if self.opens_at and self.closes_at and self.opens_at >= self.closes_at:
            raise Invalid(N_("It would end before it begins."), about="closes_at")


def code_name(typed: str) -> str:
    """A code as it is kept: in capitals. Raises Invalid."""
    name = "".join(typed.split()).upper()
    if not _NAME.fullmatch(name):
        raise Invalid(
            N_("A code has 3 to 40 letters, digits, hyphens or underscores, such as SPRING-10."),
            about="code",
        )
    return name


async def make_code(
    database: Database, store_id: int, typed: str, terms: CodeTerms, by: int, now: datetime
) -> int:
    """A new code of the store; its id. Raises Invalid, about the field that is wrong."""
    name = code_name(typed)
    terms.check()
    async with unit(database) as db:
        made = await shop_codes.add(db, store_id, now, code=name, **asdict(terms))
        if made is None:
            raise Invalid(
                N_("There is a code “%(code)s” already. Change that one, or type another."),
                about="code",
                code=name,
            )
        await note(db, store_id, by, "code_added", now, name, after=_told(asdict(terms)))
    return made


async def change_code(
    database: Database, store_id: int, code_id: int, terms: CodeTerms, by: int, now: datetime
) -> None:
    """The code does this from now on, in carts too; orders keep what they were made with (M3).

    Raises NotFound, or Invalid where it was used more often already.
    """
    terms.check()
    async with unit(database) as db:
        row = await _held(db, store_id, code_id)
        if terms.most is not None and terms.most < row["used"]:
            raise Invalid(
                N_("It was used %(used)s times already, so it can't end below that."),
                about="most",
                used=row["used"],
            )
        told = asdict(terms)
        await shop_codes.keep(db, code_id, **told)
        before = {name: row[name] for name in told if row[name] != told[name]}
        after = {name: told[name] for name in before}
        await note(db, store_id, by, "code_changed", now, row["code"], _told(before), _told(after))


async def end_code(database: Database, store_id: int, code_id: int, by: int, now: datetime) -> None:
    """From now on the code does nothing. Raises NotFound."""
    async with unit(database) as db:
        row = await _held(db, store_id, code_id)
        told = {name: row[name] for name in CodeTerms.__dataclass_fields__}
        told["closes_at"] = now
        if row["opens_at"] is not None and row["opens_at"] >= now:
            told["opens_at"] = None
        await shop_codes.keep(db, code_id, **told)
        await note(db, store_id, by, "code_ended", now, row["code"])


async def remove_code(
    database: Database, store_id: int, code_id: int, by: int, now: datetime
) -> None:
    """Delete a code that no order was made with. Raises NotFound, or Conflict for any other."""
    async with unit(database) as db:
        row = await _held(db, store_id, code_id)
        await shop_codes.leave_carts(db, code_id)
        if not await shop_codes.delete(db, code_id):
            raise Conflict(
                N_("Orders were made with “%(code)s”, so it stays. You can end it."),
                code=row["code"],
            )
        await note(db, store_id, by, "code_removed", now, row["code"])


async def _held(db: Connection, store_id: int, code_id: int) -> Any:
    row = await shop_codes.hold(db, store_id, code_id)
    if row is None:
        raise NotFound(N_("There is no such code."))
    return row


def percent_written(hundredths: int) -> str:
    """Hundredths of a percent as one types them: 1000 → “10”, 1250 → “12.5”."""
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02}".rstrip("0") if rest else str(whole)


def _told(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The same as the log keeps it."""
    told = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in columns.items()
        if name in ("opens_at", "closes_at", "most")
    }
    if columns.get("percent") is not None:
        told["takes_off"] = f"{percent_written(columns['percent'])} %"
    elif columns.get("amounts"):
        told["takes_off"] = amounts_written(columns["amounts"])
    elif columns.get("kind") == "shipping":
        told["takes_off"] = "shipping"
    return told


def amounts_written(amounts: Mapping[str, int]) -> list[str]:
    """Minor units by currency as the log keeps them."""
    return [str(Money(amount, currency)) for currency, amount in amounts.items()]
