"""Stripe through its own library: checkouts made and ended, events checked and listed."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import orjson
import stripe
from stripe.params.checkout import SessionCreateParams, SessionCreateParamsLineItem

from milepost.domain.messages import N_
from milepost.gateways.stripe_events import CAMPAIGN, PLEDGE
from milepost.settings import Settings

API_VERSION = "2026-10-28.endive"
TIMEOUT = 15  # seconds for one call
RETRIES = 2
TOLERANCE = 300  # seconds: an event signed longer ago is a replay


class PaymentUnavailable(Exception):
    """Stripe could not be asked, or refused; `sentence` may be shown to the backer."""

    sentence = N_(
        "The payment page could not be opened just now. Nothing was charged. Please try again in"
        " a minute."
    )


class BadSignature(Exception):
    """An event that Stripe did not sign, or signed too long ago."""


@dataclass(frozen=True, slots=True)
class CheckoutLine:
    """One row of the payment page; `unit_price` in minor units."""

    title: str
    unit_price: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Checkout:
    """A payment page that was opened: where it is and how Stripe calls it."""

    session: str
    url: str


class StripeGateway:
    """The part of Stripe that Milepost uses. Source: Stripe API reference, "Checkout Sessions"."""

    def __init__(self, settings: Settings) -> None:
        self._webhook_secret = settings.stripe_webhook_secret
        base = {"api": settings.stripe_api_base} if settings.stripe_api_base else {}
        self._http = stripe.HTTPXClient(timeout=TIMEOUT)
        self._client = stripe.StripeClient(
            settings.stripe_secret_key,
            stripe_version=API_VERSION,
            base_addresses=base,  # type: ignore[arg-type]
            max_network_retries=RETRIES,
            http_client=self._http,
        )

    async def close(self) -> None:
        """Let go of the connections to Stripe."""
        await self._http.close_async()  # type: ignore[no-untyped-call]

    async def open_checkout(
        self,
        *,
        mode: Literal["payment", "setup"],
        campaign_id: int,
        pledge_id: int,
        currency: str,
        lines: Sequence[CheckoutLine],
        expires_at: datetime,
        success_url: str,
        cancel_url: str,
        locale: str,
        idempotency_key: str,
    ) -> Checkout:
        """Open a payment page; the same `idempotency_key` opens the same one (P4).

        Raises PaymentUnavailable.
        """
        metadata = {CAMPAIGN: str(campaign_id), PLEDGE: str(pledge_id)}
        params: SessionCreateParams = {
            "mode": mode,
            "client_reference_id": str(pledge_id),
            "metadata": metadata,
            "expires_at": int(expires_at.timestamp()),
            "success_url": success_url,
            "cancel_url": cancel_url,
            "locale": "de" if locale == "de" else "en",
        }
        if mode == "payment":
            params["line_items"] = [_line_item(line, currency) for line in lines]
            params["payment_intent_data"] = {"metadata": metadata}
        else:
            params["currency"] = currency.lower()
            params["customer_creation"] = "always"
            params["setup_intent_data"] = {"metadata": metadata}
        try:
            session = await self._client.v1.checkout.sessions.create_async(
                params, {"idempotency_key": idempotency_key}
            )
        except stripe.StripeError as error:
            raise PaymentUnavailable(str(error)) from error
        if session.url is None:
            raise PaymentUnavailable(f"checkout {session.id} has no page")
        return Checkout(session.id, session.url)

    async def end_checkout(self, session: str) -> bool:
        """Close a payment page that nobody completed; False when it was over already.

        Raises PaymentUnavailable.
        """
        try:
            await self._client.v1.checkout.sessions.expire_async(session)
        except stripe.InvalidRequestError:
            return False
        except stripe.StripeError as error:
            raise PaymentUnavailable(str(error)) from error
        return True

    async def refund(self, payment: str, amount: int, idempotency_key: str) -> str:
        """Give back `amount` minor units of a payment; returns the refund's id.

        Raises PaymentUnavailable.
        """
        try:
            refund = await self._client.v1.refunds.create_async(
                {"payment_intent": payment, "amount": amount},
                {"idempotency_key": idempotency_key},
            )
        except stripe.StripeError as error:
            raise PaymentUnavailable(str(error)) from error
        return refund.id

    async def events_since(self, since: datetime) -> AsyncIterator[dict[str, Any]]:
        """Every event that Stripe made since then, newest first, whoever received it.

        Raises PaymentUnavailable. Source: Stripe API reference, "List all events".
        """
        try:
            page = await self._client.v1.events.list_async(
                {"created": {"gte": int(since.timestamp())}, "limit": 100}
            )
            async for event in page.auto_paging_iter():
                yield orjson.loads(str(event))
        except stripe.StripeError as error:
            raise PaymentUnavailable(str(error)) from error

    def check_signature(self, payload: str, header: str) -> None:
        """Raises BadSignature unless Stripe signed `payload` within the last five minutes.

        Source: Stripe, "Check the webhook signatures".
        """
        try:
            stripe.WebhookSignature.verify_header(payload, header, self._webhook_secret, TOLERANCE)
        except (stripe.SignatureVerificationError, ValueError) as error:
            raise BadSignature(str(error)) from error


def _line_item(line: CheckoutLine, currency: str) -> SessionCreateParamsLineItem:
    return {
        "quantity": line.quantity,
        "price_data": {
            "currency": currency.lower(),
            "unit_amount": line.unit_price,
            "product_data": {"name": line.title},
        },
    }
