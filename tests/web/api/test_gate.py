"""Who may call, how often, and with what."""

from datetime import timedelta

import pytest

from milepost.domain.roles import Role
from milepost.domain.scopes import SEE_CAMPAIGNS
from milepost.services.api_tokens import MOST_REQUESTS
from milepost.services.owning import change_role, remove_member
from milepost.storage.database import unit
from tests.web.api.program import Program, program_of
from tests.web.client import Reader
from tests.web.serving import Served
from tests.web.studio import creator
from tests.world import World


async def test_each_answer_tells_how_many_calls_are_left(program: Program, world: World) -> None:
    for left in (599, 598):
        answer = await program.get("/campaigns")
        assert answer.headers["ratelimit-policy"] == '"token";q=600;w=60'
        assert answer.headers["ratelimit"] == f'"token";r={left};t=60'
        assert answer.headers["cache-control"] == "no-store"
    async with unit(world.database) as db:
        await db.execute("update api_tokens set asked = $1", MOST_REQUESTS)
    world.now += timedelta(seconds=20)
    refused = await program.get("/campaigns")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "40")
    assert refused.json()["detail"] == ("This token has asked too often. Try again in 40 seconds.")
    assert refused.headers["ratelimit"] == '"token";r=0;t=40'
    world.now += timedelta(seconds=40)
    assert (await program.get("/campaigns")).headers["ratelimit"] == '"token";r=599;t=60'


async def test_whoever_is_to_wait_waits_until_the_minute_is_over(
    program: Program, world: World
) -> None:
    await program.get("/campaigns")
    async with unit(world.database) as db:
        await db.execute("update api_tokens set asked = $1", MOST_REQUESTS)
    world.now += timedelta(seconds=59, milliseconds=900)
    refused = await program.get("/campaigns")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    world.now += timedelta(seconds=int(refused.headers["retry-after"]))
    assert (await program.get("/campaigns")).status_code == 200


async def test_a_call_is_one_statement_more_than_what_it_does(program: Program) -> None:
    await program.get("/campaigns")
    before = len(program.served.statements)
    await program.get("/campaigns")
    said = program.served.statements_since(before)
    assert len([one for one in said if not one.startswith(("BEGIN", "COMMIT"))]) == 2, said


@pytest.mark.parametrize(
    ("authorization", "challenge"),
    [
        ("Bearer mp_unknown", "opens nothing"),
        ("Basic YTpi", "Send a token"),
        ("mp_bare", "Send a token"),
        ("", "Send a token"),
    ],
)
async def test_who_shows_no_token_of_the_stores_is_asked_for_one(
    reader: Reader, world: World, authorization: str, challenge: str
) -> None:
    headers = {"authorization": authorization} if authorization else {}
    answer = await reader.get("/api/v1/campaigns", headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert challenge in answer.json()["detail"]


async def test_a_revoked_token_opens_nothing_from_then_on(program: Program, world: World) -> None:
    assert (await program.get("/campaigns")).status_code == 200
    async with unit(world.database) as db:
        await db.execute("update api_tokens set revoked_at = $1", world.now)
    assert (await program.get("/campaigns")).status_code == 401


async def test_who_leaves_the_store_leaves_no_token_that_works(
    served: Served, program: Program, world: World
) -> None:
    bob = await creator(world, "Bob", "editor")
    (alice,) = await world.rows("select id from creators where id <> $1", bob)
    async with program_of(served, world, SEE_CAMPAIGNS, who="Bob") as bobs:
        assert (await bobs.get("/campaigns")).status_code == 200
        await remove_member(world.database, world.store_id, bob, alice["id"], world.now)
        assert (await bobs.get("/campaigns")).status_code == 401
    assert (await program.get("/campaigns")).status_code == 200
    noted = await world.rows("select what, about, creator_id from deeds order by id desc limit 2")
    assert [tuple(row) for row in noted] == [
        ("token_revoked", "Warehouse", alice["id"]),
        ("member_removed", "bob@example.org", alice["id"]),
    ]


async def test_whoever_may_make_no_token_any_more_has_none_that_works(
    served: Served, world: World
) -> None:
    alice, bob = await creator(world, "Alice", "owner"), await creator(world, "Bob", "owner")
    async with program_of(served, world, SEE_CAMPAIGNS, who="Bob") as bobs:
        await change_role(world.database, world.store_id, bob, Role.EDITOR, alice, world.now)
        assert (await bobs.get("/campaigns")).status_code == 200
        await change_role(world.database, world.store_id, bob, Role.FULFILLER, alice, world.now)
        assert (await bobs.get("/campaigns")).status_code == 401
    (noted,) = await world.rows(
        "select what, about, creator_id from deeds order by id desc limit 1"
    )
    assert tuple(noted) == ("token_revoked", "Warehouse", alice)


async def test_a_token_works_only_while_its_maker_may_make_one(
    program: Program, world: World
) -> None:
    """Whatever became of the revoking: one that was being made meanwhile was not among them."""
    assert (await program.get("/campaigns")).status_code == 200
    await world.rows("update members set role = 'viewer' returning 1")
    assert (await program.get("/campaigns")).status_code == 401


@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/", "/api/v1/unknown"])
async def test_what_is_no_operation_is_refused_as_one_is(reader: Reader, path: str) -> None:
    answer = await reader.get(path)
    assert (answer.status_code, answer.json()["status"]) == (404, 404)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_what_is_at_no_address_says_where_the_document_is(program: Program) -> None:
    answer = await program.get("/unknown")
    assert answer.status_code == 404
    assert "/api/v1/openapi.json" in answer.json()["detail"]
    wrong = await program.send("DELETE", "/campaigns")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET")


async def test_everybody_may_read_the_document(reader: Reader, world: World) -> None:
    answer = await reader.get("/api/v1/openapi.json")
    assert answer.json()["openapi"] == "3.1.0"
    operation = answer.json()["paths"]["/campaigns"]["get"]
    assert operation["security"] == [{"token": [SEE_CAMPAIGNS]}]


async def test_every_method_of_an_address_is_named_where_another_is_asked(
    program: Program,
) -> None:
    answer = await program.send("DELETE", "/campaigns/recorder")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, PATCH")


async def test_a_misspelt_filter_is_refused_and_those_there_are_are_named(program: Program) -> None:
    answer = await program.get("/grants", stat="owed", limit=1)
    assert answer.status_code == 422
    (wrong,) = answer.json()["errors"]
    assert wrong["parameter"] == "stat"
    assert "limit, milestone, pledge, state." in wrong["detail"]
    assert (await program.get("/campaigns/recorder", slug="recorder")).status_code == 422


@pytest.mark.parametrize(
    ("sent", "pointer", "detail"),
    [
        (b'{"shipments": [', "", "This is no JSON: Expecting value, at character 15."),
        (b"", "", "Send a body of JSON."),
        (b"[]", "", "Send a JSON object here."),
        (b'{"shipments": [{"pledge": 1}], "boxes": 1}', "/boxes", "There is no such field here."),
        (b"{}", "/shipments", "This is needed."),
        (
            b'{"shipments": [{"grant": "3-41"}]}',
            "/shipments/0/grant",
            "Send a grant’s id as it was told, such as 3:41.",
        ),
        (
            b'{"shipments": [{"pledge": 1, "tracking": "1\\n2"}]}',
            "/shipments/0/tracking",
            "Line breaks and control characters can’t stand here.",
        ),
    ],
)
async def test_a_body_that_cannot_be_used_says_what_to_send_instead(
    program: Program, sent: bytes, pointer: str, detail: str
) -> None:
    headers = {"content-type": "application/json", "idempotency-key": "wrong"}
    where = "/api/v1/campaigns/recorder/fulfilments"
    answer = await program.http.post(where, content=sent, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"detail": detail, "pointer": pointer}]


async def test_a_place_that_no_page_told_says_where_it_is_found(program: Program) -> None:
    answer = await program.get("/campaigns", after="second")
    assert answer.json()["errors"] == [
        {"detail": "Send the “next” of the page before.", "parameter": "after"}
    ]
