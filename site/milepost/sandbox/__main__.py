"""`python -m milepost.sandbox`: a local Stripe for the demo and the tests.

    python -m milepost.sandbox --port 12111 --webhook-url http://127.0.0.1:8000/webhooks/stripe \\
        --webhook-secret whsec_demo --state var/sandbox.sqlite
"""

import argparse
import asyncio
import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from .app import Options, application

DEFAULT_KEY = "sk_test_sandbox"


def read_options() -> tuple[Options, socket.socket]:
    """The command line, and the socket that it asks for (port 0: any free one)."""
    parser = argparse.ArgumentParser(
        prog="python -m milepost.sandbox",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--base-url", help="the address that browsers reach the pages by")
    parser.add_argument("--webhook-url", help="where events go; without it they are only kept")
    parser.add_argument("--webhook-secret", default="whsec_sandbox")
    parser.add_argument("--webhook-events", default="*", help="types, comma-separated, * allowed")
    parser.add_argument("--lanes", type=int, default=32, help="deliveries under way at once")
    parser.add_argument("--state", help="a SQLite file; without it all is forgotten at the end")
    parser.add_argument("--key", default=DEFAULT_KEY, help="the secret key that callers must use")
    told = parser.parse_args()
    if not told.key.startswith(("sk_test_", "rk_test_")):
        parser.error("--key must be a test key, sk_test_…: the sandbox takes no live one.")
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((told.host, told.port))
    except OSError as error:
        parser.error(f"Port {told.port} can't be used: {error.strerror}. Choose another --port.")
    own = f"http://{told.host}:{door.getsockname()[1]}"
    options = Options(
        base_url=(told.base_url or own).rstrip("/"),
        key=told.key,
        webhook_url=told.webhook_url,
        webhook_secret=told.webhook_secret,
        state=told.state,
        events=tuple(told.webhook_events.split(",")),
        lanes=told.lanes,
    )
    return options, door


class AsTold(logging.Filter):
    """Silence about answers that break off because the sandbox was told to lose them."""

    def filter(self, record: logging.LogRecord) -> bool:
        """False for uvicorn's complaint about an answer without its end."""
        return "without completing response" not in record.getMessage()


class Server(uvicorn.Server):
    """Says in one line that it is ready, and where."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self.address = address

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT end the serving, and the process with 0."""
        loop = asyncio.get_running_loop()
        for how in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(how, self.handle_exit, how, None)
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Ready once the books are open and the door is."""
        await super().startup(sockets)
        if self.started:
            print(f"Stripe sandbox ready on {self.address} (no real money moves)", flush=True)


def main() -> None:
    """Serves until SIGTERM or SIGINT."""
    options, door = read_options()
    config = uvicorn.Config(
        application(options),
        log_level="warning",
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=3,
        timeout_keep_alive=75,
        backlog=4096,
    )
    logging.getLogger("uvicorn.error").addFilter(AsTold())
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(Server(config, options.base_url).serve([door]))


if __name__ == "__main__":
    main()
