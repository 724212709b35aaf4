"""Who may what in the studio: six people walk every route, and one table says what they meet."""

import io
from typing import Any

import pytest

from milepost.domain.lines import Line
from milepost.domain.program_plans import ProgramPlan
from milepost.domain.roles import MAY, Deed, Role
from milepost.domain.scopes import EVENTS
from milepost.services.api_tokens import make_token
from milepost.services.author import Author
from milepost.services.batching import make_batch
from milepost.services.cart_campaigns import make_campaign
from milepost.services.hooking import make_hook
from milepost.services.programs import create_program
from milepost.services.surveying import NewQuestion, ask
from milepost.services.tracking import send, take_file
from milepost.storage.database import unit
from milepost.storage.parcels import Wanted
from milepost.web.routes import ROUTES
from tests.shop import bought, collection, listing, reviewed, subscribed
from tests.shop_money import code, option
from tests.web.client import Reader
from tests.web.kept import nothing_changes
from tests.web.serving import Served
from tests.web.studio import STUDIO, enter, staff
from tests.web.talk import asked, drafted, said
from tests.world import World

PEOPLE = ("Alice", "Bob", "Carol", "Vic", "Charlie", "nobody")  # owner … another store's, stranger
WALL, NONE, DOOR, OPEN = 403, 404, "sign in", "open"

# What each of the six meets: `open` (its own answer, whatever it says), the door, 403 or 404.
EVERYBODY = (OPEN,) * 6
SIGNED_IN = (OPEN,) * 5 + (DOOR,)
MEMBERS = (OPEN,) * 4 + (NONE, DOOR)
FULFILLERS = (OPEN, OPEN, OPEN, WALL, NONE, DOOR)
EDITORS = (OPEN, OPEN, WALL, WALL, NONE, DOOR)
OWNERS = (OPEN, WALL, WALL, WALL, NONE, DOOR)
CAMPAIGN = "/studio/{store}/campaigns/{campaign}"
SHOP = "/studio/{store}/shop"
LISTING = f"{SHOP}/{{listing:int}}"
TABLE: dict[str, tuple[Any, ...]] = {
    "/studio": SIGNED_IN,
    "/studio/sign-in": EVERYBODY,
    "/studio/sign-in/link": EVERYBODY,
    "/studio/sign-in/passkey": EVERYBODY,
    "/studio/sign-in/passkey/answer": EVERYBODY,
    "/studio/sign-in/{token}": EVERYBODY,
    "/studio/sign-out": SIGNED_IN,
    "/studio/sign-out/everywhere": SIGNED_IN,
    "/studio/account": SIGNED_IN,
    "/studio/account/about": SIGNED_IN,
    "/studio/account/password": SIGNED_IN,
    "/studio/account/proof": SIGNED_IN,
    "/studio/account/sittings/end": SIGNED_IN,
    "/studio/account/passkeys": SIGNED_IN,
    "/studio/account/passkeys/answer": SIGNED_IN,
    "/studio/account/passkeys/remove": SIGNED_IN,
    "/studio/invitations/{token}": EVERYBODY,
    "/studio/{store}": MEMBERS,
    "/studio/{store}/tokens": EDITORS,
    "/studio/{store}/hooks": EDITORS,
    "/studio/{store}/hooks/{hook}": EDITORS,
    "/studio/{store}/tokens/{api_token}/revoke": EDITORS,
    "/studio/{store}/people": MEMBERS,
    "/studio/{store}/people/invite": OWNERS,
    "/studio/{store}/people/withdraw": OWNERS,
    "/studio/{store}/people/role": OWNERS,
    "/studio/{store}/people/remove": OWNERS,
    "/studio/{store}/log": EDITORS,
    "/studio/{store}/campaigns/{campaign}": MEMBERS,
    "/studio/{store}/campaigns/{campaign}/days.csv": MEMBERS,
    "/studio/{store}/campaigns/{campaign}/entries.csv": MEMBERS,
    f"{CAMPAIGN}/pledges": FULFILLERS,
    f"{CAMPAIGN}/pledges.csv": FULFILLERS,
    f"{CAMPAIGN}/pledges/{{number}}": FULFILLERS,
    f"{CAMPAIGN}/pledges/{{number}}/refund": EDITORS,
    f"{CAMPAIGN}/pledges/{{number}}/cancel": EDITORS,
    f"{CAMPAIGN}/pledges/{{number}}/release": EDITORS,
    f"{CAMPAIGN}/pledges/{{number}}/note": FULFILLERS,
    f"{CAMPAIGN}/pledges/{{number}}/ship": FULFILLERS,
    f"{CAMPAIGN}/pledges/{{number}}/correct": FULFILLERS,
    f"{CAMPAIGN}/disputes": EDITORS,
    f"{CAMPAIGN}/fulfilment": FULFILLERS,
    f"{CAMPAIGN}/fulfilment/parcels": FULFILLERS,
    f"{CAMPAIGN}/fulfilment/batches/new": FULFILLERS,
    f"{CAMPAIGN}/fulfilment/batches/{{batch}}": FULFILLERS,
    f"{CAMPAIGN}/fulfilment/batches/{{batch}}/packing": FULFILLERS,
    f"{CAMPAIGN}/fulfilment/batches/{{batch}}/csv": FULFILLERS,
    f"{CAMPAIGN}/fulfilment/batches/{{batch}}/dissolve": FULFILLERS,
    f"{CAMPAIGN}/fulfilment/tracking": FULFILLERS,
    f"{CAMPAIGN}/fulfilment/tracking/{{run}}": FULFILLERS,
    f"{CAMPAIGN}/fulfilment/tracking/{{run}}/send": FULFILLERS,
    f"{CAMPAIGN}/fulfilment/tracking/{{run}}/bad.csv": FULFILLERS,
    f"{CAMPAIGN}/fulfilment/questions": FULFILLERS,
    f"{CAMPAIGN}/fulfilment/questions/ask": EDITORS,
    f"{CAMPAIGN}/fulfilment/questions/remind": FULFILLERS,
    f"{CAMPAIGN}/fulfilment/questions/{{question}}": EDITORS,
    f"{CAMPAIGN}/fulfilment/lock": EDITORS,
    "/studio/{store}/campaigns/{campaign}/updates": MEMBERS,
    "/studio/{store}/campaigns/{campaign}/updates/new": EDITORS,
    "/studio/{store}/campaigns/{campaign}/updates/new/keep": EDITORS,
    "/studio/{store}/campaigns/{campaign}/updates/preview": EDITORS,
    "/studio/{store}/campaigns/{campaign}/updates/faq": MEMBERS,
    "/studio/{store}/campaigns/{campaign}/updates/faq/add": EDITORS,
    "/studio/{store}/campaigns/{campaign}/updates/faq/{faq}": EDITORS,
    "/studio/{store}/campaigns/{campaign}/updates/faq/{faq}/move": EDITORS,
    "/studio/{store}/campaigns/{campaign}/updates/comments": MEMBERS,
    "/studio/{store}/campaigns/{campaign}/updates/comments/setting": EDITORS,
    "/studio/{store}/campaigns/{campaign}/updates/comments/unblock": EDITORS,
    "/studio/{store}/campaigns/{campaign}/updates/comments/{comment}/show": EDITORS,
    "/studio/{store}/campaigns/{campaign}/updates/comments/{comment}/hide": EDITORS,
    "/studio/{store}/campaigns/{campaign}/updates/comments/{comment}/answer": EDITORS,
    "/studio/{store}/campaigns/{campaign}/updates/comments/{comment}/block": EDITORS,
    "/studio/{store}/campaigns/{campaign}/updates/{update:int}": EDITORS,
    "/studio/{store}/campaigns/{campaign}/updates/{update:int}/keep": EDITORS,
    "/studio/{store}/campaigns/{campaign}/updates/{update:int}/publish": EDITORS,
    "/studio/{store}/campaigns/{campaign}/updates/{update:int}/withdraw": EDITORS,
    "/studio/{store}/campaigns/{campaign}/updates/faq/{faq}/remove": EDITORS,
    "/studio/{store}/campaigns/{campaign}/updates/{update:int}/discard": EDITORS,
    "/studio/{store}/products": MEMBERS,
    "/studio/{store}/products/new": EDITORS,
    "/studio/{store}/products/{product}": MEMBERS,
    "/studio/{store}/products/{product}/edit": EDITORS,
    "/studio/{store}/products/{product}/remove": EDITORS,
    "/studio/{store}/subscriptions": FULFILLERS,
    "/studio/{store}/subscriptions/{subscription}": FULFILLERS,
    "/studio/{store}/subscriptions/{subscription}/end": EDITORS,
    "/studio/{store}/orders": FULFILLERS,
    "/studio/{store}/orders.csv": FULFILLERS,
    "/studio/{store}/orders/ship": FULFILLERS,
    "/studio/{store}/orders/{order}": FULFILLERS,
    "/studio/{store}/orders/{order}/ship": FULFILLERS,
    "/studio/{store}/orders/{order}/correct": FULFILLERS,
    "/studio/{store}/orders/{order}/claim": EDITORS,
    "/studio/{store}/orders/{order}/refund": EDITORS,
    "/studio/{store}/shop/codes": MEMBERS,
    "/studio/{store}/shop/codes/new": EDITORS,
    "/studio/{store}/shop/codes/{code}": EDITORS,
    "/studio/{store}/shop/codes/{code}/end": EDITORS,
    "/studio/{store}/shop/codes/{code}/remove": EDITORS,
    "/studio/{store}/shop/embed": EDITORS,
    "/studio/{store}/shop/shipping": MEMBERS,
    "/studio/{store}/shop/shipping/new": EDITORS,
    "/studio/{store}/shop/shipping/{option}": EDITORS,
    "/studio/{store}/shop/shipping/{option}/move": EDITORS,
    "/studio/{store}/shop/shipping/{option}/remove": EDITORS,
    SHOP: MEMBERS,
    f"{SHOP}/new": EDITORS,
    f"{SHOP}/keep/{{part}}": EDITORS,
    f"{SHOP}/collections": MEMBERS,
    f"{SHOP}/collections/add": EDITORS,
    f"{SHOP}/collections/{{collection}}": EDITORS,
    f"{SHOP}/collections/{{collection}}/move": EDITORS,
    f"{SHOP}/collections/{{collection}}/remove": EDITORS,
    f"{SHOP}/reviews": MEMBERS,
    f"{SHOP}/reviews/{{review}}": EDITORS,
    f"{SHOP}/settings": EDITORS,
    LISTING: EDITORS,
    f"{LISTING}/publish": EDITORS,
    f"{LISTING}/withdraw": EDITORS,
    f"{LISTING}/new": EDITORS,
    f"{LISTING}/products": EDITORS,
    f"{LISTING}/{{variant:int}}": EDITORS,
    f"{LISTING}/{{variant:int}}/move": EDITORS,
    f"{LISTING}/{{variant:int}}/off": EDITORS,
    f"{LISTING}/remove": EDITORS,
    f"{CAMPAIGN}/milestones": MEMBERS,
    f"{CAMPAIGN}/milestones/new": EDITORS,
    f"{CAMPAIGN}/milestones/{{milestone}}": MEMBERS,
    f"{CAMPAIGN}/milestones/{{milestone}}/edit": EDITORS,
    f"{CAMPAIGN}/milestones/{{milestone}}/target": EDITORS,
    f"{CAMPAIGN}/milestones/{{milestone}}/mail": EDITORS,
    f"{CAMPAIGN}/milestones/{{milestone}}/reveal": EDITORS,
    f"{CAMPAIGN}/milestones/{{milestone}}/codes": EDITORS,
    f"{CAMPAIGN}/milestones/{{milestone}}/archive": EDITORS,
    "/studio/{store}/cart-milestones": MEMBERS,
    "/studio/{store}/cart-milestones/new": EDITORS,
    "/studio/{store}/cart-milestones/help": MEMBERS,
    "/studio/{store}/cart-milestones/{cart}": MEMBERS,
    "/studio/{store}/cart-milestones/{cart}/rule": MEMBERS,
    "/studio/{store}/cart-milestones/{cart}/display": MEMBERS,
    "/studio/{store}/cart-milestones/{cart}/design": MEMBERS,
    "/studio/{store}/cart-milestones/{cart}/languages": MEMBERS,
    "/studio/{store}/cart-milestones/{cart}/preview/{step}": MEMBERS,
    "/studio/{store}/cart-milestones/{cart}/turn": EDITORS,
    "/studio/{store}/cart-milestones/{cart}/keep/{step}": EDITORS,
    "/studio/{store}/cart-milestones/{cart}/discard": EDITORS,
    "/studio/{store}/programs": MEMBERS,
    "/studio/{store}/programs/new": EDITORS,
    "/studio/{store}/programs/help": MEMBERS,
    "/studio/{store}/programs/settings": MEMBERS,
    "/studio/{store}/programs/customers": EDITORS,
    "/studio/{store}/programs/customers/{customer}": EDITORS,
    "/studio/{store}/programs/{program:int}": MEMBERS,
    "/studio/{store}/programs/{program:int}/keep": EDITORS,
    "/studio/{store}/programs/{program:int}/preview": MEMBERS,
    "/studio/{store}/programs/{program:int}/languages": MEMBERS,
    "/studio/{store}/programs/{program:int}/languages/keep": EDITORS,
    "/studio/{store}/programs/{program:int}/languages/preview": MEMBERS,
    "/studio/{store}/programs/{program:int}/turn": MEMBERS,
    "/studio/{store}/programs/{program:int}/discard": EDITORS,
    "/studio/{store}/brand": EDITORS,
    "/studio/{store}/brand/keep": EDITORS,
    "/studio/{store}/brand/look": EDITORS,
    "/studio/{store}/brand/look.css": EDITORS,
    "/studio/{store}/prose": EDITORS,
    "/studio/{store}/campaigns/new": EDITORS,
    "/studio/{store}/campaigns/{campaign}/edit": EDITORS,
    "/studio/{store}/campaigns/{campaign}/edit/keep/{part}": EDITORS,
    "/studio/{store}/campaigns/{campaign}/edit/rewards": EDITORS,
    "/studio/{store}/campaigns/{campaign}/edit/rewards/{tier}": EDITORS,
    "/studio/{store}/campaigns/{campaign}/edit/shipping": EDITORS,
    "/studio/{store}/campaigns/{campaign}/edit/shipping/{zone}": EDITORS,
    "/studio/{store}/campaigns/{campaign}/edit/money": EDITORS,
    "/studio/{store}/campaigns/{campaign}/edit/languages": EDITORS,
    "/studio/{store}/campaigns/{campaign}/elsewhere": EDITORS,
    "/studio/{store}/campaigns/{campaign}/edit/languages/{locale}": EDITORS,
    "/studio/{store}/campaigns/{campaign}/launch": EDITORS,
}
SECRETS = ("alice@example.org", "Larkfield")


def test_every_route_of_the_studio_has_its_row() -> None:
    assert set(STUDIO) == set(TABLE)


def test_an_owner_may_all_and_every_right_is_somebody_s() -> None:
    assert set(MAY) == set(Deed)
    assert all(Role.OWNER in roles for roles in MAY.values())


def met(answer: Any) -> Any:
    """What somebody meets, in the table's words."""
    location = answer.headers.get("location", "")
    if answer.status_code == 303 and location.split("?")[0] == "/studio/sign-in":
        return DOOR
    return answer.status_code if answer.status_code in (WALL, NONE) else OPEN


def methods_of(path: str) -> list[str]:
    (route,) = [r for r in ROUTES if getattr(r, "path", "") == path]
    return sorted(getattr(route, "methods", None) or ())


# What stands for each part of an address; all of it is there, so that a 404 is the wall's.
PLACES = {
    "{store}": "larkfield",
    "{campaign}": "recorder",
    "{token}": "no-such-token",
    "{part}": "page",
    "{tier}": "new",
    "{zone}": "new",
    "{locale}": "de",
    "{step}": "rule",
    "{variant:int}": "2",  # the first is a reward alone
} | dict.fromkeys(
    (
        *("{number}", "{batch}", "{run}", "{question}", "{update:int}", "{faq}", "{comment}"),
        *("{milestone}", "{product}", "{collection}", "{listing:int}", "{review}"),
        *(
            "{code}",
            "{option}",
            "{order}",
            "{cart}",
            "{program:int}",
            "{customer}",
            "{subscription}",
            "{api_token}",
            "{hook}",
        ),
    ),
    "1",  # the first of its kind in this world
)


async def staffed(world: World) -> dict[str, int]:
    """The six, and what the addresses of PLACES name."""
    campaign = await world.campaign(slug="recorder")
    found = await staff(world)
    await something_to_send(world, campaign, found["Alice"])
    await drafted(world, campaign)
    await asked(world, campaign, "When?", "In May.")
    await said(world, campaign, "Dana", "I look forward to it.")
    await world.milestone(campaign, 10, product_id=await world.product())
    await shop_of(world)
    owner = Author(found["Alice"], "alice@example.org", world.store_id, 0)
    assert await make_campaign(world.database, owner, "Spring", "value", world.now) == 1
    await make_hook(world.database, owner, "https://example.org/hooks", [], world.now)
    await make_token(world.database, owner, "Another shop", [EVENTS], world.now)
    thanks = ProgramPlan("orders", "Thanks", (), world.now)
    assert await create_program(world.database, owner, thanks, world.now) == 1
    listed = await listing(world, collections=[await collection(world)])
    await bought(world, "Dana", listed)
    await reviewed(world, "Dana", listed)
    async with unit(world.database) as db:
        await db.execute(
            "insert into accounts (customer_id, store_id) values (1, $1)", world.store_id
        )
    await subscribed(world, "Dana", listed)
    assert (listed.id, listed.product) == (1, 2)
    return found


async def shop_of(world: World) -> None:
    """A code, and a way to send orders."""
    await code(world, "SPRING-10")
    await option(world)


async def something_to_send(world: World, campaign: int, by: int) -> None:
    """A pledge that was sent, in a batch, by a file of tracking numbers; and a question."""
    tier = await world.tier(campaign, ships=True)
    pledge = await world.pledged(campaign, "Dana", Line("tier", "One recorder", 1, 4500, 1, tier))
    wanted = Wanted([0], addressed=False, answered=False)
    batch = await make_batch(
        world.database, world.store_id, campaign, "First", wanted, by, world.now
    )
    lines = io.BytesIO(b"pledge,carrier,tracking\n%d,DHL,0034\n" % pledge)
    run = await take_file(world.database, campaign, batch, "first.csv", lines, "", by, world.now)
    await send(world.database, world.store_id, campaign, run, by, world.clock)
    async with unit(world.database) as db:
        await ask(db, campaign, [NewQuestion("Which size?")], world.now)
    assert (pledge, batch, run) == (1, 1, 1)


def placed(path: str, slug: str = "larkfield") -> str:
    for part, name in (PLACES | {"{store}": slug}).items():
        path = path.replace(part, name)
    return path


async def knock(reader: Reader, method: str, path: str, slug: str = "larkfield") -> Any:
    at = placed(path, slug)
    sent = {"data": {"a": "b"}} if method == "POST" else {}
    return await reader.request(method, at, headers=reader.from_here, **sent)


@pytest.mark.parametrize("who", PEOPLE)
async def test_each_of_the_six_meets_on_every_route_what_the_table_says(
    served: Served, world: World, who: str
) -> None:
    await staffed(world)
    async with Reader(served.url) as reader:
        if who != "nobody":
            await enter(reader, who)
        kept = dict(reader.cookies)
        wrong = []
        for path, row in TABLE.items():
            expected = row[PEOPLE.index(who)]
            for method in methods_of(path):
                answer = await knock(reader, method, path)
                found = met(answer)
                # Adding a passkey asks a script to prove first; a 403 of its own, not the wall's.
                if found != expected and not answer.headers["content-type"].endswith("/json"):
                    wrong.append((method, path, found, expected))
                if expected in (DOOR, NONE, WALL):
                    assert answer.headers["cache-control"] == "no-store"
                if expected in (DOOR, NONE):
                    assert not any(secret in answer.text for secret in SECRETS), path
                if path.startswith("/studio/sign-out") and who != "nobody":
                    reader.cookies.clear()
                    await enter(reader, who)
        assert wrong == []
        assert kept or who == "nobody"


@pytest.mark.parametrize("who", PEOPLE[1:])
async def test_whoever_may_not_changes_nothing(served: Served, world: World, who: str) -> None:
    members = await staffed(world)
    typed = {"member": str(members["Vic"]), "role": "owner", "email": "mallory@example.org"}
    async with Reader(served.url) as reader:
        if who != "nobody":
            await enter(reader, who)
        async with nothing_changes(world):
            for path, row in TABLE.items():
                if "{store}" in path and row[PEOPLE.index(who)] != OPEN:
                    answer = await reader.post(placed(path), data=typed, headers=reader.from_here)
                    assert answer.status_code >= 300, path


async def test_a_store_that_is_not_there_looks_like_one_that_is_another_s(
    served: Served, world: World
) -> None:
    await staff(world)
    async with Reader(served.url) as reader:
        await enter(reader, "Charlie")
        for slug in ("larkfield", "nowhere", "%00", "x" * 500):
            answer = await knock(reader, "GET", "/studio/{store}/people", slug)
            assert answer.status_code == 404 and "Nothing here" in answer.text
        assert (await knock(reader, "GET", "/studio/{store}", "elsewhere")).status_code == 200


async def test_a_page_asks_for_sitting_store_and_membership_in_one_query(
    served: Served, world: World
) -> None:
    await staff(world)
    await enter(served.reader, "Alice")
    start = len(served.statements)
    assert (await served.reader.get("/studio/larkfield")).status_code == 200
    said = served.statements_since(start)
    assert len(said) == 2, said
    assert "members" in said[0] and "sittings" in said[0] and "stores" in said[0]
