"""What the mails about a subscription say; each is about the order of its latest cycle.

`detail` holds its key (`subscription`), the `title` of what it is to, and how often it is paid
(`count` of a `unit`); what else, each docstring names.
"""

from datetime import datetime

from milepost.domain.subscriptions import every
from milepost.mailing.about import About, Said


def _own_page(a: About) -> str:
    return f"{a.base_url}/me/subscriptions/{a.detail['subscription']}"


def _title(a: About) -> str:
    return str(a.detail["title"])


def subscribed(a: About) -> Said:
    """The first cycle was paid."""
    _ = a.gettext
    often = every(int(a.detail["count"]), str(a.detail["unit"]))
    said = _("Your subscription to “%(title)s” at %(store)s has begun. Thank you.",
             title=_title(a), store=a.store_name)  # fmt: skip
    paragraphs = [
        said,
        _("You pay %(sum)s %(every)s, until you cancel. You cancel on your own page, at any time.",
          sum=a.money(a.order["total"], True),
          every=a.ngettext(often.one, often.many, often.count)),
    ]  # fmt: skip
    if not a.order["claiming"]:
        paragraphs.append(
            _("It is not in stock any more. The store writes to you, or gives your money back.")
        )
    elif a.order["ships"]:
        paragraphs.append(_("You hear from us again when it is on its way to you."))
    return Said(
        subject=_("Your subscription at %(store)s", store=a.store_name),
        preview=said,
        title=_("Your subscription"),
        paragraphs=tuple(paragraphs),
        button=(_("See your subscription"), _own_page(a)),
        shows_lines=True,
    )


def cycle_failed(a: About) -> Said:
    """The card was declined when the next cycle was due."""
    _ = a.gettext
    said = _("Your card was declined when your subscription to “%(title)s” was due.",
             title=_title(a))  # fmt: skip
    return Said(
        subject=_("Your card was declined at %(store)s", store=a.store_name),
        preview=said,
        title=_("Your card was declined"),
        paragraphs=(
            said,
            _("It is tried again in a few days. Choose another card, and it is paid at once."),
        ),
        button=(_("Choose another card"), _own_page(a)),
    )


def subscription_cancelled(a: About) -> Said:
    """It ends with the period that is paid. `until` is that end, as ISO 8601."""
    _ = a.gettext
    said = _("Your subscription to “%(title)s” is cancelled. You pay nothing more.",
             title=_title(a))  # fmt: skip
    paragraphs = [said]
    if a.detail.get("until"):
        day = a.shown.day(
            datetime.fromisoformat(str(a.detail["until"])), a.order["store_zone"], a.now
        )
        paragraphs.append(
            _("It runs until %(day)s, which is paid. Until then you can undo it.", day=day)
        )
    return Said(
        subject=_("Your subscription at %(store)s is cancelled", store=a.store_name),
        preview=said,
        title=_("Cancelled"),
        paragraphs=tuple(paragraphs),
        button=(_("See your subscription"), _own_page(a)),
    )


def subscription_ended(a: About) -> Said:
    """It is over. `reason`: `payment_failed` where no card could pay it."""
    _ = a.gettext
    said = _("Your subscription to “%(title)s” is over. You pay nothing more.",
             title=_title(a))  # fmt: skip
    why = _("The store has ended it. What you have paid for is sent, or given back.")
    if a.detail.get("reason") == "payment_failed":
        why = _("Your card was declined too often. Subscribe again whenever you like.")
    return Said(
        subject=_("Your subscription at %(store)s is over", store=a.store_name),
        preview=said,
        title=_("Over"),
        paragraphs=(said, why),
        button=(_("See your subscription"), _own_page(a)),
    )
