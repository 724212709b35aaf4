"""`/api/v1/campaigns`: campaigns as their creators have set them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query, Response
from pydantic import BaseModel, Field

from milepost.domain.errors import NotFound
from milepost.domain.messages import N_
from milepost.domain.scopes import SEE_CAMPAIGNS
from milepost.storage import api_campaigns
from milepost.storage.database import reading
from milepost.web.api.etags import etag_of
from milepost.web.api.fields import Page, Paging, Slug
from milepost.web.api.gate import Call, may
from milepost.web.api.operations import operations

router = operations("Campaigns")
NO_CAMPAIGN = N_("There is no such campaign.")
Seeing = Annotated[Call, may(SEE_CAMPAIGNS)]


class Campaign(BaseModel):
    """A campaign: what was set, not what came of it (`…/totals`)."""

    slug: str
    url: str
    title: str
    blurb: str
    story: str = Field(description="Markdown.")
    image: str | None
    image_alt: str
    basis: Literal["units", "money"]
    currency: str
    goal: int = Field(description="In the basis: units, or minor units of the currency.")
    funding_model: Literal["keep_it_all", "all_or_nothing"]
    zone: str
    opens_at: datetime
    closes_at: datetime
    late_pledges: bool
    published: bool
    outcome: Literal["funded", "failed"] | None = Field(description="Once it has closed.")


@router.get("/campaigns")
async def list_campaigns(
    call: Seeing, paging: Annotated[Paging, Query()], published: bool | None = None
) -> Page[Campaign]:
    """The store’s campaigns, oldest first."""
    (after,) = paging.place()
    async with reading(call.database) as db:
        rows = await api_campaigns.campaigns(db, call.store_id, published, after, paging.limit + 1)
    return paging.page(rows, [told(row, call) for row in rows], "id")


@router.get("/campaigns/{slug}")
async def get_campaign(call: Seeing, slug: Slug, response: Response) -> Campaign:
    """One campaign, with its `ETag`."""
    async with reading(call.database) as db:
        row = await api_campaigns.campaign(db, call.store_id, slug)
    if row is None:
        raise NotFound(NO_CAMPAIGN)
    found = told(row, call)
    response.headers["etag"] = etag_of(found)
    return found


def told(row: Any, call: Call) -> Campaign:
    """A campaign as it is told."""
    base = call.site.settings.base_url
    known = {name: row[name] for name in Campaign.model_fields if name in row.keys()}  # noqa: SIM118
    return Campaign(**known | {"url": f"{base}/c/{row['slug']}", "image": pictured(base, row)})


def pictured(base: str, row: Any) -> str | None:
    """The address of its picture."""
    return f"{base}/media/{row['image']}" if row["image"] else None
