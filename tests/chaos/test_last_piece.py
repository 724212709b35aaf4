"""The last piece of a product, wanted at two doors at once: never one too many (P3)."""

import asyncio

from milepost.services.cart_changes import Add
from milepost.services.carting import begin_cart, change_cart
from tests.acceptance.crowd import Crowd, session_in
from tests.acceptance.processes import eventually
from tests.shop import listing
from tests.world import World


async def test_of_twenty_who_want_the_last_piece_one_gets_it_and_the_others_are_told(
    crowd: Crowd, world: World
) -> None:
    muff = await listing(world, ships=False, stock=1, title="The last muff")
    tokens = []
    for _ in range(20):
        tokens.append(await begin_cart(world.database, world.now, muff.product, "USD"))
        await change_cart(world.database, tokens[-1], Add(muff.product), world.now)

    async def check_out(number: int) -> int:
        url = crowd.milepost.webs[number % 2]
        headers = {"origin": url, "cookie": f"milepost_cart={tokens[number]}"}
        answer = await crowd.http.post(f"{url}/checkout", data={}, headers=headers)
        if answer.status_code == 303:
            sessions.append(session_in(answer))
        else:
            assert "The last muff" in answer.text
        return answer.status_code

    sessions: list[str] = []
    statuses = await asyncio.gather(*(check_out(number) for number in range(20)))
    assert sorted(statuses) == [303, *[409] * 19]
    row = await world.row("select stock, claimed from products where id = $1", muff.product)
    assert tuple(row) == (0, 1)

    crowd.milepost.switch(f"sessions/{sessions[0]}/expire")

    async def is_back() -> bool:
        row = await world.row("select stock, claimed from products where id = $1", muff.product)
        return tuple(row) == (1, 0)

    await eventually(is_back, "the last piece is back on the shelf")
    for token, status in zip(tokens, statuses, strict=True):
        if status == 409:  # it fell out of their carts
            await change_cart(world.database, token, Add(muff.product), world.now)
    statuses = await asyncio.gather(*(check_out(number) for number in range(20)))
    assert sorted(statuses) == [303, *[409] * 19]
