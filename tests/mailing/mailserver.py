"""A real mail server on this machine, which takes, refuses or forgets as a test asks it to."""

import asyncio
import email
import email.policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


class MailServer:
    """`received` is what came, in order; `rcpt` and `data` are what it answers by address.

    An answer of `None` cuts the connection; while `silent` is set, a mail gets no answer at all.
    """

    def __init__(self, utf8: bool = False) -> None:
        self.received: list[EmailMessage] = []
        self.envelopes: list[tuple[str, str]] = []
        self.connections = 0
        self.rcpt: dict[str, str] = {}
        self.data: dict[str, str | None] = {}
        self.silent = False
        self.came = asyncio.Event()
        self._utf8 = utf8

    async def __aenter__(self) -> "MailServer":
        self._server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(self, hostname="mail.example", enable_SMTPUTF8=self._utf8), "127.0.0.1", 0
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._server.close()

    @property
    def url(self) -> str:
        """Its `SMTP_URL`, with a sender whose name needs its quotes."""
        port = self._server.sockets[0].getsockname()[1]
        return (
            f"smtp://127.0.0.1:{port}"
            "?from=Larkfield%2C%20Press%20%26%20S%C3%B6unds%20%3Chello@larkfield.example%3E"
        )

    @property
    def recipients(self) -> list[str]:
        """Whom it got mails for, in order."""
        return [to for _, to in self.envelopes]

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, said: list[str]
    ) -> list[str]:
        """A new conversation."""
        self.connections += 1
        session.host_name = hostname
        return said

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Whether it takes mails for this address."""
        if address in self.rcpt:
            return self.rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> Any:  # noqa: N802
        """A mail; it is kept also where the answer never arrives."""
        to = envelope.rcpt_tos[0]
        answer = self.data.get(to, "250 OK")
        if answer is None or answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            message = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            self.received.append(message)
            self.envelopes.append((envelope.mail_from or "", to))
            self.came.set()
        if self.silent:
            await asyncio.sleep(60)
        if answer is None:
            server.transport.close()  # type: ignore[union-attr]
            return "421 gone"
        return answer
