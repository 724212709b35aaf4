"""`/api/v1/stock`: how much of each product there is; what comes goes to who waits first (A14)."""

from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from milepost.domain.errors import NotFound
from milepost.domain.scopes import EDIT_SHOP, SEE_SHOP
from milepost.services import shelving
from milepost.services.shelving import StockChange, hold_stock
from milepost.storage import api_shop
from milepost.storage.database import Connection, reading, unit
from milepost.web.api.etags import IfMatch, etag_of, expect
from milepost.web.api.fields import Count, Id, Line, Page, Paging, PathId, Sent
from milepost.web.api.gate import Call, may
from milepost.web.api.operations import operations
from milepost.web.api.products import NO_PRODUCT

MOST = 1000
router = operations("Stock")
Seeing = Annotated[Call, may(SEE_SHOP)]
Editing = Annotated[Call, may(EDIT_SHOP)]


class Stock(BaseModel):
    """How many pieces of a product there are; null where it never runs out."""

    product: int
    stock: int | None = Field(description="On the shelf: nobody has claimed these.")
    claimed: int = Field(description="Orders have taken them out of the stock, sent or not.")
    waiting: int = Field(description="Owed as rewards, with nothing on the shelf for them yet.")
    left: int | None = Field(
        description="What the shop sells: the stock, or nothing of it while rewards wait."
    )


class StockSent(Sent):
    """What is on the shelf now."""

    stock: Count | None = Field(description="Null never runs out.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"stock": 40}]})


class Change(Sent):
    """So many pieces of a product more, or fewer."""

    product: Id
    change: Annotated[int, Field(strict=True, ge=-(10**9), le=10**9)]
    why: Line = Field("", description="For the store’s log.")

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"product": 7, "change": 40, "why": "Delivery 1042"}]}
    )


Changes = Annotated[list[Change], Field(min_length=1, max_length=MOST)]


@router.get("/stock")
async def list_stock(call: Seeing, paging: Annotated[Paging, Query()]) -> Page[Stock]:
    """The stock of every product, in the order of their ids."""
    (after,) = paging.place()
    async with reading(call.database) as db:
        rows = await api_shop.stock(db, call.store_id, after, paging.limit + 1)
    return paging.page(rows, [_told(row) for row in rows], "product")


@router.get("/products/{product}/stock")
async def get_stock(call: Seeing, product: PathId, response: Response) -> Stock:
    """The stock of one product, with its `ETag`."""
    async with reading(call.database) as db:
        return await _found(db, call, product, response)


@router.put("/products/{product}/stock")
async def set_stock(
    call: Editing, product: PathId, sent: StockSent, response: Response, if_match: IfMatch = None
) -> Stock:
    """Set how many pieces are there, as they were counted. Waiting rewards are served at once."""
    async with unit(call.database) as db:
        await hold_stock(db, call.store_id, [product])
        expect(if_match, await _found(db, call, product, response))
        await shelving.set_stock(call.database, call.author, product, sent.stock, call.now)
        return await _found(db, call, product, response)


@router.post("/stock/changes")
async def change_stock(call: Editing, sent: Changes) -> list[Stock]:
    """Add pieces, or take some away, of up to 1,000 products: all of it or nothing.

    Refused where fewer are there than are taken away. Waiting rewards are served at once.
    """
    changes = [StockChange(each.product, each.change, each.why.strip()) for each in sent]
    async with unit(call.database) as db:
        await shelving.change_stock(call.database, call.author, changes, call.now)
        ids = [each.product for each in sent]
        rows = await api_shop.stock(db, call.store_id, 0, len(ids), ids)
    return [_told(row) for row in rows]


async def _found(db: Connection, call: Call, product_id: int, response: Response) -> Stock:
    rows = await api_shop.stock(db, call.store_id, 0, 1, [product_id])
    if not rows:
        raise NotFound(NO_PRODUCT)
    found = _told(rows[0])
    response.headers["etag"] = etag_of(found)
    return found


def _told(row: Any) -> Stock:
    return Stock(
        product=row["product"],
        stock=row["stock"],
        claimed=row["claimed"],
        waiting=row["waiting"],
        left=row["for_sale"],
    )
