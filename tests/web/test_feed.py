"""The feed of a campaign: what it tells, in the shape of RFC 4287, and what it keeps to itself."""

from datetime import datetime, timedelta
from xml.etree import ElementTree

import pytest

from milepost.services.milestones import reveal_milestone
from milepost.services.updating import Draft, save, withdraw_update
from milepost.storage.database import unit
from tests.waiting import until
from tests.web.client import Reader, parse
from tests.web.serving import Served
from tests.web.talk import alice_at, published
from tests.world import NOON, World, recorders

ATOM = "{http://www.w3.org/2005/Atom}"
XML = "{http://www.w3.org/XML/1998/namespace}"
FEED = "/c/recorder/feed.atom"


@pytest.fixture
async def campaign_id(world: World) -> int:
    """The recorder, for everybody to read."""
    campaign_id = await world.campaign(slug="recorder", goal=500, blurb="Hear the field.")
    await world.tier(campaign_id)
    return campaign_id


def checked(feed: ElementTree.Element) -> ElementTree.Element:
    """The same feed, when it has all that RFC 4287 asks for (4.1.1, 4.1.2, 4.2.6)."""
    assert feed.tag == f"{ATOM}feed"
    for one in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            (found,) = one.findall(f"{ATOM}{name}")
            assert found.text
        moment = one.findtext(f"{ATOM}updated", "")
        assert datetime.fromisoformat(moment).tzinfo and moment.endswith("Z")
        assert one.findtext(f"{ATOM}id", "").startswith("tag:127.0.0.1,2026-06-01:c/")
        (alternate,) = [x for x in one.findall(f"{ATOM}link") if x.get("rel") == "alternate"]
        assert alternate.get("href", "").startswith("http")
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Larkfield"
    ids = [one.findtext(f"{ATOM}id") for one in feed.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    times = [one.findtext(f"{ATOM}published", "") for one in feed.iter(f"{ATOM}entry")]
    assert times == sorted(times, reverse=True)
    return feed


async def read(reader: Reader, path: str = FEED) -> ElementTree.Element:
    """The feed as a reader's program understands it."""
    answer = await reader.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    return checked(ElementTree.fromstring(answer.content))


def told(feed: ElementTree.Element) -> list[tuple[str, str]]:
    """Titles and contents, newest first."""
    return [
        (one.findtext(f"{ATOM}title", ""), one.findtext(f"{ATOM}content", ""))
        for one in feed.iter(f"{ATOM}entry")
    ]


async def test_updates_and_milestones_come_newest_first(
    reader: Reader, world: World, campaign_id: int
) -> None:
    await world.milestone(campaign_id, 2, title="Case", text_after="A case <b>for</b> all.")
    await published(world, campaign_id, text="Hello, see **[this](/c/recorder)**.")
    world.now += timedelta(hours=1)
    await world.pledged(campaign_id, "Dana", recorders(2))
    feed = await read(reader)
    url = str(reader.base_url).rstrip("/")
    assert told(feed) == [
        (
            "Milestone reached: Case!",
            "<p>The crowd has reached 2.</p><p>A case &lt;b&gt;for&lt;/b&gt; all.</p>",
        ),
        (
            "Cases arrived",
            f'<p>Hello, see <strong><a href="{url}/c/recorder" rel="noopener nofollow">this</a>'
            "</strong>.</p>\n",
        ),
    ]
    assert feed.findtext(f"{ATOM}updated") == "2026-06-01T13:00:00Z"
    assert feed.findtext(f"{ATOM}subtitle") == "Hear the field."
    links = {x.get("rel"): x.get("href") for x in feed.findall(f"{ATOM}link")}
    assert links == {
        "self": f"{url}{FEED}?lang=en",
        "alternate": f"{url}/c/recorder",
    }
    entry = feed.findall(f"{ATOM}entry")[1]
    assert entry.get(f"{XML}base") == f"{url}/c/recorder/updates/1"


async def test_scripts_and_what_xml_cannot_hold_are_left_out(
    reader: Reader, world: World, campaign_id: int
) -> None:
    await published(
        world, campaign_id, title="A \x0b]]> & <i>", text="<script>x</script>\x0b[a](javascript:x)"
    )
    ((title, html),) = told(await read(reader))
    assert title == "A ]]> & <i>"
    assert "<script" not in html and "<a" not in html and "\x0b" not in html


async def test_an_update_for_backers_is_told_by_its_title_alone(
    reader: Reader, world: World, campaign_id: int
) -> None:
    german = {"de": {"title": "Nur hier", "text": "geheim-zq"}}
    await published(world, campaign_id, audience="backers", text="hush-zq", translations=german)
    for path in (FEED, f"{FEED}?lang=de"):
        answer = await reader.get(path)
        assert b"-zq" not in answer.content
    ((title, html),) = told(await read(reader))
    assert title == "Cases arrived" and "for the backers of Field Recorder" in html


async def test_a_milestone_says_nothing_before_it_opens_and_is_news_when_it_does(
    reader: Reader, world: World, campaign_id: int
) -> None:
    """R2, R3."""
    hidden = {"title": "Secret-zq", "text_before": "hint", "text_after": "after-zq"}
    made = await world.milestone(campaign_id, 1, mystery=True, reveal="manual", **hidden)
    await world.milestone(campaign_id, 90, title="Far-off")
    await world.pledged(campaign_id, "Dana")
    before = await reader.get(FEED)
    assert b"-zq" not in before.content and b"Far-off" not in before.content
    ((title, html),) = told(await read(reader))
    assert title == "Milestone reached: Something is waiting here!"
    assert "The creator will reveal it." in html
    world.now += timedelta(days=1)
    await reveal_milestone(world.database, made, "alice", world.now)
    feed = await read_when(reader, 2)
    assert told(feed) == [
        ("Revealed: Secret-zq", "<p>after-zq</p>"),
        ("Milestone reached: Secret-zq!", "<p>The crowd has reached 1.</p>"),
    ]
    ids = [one.findtext(f"{ATOM}id", "") for one in feed.iter(f"{ATOM}entry")]
    assert ids[1] in before.text, "an entry keeps its id"


async def read_when(reader: Reader, entries: int) -> ElementTree.Element:
    """The feed once it has so many entries: a version comes a moment after its change."""

    async def there() -> bool:
        return len(told(await read(reader))) == entries

    await until(there)
    return await read(reader)


@pytest.mark.usefixtures("campaign_id")
async def test_a_campaign_that_has_told_nothing_has_an_empty_feed(reader: Reader) -> None:
    feed = await read(reader)
    assert told(feed) == [] and feed.findtext(f"{ATOM}title", "").startswith("Field Recorder")


async def test_whoever_has_the_feed_is_told_so_in_a_few_bytes(
    reader: Reader, world: World, campaign_id: int
) -> None:
    """RFC 9110, 13.1: the tag counts before the date."""
    await published(world, campaign_id)
    first = (await reader.get(FEED)).headers
    assert first["last-modified"] == "Mon, 01 Jun 2026 12:00:00 GMT"
    tag, since = first["etag"], first["last-modified"]
    for known, status in (
        ({"if-none-match": tag}, 304),
        ({"if-none-match": f'W/{tag}, "another"'}, 304),
        ({"if-none-match": '"another"', "if-modified-since": since}, 200),
        ({"if-modified-since": since}, 304),
        ({"if-modified-since": "Mon, 01 Jun 2026 11:59:59 GMT"}, 200),
        ({"if-modified-since": "yesterday"}, 200),
    ):
        answer = await reader.get(FEED, headers=known)
        assert answer.status_code == status, known
        assert answer.headers["etag"] == tag
        assert bool(answer.content) == (status == 200)


async def test_an_edit_and_a_withdrawal_are_changes(
    reader: Reader, world: World, campaign_id: int
) -> None:
    at = await alice_at(world, campaign_id)
    await published(world, campaign_id, title="First")
    await published(world, campaign_id, title="Second")
    first = await read(reader)
    world.now += timedelta(hours=1)
    await save(world.database, at, 1, Draft("First", "Mended."), 1, world.now)
    await withdraw_update(world.database, at, 2, world.now + timedelta(hours=1))
    feed = await read_when(reader, 1)
    ((title, html),) = told(feed)
    assert (title, html) == ("First", "<p>Mended.</p>\n")
    entry, before = feed.find(f"{ATOM}entry"), first.findall(f"{ATOM}entry")[1]
    assert entry is not None
    assert entry.findtext(f"{ATOM}id") == before.findtext(f"{ATOM}id")
    assert entry.findtext(f"{ATOM}updated") == "2026-06-01T13:00:00Z"
    assert entry.findtext(f"{ATOM}published") == "2026-06-01T12:00:00Z"
    assert feed.findtext(f"{ATOM}updated") == "2026-06-01T14:00:00Z"
    since = {"if-modified-since": "Mon, 01 Jun 2026 13:00:00 GMT"}
    assert (await reader.get(FEED, headers=since)).status_code == 200


async def test_the_feed_holds_the_newest_fifty_and_costs_two_queries_at_most(
    served: Served, world: World, campaign_id: int
) -> None:
    await published(world, campaign_id)
    async with unit(world.database) as db:
        await db.execute(
            "insert into updates (key, campaign_id, number, title, text, made_by, made_at,"
            " saved_by, saved_at, published_at) select 'k' || n, campaign_id, n, 'Number ' || n,"
            " 'x', made_by, made_at, saved_by, saved_at, published_at + n * interval '1 minute'"
            " from updates, generate_series(2, 60) n"
        )
    for target in (1, 2, 3):
        await world.milestone(campaign_id, target)
    world.now = NOON + timedelta(days=1)
    await world.pledged(campaign_id, "Dana", recorders(3))
    await served.reader.get("/c/recorder")
    start = len(served.statements)
    feed = await read(served.reader)
    titles = [title for title, _ in told(feed)]
    assert len(titles) == 50 and titles[3:] == [f"Number {n}" for n in range(60, 13, -1)]
    assert len(served.statements_since(start)) == 2
    await read(served.reader)
    assert len(served.statements_since(start)) == 2


async def test_a_feed_speaks_the_language_that_its_page_links_to(
    reader: Reader, world: World, campaign_id: int
) -> None:
    german = {"de": {"title": "Die Koffer sind da", "text": "Alle **vierzig**."}}
    await published(world, campaign_id, translations=german)
    for language, title in (("en", "Cases arrived"), ("de", "Die Koffer sind da")):
        for path in (f"/c/recorder?lang={language}", f"/c/recorder/updates?lang={language}"):
            page = parse((await reader.get(path)).text)
            (link,) = [x for x in page.iter() if x.get("type") == "application/atom+xml"
                       and x.get("rel") == "alternate"]  # fmt: skip
            feed = await read(reader, link.get("href"))
            assert feed.get(f"{XML}lang") == language
            assert told(feed)[0][0] == title


async def test_drafts_announcements_and_strangers_have_no_feed(
    reader: Reader, world: World
) -> None:
    await world.campaign(slug="draft", published=False)
    await world.campaign(slug="soon", published=False)
    async with unit(world.database) as db:
        await db.execute("update campaigns set announced_at = $1 where slug = 'soon'", NOON)
    for slug in ("draft", "soon", "nothing", "No-slug"):
        assert (await reader.get(f"/c/{slug}/feed.atom")).status_code == 404, slug
    assert "atom+xml" not in (await reader.get("/c/soon")).text
