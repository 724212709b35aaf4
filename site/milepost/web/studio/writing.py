"""What forms of texts share: characters that a page can hold, and one field for each language."""

from collections.abc import Mapping, Sequence
from typing import Any

from milepost.wording.languages import LOCALES, NAMES
from milepost.wording.prose import writable

LONGEST = 100_000  # characters that are looked at; the rules know each text's own limit


def title_of(typed: str) -> str:
    """One line, as it was typed."""
    return " ".join(writable(typed[:LONGEST]).split())


def text_of(typed: str) -> str:
    """Lines as they were typed, without characters that no page can hold."""
    lines = typed[:LONGEST].replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    return "\n".join(map(writable, lines.split("\n"))).strip()


def texts_in(sent: Mapping[str, str], names: Sequence[str]) -> dict[str, dict[str, str]]:
    """The translations of a form whose fields are called like `title-de`."""
    return {
        locale: {
            name: (text_of if name in ("text", "answer") else title_of)(sent[field])
            for name in names
            if (field := f"{name}-{locale}") in sent
        }
        for locale in LOCALES
    }


def translated(
    translations: Mapping[str, Mapping[str, str]], first: str, names: Sequence[str]
) -> list[dict[str, Any]]:
    """The other languages for a form: each with its name and what is known of its texts."""
    return [
        {"tag": tag, "name": NAMES[tag]}
        | {name: translations.get(tag, {}).get(name, "") for name in names}
        for tag in LOCALES
        if tag != first
    ]
