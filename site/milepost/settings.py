"""What the operator sets, read once at the start and handed in from there on."""

from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from milepost.domain.plans import Plans, plans_in

DEMO_SECRET = "demo-secret-for-local-use-only"
DEMO_STRIPE_KEY = "sk_test_milepost_sandbox"
DEMO_WEBHOOK_SECRET = "whsec_milepost_sandbox"

WHERE_TO_GET = {
    "base_url": "Set it to the address that backers type, such as https://fund.example.org.",
    "secret_key": "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'",
    "stripe_secret_key": "Copy it from Stripe → Developers → API keys.",
    "stripe_webhook_secret": "Copy it from Stripe → Developers → Webhooks.",
    "smtp_url": (
        "Use the form smtp://user:password@host:587?from=Name%20%3Caddress%3E, or smtps://, as your"
        " mail provider says."
    ),
    "database_url": "Use the form postgresql://user:password@host:5432/name.",
}


class SettingsError(Exception):
    """Settings that are missing or wrong, all of them in one message."""


class Settings(BaseSettings):
    """The environment (or `.env`) of one Milepost; see the README's table."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    database_url: str
    base_url: str
    secret_key: str = Field(min_length=16, repr=False)
    stripe_secret_key: str = Field(repr=False)
    stripe_webhook_secret: str = Field(repr=False)
    stripe_api_base: str | None = None
    smtp_url: str | None = Field(default=None, repr=False)
    media_url: str = "var/media"
    port: int = Field(default=8000, ge=0, le=65535)
    web_concurrency: int = Field(default=1, ge=1, le=64)
    trusted_proxies: str = "127.0.0.1"
    log_format: Literal["text", "json"] = "text"
    plans_file: str | None = None
    hooks_anywhere: bool = False

    @field_validator("base_url", "stripe_api_base")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError("must be an address that starts with http:// or https://")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, value: str) -> str:
        if urlsplit(value).scheme not in ("postgresql", "postgres"):
            raise ValueError("must name a PostgreSQL database")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _is_a_mail_server(cls, value: str | None) -> str | None:
        if not value:
            return None
        try:
            parts = urlsplit(value)
            known = parts.scheme in ("smtp", "smtps") and parts.hostname and parts.port != 0
        except ValueError:
            known = None
        if not known:
            raise ValueError("must name a mail server")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        for one in filter(None, map(str.strip, value.split(","))):
            try:
                ip_network(one)
            except ValueError:
                raise ValueError(
                    f"{one!r} must be an address or a network, such as 10.0.0.0/8: a name is never"
                    " matched, and everybody's word would let anybody hide who they are"
                ) from None
        return value

    @cached_property
    def plans(self) -> Plans:
        """The operator's plans, of `PLANS_FILE` or `plans.toml` beside `.env`; none: all is on."""
        path = Path(self.plans_file or "plans.toml")
        if not self.plans_file and not path.exists():
            return Plans()
        try:
            return plans_in(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"PLANS_FILE is wrong: {path} can't be read: {error}.") from None
        except ValueError as error:
            raise ValueError(f"PLANS_FILE is wrong: {path}: {error}.") from None

    @model_validator(mode="after")
    def _plans_can_be_read(self) -> "Settings":
        assert self.plans is not None
        return self

    @model_validator(mode="after")
    def _demo_stays_at_home(self) -> "Settings":
        demo = {DEMO_SECRET, DEMO_STRIPE_KEY, DEMO_WEBHOOK_SECRET}
        used = demo & {self.secret_key, self.stripe_secret_key, self.stripe_webhook_secret}
        if used and not self.is_local:
            raise ValueError(
                f"BASE_URL is {self.base_url}, but the demo's own keys are still in use. Set"
                " SECRET_KEY, STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET to your own."
            )
        return self

    @property
    def is_local(self) -> bool:
        """True while `BASE_URL` is an address of this very machine."""
        host = urlsplit(self.base_url).hostname or ""
        return host in ("localhost", "127.0.0.1", "::1") or host.endswith(".localhost")

    @property
    def sends_anywhere(self) -> bool:
        """True where hooks may go to private addresses: if the operator allows it, and at home."""
        return self.hooks_anywhere or self.is_local

    @property
    def keeps_mails(self) -> bool:
        """True in the demo, where mails are shown under /dev/mail and not sent."""
        return self.is_local and not self.smtp_url

    @property
    def is_https(self) -> bool:
        """True when backers reach the site over TLS."""
        return self.base_url.startswith("https://")


def read_settings(**known: object) -> Settings:
    """The settings of this process; `known` ones win over the environment.

    Raises SettingsError, which names all that is missing or wrong at once.
    """
    try:
        return Settings(**known)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(dict(e)) for e in error.errors())) from None


def _sentence(error: dict[str, object]) -> str:
    location = error["loc"]
    name = str(location[0]) if isinstance(location, tuple) and location else ""
    if not name:
        return str(error["msg"]).removeprefix("Value error, ")
    what = "is not set." if error["type"] == "missing" else f"is wrong: {error['msg']}."
    return f"{name.upper()} {what} {WHERE_TO_GET.get(name, '')}".strip()


def var_folder() -> Path:
    """Where this Milepost keeps what it makes: the embedded database, media, the demo's state."""
    return Path("var").resolve()
