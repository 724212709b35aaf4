"""What an edit stands on: `ETag` of what was read, `If-Match` with what is written (RFC 9110)."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Annotated

from fastapi import Header
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from milepost.web.api.gate import said

CHANGED = (
    "This has changed since you read it, so nothing was written. Read it again, and send its ETag"
    " as If-Match."
)
UNQUOTED = "An ETag stands in quotation marks. Send it as If-Match as it came, with them."
UNREAD = "Send the ETag that came with what you edit as If-Match."
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The `ETag` that came with what is edited. Without it: 428.",
        examples=['"Zk9fQ2b1x0c7"'],
    ),
]


def etag_of(resource: BaseModel) -> str:
    """A strong validator: another one for anything else that would be told of it."""
    digest = sha256(resource.model_dump_json().encode()).digest()
    return f'"{urlsafe_b64encode(digest[:12]).decode()}"'


def expect(sent: str | None, stands: BaseModel) -> None:
    """Go on only where what `stands` is what the sender has read; hold its row before.

    A proxy that compresses our answers makes their tags weak, and they mean the same: the tag is of
    what is told, not of its bytes.

    Raises HTTPException 428 without If-Match, 400 for what is no ETag, 412 where it stands
    otherwise now.
    """
    if not sent:
        raise HTTPException(428, said(UNREAD))
    tags = [tag.strip() for tag in sent.split(",")]
    tags = [tag[2:] if tag.startswith('W/"') else tag for tag in tags]
    if any(tag != "*" and not tag.endswith('"') for tag in tags):
        raise HTTPException(400, UNQUOTED)
    if "*" not in tags and etag_of(stands) not in tags:
        raise HTTPException(412, said(CHANGED))
