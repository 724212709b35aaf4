"""The chain of promises: each hash is of its words, and no change to them goes unseen."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.promised import faults, follow, promised_by
from milepost.domain.promises import Link, canonical, forged, moment, seal

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
BEGUN: dict[str, Any] = {
    "slug": "field-recorder",
    "basis": "units",
    "currency": "USD",
    "funding_model": "keep_it_all",
    "goal": 100,
    "opens_at": "2026-05-01T00:00:00Z",
    "closes_at": "2026-07-01T00:00:00Z",
    "outcome": None,
    "milestones": [],
}


def chain(*goals: int) -> list[Link]:
    """A campaign that began at 100, and whose goal moved to each of these."""
    links = [forged("field-recorder", None, "begun", None, BEGUN, NOON)]
    for goal in goals:
        last = (links[-1].number, links[-1].hash)
        links.append(forged("field-recorder", last, "goal", None, {"goal": goal}, NOON))
    return links


def test_a_hash_is_of_exactly_these_bytes() -> None:
    """docs/checking-promises.md."""
    second = chain(80)[1]
    said = (
        '{"campaign":"field-recorder","kind":"goal","made_at":"2026-06-01T12:00:00Z","number":2,'
        f'"previous":"{chain()[0].hash.hex()}","statement":{{"goal":80}},"subject":null}}'
    )
    assert second.hash == hashlib.sha256(said.encode()).digest()


def test_canonical_json_sorts_its_keys_and_keeps_letters_as_they_are() -> None:
    assert canonical({"b": ["ä", None], "a": True}) == '{"a":true,"b":["ä",null]}'.encode()


def test_an_instant_is_written_in_utc_and_whole_seconds() -> None:
    assert moment(datetime.fromisoformat("2026-06-01T14:00:00.9+02:00")) == "2026-06-01T12:00:00Z"


@given(st.lists(st.integers(1, 10**12), max_size=6))
def test_a_chain_holds_and_comes_to_its_last_word(goals: list[int]) -> None:
    links = chain(*goals)
    assert list(faults(links)) == []
    assert promised_by(links)["goal"] == [100, *goals][-1]


CHANGES: dict[str, Any] = {
    "another word": {"statement": {"goal": 1}},
    "another day": {"made_at": datetime(2026, 5, 1, tzinfo=UTC)},
    "another subject": {"subject": 7},
    "another kind": {"kind": "outcome"},
    "another hash": {"hash": b"\0" * 32},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_a_changed_link_does_not_hold(change: dict[str, Any]) -> None:
    links = chain(90, 80, 70)
    links[1] = replace(links[1], **change)
    assert any("does not hold" in told for told in faults(links))


def test_a_link_forged_anew_betrays_itself_by_the_next_one() -> None:
    links = chain(90, 80)
    last = (links[0].number, links[0].hash)
    links[1] = forged("field-recorder", last, "goal", None, {"goal": 60}, NOON)
    assert [told.split(":")[0] for told in faults(links)] == ["promise 3 does not hold"]


def test_a_link_that_is_gone_is_missed() -> None:
    links = chain(90, 80, 70)
    del links[2]
    assert next(faults(links)) == "promise 3 is missing"


def test_a_seal_depends_on_its_salt_and_on_every_word() -> None:
    seals = {seal(salt, {"text": text}) for salt in ("a", "b") for text in ("x", "y")}
    assert len(seals) == 4


def test_a_reveal_opens_its_own_seal_and_no_other() -> None:
    reward = {"version": 1, "kind": "reveal", "sealed": seal("salt", {"title": "A map"})}
    milestone = {"target": 1, "audience": {}, "reveal": "manual", "mystery": True, "reward": reward}
    links = chain()
    for kind, said in (
        ("added", milestone),
        ("revealed", {"version": 1, "salt": "salt", "shown": {"title": "A map"}}),
        ("revealed", {"version": 1, "salt": "salt", "shown": {"title": "A mug"}}),
    ):
        last = (links[-1].number, links[-1].hash)
        links.append(forged("field-recorder", last, kind, 3, said, NOON))  # type: ignore[arg-type]
    promised: dict[str, Any] = {}
    opens = []
    for link in links:
        follow(promised, link)
        opens.append(promised["versions"].get(("3", 1), {}).get("opens"))
    assert opens == [None, None, True, False]
