"""What backers write becomes paragraphs and links, and no other markup, whatever it is (B7)."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.wording.prose import excerpt, mailed_prose, remark, writable

OURS = re.compile(r'<(?:/?p|br|/a|a href="https?://[^"<>\s]+" rel="nofollow ugc noopener")>')
words = st.text() | st.lists(
    st.sampled_from(["http://a.b/c", "https://x.y?q=1&r=2", "<b>", '"', "'", "(", ")", "\n\n", " "])
).map("".join)


@given(words)
def test_a_remark_says_what_was_typed_in_paragraphs_and_links_alone(typed: str) -> None:
    said = OURS.sub(" ", str(remark(typed)))
    assert "<" not in said and ">" not in said and '"' not in said
    assert "".join(html.unescape(said).split()) == "".join(typed.split())


@given(st.text())
def test_what_is_writable_stays_so_and_can_be_a_page_s(typed: str) -> None:
    line = writable(typed)
    assert writable(line) == line
    assert not set(line) & {chr(code) for code in range(32)}


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("See https://a.b/c.", "https://a.b/c"),
        ("(https://a.b/c)", "https://a.b/c"),
        ("https://a.b/c_(d)", "https://a.b/c_(d)"),
        ("https://a.b/?x=1&y=2!", "https://a.b/?x=1&amp;y=2"),
    ],
)
def test_a_link_ends_where_its_address_does(typed: str, address: str) -> None:
    assert f'<a href="{address}" rel="nofollow ugc noopener">{address}</a>' in remark(typed)


def test_an_excerpt_is_the_first_words_of_the_paragraphs() -> None:
    assert excerpt("# Title\n\nOne *two* & three.\n\n- list", 100) == "One two & three."
    assert excerpt("word " * 100, 20) == "word word word…"


def test_a_mail_names_whole_addresses() -> None:
    told = mailed_prose(
        "![a](/media/x-1600.webp) [b](/c/x) [c](//evil.example)", "https://us.example"
    )
    assert 'src="https://us.example/media/x-800.webp.jpg"' in told
    assert 'href="https://us.example/c/x"' in told
    assert 'href="//evil.example"' in told, "somebody else's stays somebody else's"
