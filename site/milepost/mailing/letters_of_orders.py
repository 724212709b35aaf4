"""What the mails about an order say; `detail` holds what each docstring names."""

from milepost.domain.carriers import tracking_link
from milepost.mailing.about import About, Said
from milepost.services.gift_cards import written
from milepost.services.showing_orders import rows_of_order


def order_rows(a: About) -> list[tuple[str, str]]:
    """What the order holds and what came off it, line by line: together its total."""
    rows = rows_of_order(a.order, a.locale)
    return [
        (row.label, a.money(row.amount, True) if row.amount is not None else a.gettext("Included"))
        for row in rows
    ]


def order(a: About) -> Said:
    """An order was paid, or was free; one paid too late says so, and a cycle without stock."""
    _ = a.gettext
    said = _("Your order at %(store)s is paid. Thank you.", store=a.store_name)
    if not a.order["total"]:
        said = (
            _("Your order at %(store)s is paid with your store credit. Thank you.",
              store=a.store_name)
            if a.order["credit"]
            else _("Your order at %(store)s is made. There is nothing to pay.", store=a.store_name)
        )  # fmt: skip
    paragraphs = [said]
    if a.detail.get("subscription") and not a.order["claiming"]:
        paragraphs.append(
            _("It is not in stock any more. The store writes to you, or gives your money back.")
        )
    elif not a.order["claiming"]:
        paragraphs.append(
            _("Your payment came after its page was over, and not all of it is in stock any more."
              " The store writes to you, or gives your money back.")
        )  # fmt: skip
    elif a.order["ships"]:
        paragraphs.append(_("You hear from us again when it is on its way to you."))
    return Said(
        subject=_("Your order at %(store)s", store=a.store_name),
        preview=said,
        title=_("Your order"),
        paragraphs=tuple(paragraphs),
        button=(_("See your order"), a.order_url),
        shows_lines=True,
    )


def gift_cards(a: About) -> Said:
    """The codes of the gift cards that were bought; they are for whoever has them."""
    _ = a.gettext
    cards = a.order["gift_cards"] or []
    said = _("These are the gift cards that you bought at %(store)s.", store=a.store_name)
    if len(cards) == 1:
        said = _("This is the gift card that you bought at %(store)s.", store=a.store_name)
    return Said(
        subject=_("Your gift card from %(store)s", store=a.store_name),
        preview=said,
        title=_("For whom you choose"),
        paragraphs=(
            said,
            _("Give the code away. Whoever redeems it has the amount as store credit."),
        ),
        facts=tuple((a.money(amount), written(code)) for code, amount in cards),
        button=(_("Redeem it yourself"), f"{a.base_url}/me/gift-card"),
    )


def order_shipped(a: About) -> Said:
    """An order is on its way. `carrier`, `tracking`."""
    _ = a.gettext
    carrier, tracking = (str(a.detail.get(name) or "") for name in ("carrier", "tracking"))
    said = _("What you ordered at %(store)s is on its way to you.", store=a.store_name)
    url = tracking_link(carrier, tracking)
    facts = ((_("Carrier"), carrier), (_("Tracking"), tracking))
    button = (_("Follow the parcel"), url) if url else (_("See your order"), a.order_url)
    return Said(
        subject=_("Your order at %(store)s is on its way", store=a.store_name),
        preview=said,
        title=_("On its way to you"),
        paragraphs=(said,),
        facts=tuple((n, fact) for n, fact in facts if fact and not fact.startswith("https:")),
        button=button,
    )


def order_refunded(a: About) -> Said:
    """Money of an order goes back: `amount` to who paid, or `credit` to the account."""
    _ = a.gettext
    if "credit" in a.detail:
        credit = a.money(int(a.detail["credit"]))
        said = _("%(sum)s of your order at %(store)s is in your store credit again.",
                 sum=credit, store=a.store_name)  # fmt: skip
        return Said(
            subject=_("Store credit back from %(store)s", store=a.store_name),
            preview=said,
            title=_("Back in your store credit"),
            paragraphs=(said, _("You can use it for your next order at once.")),
            button=(_("See your order"), a.order_url),
        )
    said = _("%(sum)s of your order at %(store)s goes back to you.",
             sum=a.money(int(a.detail["amount"])), store=a.store_name)  # fmt: skip
    return Said(
        subject=_("Money back from %(store)s", store=a.store_name),
        preview=said,
        title=_("Money back"),
        paragraphs=(said, _("It takes your bank 5 to 10 working days to show it.")),
        button=(_("See your order"), a.order_url),
    )
