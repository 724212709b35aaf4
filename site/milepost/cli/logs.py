"""How processes log: lines for people, or JSON for machines (`LOG_FORMAT`)."""

import logging
from typing import Any, Literal

import orjson

CHATTY = ("alembic", "httpx", "stripe", "pgqueuer")


class JsonLines(logging.Formatter):
    """One JSON object a line: when, how grave, who, what, and the traceback when there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return orjson.dumps(line).decode()


def log_config(form: Literal["text", "json"]) -> dict[str, Any]:
    """The `logging.config.dictConfig` of a process; the Stripe library's own chatter stays out."""
    formatters: dict[str, Any] = {
        "text": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
        "json": {"()": JsonLines},
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": formatters,
        "handlers": {"out": {"class": "logging.StreamHandler", "formatter": form}},
        "root": {"handlers": ["out"], "level": "INFO"},
        "loggers": {name: {"level": "WARNING"} for name in CHATTY},
    }
