"""Where somebody came from is a host's name and a word of the creator's, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.origins import (
    LONGEST_SOURCE,
    LONGEST_TAG,
    OTHERS,
    Origin,
    cleaned_source,
    cleaned_tag,
    referred,
    tag_in,
)

OWN, PAGE = "larkfield.example:8000", "/c/recorder"


@pytest.mark.parametrize(
    ("referer", "source"),
    [
        ("https://mastodon.social/@dana/1234?token=secret", "mastodon.social"),
        ("https://www.example.org/", "example.org"),
        ("https://EXAMPLE.org:8443/a", "example.org"),
        ("android-app://com.example.reader/", "com.example.reader"),
        ("http://larkfield.example:8000/", "larkfield.example"),
        ("https://intranet/", ""),
        ("https://192.0.2.7/", ""),
        ("data:text/html,hello", ""),
        ("https://[broken", ""),
        ("https://" + "a" * 90 + ".example/", ""),
        ("", ""),
    ],
)
def test_a_source_is_the_host_and_never_more(referer: str, source: str) -> None:
    assert referred(referer, OWN, PAGE) == Origin(source)


@pytest.mark.parametrize(
    "path",
    ["/c/recorder", "/c/recorder?lang=de", "/c/recorder/pledge?tier=1", "/c/recorder/history"],
)
def test_a_step_from_the_campaign_s_own_pages_is_no_arrival(path: str) -> None:
    assert referred(f"http://{OWN}{path}", OWN, PAGE) is None
    assert referred(f"http://{OWN}/c/recorder-2", OWN, PAGE) is not None


@pytest.mark.parametrize(
    ("query", "tag"),
    [
        ("via=newsletter", "newsletter"),
        ("lang=de&via=June+mail", "june-mail"),
        ("utm_source=Mastodon&utm_medium=social&utm_campaign=Launch", "mastodon/launch"),
        ("utm_campaign=launch", "launch"),
        ("via=a&utm_source=b", "a"),
        ("via=%3Cscript%3E", "script"),
        ("trivia=1", ""),
        ("via=", ""),
        ("", ""),
    ],
)
def test_a_tag_is_what_the_creator_put_into_the_link(query: str, tag: str) -> None:
    assert tag_in(query) == tag


@given(st.text(max_size=300))
def test_whatever_is_sent_a_tag_and_a_source_stay_short_and_plain(typed: str) -> None:
    tag, source = cleaned_tag(typed), cleaned_source(typed)
    assert len(tag) <= LONGEST_TAG and tag.isprintable() and not set(tag) & set("<>\"'& \0")
    assert len(source) <= LONGEST_SOURCE and source.isascii() and source != OTHERS
    assert cleaned_tag(tag) == tag


@given(st.text(max_size=300))
def test_no_referer_and_no_query_breaks_anything(said: str) -> None:
    referred(said, OWN, PAGE)
    tag_in(said)
