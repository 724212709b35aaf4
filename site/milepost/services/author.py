"""Who is at work: a creator, in a store, at one of its campaigns."""

from dataclasses import dataclass

from milepost.storage.editing import Place


@dataclass(frozen=True, slots=True)
class Author:
    """Whoever changes something in the studio, and where; campaign 0: the store itself."""

    creator_id: int
    email: str
    store_id: int
    campaign_id: int

    def place(self, part: str) -> Place:
        """The part of the editor of that name."""
        return Place(self.store_id, self.campaign_id, part)
