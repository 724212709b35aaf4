"""The fulfilment house beside a demo on this machine: connected by itself, then started.

milepost demo                            # in one terminal
python docs/examples/fulfilment/demo.py  # in another
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

PORT = os.environ.get("FULFILMENT_PORT", "8700")
VAR = Path("var")
KNOWN = VAR / "fulfilment.json"
CONNECT = [
    *("connect", "--name", "Fulfilment house", "--hook", f"http://127.0.0.1:{PORT}/hooks"),
    *("--scope", "fulfilment:read", "--scope", "fulfilment:write"),
    *("--event", "grant.owed", "--event", "grant.voided"),
]


def still_works(known: dict[str, str]) -> bool:
    """True where the token of last time opens the demo of today."""
    headers = {"authorization": f"Bearer {known['MILEPOST_TOKEN']}"}
    try:
        with urlopen(Request(f"{known['MILEPOST_API']}/grants?limit=1", headers=headers)):
            return True
    except HTTPError:
        return False


if __name__ == "__main__":
    if not VAR.is_dir():
        sys.exit("There is no demo in this folder: start one with `make run` first.")
    known = json.loads(KNOWN.read_text()) if KNOWN.exists() else None
    try:
        if not known or not still_works(known):
            milepost = [sys.executable, "-m", "milepost", *CONNECT]
            said = subprocess.run(milepost, check=True, capture_output=True, text=True)
            known = dict(line.split("=", 1) for line in said.stdout.splitlines())
            KNOWN.write_text(json.dumps(known))
            (VAR / "fulfilment.sqlite").unlink(missing_ok=True)  # of another demo
        still_works(known)
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error.stderr.strip().splitlines()[-1]}\nStart the demo first, with `make run`.")
    except OSError as error:
        sys.exit(f"There is no demo here: start one with `make run` first ({error})")
    service = str(Path(__file__).with_name("service.py"))
    known |= {"FULFILMENT_PORT": PORT, "FULFILMENT_BOOKS": str(VAR / "fulfilment.sqlite")}
    os.execve(sys.executable, [sys.executable, service, "--catch-up"], os.environ | known)
