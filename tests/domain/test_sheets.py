"""CSV that no spreadsheet calculates with, read back as it was; files of tracking numbers."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.carriers import KNOWN, tracking_link
from milepost.domain.errors import Invalid
from milepost.domain.sheets import cells_of, harmless, plain_cell, written
from milepost.domain.tracking import encoding_of, read_lines

CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=40)
NUMBERS = st.text("0123456789ABCDEFabcdef-+=@ '", min_size=1, max_size=30).filter(str.strip)


@given(CELLS)
def test_no_cell_begins_a_formula_and_each_reads_back_as_it_was(cell: str) -> None:
    shown = harmless(cell)
    assert not shown.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋"))
    assert plain_cell(shown) == cell.strip()


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1"])
def test_what_a_spreadsheet_would_calculate_is_text(cell: str) -> None:
    """OWASP, CSV Injection."""
    assert harmless(cell).startswith("'")


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=5))
def test_a_table_reads_back_line_by_line(rows: list[list[str]]) -> None:
    text = written(rows)
    assert [len(row) for row in csv.reader(io.StringIO(text))] == [3] * len(rows)
    lines = text.split("\r\n")[:-1]
    assert [cells_of(line, ",") for line in lines] == [[c.strip() for c in row] for row in rows]


@given(st.lists(st.tuples(st.integers(1, 2**62), CELLS, NUMBERS), min_size=1, max_size=8))
def test_what_went_out_for_the_carrier_comes_back_in(rows: list[tuple[int, str, str]]) -> None:
    heads = ("pledge", "name", "carrier", "tracking")
    text = "\ufeff" + written([heads, *((n, who, "DHL", number) for n, who, number in rows)])
    file = io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8-sig", newline=None)
    found = [(x.pledge_id, x.carrier, x.tracking, x.problem) for x in read_lines(file, "")]
    assert found == [(n, "DHL", number.strip(), None) for n, _, number in rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_usual_way_to_write_a_file_is_read(encoding: str, delimiter: str) -> None:
    heads, line = ["Pledge No.", "Versanddienst", "Tracking Number"], ["#0012", "Grüne Post", "A1"]
    body = "\r\n".join(delimiter.join(cells) for cells in (heads, line)).encode(encoding)
    file = io.TextIOWrapper(io.BytesIO(body), encoding_of(body[:2]), errors="replace", newline=None)
    (found,) = read_lines(file, "")
    assert (found.number, found.pledge_id, found.carrier, found.tracking) == (2, 12, "Grüne Post",
                                                                              "A1")  # fmt: skip


BAD = {
    "12,DHL": "malformed",
    '12,"DHL,34': "malformed",
    "12,DHL,34,56": "malformed",
    "twelve,DHL,34": "no_number",
    "-12,DHL,34": "no_number",
    f"{2**63},DHL,34": "no_number",
    "12,,34": "no_carrier",
    "12,DHL,": "no_tracking",
    "12,DHL," + "3" * 201: "too_long",
    "12,DHL," + "3" * 5000: "too_long",
    "12,D\ufffdHL,34": "encoding",
}


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad[:12])
def test_a_bad_line_is_named_and_the_next_one_is_good(bad: str) -> None:
    text = io.StringIO(f"pledge,carrier,tracking\n\n{bad}\n13,UPS,1Z\n")
    first, second = read_lines(text, "")
    assert (first.number, first.problem) == (3, BAD[bad])
    assert (second.number, second.pledge_id, second.problem) == (4, 13, None)


def test_a_file_without_names_is_read_by_its_places() -> None:
    (found,) = read_lines(io.StringIO("12;34\n"), "DHL")
    assert (found.number, found.pledge_id, found.carrier, found.tracking) == (1, 12, "DHL", "34")


@pytest.mark.parametrize("text", ["", "\n\n", "a,b,c\n1,2,3\n", "pledge,carrier\n1,DHL\n"])
def test_a_file_whose_columns_cannot_be_told_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        list(read_lines(io.StringIO(text), "DHL"))
    assert refused.value.about == "file"


def test_a_file_without_carriers_asks_for_one() -> None:
    with pytest.raises(Invalid) as refused:
        list(read_lines(io.StringIO("pledge,tracking\n1,2\n"), ""))
    assert refused.value.about == "carrier"


@given(st.sampled_from([*KNOWN, "Somebody", ""]), st.text(max_size=60))
def test_a_link_leads_to_a_known_carrier_by_https_or_nowhere(carrier: str, tracking: str) -> None:
    link = tracking_link(carrier, tracking)
    assert link == "" or (link.startswith("https://") and carrier in KNOWN)
    assert not any(character in link for character in "<>\"' \n")


def test_an_address_is_followed_at_a_known_carrier_alone() -> None:
    own = "https://www.dhl.com/track?id=1"
    assert tracking_link("x", own) == own
    assert tracking_link("DHL", "https://dhl.com.evil.example/1") == ""
    assert tracking_link("DHL", "javascript:alert(1)") == ""
    assert tracking_link("dhl", "0034 0434").endswith("00340434")
