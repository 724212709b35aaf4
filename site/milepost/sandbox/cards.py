"""The well-known test cards and test bank accounts, and what each does.

Source: Stripe, "Test card numbers", "Test account numbers" of the bank debits. No other number is
taken, so no real one is ever kept.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Card:
    """A test card: what its bank answers, and when it asks its holder first."""

    number: str
    title: str
    brand: str = "visa"
    country: str = "US"
    decline: str | None = None
    """The decline code of every charge; None when its bank says yes."""
    saves: bool = True
    """Whether it can be saved for later."""
    asks: Literal["never", "on_session", "unless_set_up", "always"] = "never"
    """When 3-D Secure is asked: in a payment on the page, off-session unless saved, or always."""
    dispute: str | None = None
    refund: Literal["now", "late", "fails"] = "now"
    listed: bool = True
    """Whether the payment page offers it in its short list."""

    @property
    def last4(self) -> str:
        """The digits that may be shown."""
        return self.number[-4:]


@dataclass(frozen=True)
class Account:
    """A test bank account, which answers only after a while."""

    number: str
    title: str
    type: Literal["us_bank_account", "sepa_debit", "bacs_debit"]
    failure: str | None = None
    settles: bool = True
    """False for an account whose payments stay pending until told otherwise."""
    dispute: str | None = None

    @property
    def last4(self) -> str:
        """The digits that may be shown."""
        return self.number[-4:]


CARDS: dict[str, Card] = {
    card.number: card
    for card in (
        Card("4242424242424242", "Succeeds"),
        Card("5555555555554444", "Succeeds (Mastercard)", "mastercard"),
        Card("378282246310005", "Succeeds (American Express)", "amex", listed=False),
        Card("4000056655665556", "Succeeds (debit)", listed=False),
        Card("2223003122003222", "Succeeds (Mastercard 2-series)", "mastercard", listed=False),
        Card("6011111111111117", "Succeeds (Discover)", "discover", listed=False),
        Card("4000002760000016", "Succeeds (Germany)", country="DE", listed=False),
        Card("4000000000000002", "Is declined", decline="generic_decline", saves=False),
        Card("4000000000009995", "Insufficient funds", decline="insufficient_funds", saves=False),
        Card("4000000000009987", "Lost card", decline="lost_card", saves=False, listed=False),
        Card("4000000000009979", "Stolen card", decline="stolen_card", saves=False, listed=False),
        Card("4000000000000069", "Expired card", decline="expired_card", saves=False, listed=False),
        Card("4000000000000127", "Wrong CVC", decline="incorrect_cvc", saves=False, listed=False),
        Card(
            "4000000000000119",
            "Processing error",
            decline="processing_error",
            saves=False,
            listed=False,
        ),
        Card(
            "4000000000006975",
            "Tried too often",
            decline="card_velocity_exceeded",
            saves=False,
            listed=False,
        ),
        Card("4000000000000341", "Saves, is declined when charged", decline="generic_decline"),
        Card("4000002500003155", "3-D Secure, once to save", country="FR", asks="unless_set_up"),
        Card("4000002760003184", "3-D Secure, every time", country="DE", asks="always"),
        Card("4000003800000446", "Already set up for later", country="PL", asks="on_session"),
        Card("4000000000003220", "3-D Secure 2", asks="unless_set_up", listed=False),
        Card(
            "4000008260003178",
            "3-D Secure, then insufficient funds",
            country="GB",
            asks="unless_set_up",
            decline="insufficient_funds",
            listed=False,
        ),
        Card(
            "4000008400001629",
            "3-D Secure, then declined",
            asks="unless_set_up",
            decline="generic_decline",
            listed=False,
        ),
        Card("4000000000000259", "Succeeds, then is disputed", dispute="fraudulent"),
        Card(
            "4000000000002685",
            "Succeeds, then “not received”",
            dispute="product_not_received",
            listed=False,
        ),
        Card("4000000000007726", "A refund arrives late", refund="late", listed=False),
        Card("4000000000005126", "A refund fails later", refund="fails"),
    )
}

ACCOUNTS: dict[str, Account] = {
    account.number: account
    for account in (
        Account("000123456789", "Succeeds after a while", "us_bank_account"),
        Account("000111111116", "Fails: no account", "us_bank_account", "no_account"),
        Account("000111111113", "Fails: account closed", "us_bank_account", "account_closed"),
        Account("000222222227", "Fails: no funds", "us_bank_account", "insufficient_funds"),
        Account("000000000009", "Stays pending", "us_bank_account", settles=False),
        Account("AT611904300234573201", "Succeeds after a while", "sepa_debit"),
        Account("AT861904300235473202", "Fails: not allowed", "sepa_debit", "debit_not_authorized"),
        Account("AT591904300235473203", "Succeeds, disputed", "sepa_debit", dispute="fraudulent"),
        Account("00012345", "Succeeds after a while", "bacs_debit"),
        Account("22222227", "Fails: no funds", "bacs_debit", "insufficient_funds"),
    )
}

BANK_OF_CURRENCY = {"usd": "us_bank_account", "eur": "sepa_debit", "gbp": "bacs_debit"}
"""The bank debit that a currency has; other currencies have none here."""

TOKENS: dict[str, str] = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_amex": "378282246310005",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_authenticationRequiredSetupForOffSession": "4000003800000446",
    "pm_card_createDispute": "4000000000000259",
    "pm_card_pendingRefund": "4000000000007726",
    "pm_card_refundFail": "4000000000005126",
}
"""Stripe's ready-made payment methods for tests, by the card that they stand for."""


def passes_luhn(number: str) -> bool:
    """Whether the check digit of a card number is right (ISO/IEC 7812-1, annex B)."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + doubled) % 10 == 0
