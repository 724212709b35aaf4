"""`/api/v1/products`, `…/listings`: what the store has to give and to sell."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from milepost.domain.errors import Invalid, NotFound
from milepost.domain.listings import LONGEST_LABEL, LONGEST_TITLE
from milepost.domain.scopes import EDIT_SHOP, SEE_SHOP
from milepost.services.amending_products import Amended, amend_product, check_prices, hold_product
from milepost.services.offering import NewVariant, add_variant
from milepost.services.preparing import NewProduct, Translations
from milepost.services.stocking import make_product
from milepost.storage import api_shop, studio_milestones
from milepost.storage.database import Connection, reading, unit
from milepost.web.api.etags import IfMatch, etag_of, expect
from milepost.web.api.fields import Amount, Count, Flag, Id, Page, Paging, PathId, QueryId, Sent
from milepost.web.api.gate import Call, may
from milepost.web.api.operations import operations
from milepost.web.studio.milestone_view import languages_beside

router = operations("Products")
NO_PRODUCT, NO_LISTING = "There is no such product.", "There is no such listing."
Seeing = Annotated[Call, may(SEE_SHOP)]
Editing = Annotated[Call, may(EDIT_SHOP)]
ONE_LINE = r"^[^\x00-\x1f]*$"
Title = Annotated[
    str,
    StringConstraints(
        strict=True, max_length=LONGEST_TITLE, pattern=r"^[^\x00-\x20][^\x00-\x1f]*$"
    ),
]
Label = Annotated[str, StringConstraints(strict=True, max_length=LONGEST_LABEL, pattern=ONE_LINE)]
Alt = Annotated[str, StringConstraints(strict=True, max_length=300, pattern=ONE_LINE)]
Currency = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{3}$")]
Language = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z]{2,3}$")]
Prices = Annotated[
    dict[Currency, Amount],
    Field(description="Minor units by currency; it is not sold in any other.", max_length=200),
]


class Every(Sent):
    """Sold by subscription, paid every so many weeks, months or years."""

    count: Annotated[int, Field(strict=True, ge=1, le=36)]
    unit: Literal["week", "month", "year"]


class Words(Sent):
    """Texts of a product in another language."""

    title: Title | None = None
    label: Label | None = None


Translated = Annotated[
    dict[Language, Words],
    Field(description="By language, besides the store’s own.", max_length=50),
]


class Product(BaseModel):
    """A product as it was set; how much of it there is: `…/stock`."""

    id: int
    title: str
    image: str | None
    image_alt: str
    listing: int | None = Field(description="The listing that sells it, as one of its variants.")
    label: str = Field(description="What tells it from its listing’s other variants.")
    prices: dict[str, int] = Field(description="Minor units by currency.")
    ships: bool
    every: Every | None = Field(description="How often it is paid, if by subscription.")
    translations: dict[str, Words]


class Listing(BaseModel):
    """A page of the shop, with its variants in their order."""

    id: int
    slug: str
    url: str
    title: str
    text: str = Field(description="Markdown.")
    published: bool
    published_at: datetime | None
    is_gift_card: bool
    collections: list[str] = Field(description="Their slugs.")
    variants: list[Product]
    translations: dict[str, dict[str, str]]


class NewProductSent(Sent):
    """A product to be made; with a `listing` it is sold as its last variant."""

    title: Title | None = Field(None, description="Of a variant: made from its listing and label.")
    stock: Count | None = Field(None, description="Pieces on the shelf; null never runs out.")
    listing: Id | None = None
    label: Label = ""
    prices: Prices = Field(default_factory=dict)
    ships: Flag = True
    every: Every | None = None
    translations: Translated = Field(default_factory=dict)

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Wind muff", "stock": 200},
                {"listing": 4, "label": "Large", "prices": {"USD": 2400}, "stock": 50},
            ]
        }
    )


class ProductSent(Sent):
    """What is to be different of a product; what is not named stays."""

    title: Title = Field(default_factory=str)
    image_alt: Alt = Field(default_factory=str, description="What the picture shows, in words.")
    label: Label = Field(default_factory=str)
    prices: Prices = Field(
        default_factory=dict, description="All of them, in minor units: one left out ends."
    )
    ships: Flag = Field(default_factory=bool)
    every: Every | None = Field(
        default_factory=lambda: None, description="Null: it is sold once, not by subscription."
    )
    translations: Translated = Field(default_factory=dict)

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"prices": {"USD": 2600, "EUR": 2400}}]}
    )


@router.get("/products")
async def list_products(
    call: Seeing, paging: Annotated[Paging, Query()], listing: QueryId = None
) -> Page[Product]:
    """The store’s products, oldest first; of a listing, its variants."""
    (after,) = paging.place()
    async with reading(call.database) as db:
        rows = await api_shop.products(db, call.store_id, listing, after, paging.limit + 1)
    return paging.page(rows, [told(row, call) for row in rows], "id")


@router.get("/products/{product}")
async def get_product(call: Seeing, product: PathId, response: Response) -> Product:
    """One product, with its `ETag`."""
    async with reading(call.database) as db:
        return await _found(db, call, product, response)


@router.post("/products", status_code=201)
async def add_product(call: Editing, sent: NewProductSent, response: Response) -> Product:
    """Make a product; with a `listing` it is one more of its variants."""
    async with unit(call.database) as db:
        words = await _words(db, call, sent.translations)
        if sent.listing is None:
            if sent.title is None:
                raise Invalid("Give the product a title.", about="title")
            for name in ("label", "prices", "ships", "every"):
                if name in sent.model_fields_set:
                    raise Invalid("Only a variant has this. Name its listing.", about=name)
            new = NewProduct(sent.title.strip(), "", "", sent.stock, _of(words, "title"))
            made = await make_product(
                call.database, call.store_id, new, call.author.creator_id, call.now
            )
        else:
            if sent.title is not None:
                raise Invalid(
                    "A variant is called after its listing. Give it a label instead.",
                    about="title",
                )
            await check_prices(db, call.store_id, sent.prices, {})
            new = NewProduct("", "", "", sent.stock, _of(words, "label"))
            every = (sent.every.count, sent.every.unit) if sent.every else None
            variant = NewVariant(new, sent.label.strip(), sent.prices, sent.ships, every)
            made = await add_variant(
                call.database, call.author, sent.listing, variant, call.now, is_typed=False
            )
        response.headers["location"] = f"/api/v1/products/{made}"
        return await _found(db, call, made, response)


@router.patch("/products/{product}")
async def edit_product(
    call: Editing, product: PathId, sent: ProductSent, response: Response, if_match: IfMatch = None
) -> Product:
    """Change what is named of a product. Its stock is changed by itself."""
    async with unit(call.database) as db:
        row = await hold_product(db, call.store_id, product)
        expect(if_match, told(row, call))
        words = await _words(db, call, sent.translations)
        said = sent.model_dump(exclude_unset=True, exclude={"every", "translations"})
        told_anew: dict[str, Any] = {
            name: value.strip() if isinstance(value, str) else value for name, value in said.items()
        }
        wish = Amended(**told_anew)
        if "every" in sent.model_fields_set:
            wish = replace(wish, every=(sent.every.count, sent.every.unit) if sent.every else ())
        if "translations" in sent.model_fields_set:
            wish = replace(wish, translations=words)
        if sent.model_fields_set:
            await amend_product(call.database, call.author, product, wish, call.now)
        return await _found(db, call, product, response)


@router.get("/listings")
async def list_listings(
    call: Seeing, paging: Annotated[Paging, Query()], published: bool | None = None
) -> Page[Listing]:
    """The pages of the shop, oldest first."""
    (after,) = paging.place()
    async with reading(call.database) as db:
        rows = await api_shop.listings(db, call.store_id, published, after, paging.limit + 1)
    return paging.page(rows, [_told_listing(row, call) for row in rows], "id")


@router.get("/listings/{listing}")
async def get_listing(call: Seeing, listing: PathId, response: Response) -> Listing:
    """One page of the shop, with its `ETag`."""
    async with reading(call.database) as db:
        row = await api_shop.listing(db, call.store_id, listing)
    if row is None:
        raise NotFound(NO_LISTING)
    found = _told_listing(row, call)
    response.headers["etag"] = etag_of(found)
    return found


async def _found(db: Connection, call: Call, product_id: int, response: Response) -> Product:
    row = await api_shop.product(db, call.store_id, product_id)
    if row is None:
        raise NotFound(NO_PRODUCT)
    found = told(row, call)
    response.headers["etag"] = etag_of(found)
    return found


def told(row: Any, call: Call) -> Product:
    """A product as it is told."""
    image = f"{call.site.settings.base_url}/media/{row['image']}" if row["image"] else None
    every = None
    if row["every_unit"]:
        every = Every(count=row["every_count"], unit=row["every_unit"])
    return Product(
        id=row["id"],
        title=row["title"],
        image=image,
        image_alt=row["image_alt"],
        listing=row["listing_id"],
        label=row["label"],
        prices=row["prices"],
        ships=row["ships"],
        every=every,
        translations={
            tag: Words.model_construct(title=said.get("title"), label=said.get("label"))
            for tag, said in sorted(row["translations"].items())
        },
    )


def _told_listing(row: Any, call: Call) -> Listing:
    return Listing(
        id=row["id"],
        slug=row["slug"],
        url=f"{call.site.settings.base_url}/shop/{row['slug']}",
        title=row["title"],
        text=row["text"],
        published=row["published"],
        published_at=row["published_at"],
        is_gift_card=row["is_gift_card"],
        collections=row["collections"],
        variants=[told(variant, call) for variant in row["variants"]],
        translations=row["translations"],
    )


async def _words(db: Connection, call: Call, sent: dict[str, Words]) -> Translations:
    """Texts in other languages as they are kept. Raises Invalid for a language of nobody's."""
    own = await studio_milestones.language(db, call.store_id) if sent else ""
    known = {tag for tag, _ in languages_beside(own)}
    for tag in sent:
        if tag not in known:
            raise Invalid(
                "Texts can be in these languages besides the store’s own: %(languages)s.",
                about=f"translations/{tag}",
                languages=", ".join(sorted(known)),
            )
    told_in = {tag: words.model_dump(exclude_none=True) for tag, words in sent.items()}
    return {tag: words for tag, words in told_in.items() if words}


def _of(words: Translations, name: str) -> Translations:
    return {tag: {name: said[name]} for tag, said in words.items() if said.get(name)}
