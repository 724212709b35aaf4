"""Stripe through its own library: pages, charges, refunds, tax; its events and its books."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import orjson
import stripe
from stripe.params import RefundCreateParams
from stripe.params.checkout import SessionCreateParams

from milepost.gateways import charges, checkouts, movements, refusals, taxes
from milepost.gateways.checkouts import Card, Checkout, CheckoutLine
from milepost.gateways.marks import Page, marks
from milepost.gateways.movements import Movement
from milepost.gateways.refusals import (
    BadSignature,
    Declined,
    PaymentUnavailable,
    RefundRefused,
    TaxUnknown,
    Unchargeable,
)
from milepost.settings import Settings

__all__ = [
    "BadSignature",
    "Card",
    "Checkout",
    "CheckoutLine",
    "Declined",
    "Movement",
    "PaymentUnavailable",
    "RefundRefused",
    "StripeGateway",
    "TaxUnknown",
    "Unchargeable",
]

API_VERSION = "2026-10-28.endive"
TIMEOUT = 15  # seconds for one call
RETRIES = 2
TOLERANCE = 300  # seconds: an event signed longer ago is a replay


class StripeGateway:
    """The part of Stripe that Milepost uses; each method raises PaymentUnavailable.

    Source: Stripe API reference.
    """

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
        purpose: Page = "checkout",
        attempt_id: int = 0,
        customer: str | None = None,
        email: str | None = None,
        tax: bool = False,
        note: str = "",
    ) -> Checkout:
        """Open a payment page; the same `idempotency_key` opens the same one (P4).

        `email` is filled in where no `customer` is named; `tax` is added on top of the prices; the
        `note` stands beside the button.
        """
        metadata = marks(campaign_id, pledge_id, attempt_id, purpose)
        params = checkouts.session_params(
            mode, pledge_id, metadata, currency, lines, expires_at, success_url, cancel_url, locale
        )
        checkouts.name_payer(params, customer, email)
        if tax:
            checkouts.add_tax(params)
        if note:
            checkouts.add_note(params, note)
        try:
            session = await self._client.v1.checkout.sessions.create_async(
                params, {"idempotency_key": idempotency_key}
            )
        except stripe.StripeError as error:
            raise PaymentUnavailable(str(error)) from error
        if session.url is None:
            raise PaymentUnavailable(f"checkout {session.id} has no page")
        return Checkout(session.id, session.url)

    async def open_order_page(self, params: SessionCreateParams, idempotency_key: str) -> Checkout:
        """Open the payment page of an order; the same key opens the same one (P4)."""
        try:
            session = await self._client.v1.checkout.sessions.create_async(
                params, {"idempotency_key": idempotency_key}
            )
        except stripe.StripeError as error:
            raise PaymentUnavailable(str(error)) from error
        if session.url is None:
            raise PaymentUnavailable(f"checkout {session.id} has no page")
        return Checkout(session.id, session.url)

    async def checkout_is_complete(self, session: str) -> bool:
        """True for a payment page that somebody completed; False for one that is open or over."""
        try:
            found = await self._client.v1.checkout.sessions.retrieve_async(session)
        except stripe.InvalidRequestError:
            return False
        except stripe.StripeError as error:
            raise PaymentUnavailable(str(error)) from error
        return found.status == "complete"

    async def end_checkout(self, session: str) -> bool:
        """Close a payment page that nobody completed; False when it was over already."""
        try:
            await self._client.v1.checkout.sessions.expire_async(session)
        except stripe.InvalidRequestError:
            return False
        except stripe.StripeError as error:
            raise PaymentUnavailable(str(error)) from error
        return True

    async def card_of_checkout(self, session: str) -> Card | None:
        """The card that a payment page has saved; None while there is none, or no such page."""
        try:
            found = await self._client.v1.checkout.sessions.retrieve_async(
                session, {"expand": ["setup_intent"]}
            )
        except stripe.InvalidRequestError:
            return None
        except stripe.StripeError as error:
            raise PaymentUnavailable(str(error)) from error
        return checkouts.card_of(found)

    async def charge_card(
        self,
        *,
        customer: str,
        method: str,
        amount: int,
        currency: str,
        campaign_id: int,
        pledge_id: int,
        attempt_id: int,
        description: str,
        idempotency_key: str,
        tax_calculation: str | None = None,
    ) -> str:
        """Take `amount` minor units, tax included, from a saved card; returns the payment's id.

        The money is then here, or on its way from a slow bank. The same `idempotency_key` asks
        about the same try for 24 hours, and needs the very same arguments. Raises Declined,
        Unchargeable, or PaymentUnavailable when nobody knows whether the card was charged (P4).
        """
        params = charges.charge_params(
            customer,
            method,
            amount,
            currency,
            marks(campaign_id, pledge_id, attempt_id, "charge"),
            description,
            tax_calculation,
        )
        try:
            intent = await self._client.v1.payment_intents.create_async(
                params, {"idempotency_key": idempotency_key}
            )
        except stripe.StripeError as error:
            raise refusals.of_charge(error) from error
        return charges.outcome(intent)

    async def end_subscription_with_period(self, subscription: str, ends: bool) -> None:
        """It ends with the period that is paid, or goes on after it; again is no harm."""
        try:
            await self._client.v1.subscriptions.update_async(
                subscription, {"cancel_at_period_end": ends}
            )
        except stripe.StripeError as error:
            raise PaymentUnavailable(str(error)) from error

    async def end_subscription(self, subscription: str) -> None:
        """It is over now; nothing happens to one that was."""
        try:
            await self._client.v1.subscriptions.cancel_async(subscription)
        except stripe.InvalidRequestError:
            return
        except stripe.StripeError as error:
            raise PaymentUnavailable(str(error)) from error

    async def use_card(self, subscription: str, method: str) -> None:
        """Its invoices are paid with this card; one that is open, now. Raises Declined.

        Source: Stripe, "Subscription invoices".
        """
        try:
            await self._client.v1.subscriptions.update_async(
                subscription, {"default_payment_method": method}
            )
            open_ones = await self._client.v1.invoices.list_async(
                {"subscription": subscription, "status": "open", "limit": 100}
            )
            async for invoice in open_ones.auto_paging_iter():
                await self._client.v1.invoices.pay_async(str(invoice.id))
        except stripe.CardError as error:
            raise Declined(error.code or "", "", str(error)) from error
        except stripe.InvalidRequestError:
            return  # it is over, or somebody has paid meanwhile
        except stripe.StripeError as error:
            raise PaymentUnavailable(str(error)) from error

    async def find_charge(self, customer: str, attempt_id: int) -> str | None:
        """What `charge_card` answered for this attempt, however long ago; None if it never began.

        Raises Declined as `charge_card` did. Source: Stripe API reference, "Idempotent requests".
        """
        try:
            page = await self._client.v1.payment_intents.list_async(
                {"customer": customer, "limit": 100}
            )
            async for intent in page.auto_paging_iter():
                if charges.is_of(intent, attempt_id):
                    return charges.outcome(intent)
        except stripe.StripeError as error:
            raise PaymentUnavailable(str(error)) from error
        return None

    async def cancel_charge(self, intent: str) -> None:
        """See to it that a declined charge is never completed; nothing happens if it can't be."""
        try:
            await self._client.v1.payment_intents.cancel_async(
                intent, {"cancellation_reason": "abandoned"}
            )
        except stripe.InvalidRequestError:
            return
        except stripe.StripeError as error:
            raise PaymentUnavailable(str(error)) from error

    async def refund(
        self,
        payment: str,
        amount: int,
        idempotency_key: str,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Give back `amount` minor units of a payment; returns the refund's id.

        Raises RefundRefused when Stripe never will: given back already, disputed, too much.
        """
        params: RefundCreateParams = {"payment_intent": payment, "amount": amount}
        if metadata:
            params["metadata"] = dict(metadata)
        try:
            refund = await self._client.v1.refunds.create_async(
                params, {"idempotency_key": idempotency_key}
            )
        except stripe.InvalidRequestError as error:
            raise RefundRefused(error.user_message or str(error)) from error
        except stripe.StripeError as error:
            raise PaymentUnavailable(str(error)) from error
        return refund.id

    async def calculate_tax(
        self, *, amount: int, currency: str, country: str, postal_code: str = "", reference: str
    ) -> tuple[int, str]:
        """The tax on top of `amount`, in minor units, for a payer there, and Stripe's id of it.

        The id goes into `charge_card` with the sum of both. `country` is an ISO 3166-1 code;
        `reference` names the line in tax reports. Raises TaxUnknown.
        """
        try:
            found = await self._client.v1.tax.calculations.create_async(
                taxes.calculation_params(amount, currency, country, postal_code, reference)
            )
        except stripe.InvalidRequestError as error:
            raise TaxUnknown(error.user_message or str(error)) from error
        except stripe.StripeError as error:
            raise PaymentUnavailable(str(error)) from error
        if found.id is None:
            raise TaxUnknown("the calculation was not kept")
        return found.tax_amount_exclusive, found.id

    async def place_of_card(self, method: str) -> tuple[str, str]:
        """The country and postal code that a card's holder told, for `calculate_tax`.

        Raises TaxUnknown when there is no country, or no such card.
        """
        try:
            found = await self._client.v1.payment_methods.retrieve_async(method)
        except stripe.InvalidRequestError as error:
            raise TaxUnknown(error.user_message or str(error)) from error
        except stripe.StripeError as error:
            raise PaymentUnavailable(str(error)) from error
        return taxes.place_of(found)

    async def payments_since(self, since: datetime) -> AsyncIterator[Movement]:
        """Every payment begun since then, newest first, whoever asked for it."""
        try:
            page = await self._client.v1.payment_intents.list_async(
                {"created": {"gte": int(since.timestamp())}, "limit": 100}
            )
            async for intent in page.auto_paging_iter():
                yield movements.of_payment(intent)
        except stripe.StripeError as error:
            raise PaymentUnavailable(str(error)) from error

    async def refunds_since(self, since: datetime) -> AsyncIterator[Movement]:
        """Every refund made since then, newest first, also of older payments."""
        try:
            page = await self._client.v1.refunds.list_async(
                {"created": {"gte": int(since.timestamp())}, "limit": 100}
            )
            async for refund in page.auto_paging_iter():
                yield movements.of_refund(refund)
        except stripe.StripeError as error:
            raise PaymentUnavailable(str(error)) from error

    async def events_since(self, since: datetime) -> AsyncIterator[dict[str, Any]]:
        """Every event that Stripe made since then, newest first, whoever received it.

        Source: Stripe API reference, "List all events".
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
