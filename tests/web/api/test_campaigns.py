"""`/api/v1/campaigns`: what was set, page by page, with what an edit stands on."""

from tests.web.api.program import Program
from tests.world import World


async def test_campaigns_come_page_by_page_and_each_once(program: Program, world: World) -> None:
    slugs = [f"recorder-{number}" for number in range(5)]
    for slug in slugs:
        await world.campaign(slug=slug, published=slug != "recorder-3")
    first = (await program.get("/campaigns", limit=2)).json()
    assert [each["slug"] for each in first["data"]] == slugs[:2]
    assert [each["slug"] for each in await program.every("/campaigns", limit=2)] == slugs
    (draft,) = await program.every("/campaigns", published=False)
    assert (draft["slug"], draft["published"]) == ("recorder-3", False)


async def test_a_campaign_that_is_not_the_stores_is_not_found(program: Program) -> None:
    answer = await program.get("/campaigns/unknown")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "There is no such campaign."
