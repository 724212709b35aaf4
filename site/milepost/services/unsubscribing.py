"""Unsubscribing from news: a signed link that works without signing in, and a way back."""

from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from milepost.storage import mails
from milepost.storage.database import Database, reading, unit


class Subscriptions:
    """Makes and reads the links; they hold for ever, for a mail may be opened years later."""

    def __init__(self, secret: str) -> None:
        self._signed = URLSafeSerializer(secret, salt="milepost.news")

    def token(self, customer_id: int) -> str:
        """What stands in the link of this customer."""
        return str(self._signed.dumps(customer_id))

    def customer(self, token: str) -> int | None:
        """Whose link it is; None when it is none of ours."""
        try:
            found = self._signed.loads(token)
        except BadData:
            return None
        return found if type(found) is int else None


async def subscription(database: Database, customer_id: int) -> Any | None:
    """Whether the customer gets `news`, with their store; None when there is none such any more."""
    async with reading(database) as db:
        return await mails.subscription(db, customer_id)


async def want_news(database: Database, customer_id: int, wanted: bool) -> bool:
    """Turn news on or off; False when there is no such customer any more."""
    async with unit(database) as db:
        return await mails.want_news(db, customer_id, wanted)
