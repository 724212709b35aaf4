"""Paying a session: one code path for the hosted page and for a scripted crowd."""

from dataclasses import dataclass, field

from . import attempts, form, intents, sessions, setups, subscriptions, taxes
from .books import Thing
from .customers import new_customer
from .desk import Desk
from .errors import invalid
from .methods import address, billing, new_method


@dataclass
class Outcome:
    """How an attempt went: where the buyer goes next, or what is wrong with which field."""

    session: Thing
    status: str
    """`complete`, `requires_action` or `open`."""
    next_url: str | None = None
    problems: dict[str, str] = field(default_factory=dict)
    error: Thing | None = None


def pay(desk: Desk, identifier: str, typed: dict[str, str]) -> Outcome:
    """One attempt on an open session, with what the buyer typed."""
    session = open_session(desk, identifier)
    typed = {name: typed.get(name, "").strip() for name in form.FIELDS}
    problems = form.check(desk, session, typed)
    if problems:
        return Outcome(session, "open", problems=problems)
    _note_buyer(desk, session, typed)
    if form.costs_nothing(session):
        return _complete(desk, session)
    means = form.means_typed(typed)
    if means is None:  # a dear way of shipping was chosen for a free order
        return Outcome(session, "open", problems={"number": "Choose how to pay."})
    month, year = form.expiry(typed["expiry"]) if typed["method"] == "card" else (1, 2000)
    place = (typed["country"], typed["postal_code"])
    whole = _whole_address(session, typed)
    details = billing(typed["email"], typed["name"], *place, typed["phone"] or None, **whole)
    method = new_method(desk, means, details, (month, year))
    page = f"{desk.base_url}/pay/{identifier}/authenticate"
    always_ask = session["payment_method_options"]["card"]["request_three_d_secure"] != "automatic"
    if session["mode"] == "setup":
        setup = desk.books.the("setup_intent", session["setup_intent"])
        _customer_first(desk, session, setup)
        setups.attempt(desk, setup, method, page, always_ask)
        return _after(desk, session, setup, setup["last_setup_error"])
    intent = _intent(desk, session)
    _customer_first(desk, session, intent)
    attempts.attempt(desk, intent, method, page=page, always_ask=always_ask)
    return _after(desk, session, intent, intent["last_payment_error"])


def authenticate(desk: Desk, identifier: str, accepted: bool) -> Outcome:
    """The card's holder has answered their bank's question."""
    session = open_session(desk, identifier)
    intent = intent_of(desk, session)
    setup = desk.books.get("setup_intent", session["setup_intent"])
    asked = intent or setup
    if asked is None or asked["status"] != "requires_action":
        raise invalid("Nobody is being asked to authenticate this session.", "session")
    if intent is not None:
        attempts.answer_holder(desk, intent, accepted)
        return _after(desk, session, intent, intent["last_payment_error"])
    assert setup is not None
    setups.answer_holder(desk, setup, accepted)
    return _after(desk, session, setup, setup["last_setup_error"])


def open_session(desk: Desk, identifier: str) -> Thing:
    """The session, if it can still be paid."""
    session = desk.find("checkout.session", "checkout.session", identifier, "session", 404)
    if session["status"] != "open":
        raise invalid(f"This Checkout Session is {session['status']}.", "session")
    return session


def _note_buyer(desk: Desk, session: Thing, typed: dict[str, str]) -> None:
    """What the buyer told becomes part of the session."""
    desk.annotate(session["id"], typed={k: v for k, v in typed.items() if k != "cvc"})
    where = address(
        country=typed["country"] or None,
        postal_code=typed["postal_code"] or None,
        **_whole_address(session, typed),
    )
    details = sessions.customer_details(
        address=where,
        email=typed["email"],
        name=typed["name"],
        phone=typed["phone"] or None,
        tax_ids=[],
    )
    changes: Thing = {"customer_details": details}
    if session["shipping_address_collection"]:
        sent_to = address(
            city=typed["city"],
            country=typed["ship_country"],
            line1=typed["line1"],
            line2=typed["line2"],
            postal_code=typed["ship_postal_code"],
            state=typed["state"],
        )
        shipped = {"address": sent_to, "name": typed["ship_name"]}
        changes["collected_information"] = {
            "business_name": None,
            "individual_name": None,
            "shipping_details": shipped,
        }
    if session["shipping_options"] and typed["shipping_option"].isdigit():
        at = min(int(typed["shipping_option"]), len(session["shipping_options"]) - 1)
        chosen = session["shipping_options"][at]
        changes["shipping_cost"] = sessions.shipping_cost(chosen)
        changes["amount_total"] = session["amount_subtotal"] + chosen["shipping_amount"]
        total = changes["amount_total"]
        changes["payment_status"] = "unpaid" if total else "no_payment_required"
        changes["total_details"] = {
            **session["total_details"],
            "amount_shipping": chosen["shipping_amount"],
        }
    if session["automatic_tax"]["enabled"]:
        collected = session["shipping_address_collection"]
        country = typed["ship_country"] if collected else typed["country"]
        changes |= taxes.taxed(desk, {**session, **changes}, country.upper())
    desk.change(None, session, **changes)


def _whole_address(session: Thing, typed: dict[str, str]) -> dict[str, str]:
    """The lines of a billing address that only some sessions ask for."""
    asked = session["billing_address_collection"] == "required"
    return {name: typed[name] for name in ("line1", "line2", "city", "state")} if asked else {}


def _intent(desk: Desk, session: Thing) -> Thing:
    """The session's payment intent, made at its first attempt as Stripe does."""
    if found := intent_of(desk, session):
        if found["amount"] != session["amount_total"]:
            desk.change(None, found, amount=session["amount_total"])
        return found
    given = dict(desk.note(session["id"])["intent"])
    given["customer"] = session["customer"]
    given["allowed_payment_method_types"] = session["allowed_payment_method_types"]
    given["excluded_payment_method_types"] = session["excluded_payment_method_types"]
    collected = session["collected_information"]
    if collected and "shipping" not in given:
        given["shipping"] = collected["shipping_details"]
    intent = intents.new_intent(desk, session["amount_total"], session["currency"], given)
    desk.annotate(intent["id"], session=session["id"])
    if session["mode"] == "subscription":
        desk.annotate(session["id"], first_intent=intent["id"])
    else:
        desk.change(None, session, payment_intent=intent["id"])
    return intent


def intent_of(desk: Desk, session: Thing) -> Thing | None:
    """The payment intent of a session, once somebody has tried to pay."""
    first = desk.note(session["id"]).get("first_intent")
    return desk.books.get("payment_intent", first or session["payment_intent"])


def _customer_first(desk: Desk, session: Thing, intent: Thing) -> None:
    """A customer is made when the session asks for one, or has something to save for later."""
    saves = session["mode"] != "setup" and intent["setup_future_usage"] is not None
    if intent["customer"] is not None or not (session["customer_creation"] == "always" or saves):
        return
    details = session["customer_details"]
    customer = desk.note(session["id"]).get("customer")
    if customer is None:
        known = {key: details[key] for key in ("address", "email", "name", "phone")}
        customer = new_customer(desk, **known)["id"]
        desk.annotate(session["id"], customer=customer)
    desk.change(None, intent, customer=customer)


def _after(desk: Desk, session: Thing, intent: Thing, error: Thing | None) -> Outcome:
    if intent["status"] == "requires_action":
        url = f"{desk.base_url}/pay/{session['id']}/authenticate"
        return Outcome(session, "requires_action", url)
    if error is not None:
        where = {"incorrect_cvc": "cvc", "expired_card": "expiry"}.get(error["code"], "number")
        return Outcome(session, "open", problems={where: error["message"]}, error=error)
    if customer := intent["customer"]:
        desk.change(None, session, customer=customer)
    if session["mode"] == "subscription":
        subscriptions.begin(desk, session, intent)
    return _complete(desk, session, paid=intent["status"] == "succeeded")


def _complete(desk: Desk, session: Thing, paid: bool = True) -> Outcome:
    desk.agenda.drop("expire", session["id"])
    _update_customer(desk, session)
    unpaid = session["payment_status"]
    status = "paid" if paid and unpaid == "unpaid" else unpaid
    desk.change(
        "checkout.session.completed", session, status="complete", payment_status=status, url=None
    )
    return Outcome(session, "complete", sessions.landing(session))


def _update_customer(desk: Desk, session: Thing) -> None:
    """A customer who was there before is told anew what the session may change."""
    allowed = desk.note(session["id"])["customer_update"]
    details, collected = session["customer_details"], session["collected_information"]
    news: Thing = {
        "address": details["address"],
        "name": details["name"],
        "shipping": collected and {**collected["shipping_details"], "phone": details["phone"]},
    }
    changes = {name: news[name] for name, how in allowed.items() if how == "auto" and news[name]}
    if changes:
        customer = desk.books.the("customer", session["customer"])
        desk.change("customer.updated", customer, **changes)


def bank_answers(desk: Desk, intent: Thing, failure: str | None) -> None:
    """A slow bank has answered: its intent's session is paid, or not."""
    if intent["status"] != "processing":
        raise invalid(f"PaymentIntent {intent['id']} is {intent['status']}, not processing.")
    attempts.bank_answers(desk, intent, failure)
    session = desk.books.get("checkout.session", desk.note(intent["id"]).get("session"))
    if session is None:
        return
    if failure is None:
        desk.change("checkout.session.async_payment_succeeded", session, payment_status="paid")
    else:
        desk.events.record("checkout.session.async_payment_failed", session)
