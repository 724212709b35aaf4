"""A feature is on for the plans that the operator names; without a file all are on (S21)."""

from pathlib import Path
from typing import Any

import pytest

from milepost.domain.plans import FEATURES, plans_in
from milepost.services.planning import set_plan
from milepost.settings import Settings
from tests.shop import listing
from tests.web.client import Reader
from tests.web.serving import serve
from tests.web.studio import enter, log_of, send, staff
from tests.world import World

HOME = "/studio/larkfield"
FILE = """
default = "small"
ask = "https://example.org/ask"

[plans.small]
name = "Small"
features = ["program.orders", "reward.points"]

[plans.large]
name = "Large"
features = ["program.*", "reward.points", "reward.gift"]

[plans.whole]
name = "Whole"
features = ["*"]
"""


def test_without_a_file_everything_is_on() -> None:
    plans = plans_in("")
    assert all(plans.gate(None, feature) is None for feature in FEATURES)


def test_a_gate_names_the_plans_that_have_the_feature() -> None:
    plans = plans_in(FILE)
    assert plans.gate(None, "program.orders") is None
    assert str(plans.gate(None, "program.mixed")) == "It is in the plan Large / Whole."
    assert str(plans.gate("large", "cart-milestones")) == "It is in the plan Whole."
    assert plans.gate("whole", "cart-milestones") is None
    assert plans.gate("gone", "program.mixed") is not None, "a plan that is gone is the default"


@pytest.mark.parametrize(
    "text, said",
    [
        ("[plans", "it is not TOML"),
        ('default = "a"\n[plans.a]\nname = "A"', "has no list of features"),
        ('default = "a"\n[plans.a]\nfeatures = ["moon"]', 'names "moon", which is none of'),
        ('[plans.a]\nfeatures = ["*"]', "its default must be one of its plans"),
        ("colour = 1", 'it has "colour"'),
        ('ask = "javascript:x"', "its ask must be an address"),
    ],
)
def test_a_file_that_is_wrong_is_named_at_the_start(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "plans.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match="PLANS_FILE is wrong") as refused:
        Settings(
            database_url="postgresql://localhost/none",
            base_url="http://localhost",
            secret_key="a secret for this test only",
            stripe_secret_key="sk_test_none",
            stripe_webhook_secret="whsec_none",
            plans_file=str(path),
        )
    assert said in str(refused.value)


async def test_a_gated_feature_says_which_plan_has_it_and_is_refused(
    world: World, database_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "plans.toml"
    path.write_text(FILE)
    await staff(world)
    await listing(world)
    async with serve(database_url, "http://127.0.0.1:9", world.clock, plans_file=str(path)) as site:
        alice = site.reader
        await enter(alice, "Alice")
        kinds = (await alice.get(f"{HOME}/programs/new")).text
        assert 'value="orders"' in kinds and 'value="mixed"' not in kinds
        assert kinds.count("It is in the plan Large / Whole.") == 6
        refused = await send(alice, f"{HOME}/programs/new", kind="mixed")
        assert refused.status_code == 409 and "plan Large / Whole" in refused.text
        made = await send(alice, f"{HOME}/programs/new", kind="orders")
        rule = made.headers["location"].split("?")[0]
        page = (await alice.get(rule)).text
        assert "https://example.org/ask" in page and "It is in the plan Whole." in page
        gated = await saved(alice, rule, "shipping")
        assert gated.status_code == 409 and 'id="m0-reward-note"' in gated.text
        assert (await saved(alice, rule, "points")).status_code == 303
        cart = (await alice.get(f"{HOME}/cart-milestones")).text
        assert "does not have cart milestones. It is in the plan Whole." in cart
        begun = await send(alice, f"{HOME}/cart-milestones/new", name="Spring", trigger="value")
        assert begun.status_code == 409
        await set_plan(world.database, "larkfield", "whole", world.now)
        assert (await saved(alice, rule, "shipping", 1)).status_code == 303
        turned = await send(alice, f"{rule}/turn", do="on")
        assert turned.status_code == 303
        begun = await send(alice, f"{HOME}/cart-milestones/new", name="Spring", trigger="value")
        assert begun.status_code == 303
    assert "plan_given" in [what for _, what, *_ in await log_of(world)]


async def test_what_runs_already_goes_on_in_a_smaller_plan(
    world: World, database_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "plans.toml"
    path.write_text(FILE)
    await staff(world)
    await set_plan(world.database, "larkfield", "whole", world.now)
    async with serve(database_url, "http://127.0.0.1:9", world.clock, plans_file=str(path)) as site:
        alice = site.reader
        await enter(alice, "Alice")
        made = await send(alice, f"{HOME}/programs/new", kind="mixed")
        rule = made.headers["location"].split("?")[0]
        assert (await send(alice, f"{rule}/turn", do="on")).status_code == 303
        await set_plan(world.database, "larkfield", "small", world.now)
        assert (await world.row("select is_on from programs"))["is_on"]
        assert (await send(alice, f"{rule}/turn", do="off")).status_code == 303
        again = await send(alice, f"{rule}/turn", do="on")
        assert again.status_code == 409 and "plan Large / Whole" in again.text


async def saved(alice: Reader, rule: str, kind: str, base: int = 0) -> Any:
    """What the rule answers with one milestone that gives this."""
    sent = {"name": "Thanks", "base": str(base), "do": "save", "m0": "new", "m0-target": "3"}
    return await send(alice, rule, **sent, **{"m0-reward": kind, "m0-points": "5"})
