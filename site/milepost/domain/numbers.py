"""Whole numbers as addresses and fields of forms hold them."""

LARGEST = 2**63 - 1  # what a bigint holds
LARGEST_SMALL = 2**31 - 1  # what an integer holds


def number_in(text: str, most: int = LARGEST) -> int | None:
    """The number that `text` is, from 0 to `most`; None for anything but its plain digits."""
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        return None
    return found if (found := int(text)) <= most else None
