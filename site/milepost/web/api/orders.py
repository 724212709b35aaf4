"""`/api/v1/orders`: what the shop has sold, whole; sent by one or by ten thousand."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from milepost.domain.carriers import tracking_link
from milepost.domain.errors import Invalid, NotFound
from milepost.domain.orders import OrderState
from milepost.domain.scopes import SEE_ORDERS, SEND_ORDERS
from milepost.services.batching import read_parcel
from milepost.services.minding_orders import is_disputed
from milepost.services.sending_orders import NotSent, OrderParcel, send_orders, why_not
from milepost.storage import api, api_orders
from milepost.storage.api_orders import OrdersWanted
from milepost.storage.database import reading, unit
from milepost.web.api.fields import Id, Line, Page, Paging, PathId, QueryAddress, Sent, Since
from milepost.web.api.gate import Call, may
from milepost.web.api.operations import operations
from milepost.wording.saying import say

MOST = 10_000
router = operations("Orders")
Seeing = Annotated[Call, may(SEE_ORDERS)]
Sending = Annotated[Call, may(SEND_ORDERS)]
Reason = Literal["unknown", "twice", "sent", "over", "unpaid", "incomplete", "disputed", "moving"]


class OrderLine(BaseModel):
    """Pieces of a product, as it was called and what it cost when it was ordered."""

    product: int
    title: str
    quantity: int
    price: int = Field(description="Of one piece, in minor units.")
    off: int = Field(description="What discounts take off the whole line, in minor units.")
    ships: bool


class OrderGift(BaseModel):
    """What goes along and costs nothing."""

    product: int
    title: str
    quantity: int
    grant: str | None = Field(description="The grant of a program that it is owed by.")


class OrderAddress(BaseModel):
    """Where it goes, as its customer has typed it."""

    name: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = Field("", description="ISO 3166-1 alpha-2.")
    phone: str = ""


class Sums(BaseModel):
    """What it comes to, in minor units: total is goods, less what is off, and so on downwards."""

    goods: int
    code_off: int
    tiers_off: int = Field(description="Off by the milestones of its cart.")
    shipping: int
    shipping_off: int
    credit: int = Field(description="Paid with store credit.")
    tax: int
    total: int = Field(description="Asked of the card.")
    paid: int = Field(description="What the card has paid.")
    refunded: int = Field(description="What went back to the card.")
    credit_back: int = Field(description="What went back to store credit.")


class OrderRefund(BaseModel):
    """What was decided to be given back."""

    id: int
    amount: int = Field(description="To the card, in minor units.")
    credit: int = Field(description="To store credit, in minor units.")
    state: Literal["begun", "sent", "failed"]
    reason: str
    lines: dict[str, int] = Field(description="Pieces that it is for, by place of their line.")
    at: datetime


class OrderSent(BaseModel):
    """The parcel that it travels as."""

    carrier: str
    tracking: str
    tracking_url: str | None = Field(description="At a carrier that Milepost knows.")
    shipped_at: datetime


class Order(BaseModel):
    """An order, whole."""

    id: int
    key: str = Field(description="Of its customer’s page, `/o/{key}`.")
    state: OrderState
    processing: bool = Field(description="Completed, and its bank takes its time.")
    disputed: bool
    sendable: bool = Field(description="Paid, set aside, not sent, and nobody asks it back.")
    made_at: datetime
    paid_at: datetime | None
    customer: int | None
    name: str | None
    email: str | None
    subscription: int | None = Field(description="The subscription whose paid cycle it is.")
    currency: str
    lines: list[OrderLine]
    gifts: list[OrderGift]
    sums: Sums
    code: str | None
    ships: bool
    shipping: str = Field(description="How it is sent, as the shop calls it.")
    country: str | None
    address: OrderAddress | None
    parcel: OrderSent | None
    refunds: list[OrderRefund]


class OrderShipment(Sent):
    """An order that has left."""

    order: Id
    carrier: Annotated[Line | None, Field(description="Where it is not the call’s.")] = None
    tracking: Annotated[Line, Field(description="A number, or an https address.")] = ""


class OrderShipments(Sent):
    """Orders that have left."""

    carrier: Annotated[Line, Field(description="Of each order that names none itself.")] = ""
    shipments: Annotated[list[OrderShipment], Field(min_length=1, max_length=MOST)]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "carrier": "DHL",
                    "shipments": [
                        {"order": 1041, "tracking": "00340434161094000001"},
                        {"order": 1042, "tracking": "1Z999AA10123456784", "carrier": "UPS"},
                    ],
                }
            ]
        }
    )


class OrderNotSent(BaseModel):
    """An order that was not marked as sent, and why."""

    index: int = Field(description="Its place in what was sent, from 0.")
    order: int
    reason: Reason
    detail: str


class OrdersSent(BaseModel):
    """What became of shipments: each was `sent`, or `already` sent, or is among the `refused`."""

    sent: int
    already: int = Field(description="Sent before, by the same carrier with the same tracking.")
    refused: list[OrderNotSent]


@router.get("/orders")
async def list_orders(
    call: Seeing,
    paging: Annotated[Paging, Query()],
    state: OrderState | None = None,
    paid_since: Since = None,
    email: QueryAddress = None,
    unsent: bool | None = None,
) -> Page[Order]:
    """The shop’s orders, oldest first.

    `unsent`: those that are paid and to be sent; `unsent=false`: those that were sent.
    """
    (after,) = paging.place()
    wanted = OrdersWanted(state, paid_since, email.lower() if email else None, unsent)
    async with unit(call.database) as db:
        await api.plan_for_filters(db)
        rows = await api_orders.orders(db, call.store_id, wanted, after, paging.limit + 1)
    return paging.page(rows, [_told(row) for row in rows], "id")


@router.get("/orders/{order:int}")  # beside /orders/shipments
async def get_order(call: Seeing, order: PathId) -> Order:
    """One order: lines, gifts, sums, address, parcel, what went back."""
    async with reading(call.database) as db:
        row = await api_orders.order(db, call.store_id, order)
    if row is None:
        raise NotFound("There is no such order.")
    return _told(row)


@router.post("/orders/shipments")
async def ship_orders(call: Sending, sent: OrderShipments) -> OrdersSent:
    """Mark orders as sent, by one or by ten thousand: each customer is told by mail.

    What can be sent is sent, for it has left already; each other one is refused by itself, and
    nothing comes of it. Whatever is sent here a second time with the same tracking changes nothing.
    """
    parcels = [_parcel(place, each, sent.carrier) for place, each in enumerate(sent.shipments)]
    done = await send_orders(call.database, call.author, parcels, call.now)
    refused = [_refused(each) for each in done.refused]
    return OrdersSent(sent=done.sent, already=done.already, refused=refused)


def _parcel(place: int, each: OrderShipment, usual: str) -> OrderParcel:
    """Raises Invalid for a number without a carrier."""
    try:
        usual = usual if each.carrier is None else each.carrier
        return OrderParcel(each.order, *read_parcel(usual, each.tracking))
    except Invalid as refusal:
        refusal.about = f"shipments/{place}/{refusal.about}"
        raise


def _refused(each: NotSent) -> OrderNotSent:
    told = {"index": each.place, "order": each.order_id, "reason": each.reason}
    return OrderNotSent.model_validate(told | {"detail": say(each.sentence, "en")})


def _told(row: Any) -> Order:
    address = {name: text for name, text in (row["address"] or {}).items() if text}
    parcel = None
    if row["shipped_at"] is not None:
        link = tracking_link(row["carrier"], row["tracking"]) or None
        parcel = OrderSent(
            carrier=row["carrier"],
            tracking=row["tracking"],
            tracking_url=link,
            shipped_at=row["shipped_at"],
        )
    same = ("id", "key", "state", "processing", "made_at", "paid_at", "currency", "ships",
            "country", "code")  # fmt: skip
    return Order.model_validate(
        {name: row[name] for name in same}
        | {
            "disputed": is_disputed(row),
            "sendable": row["ships"] and not why_not(row),
            "customer": row["customer_id"],
            "name": row["name"] or None,
            "email": row["email"] or None,
            "subscription": row["subscription_id"],
            "lines": [{"off": 0, "ships": True, **line} for line in row["lines"]],
            "gifts": [{"quantity": 1, "grant": None, **gift} for gift in row["gifts"]],
            "sums": {name: row[name] for name in Sums.model_fields},
            "shipping": row["shipping_title"],
            "address": address or None,
            "parcel": parcel,
            "refunds": row["refunds_told"],
        }
    )
