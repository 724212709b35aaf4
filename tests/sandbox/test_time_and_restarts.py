"""The sandbox's clock, and what outlives its process."""

import signal
from pathlib import Path

import pytest

from tests.sandbox.process import Endpoint, Sandbox


def test_a_session_expires_by_itself_at_its_time(sandbox: Sandbox) -> None:
    start = sandbox.switch("clock", freeze=True)["now"]
    session = sandbox.session(expires_at=int(start) + 1800)
    sandbox.switch("clock", advance=1799)
    assert sandbox.retrieve(session).status == "open"
    assert sandbox.switch("clock", advance=1)["done"] == 1
    assert sandbox.retrieve(session).status == "expired"
    assert sandbox.settle() == ["checkout.session.expired"]


def test_a_paid_session_does_not_expire(sandbox: Sandbox) -> None:
    session = sandbox.session()
    sandbox.pay(session)
    sandbox.switch("clock", advance=2 * 24 * 3600)
    assert sandbox.retrieve(session).status == "complete"
    assert "checkout.session.expired" not in sandbox.settle()


def test_an_expired_card_is_judged_by_the_sandbox_s_clock(sandbox: Sandbox) -> None:
    sandbox.switch("clock", freeze=2_100_000_000)
    outcome = sandbox.pay(sandbox.session(), expiry="01 / 30")
    assert outcome["problems"]["expiry"].endswith("is in the past.")


def test_time_runs_on_from_where_it_stood(sandbox: Sandbox) -> None:
    sandbox.switch("clock", freeze=1_900_000_000)
    sandbox.switch("clock", resume=True)
    assert 1_900_000_000 <= sandbox.session().created < 1_900_000_060


def test_nothing_is_lost_by_a_restart(endpoint: Endpoint, tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "sandbox.sqlite"))
    with Sandbox(endpoint, *state) as before:
        opened, paid = before.session(), before.session()
        before.pay(paid)
        slow = before.session()
        before.pay(slow, "000123456789")
        customer = before.stripe.v1.customers.create({"name": "Dana"}, {"idempotency_key": "k"})
        before.settle()
        before.switch("delivery", hold=True)
        before.switch("clock", freeze=True)
        before.session(customer_email="eli@example.org")
        before.stripe.v1.customers.create({"name": "Eli"})
        books = before.http.get("/sandbox/books").json()
        events = before.all("events")
        assert before.stop() == 0
    with Sandbox(endpoint, *state) as after:
        assert after.http.get("/sandbox/books").json() == books
        assert after.all("events") == events
        assert after.retrieve(paid).payment_status == "paid"
        again = after.stripe.v1.customers.create({"name": "Dana"}, {"idempotency_key": "k"})
        assert again.id == customer.id
        taken = len(endpoint.taken)
        assert after.switch("delivery/release")["released"] == 1
        assert len(after.settle()) == taken + 1
        after.switch("clock", advance=24 * 3600)
        assert after.retrieve(slow).payment_status == "paid"
        assert after.retrieve(opened).status == "expired"


def test_what_was_answered_outlives_a_crash(endpoint: Endpoint, tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "sandbox.sqlite"))
    with Sandbox(endpoint, *state) as before:
        sessions = [before.session() for _ in range(5)]
        for session in sessions:
            before.pay(session)
        assert before.stop(signal.SIGKILL) == -signal.SIGKILL
    with Sandbox(endpoint, *state) as after:
        assert [after.retrieve(session).payment_status for session in sessions] == ["paid"] * 5
        assert after.http.get("/sandbox/books").json()["usd"]["charged"] == 5 * 4500
        after.settle()
        assert len({e.data.object["id"] for e in endpoint.of("checkout.session.completed")}) == 5


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_and_quietly_when_asked(how: signal.Signals) -> None:
    with Sandbox() as sandbox:
        assert sandbox.ready.endswith(f"{sandbox.url} (no real money moves)\n")
        assert sandbox.stop(how) == 0
        assert sandbox.last_words == ""


def test_a_reset_forgets_everything_even_in_the_file(endpoint: Endpoint, tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "sandbox.sqlite"))
    with Sandbox(endpoint, *state) as before:
        before.pay(before.session())
        before.switch("clock", freeze=1_900_000_000)
        before.switch("delivery", hold=True, twice=True)
        before.switch("reset")
        assert before.all("events") == []
        now = before.http.get("/sandbox/state").json()
        assert not now["clock"]["frozen"] and not now["delivery"]["hold"]
        kept = before.session()
    with Sandbox(endpoint, *state) as after:
        assert [session["id"] for session in after.all("sessions")] == [kept.id]
        assert after.all("charges") == []
