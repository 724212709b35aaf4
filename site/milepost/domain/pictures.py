"""A picture's address: it says how wide and how high it is, so that no page shifts as it comes."""

import re

LARGE, SMALL = 1600, 800  # pixels: the two widths in which a picture is kept
_SIZED = re.compile(r"-(\d{1,5})x(\d{1,5})(?:-(?:1600|800))?\.[a-z]+$")


def picture_name(digest: str, width: int, height: int) -> str:
    """The name of a picture of this size; one wider than `SMALL` is kept in two widths."""
    return f"{digest}-{width}x{height}{'-1600' if width > SMALL else ''}.avif"


def smaller(name: str) -> str:
    """The name of the same picture in the smaller width."""
    return name.replace("-1600.", "-800.")


def picture_size(address: str) -> tuple[int, int] | None:
    """Width and height of the picture at this address; None where it does not say."""
    found = _SIZED.search(address)
    return (int(found[1]), int(found[2])) if found else None
