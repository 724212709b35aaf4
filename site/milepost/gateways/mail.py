"""Mail through SMTP: one connection for as long as it is needed, and three ways to fail told apart.

`SMTP_URL` is `smtp://user:password@host:587?from=Name%20%3Caddress%3E`, or `smtps://`; over
`smtp://` TLS is used when the server offers it, and a password is told to no stranger without.
"""

import hashlib
import ipaddress
import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any, NoReturn
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
import idna
from aiosmtplib import SMTPException, SMTPResponseException

PATIENCE = 20.0  # seconds for the server to answer
PORTS = {"smtp": 587, "smtps": 465}
_NAMED = re.compile(r'\s*"?([^<>"]*?)"?\s*<\s*([^<>\s]+@[^<>\s]+)\s*>\s*')


class NotSent(Exception):
    """The mail was not sent, and may be sent later: the server is busy, or refuses us for now."""


class Away(NotSent):
    """No mail can be sent now: the server can't be reached, or does not let us in."""


class Refused(Exception):
    """The server will not take this mail, ever."""


class InDoubt(Exception):
    """The connection broke after the mail was handed over and before an answer came."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A finished mail; `unsubscribe` is its one-click address where it is news (RFC 8058)."""

    recipient: str
    name: str
    subject: str
    text: str
    html: str
    locale: str
    sender_name: str = ""
    unsubscribe: str = ""


class _Wire(EmailPolicy):
    """As SMTP wants it; an address of a page stays on one line, where Python would break it."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The header as it goes over the wire."""
        if name in ("List-Unsubscribe", "Message-ID"):
            return f"{name}: {value}\r\n".encode("ascii")
        return super().fold_binary(name, value)


WIRE = _Wire(linesep="\r\n", cte_type="7bit")


class Post:
    """The way out. `send` connects when it must; `close` when there is nothing more to send."""

    def __init__(self, url: str, base_url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "localhost"
        self._tls = parts.scheme == "smtps"
        self._port = parts.port or PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self.name, self.address = sender_of(url, base_url)
        self._client: aiosmtplib.SMTP | None = None

    async def send(self, message: EmailMessage) -> None:
        """Hand the mail over. Raises NotSent, Refused, or InDoubt when nobody can know."""
        client = await self.open()
        recipient = str(message["To"].addresses[0].addr_spec)
        options = []
        if not (recipient + self.address).isascii():
            if not client.supports_extension("smtputf8"):
                raise Refused(f"the mail server can't write to {recipient} (no SMTPUTF8)")
            options = ["SMTPUTF8"]
        policy = WIRE.clone(utf8=bool(options))
        encoding = "utf-8" if options else "ascii"
        try:
            await client.mail(self.address, options=options, encoding=encoding)
        except SMTPException as error:
            await self._give_up(error)  # 5xx too: who we are is the operator's to mend
        except OSError as error:
            await self._give_up(error)
        try:
            await client.rcpt(recipient, encoding=encoding)
        except SMTPResponseException as error:
            await self._refused(error)
        except (SMTPException, OSError) as error:
            await self._give_up(error)
        try:
            await client.data(message.as_bytes(policy=policy))
        except SMTPResponseException as error:
            await self._refused(error)
        except (SMTPException, OSError) as error:
            await self.close()
            raise InDoubt(f"the connection broke while the mail was handed over: {error}") from None

    async def open(self) -> aiosmtplib.SMTP:
        """The connection, made when there is none. Raises Away."""
        if self._client is not None and self._client.is_connected:
            return self._client
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            use_tls=self._tls,
            local_hostname=self.address.rpartition("@")[2],
            timeout=PATIENCE,
        )
        try:
            await client.connect()
            if self._user:
                if not (client.get_transport_info("ssl_object") or _is_here(self._host)):
                    raise SMTPException("it offers no TLS, and the password would be readable")
                await client.login(self._user, self._password)
        except (SMTPException, OSError, ValueError) as error:
            client.close()
            raise Away(f"{self._host}:{self._port}: {_said(error)}") from None
        self._client = client
        return client

    async def close(self) -> None:
        """Say goodbye, if anybody still listens."""
        client, self._client = self._client, None
        if client is not None and client.is_connected:
            try:
                await client.quit(timeout=2)
            except (SMTPException, OSError):
                client.close()

    async def _refused(self, error: SMTPResponseException) -> NoReturn:
        """The server said no to this mail: for ever (5xx), or for now (4xx)."""
        await self.close()
        if 500 <= error.code < 600:
            raise Refused(_said(error)) from None
        raise NotSent(_said(error)) from None

    async def _give_up(self, error: Exception) -> NoReturn:
        await self.close()
        raise NotSent(_said(error)) from None


def letter(parcel: Parcel, post: Post, key: str, now: datetime) -> EmailMessage:
    """The mail as it goes over the wire; the same `key` has the same Message-ID for ever."""
    message = EmailMessage()
    domain = post.address.rpartition("@")[2]
    message["From"] = _address(post.name or parcel.sender_name, post.address)
    message["To"] = _address(parcel.name, parcel.recipient)
    message["Subject"] = _line(parcel.subject)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{_ascii(domain)}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    message["Content-Language"] = parcel.locale
    if parcel.unsubscribe:
        message["List-Unsubscribe"] = f"<{parcel.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(parcel.text, cte="quoted-printable")
    message.add_alternative(parcel.html, subtype="html", cte="quoted-printable")
    return message


def sender_of(url: str, base_url: str) -> tuple[str, str]:
    """Name and address of the sender: `?from=`, else the user when that is an address."""
    parts = urlsplit(url)
    given = parse_qs(parts.query).get("from", [""])[0]
    if named := _NAMED.fullmatch(given):
        return named[1].strip(), named[2]
    if "@" in given:
        return "", given.strip()
    user = unquote(parts.username or "")
    if "@" in user:
        return "", user
    return "", f"milepost@{urlsplit(base_url).hostname or 'localhost'}"


def _address(name: str, spec: str) -> Address:
    """The address with its name; one in another script's domain by that domain's ASCII name."""
    local, _, domain = spec.rpartition("@")
    return Address(_line(name), addr_spec=None, username=local, domain=_ascii(domain))


def _ascii(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode()
    except UnicodeError:
        return domain


def _line(text: str) -> str:
    """One line: a header can't be made to hold another."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _said(error: Exception) -> str:
    if isinstance(error, SMTPResponseException):
        return f"{error.code} {_line(str(error.message))}"
    return _line(str(error)) or type(error).__name__


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
