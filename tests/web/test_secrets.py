"""Nothing of a reveal leaves the server before it opens, then only to whom it belongs (R2, R3)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from milepost.domain.facts import Fact
from milepost.services.milestones import reveal_milestone
from milepost.web.public import campaign as campaign_pages
from milepost.web.public.view import brand_css_url
from tests.sandbox.process import Sandbox
from tests.web.addresses import paths
from tests.web.client import Reader, state_in
from tests.web.kept import link_of
from tests.web.serving import serve
from tests.web.talk import drafted, published, said
from tests.world import World, recorders

LANGUAGES = ("en", "de")


def mark(name: str) -> str:
    """A word that occurs nowhere else."""
    return f"zq-{name}-zq"


@dataclass
class Stage:
    """A campaign with every kind of reveal, the site that shows it, and what was drawn."""

    world: World
    reader: Reader
    campaign_id: int
    milestones: dict[str, int]
    links: dict[str, str] = field(default_factory=dict)
    drawn: list[str] = field(default_factory=list)

    async def back(self, who: str, count: int = 1) -> None:
        """`who` pledges, pays, and all of it is settled."""
        pledge_id = await self.world.pledged(self.campaign_id, who, recorders(count))
        self.links[who] = await link_of(self.world, pledge_id)

    async def everything_public(self) -> dict[str, str]:
        """What anybody is told anywhere, headers included, by address."""
        links = {"stranger": await self._stranger()} | self.links
        known = {
            "slug": ["secrets"],
            "key": [link.removeprefix("/p/") for link in links.values()],
            "name": [brand_css_url("larkfield", "#2f6f5e")[7:-4]],
            "media": ["nothing.png"],
        }
        said: dict[str, str] = {}
        for path in paths(**known):
            for language in LANGUAGES[:1] if path.startswith("/static/") else LANGUAGES:
                asked = f"{path}?lang={language}"
                if path.endswith("/live"):
                    async with self.reader.watching(asked) as frames:
                        said[asked] = await anext(frames)
                else:
                    said[asked] = whole(await self.reader.get(asked))
        said["a form that is wrong"] = whole(await self.reader.pledge("secrets", amount="-1"))
        said["the cards"] = " ".join(self.drawn)
        assert self.drawn, "no share picture was drawn"
        return said

    async def _stranger(self) -> str:
        """The page of somebody who has not paid."""
        return await link_of(self.world, await self.world.started(self.campaign_id))


def whole(answer: httpx.Response) -> str:
    """All of an answer: its headers and its body."""
    body = answer.content.decode("latin-1")
    return f"{answer.status_code} {answer.headers.multi_items()} {body} {answer.content!r}"


def found_in(said: dict[str, str], *words: str) -> dict[str, list[str]]:
    """Which of the marked words stand where."""
    hits = {where: [w for w in words if mark(w) in text] for where, text in said.items()}
    return {where: which for where, which in hits.items() if which}


@pytest.fixture
async def stage(
    world: World, database_url: str, payments: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    campaign_id = await world.campaign(slug="secrets")
    await world.tier(campaign_id)
    milestones = {
        "shared": await world.milestone(
            campaign_id, 2, **reward("shared"), code_kind="shared", shared_code=mark("shared-code")
        ),
        "pool": await world.milestone(
            campaign_id,
            2,
            **reward("pool"),
            codes=tuple(mark(f"pool-code-{n}") for n in range(4)),
            reveal="manual",
        ),
        "new": await world.milestone(campaign_id, 2, "new_backers", **reward("new")),
        "product": await world.milestone(
            campaign_id, 3, product_id=await world.product(), **reward("product")
        ),
        "mystery": await world.milestone(campaign_id, 3, mystery=True, **reward("mystery", True)),
        "sealed": await world.milestone(
            campaign_id, 3, mystery=True, reveal="manual", **reward("sealed", True)
        ),
    }
    async with serve(database_url, payments.url, world.clock) as served:
        stage = Stage(world, served.reader, campaign_id, milestones)
        usual = campaign_pages.share_card

        def watched(*told: Any) -> bytes:
            stage.drawn.append(repr(told))
            return usual(*told)

        monkeypatch.setattr(campaign_pages, "share_card", watched)
        yield stage


def reward(name: str, hidden: bool = False) -> dict[str, Any]:
    """A reward whose every text is marked; the title and picture too when those are `hidden`."""
    german = {
        "text_after": mark(f"{name}-after-de"),
        "exclusive": mark(f"{name}-exclusive-de"),
    }
    told: dict[str, Any] = {
        "title": f"Reward {name}",
        "text_before": f"Before {name}",
        "text_after": mark(f"{name}-after"),
        "exclusive": mark(f"{name}-exclusive"),
    }
    if hidden:
        told |= {
            "title": mark(f"{name}-title"),
            "image": f"/media/{mark(f'{name}-image')}.png",
            "image_alt": mark(f"{name}-alt"),
            "text_before": mark(f"{name}-before"),
        }
        german |= {
            column: mark(f"{name}-{column}-de") for column in ("title", "image_alt", "text_before")
        }
    return told | {"translations": {"de": german}}


AFTER = ("after", "after-de")
MINE = ("exclusive", "exclusive-de")
TITLES = ("title", "title-de", "image", "alt", "image_alt-de", "before", "text_before-de")
POOL = [f"pool-code-{n}" for n in range(4)]


def of(name: str, *words: str) -> list[str]:
    return [f"{name}-{word}" for word in words]


EVERY = [
    *(w for name in ("shared", "pool", "new", "product") for w in of(name, *AFTER, *MINE)),
    *(w for name in ("mystery", "sealed") for w in of(name, *AFTER, *MINE, *TITLES)),
    "shared-code",
    *POOL,
]


async def test_before_the_reach_no_answer_holds_anything_of_any_reveal(stage: Stage) -> None:
    await stage.back("Dana")
    assert found_in(await stage.everything_public(), *EVERY) == {}


async def test_reached_but_not_revealed_is_as_secret_as_before(stage: Stage) -> None:
    await stage.back("Dana")
    await stage.back("Eli", 2)
    said = await stage.everything_public()
    assert found_in(said, *of("sealed", *AFTER, *MINE, *TITLES)) == {}
    assert found_in(said, *of("pool", *AFTER, *MINE), *POOL) == {}


async def test_what_has_opened_is_public_and_what_is_exclusive_is_the_entitled_s(
    stage: Stage,
) -> None:
    await stage.back("Dana")
    await stage.back("Eli", 2)
    await stage.back("Frida")
    for name in ("pool", "sealed"):
        await reveal_milestone(
            stage.world.database, stage.milestones[name], "alice", stage.world.now
        )
    said = await stage.everything_public()
    for name in stage.milestones:
        for language, word in zip(LANGUAGES, of(name, *AFTER), strict=True):
            for path in ("/c/secrets", "/c/secrets.json", "/c/secrets/live"):
                assert mark(word) in said[f"{path}?lang={language}"], (path, word)
    links = {link: who for who, link in stage.links.items()}
    secret = [w for name in stage.milestones for w in of(name, *MINE)] + ["shared-code", *POOL]
    seen = set()
    for where, words in found_in(said, *secret).items():
        who = links[where.partition("?")[0]]
        codes = [word for word in words if word in POOL]
        assert len(codes) == 1, (who, codes)
        wanted = {"shared", "pool", "product", "mystery", "sealed"}
        wanted |= {"new"} if who == "Frida" else set()
        tail = "-de" if where.endswith("de") else ""
        assert set(words) == {"shared-code", *codes, *(f"{w}-exclusive{tail}" for w in wanted)}
        seen.add((who, where[-2:]))
    assert seen == {(who, language) for who in stage.links for language in LANGUAGES}
    pages = [said[f"{link}?lang=en"] for link in stage.links.values()]
    given = [code for code in POOL for page in pages if mark(code) in page]
    assert len(set(given)) == len(given) == 3


async def test_a_stream_that_is_open_at_the_reveal_gets_the_text_and_nothing_exclusive(
    stage: Stage,
) -> None:
    async with stage.reader.watching("/c/secrets/live") as frames:
        first = await anext(frames)
        assert found_in({"": first}, *EVERY) == {}
        await stage.back("Dana", 3)
        frame = await anext(frames)
        while state_in(frame)["total"] < 3:
            frame = await anext(frames)
    assert set(found_in({"": frame}, *EVERY)[""]) == {
        *(f"{name}-after" for name in ("shared", "new", "product", "mystery")),
        *of("mystery", "title", "image", "alt"),
    }


async def test_who_no_longer_backs_has_no_more_of_it(stage: Stage) -> None:
    """A8."""
    await stage.back("Dana", 3)
    assert found_in({"": (await stage.reader.get(stage.links["Dana"])).text}, "shared-code")
    pledge = await stage.world.row(
        "select p.id, f.payment, p.money from pledges p join payments f on f.pledge_id = p.id"
        " where p.state = 'charged'"
    )
    refund = Fact("refund", pledge["id"], amount=pledge["money"], ref="re_1")
    await stage.world.hear(stage.campaign_id, refund)
    await stage.world.settle()
    page = (await stage.reader.get(stage.links["Dana"])).text
    assert found_in({"": page}, *(w for n in stage.milestones for w in of(n, *MINE)), *POOL) == {}
    assert mark("shared-code") not in page


async def test_the_text_of_an_update_for_backers_is_on_no_public_surface(stage: Stage) -> None:
    """B7: the title and that it is for backers, and nothing else."""
    german = {"de": {"title": "Für uns", "text": mark("update-text-de")}}
    text = f"{mark('update-text')} ![{mark('update-alt')}](/media/{mark('update-image')}.png)"
    for audience in ("backers", "everybody"):
        await published(
            stage.world,
            stage.campaign_id,
            title="For us",
            text=text if audience == "backers" else "For all.",
            audience=audience,
            translations=german if audience == "backers" else {},
        )
    await stage.back("Dana")
    await drafted(stage.world, stage.campaign_id, title=mark("draft"), text=mark("draft-text"))
    await said(stage.world, stage.campaign_id, "Dana", mark("below-it"), 1)
    await said(stage.world, stage.campaign_id, "Dana", mark("waits"))
    await stage.world.rows("update comments set state = 'shown' where id = 1 returning id")
    told = await stage.everything_public()
    words = [f"update-{w}" for w in ("text", "text-de", "alt", "image")]
    assert found_in(told, *words, "draft", "draft-text", "below-it", "waits") == {}
    assert "For us" in told["/c/secrets/updates/1?lang=en"]
    assert "For us" in told["/c/secrets?lang=en"]
