"""A fulfilment house in one file: it hears what is owed, ships it, and tells the tracking number.

    pip install standardwebhooks
    MILEPOST_API=… MILEPOST_TOKEN=… MILEPOST_SECRET=… python service.py

A hook is written down before it is answered, and a label before it is told: killed at any moment
and started again, the house ships everything once. With --catch-up it begins with what is owed.
"""

import json
import os
import sqlite3
import sys
import threading
import time
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from standardwebhooks import Webhook, WebhookVerificationError

API, TOKEN, SECRET = (os.environ[f"MILEPOST_{name}"] for name in ("API", "TOKEN", "SECRET"))
PORT = int(os.environ.get("FULFILMENT_PORT", "8700"))
BOOKS = os.environ.get("FULFILMENT_BOOKS", "fulfilment.sqlite")
TABLES = (
    "create table if not exists hooks (id primary key, grant_id, campaign, became, due, pause)",
    "create table if not exists labels (grant_id primary key, tracking, printed)",
)
something_came = threading.Event()


def books(sql: str, *values: Any) -> list[Any]:
    """Read or write the house's own books; what was written stays once this returns."""
    db = sqlite3.connect(BOOKS, timeout=30)
    with db:
        rows = db.execute(sql, values).fetchall()
    db.close()
    return rows


def ask(method: str, path: str, sent: Any = None, key: str = "") -> Any:
    """Milepost's answer. Raises OSError where there is none, HTTPError where it is no."""
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
    headers |= {"idempotency-key": key} if key else {}
    body = json.dumps(sent).encode() if sent else None
    with urlopen(Request(API + path, body, headers, method=method), timeout=30) as answer:
        return json.load(answer)


class Hooks(BaseHTTPRequestHandler):
    """Where Milepost tells what happens: written down, answered, and worked on afterwards."""

    timeout = 30

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            event = Webhook(SECRET).verify(body, dict(self.headers))
        except (WebhookVerificationError, ValueError):
            return self.send_error(401)
        keep(self.headers["webhook-id"], event["type"], event["data"])
        self.send_response(204)
        self.end_headers()
        something_came.set()

    def log_message(self, *_: Any) -> None:
        """What matters is printed where it happens."""


def keep(hook: str, type: str, data: Any) -> None:
    """Write a hook down, unless it came before: what is to be sent, and what must not be."""
    add = "insert into hooks values (?, ?, ?, ?, 0, 10) on conflict do nothing returning id"
    if type == "grant.owed" and data["reward"]["kind"] == "product":
        books(add, hook, data["id"], data["campaign"], "")
    elif type == "grant.voided" and books(add, hook, data["id"], data["campaign"], "heard"):
        stop = "update hooks set became = 'stopped' where grant_id = ? and became = '' returning id"
        if books(stop, data["id"]):
            print(f"{data['id']}: stopped, it must not be sent any more", flush=True)


def work() -> None:
    """Ship whatever waits, for ever."""
    waits = "select id, grant_id, campaign from hooks where became = '' and due < ? order by rowid"
    told = 0
    while True:
        try:
            for hook in books(waits, time.time()):
                ship(*hook)
            ((waiting,),) = books("select count(*) from hooks where became = ''")
            if waiting != told:
                print(f"{waiting} wait: for an address, or until they may go", flush=True)
            told = waiting
        except (OSError, HTTPException, ValueError) as error:
            pause = error.headers.get("retry-after") if isinstance(error, HTTPError) else None
            print(f"Milepost is away, or busy; trying again later ({error})", flush=True)
            time.sleep(int(pause or 5))
            continue
        something_came.wait(timeout=5)
        something_came.clear()


def ship(hook: str, grant: str, campaign: str) -> None:
    """Make a label with a number, once, and tell it; what may not go yet is looked at later."""
    number = f"0034{time.time_ns() % 10**16:016}"
    books("insert into labels values (?, ?, 0) on conflict do nothing", grant, number)
    ((number, printed),) = books("select tracking, printed from labels where grant_id = ?", grant)
    if not printed:
        told = ask("GET", f"/grants/{grant}")
        if told["state"] != "owed":
            return became(hook, grant, told["state"])
        if told["hindrance"] or not told["address"]:
            later = "update hooks set due = ? + pause, pause = min(pause * 2, 3600) where id = ?"
            books(later, time.time(), hook)
            return None
        where = ", ".join(part for part in told["address"].values() if part)
        print(
            f"LABEL {number}: {told['quantity']} × {told['reward']['title']} → {where}", flush=True
        )
        books("update labels set printed = 1 where grant_id = ?", grant)
    box = {"grant": grant, "tracking": number}
    try:
        path = f"/campaigns/{campaign}/fulfilments"
        said = ask("POST", path, {"carrier": "DHL", "shipments": [box]}, key=hook)
    except HTTPError as error:
        if error.code in (401, 403, 429) or error.code >= 500:
            raise  # the same call may be answered otherwise in a while
        return became(hook, grant, f"refused with {error.code}")
    refused = [one["detail"] for one in said["refused"]]
    return became(hook, grant, *refused or [f"shipped as {number}"])


def became(hook: str, grant: str, what: str) -> None:
    """Nothing is left to do for this hook."""
    books("update hooks set became = ? where id = ?", what, hook)
    print(f"{grant}: {what}", flush=True)


def catch_up() -> None:
    """What was owed before the house was told of anything, and is in no batch of the studio's."""
    page: Any = {"next": "0-0"}
    while page["next"]:
        page = ask("GET", f"/grants?state=owed&limit=200&after={page['next']}")
        for grant in page["data"]:
            if grant["address"] and not grant["hindrance"] and not grant["parcel"]:
                keep(f"owed-{grant['id']}", "grant.owed", grant)


if __name__ == "__main__":
    for table in TABLES:
        books(table)
    if "--catch-up" in sys.argv:
        catch_up()
    threading.Thread(target=work, daemon=True).start()
    print(f"Waiting at port {PORT} for grants that are owed by {API}", flush=True)
    HTTPServer(("127.0.0.1", PORT), Hooks).serve_forever()
