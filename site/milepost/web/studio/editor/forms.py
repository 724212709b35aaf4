"""What the editor's forms send: texts that are never cut, amounts, whole numbers, local times."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData
from starlette.requests import Request

from milepost.domain.campaigns import instant
from milepost.domain.errors import Invalid
from milepost.domain.messages import N_
from milepost.domain.money import short_major, typed_money
from milepost.domain.numbers import number_in

MOST_FIELDS = 900
LONGEST_FIELD = 400_000  # bytes
NOT_TYPED = ("base", "do")  # fields that nobody typed
_UNSEEN = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


async def sent_to(request: Request, files: int = 0) -> FormData:
    """The form that was sent, with at most so many files."""
    return await request.form(max_files=files, max_fields=MOST_FIELDS, max_part_size=LONGEST_FIELD)


def typed_in(sent: FormData) -> dict[str, str]:
    """What was typed, as it was typed; without what no text can hold."""
    return {
        name: clean(value)
        for name, value in sent.items()
        if isinstance(value, str) and name not in NOT_TYPED
    }


def clean(text: str) -> str:
    """The text with plain line ends and without characters that nothing can show."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_UNSEEN)


def base_of(sent: FormData) -> int:
    """The revision on which the text stands."""
    return number_in(str(sent.get("base", ""))) or 0


def line(typed: Mapping[str, str], name: str, most: int) -> str:
    """One line of text. Raises Invalid where it is longer than `most` characters."""
    return _no_longer(" ".join(typed.get(name, "").split()), name, most)


def text(typed: Mapping[str, str], name: str, most: int) -> str:
    """Several lines of text. Raises Invalid where they are longer than `most` characters."""
    return _no_longer(typed.get(name, "").strip(), name, most)


def _no_longer(said: str, name: str, most: int) -> str:
    if len(said) > most:
        raise Invalid(
            N_("That is %(length)s characters long; there is room for %(most)s."),
            about=name,
            length=len(said),
            most=most,
        )
    return said


def amount(
    typed: Mapping[str, str], name: str, currency: str, *, charged: bool = True
) -> int | None:
    """Minor units of an amount, None where nothing was typed. Raises Invalid.

    What is never `charged`, a goal or a target, may stand between the steps of its currency.
    """
    said = typed.get(name, "").strip()
    return typed_money(said, currency, name, charged=charged).amount if said else None


def whole(typed: Mapping[str, str], name: str, most: int = 10**9) -> int | None:
    """A whole number from 0 to `most`, None where nothing was typed. Raises Invalid."""
    said = typed.get(name, "").strip()
    if not said:
        return None
    found = number_in(said)
    if found is None or found > most:
        raise Invalid(
            N_("“%(typed)s” is not a whole number up to %(most)s."),
            about=name,
            typed=said[:40],
            most=most,
        )
    return found


def local_time(typed: Mapping[str, str], name: str) -> datetime | None:
    """A wall-clock time as `datetime-local` sends it, None where there is none. Raises Invalid."""
    said = typed.get(name, "").strip().replace(" ", "T")
    if not said:
        return None
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None or not 2000 <= found.year < 2200:
        raise Invalid(
            N_("“%(typed)s” is not a date and time. Type it like 2027-03-31 18:00."),
            about=name,
            typed=said[:40],
        )
    return found


def moment_in(typed: Mapping[str, str], name: str, zone: str) -> datetime | None:
    """The instant of a wall-clock time in the zone, None where there is none. Raises Invalid."""
    found = local_time(typed, name)
    return instant(found, zone) if found is not None else None


def shown_time(when: datetime | None, zone: str) -> str:
    """An instant as `datetime-local` wants it, on the zone's clock."""
    if when is None:
        return ""
    return when.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(timespec="minutes")


def shown_amount(minor: int | None, currency: str) -> str:
    """Minor units as one types them; whole amounts without decimals."""
    return "" if minor is None else short_major(minor, currency)
