"""Where hooks may go: to public machines alone, whatever a name says, and when."""

import asyncio
import socket
import threading
from typing import Any

import httpcore
import pytest

from milepost.gateways import hooks as sending
from milepost.gateways.hooks import Courier, is_public


@pytest.mark.parametrize(
    "address",
    ["64:ff9b::7f00:1", "64:ff9b:1::1", "::127.0.0.1", "2002:7f00:1::", "2001:0:1::1", "fec0::1",
     "192.0.2.1", "198.18.0.1", "240.0.0.1", "255.255.255.255", "fe80::1%eth0", "ff02::1",
     "fd00:ec2::254", "2001:db8::1", "::ffff:10.0.0.1", "100::1", "192.168.0.255"],
)  # fmt: skip
def test_no_wrapping_makes_a_private_address_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822", "::ffff:8.8.8.8"]
)
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(address)


class Names:
    """A name server that says what it is told to, and to which addresses was then connected."""

    def __init__(self, patch: pytest.MonkeyPatch, **answers: list[list[str]]) -> None:
        self.answers, self.asked, self.reached = answers, list[str](), list[str]()
        patch.setattr(sending.socket, "getaddrinfo", self.look_up)
        patch.setattr(httpcore.AnyIOBackend, "connect_tcp", self.connect)
        self.unreachable: set[str] = set()
        self.answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"

    def look_up(self, host: str, port: int, **_: Any) -> list[Any]:
        self.asked.append(host)
        said = self.answers[host.split(".")[0]]
        now = said.pop(0) if len(said) > 1 else said[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in now]

    async def connect(self, host: str, *_: Any, **__: Any) -> Any:
        self.reached.append(host)
        if host in self.unreachable:
            raise httpcore.ConnectError("no way there")
        return httpcore.AsyncMockStream([self.answer])


async def test_a_name_that_is_answered_differently_a_moment_later_leads_nowhere_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = Names(monkeypatch, rebound=[["93.184.216.34"], ["127.0.0.1"]])
    courier = Courier()
    assert (await courier.send("http://rebound.example/", b"{}", {})).status == 200
    again = await courier.send("http://rebound.example/", b"{}", {})
    await courier.close()
    assert names.reached == ["93.184.216.34"]
    assert again.status is None and "not a public one" in again.text


async def test_a_name_with_one_private_address_among_public_ones_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = Names(monkeypatch, mixed=[["93.184.216.34", "10.0.0.1"]])
    courier = Courier()
    answer = await courier.send("https://mixed.example/", b"{}", {})
    await courier.close()
    assert answer.status is None and "not a public one" in answer.text and names.reached == []


async def test_an_address_that_cannot_be_reached_is_followed_by_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = Names(monkeypatch, two=[["2606:2800:220:1::1", "93.184.216.34"]])
    names.unreachable = {"2606:2800:220:1::1"}
    courier = Courier()
    assert (await courier.send("http://two.example/", b"{}", {})).status == 200
    await courier.close()
    assert names.reached == ["2606:2800:220:1::1", "93.184.216.34"]


async def test_a_name_server_that_sleeps_takes_one_thread_and_delays_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names, awake = (
        Names(monkeypatch, well=[["93.184.216.34"]], asleep=[["1.1.1.1"]]),
        threading.Event(),
    )

    def look_up(host: str, port: int, **also: Any) -> list[Any]:
        found = names.look_up(host, port, **also)
        if host.startswith("asleep"):
            awake.wait(20)
        return found

    monkeypatch.setattr(sending.socket, "getaddrinfo", look_up)
    courier = Courier()
    slow = [
        asyncio.create_task(courier.send("http://asleep.example/", b"{}", {})) for _ in range(100)
    ]
    for _ in range(5):
        await asyncio.sleep(0)
    assert (await courier.send("http://well.example/", b"{}", {})).status == 200
    assert not any(task.done() for task in slow)
    awake.set()
    assert {answer.status for answer in await asyncio.gather(*slow)} == {200}
    assert names.asked.count("asleep.example") == 1
    await courier.close()
