"""How a draft becomes public: its preview, its announcement, its launch."""

from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries

_sql = named_queries("launching")


async def counts(db: Connection, campaign_id: int) -> Any:
    """How many rewards and milestones there are, and which rewards have no way to be sent."""
    return await _sql.launch_of_campaign(db, campaign_id=campaign_id)


async def publish(db: Connection, campaign_id: int, opens_at: datetime) -> None:
    """From here on the campaign's page is there for everybody."""
    await _sql.publish_campaign(db, campaign_id=campaign_id, opens_at=opens_at)


async def announce(db: Connection, campaign_id: int, announced_at: datetime | None) -> None:
    """The page that says what is coming is public, or is not any more."""
    await _sql.announce_campaign(db, campaign_id=campaign_id, announced_at=announced_at)


async def renew_preview(db: Connection, campaign_id: int, key: str) -> None:
    """The preview is behind this key, and behind no earlier one."""
    await _sql.renew_preview(db, campaign_id=campaign_id, key=key)
