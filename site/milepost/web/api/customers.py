"""`/api/v1/customers`: the people whom the store knows, those who are still somebody by name."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from milepost.domain.errors import NotFound
from milepost.domain.scopes import SEE_CUSTOMERS
from milepost.storage import api_customers
from milepost.storage.database import reading
from milepost.web.api.fields import Page, Paging, PathId, QueryAddress
from milepost.web.api.gate import Call, may
from milepost.web.api.operations import operations

router = operations("Customers")
NO_CUSTOMER = "There is no such customer."
Seeing = Annotated[Call, may(SEE_CUSTOMERS)]


class Customer(BaseModel):
    """A person known to the store. Of whoever was erased nothing personal is left."""

    id: int
    email: str | None
    name: str | None
    locale: str = Field(description="The language in which they are written to.")
    news: bool = Field(description="Whether they want to hear of more than what they bought.")
    since: datetime
    erased: bool


class Subscription(BaseModel):
    """A variant that the customer has subscribed to; amounts of each cycle in minor units."""

    id: int
    product: int
    title: str
    state: Literal["active", "past_due", "unpaid", "ended"]
    currency: str
    goods: int
    shipping: int
    count: int = Field(description="It is paid every so many of `unit`.")
    unit: Literal["week", "month", "year"]
    cancels: bool = Field(description="It ends with the period that is paid.")
    begun_at: datetime
    period_end: datetime | None
    ended_at: datetime | None


class KnownCustomer(Customer):
    """A customer, with what they have done."""

    pledges: int = Field(description="Confirmed, whatever became of them since.")
    orders: int = Field(description="Paid, whatever became of them since.")
    subscriptions: list[Subscription]


@router.get("/customers")
async def list_customers(
    call: Seeing, paging: Annotated[Paging, Query()], email: QueryAddress = None
) -> Page[Customer]:
    """The store’s customers, those it has known longest first."""
    (after,) = paging.place()
    asked = email.lower() if email else None
    async with reading(call.database) as db:
        rows = await api_customers.customers(db, call.store_id, asked, after, paging.limit + 1)
    return paging.page(rows, [Customer(**_told(row)) for row in rows], "id")


@router.get("/customers/{customer}")
async def get_customer(call: Seeing, customer: PathId) -> KnownCustomer:
    """One customer, with how often they have pledged and ordered, and what they subscribe to."""
    async with reading(call.database) as db:
        row = await api_customers.customer(db, call.store_id, customer)
    if row is None:
        raise NotFound(NO_CUSTOMER)
    done = {name: row[name] for name in ("pledges", "orders", "subscriptions")}
    return KnownCustomer.model_validate(_told(row) | done)


def _told(row: Any) -> dict[str, Any]:
    is_somebody = row["erased_at"] is None
    return {
        "id": row["id"],
        "email": row["email"] if is_somebody else None,
        "name": (row["name"] or None) if is_somebody else None,
        "locale": row["locale"],
        "news": row["news"],
        "since": row["created_at"],
        "erased": not is_somebody,
    }
