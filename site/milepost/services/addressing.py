"""Where a pledge is sent: typed by its backer, until the creator locks it (B5)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from milepost.domain.errors import Closed
from milepost.domain.messages import N_, Sentence
from milepost.domain.shipping import COUNTRIES
from milepost.storage import addresses
from milepost.storage.database import Connection, Database, unit

# Where no parcel arrives without one. Source: UPU, "Addressing systems".
NEEDS_POSTAL_CODE = frozenset(
    "AT AU BE BR CA CH CN CZ DE DK EE ES FI FR GB GR HU IN IT JP KR LI LT LU LV MX NL NO NZ PL PT"
    " RO SE SG SI SK TR UA US ZA".split()
)
_LACKING = {
    "name": N_("Type the name on the door or the letterbox."),
    "line1": N_("Type the street and the number."),
    "city": N_("Type the town."),
    "country": N_("Choose the country that it is sent to."),
    "postal_code": N_("Type the postal code: parcels to this country need one."),
}


class Address(BaseModel):
    """A postal address as it was typed; `country` is ISO 3166-1 alpha-2."""

    model_config = ConfigDict(str_strip_whitespace=True, frozen=True)

    name: str = Field(min_length=1, max_length=100)
    line1: str = Field(min_length=1, max_length=100)
    line2: str = Field(default="", max_length=100)
    city: str = Field(min_length=1, max_length=100)
    region: str = Field(default="", max_length=100)
    postal_code: str = Field(default="", max_length=20)
    country: str
    phone: str = Field(default="", max_length=30)

    @field_validator("country")
    @classmethod
    def _is_a_country(cls, value: str) -> str:
        if value.upper() not in COUNTRIES:
            raise ValueError("unknown")
        return value.upper()


class WrongAddress(Exception):
    """What was typed is no address yet: a sentence for each field that is wrong."""

    def __init__(self, errors: Mapping[str, Sentence]) -> None:
        self.errors = errors
        super().__init__(", ".join(errors))


def read_address(typed: Mapping[str, str]) -> Address:
    """The address that was typed. Raises WrongAddress."""
    errors: dict[str, Sentence] = {}
    try:
        address = Address(**{name: typed.get(name, "") for name in Address.model_fields})
    except ValidationError as error:
        errors = {str(e["loc"][0]): _sentence(dict(e)) for e in error.errors()}
    country, code = typed.get("country", "").strip().upper(), typed.get("postal_code", "").strip()
    if country in NEEDS_POSTAL_CODE and not code:
        errors["postal_code"] = Sentence(_LACKING["postal_code"])
    if errors:
        raise WrongAddress({n: errors[n] for n in Address.model_fields if n in errors})
    return address


def _sentence(error: Mapping[str, Any]) -> Sentence:
    if error["type"] == "string_too_long":
        most = error["ctx"]["max_length"]
        return Sentence(N_("That is too long. Up to %(most)s characters fit."), {"most": most})
    return Sentence(_LACKING[error["loc"][0]])


async def show_address(db: Connection, pledge_id: int) -> dict[str, str]:
    """The pledge's address by its fields; empty while there is none."""
    row = await addresses.of_pledge(db, pledge_id)
    return {name: row[name] for name in Address.model_fields} if row is not None else {}


async def send_to(database: Database, pledge_id: int, address: Address, now: datetime) -> None:
    """Send the pledge there. Raises Closed when it is locked, over, or paid to another country."""
    async with unit(database) as db:
        if not await addresses.keep(db, pledge_id, address.model_dump(), now):
            raise Closed(
                N_("The address of this pledge can't be changed any more. It stays as it was.")
            )
