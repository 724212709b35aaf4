"""`milepost serve`."""

from typing import Annotated

import typer
import uvicorn

from milepost.cli.logs import log_config
from milepost.cli.ports import require_free
from milepost.settings import read_settings

# An open page's live stream has no end of its own: at a stop it is cut after so many seconds.
PATIENCE_WITH_OPEN_REQUESTS = 3


def command(
    host: Annotated[
        str | None,
        typer.Option(
            help="The address to listen on. Without it: this machine only while BASE_URL is local,"
            " else every interface."
        ),
    ] = None,
) -> None:
    """Serve the site on PORT, with WEB_CONCURRENCY processes.

    Example: PORT=8000 WEB_CONCURRENCY=2 milepost serve
    """
    settings = read_settings()
    host = host or ("127.0.0.1" if settings.is_local else "0.0.0.0")
    require_free(host, settings.port)
    uvicorn.run(
        "milepost.web.app:create_app",
        factory=True,
        host=host,
        port=settings.port,
        workers=settings.web_concurrency,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=PATIENCE_WITH_OPEN_REQUESTS,
        access_log=False,
        log_config=log_config(settings.log_format),
        server_header=False,
    )
