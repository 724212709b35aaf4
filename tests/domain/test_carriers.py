"""Links to follow a parcel lead to a carrier's own host, and nowhere else."""

import pytest

from milepost.domain.carriers import tracking_link


def test_a_number_and_an_address_of_the_carriers_own_are_links() -> None:
    assert tracking_link("DHL", "0034 1") == (
        "https://www.dhl.com/global-en/home/tracking.html?tracking-id=00341"
    )
    own = "https://www.dhl.com/x?y=1"
    assert tracking_link("DHL", own) == own


@pytest.mark.parametrize(
    "told",
    [
        "https://evil.example/x",
        "https://evil.example\\@www.dhl.com/x",
        "https://evil.example@www.dhl.com/x",
        "https://www.dhl.com\\@evil.example/x",
        "https://www.dhl.com@evil.example/x",
        "https://www.dhl.com:444/x",
        "https://[/x",
        "http://www.dhl.com/x",
        "javascript:alert(1)",
    ],
)
def test_whatever_may_lead_elsewhere_is_no_link(told: str) -> None:
    assert tracking_link("DHL", told) == ""
