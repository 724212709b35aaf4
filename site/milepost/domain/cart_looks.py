"""How a cart's bar looks: read from what is kept, never in doubt (S24, S33–S35, S41)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from milepost.domain.messages import N_, Sentence

Place = Literal["drawer", "page", "embed"]
Layout = Literal["classic", "segmented", "single"]
Done = Literal["check", "replace"]
Source = Literal["library", "upload"]
Shows = Literal["picture", "product"]
PLACES: tuple[Place, ...] = get_args(Place)
LAYOUTS: tuple[Layout, ...] = get_args(Layout)
# The library: `templates/shop/parts/icon.html` draws each.
ICONS = (
    *("percent", "tag", "truck", "gift", "star", "heart"),
    *("box", "leaf", "cup", "flag", "ticket", "bolt"),
)
OF_KIND = {"percent": "percent", "amount": "tag", "shipping": "truck", "gift": "gift"}


@dataclass(frozen=True, slots=True)
class Look:
    """The campaign's: where it stands and how; an empty colour is the brand's."""

    places: tuple[Place, ...] = PLACES
    layout: Layout = "classic"
    done: Done = "check"
    shimmer: bool = True
    colour: str = ""

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Look":
        """What a campaign's `design` says; its default where that says nothing."""
        places = kept.get("places")
        return cls(
            tuple(p for p in PLACES if p in places) if isinstance(places, list | tuple) else PLACES,
            _one(kept.get("layout"), LAYOUTS),
            _one(kept.get("done"), get_args(Done)),
            kept.get("shimmer", True) is True,
            str(kept.get("colour", "")),
        )

    @property
    def kept(self) -> dict[str, Any]:
        """As a campaign's `design` holds it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class TierLook:
    """A tier's: an icon of the library, or a picture: its own, or its gift's product's (S41)."""

    source: Source = "library"
    icon: str = "gift"
    done_icon: str = "star"
    shows: Shows = "picture"
    image: str = ""
    image_alt: str = ""

    @classmethod
    def of(cls, kept: Mapping[str, Any], kind: str) -> "TierLook":
        """What a tier's `design` says; the icon of its kind where that says nothing."""
        icon, done = kept.get("icon"), kept.get("done_icon")
        return cls(
            _one(kept.get("source"), get_args(Source)),
            icon if icon in ICONS else OF_KIND.get(kind, "gift"),
            done if done in ICONS else "star",
            _one(kept.get("shows"), get_args(Shows)),
            str(kept.get("image", "")),
            str(kept.get("image_alt", "")),
        )

    @property
    def kept(self) -> dict[str, Any]:
        """As a tier's `design` holds it."""
        return asdict(self)

    @property
    def told(self) -> str:
        """As the log says it: the icon's name, or whose picture it is."""
        if self.source == "library":
            return self.icon
        return "product’s picture" if self.shows == "product" else self.image

    def picture(self, kind: str, product_image: str) -> str:
        """The address of the picture that the tier shows; empty where it shows its icon."""
        if self.source != "upload":
            return ""
        if self.shows == "picture":
            return self.image
        return "" if self.why_no_product_image(kind, product_image) else product_image

    def why_no_product_image(
        self, kind: str, product_image: str, picked: bool = True
    ) -> Sentence | None:
        """The first condition that keeps the product from showing; None where it shows (S41)."""
        if kind != "gift":
            return Sentence(N_("This tier gives no product, so there is no product’s picture."))
        if self.source != "upload":
            return Sentence(N_("Its icon comes from the library. Choose “A picture” instead."))
        if self.shows != "product":
            return Sentence(N_("It shows the uploaded picture. Choose “The product’s picture”."))
        if not picked:
            return Sentence(N_("No product is picked. Pick the gift under Rule."))
        if not product_image:
            return Sentence(N_("The picked product has no picture. Add one under Products."))
        return None


def _one(kept: Any, known: tuple[Any, ...]) -> Any:
    """What is kept, if it is known; else the first that is."""
    return kept if kept in known else known[0]
