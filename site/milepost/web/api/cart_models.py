"""A cart as the API tells it, and what may be done with it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from milepost.services.cart_changes import (
    Add,
    Change,
    Decline,
    PayIn,
    SetQuantity,
    ShipTo,
    UseCode,
)
from milepost.services.shop_cart import MOST_PIECES
from milepost.web.api.fields import Id, Sent
from milepost.web.api.problems import Problem

MINOR = "In minor units of the cart’s currency."
Currency = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{3}$")]


class CartLine(BaseModel):
    """Pieces of a product."""

    product: int
    title: str
    label: str
    url: str
    image: str | None
    quantity: int
    price: int = Field(description=f"Of one piece. {MINOR}")
    amount: int = Field(description=f"Of all of them. {MINOR}")
    charged: int = Field(description=f"The same after discounts. {MINOR}")


class CartGift(BaseModel):
    """What a tier that is reached gives along."""

    tier: int
    product: int
    title: str
    image: str | None
    state: Literal["given", "declined", "sold_out"]


class CartTier(BaseModel):
    """A milestone of the cart."""

    id: int
    kind: str
    reward: str = Field(description="In the language that was asked for, as all texts here.")
    target: int = Field(description=f"Pieces, or money. {MINOR}")
    goal: str = Field(description="The target, as it is written.")
    left: int
    reached: bool
    applies: bool = Field(description="Reached, and not outdone by a higher one.")
    gift: str | None


class CartMilestones(BaseModel):
    """The bar that the cart moves."""

    trigger: Literal["value", "items"]
    reading: int = Field(description=f"Pieces, or money. {MINOR}")
    message: str
    layout: str
    tiers: list[CartTier]


class CartBill(BaseModel):
    """What it comes to; in minor units of the cart’s currency."""

    goods: int
    code: str
    code_off: int
    tiers_off: int
    shipping: int | None = Field(description="Null until a country is chosen.")
    shipping_off: int
    total: int


class Cart(BaseModel):
    """A cart, judged: what lies in it, what its milestones give, what it comes to."""

    token: str | None = Field(None, description="Of a cart that was just begun, and only then.")
    count: int
    currency: str | None
    lines: list[CartLine]
    gifts: list[CartGift]
    milestones: CartMilestones | None
    bill: CartBill
    notices: list[str] = Field(description="What the shop had to change since.")
    said: str = Field(description="What this change did.")
    reached: list[int] = Field(description="The tiers that this change has reached.")
    html: str | None = Field(None, description="With `html`: what the element shows.")
    lang: str | None = None
    dir: Literal["ltr", "rtl"] | None = None
    away: str | None = Field(None, description="With `html`: to be said when the shop is away.")
    css: str | None = Field(None, description="With `html`, of a cart that was read: its colours.")


class RefusedCart(Problem):
    """Why nothing was changed; where it is about a cart, that cart as it stands."""

    cart: Cart | None = None


class BeginCart(Sent):
    """A new cart."""

    currency: Currency | None = Field(None, description="One that the shop sells in.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"currency": "USD"}]})


class AddProduct(Sent):
    """So many more pieces; without a cart one is begun."""

    do: Literal["add"]
    product: Id
    quantity: Annotated[int, Field(strict=True, ge=1, le=MOST_PIECES)] = 1
    currency: Currency | None = Field(None, description="In which its price was shown.")

    def change(self) -> Change:
        """What is to be done."""
        return Add(self.product, self.quantity, self.currency or "")


class SetProduct(Sent):
    """So many pieces; none takes it out."""

    do: Literal["set"]
    product: Id
    quantity: Annotated[int, Field(strict=True, ge=0, le=MOST_PIECES)]

    def change(self) -> Change:
        """What is to be done."""
        return SetQuantity(self.product, self.quantity)


class RemoveProduct(Sent):
    """It is taken out."""

    do: Literal["remove"]
    product: Id

    def change(self) -> Change:
        """What is to be done."""
        return SetQuantity(self.product, 0)


class WishGift(Sent):
    """A tier’s gift is not wanted, or wanted after all."""

    do: Literal["decline", "want"]
    tier: Id

    def change(self) -> Change:
        """What is to be done."""
        return Decline(self.tier, wanted=self.do == "want")


class GiveCode(Sent):
    """A code as it was typed; an empty one takes the present one off."""

    do: Literal["code"]
    code: Annotated[str, StringConstraints(strict=True, max_length=80, pattern=r"^[^\x00-\x1f]*$")]

    def change(self) -> Change:
        """What is to be done."""
        return UseCode(self.code)


class ChooseShipping(Sent):
    """Where it is sent to, for the estimate, and how."""

    do: Literal["ship"]
    country: (
        Annotated[
            str,
            StringConstraints(strict=True, pattern=r"^[A-Z]{2}$"),
            Field(description="ISO 3166-1 alpha-2."),
        ]
        | None
    )
    option: Id | None = None

    def change(self) -> Change:
        """What is to be done."""
        return ShipTo(self.country, self.option)


class ChooseCurrency(Sent):
    """In what it is paid."""

    do: Literal["pay"]
    currency: Currency

    def change(self) -> Change:
        """What is to be done."""
        return PayIn(self.currency)


CartChange = Annotated[
    AddProduct | SetProduct | RemoveProduct | WishGift | GiveCode | ChooseShipping | ChooseCurrency,
    Field(discriminator="do", examples=[{"do": "add", "product": 7}]),
]
Told = dict[str, Any]
