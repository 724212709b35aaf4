"""Logs: a line for people, or one JSON object a line with what went wrong."""

import logging
from logging.config import dictConfig

import orjson
import pytest

from milepost.cli.logs import JsonLines, log_config


def test_a_json_line_holds_the_message_and_the_traceback() -> None:
    try:
        raise ValueError("the road is closed")
    except ValueError as error:
        record = logging.LogRecord(
            "milepost.web", logging.ERROR, "", 1, "%s broke", ("GET /",), None
        )
        record.exc_info = (type(error), error, error.__traceback__)
    line = orjson.loads(JsonLines().format(record))
    assert (line["level"], line["logger"], line["message"]) == (
        "error",
        "milepost.web",
        "GET / broke",
    )
    assert "the road is closed" in line["traceback"]


@pytest.mark.parametrize("form", ["text", "json"])
def test_both_forms_are_a_lawful_configuration(form: str) -> None:
    before = logging.getLogger().handlers[:]
    try:
        dictConfig(log_config(form))  # type: ignore[arg-type]
        assert logging.getLogger().handlers
    finally:
        logging.getLogger().handlers[:] = before
