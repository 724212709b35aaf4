"""Every address that anybody may ask for, made from the routes themselves."""

import re

from starlette.routing import Mount, Route

from milepost.web.routes import ROUTES
from milepost.web.static import bundle

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


def paths(**known: list[str]) -> list[str]:
    """All of them, their parameters filled from `known` and from the bundle's own files.

    A route whose parameter nobody knows is an error: whoever adds one says how to fill it.
    """
    own = {"token": ["no-token"], "mail_id": ["1"], "store": ["larkfield"], "colour": ["17795e"]}
    known = own | known
    known.setdefault("campaign", known.get("slug", ["recorder"]))  # its pages in the studio
    one = {
        kind: ["1"]
        for kind in (
            *("number", "batch", "run", "question", "update", "faq", "comment"),
            *("milestone", "product", "code", "option", "listing", "collection", "review", "order"),
            *(
                "cart",
                "step",
                "variant",
                "program",
                "customer",
                "subscription",
                "api_token",
                "hook",
            ),
        )
    }
    known = one | {"part": ["page"], "tier": ["new"], "zone": ["new"], "locale": ["de"]} | known
    known["static"] = [url.removeprefix("/static/") for url in bundle()]
    found: list[str] = []
    for route in ROUTES:
        if isinstance(route, Mount):  # the API, whose every operation tests/web/api walks
            continue
        assert isinstance(route, Route)
        filled = [route.path]
        for name, whole in re.findall(r"(?=(\{\w+(?::path|:int)?\}))\{(\w+)", route.path):
            kind = "static" if route.path.startswith("/static") else whole
            kind = "media" if route.path.startswith("/media") else kind
            assert known.get(kind), f"no {kind} is known for {route.path}"
            filled = [path.replace(name, value) for path in filled for value in known[kind]]
        found += filled
    return found
