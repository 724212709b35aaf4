"""A creator who has a keyboard and nothing else."""

from playwright.async_api import Page, expect

SKIP = "Skip to the content"
FARTHEST = 150  # presses of a key before somebody would give up
HERE = """() => {
  const at = document.activeElement;
  const words = (text) => (text ?? "").replace(/\\s+/g, " ").trim();
  const label = at.labels?.[0];
  return {
    tag: at.tagName,
    name: at.name ?? "",
    words: words(at.getAttribute("aria-label") ?? (label ? label.innerText : at.innerText)),
  };
}"""


class Keys:
    """Everything is done by Tab, arrows, Space, Enter and letters; there is no pointer."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def _go(self, words: str, tags: tuple[str, ...], name: str = "") -> None:
        """Press Tab until the focus is on what begins with `words`, or is called `name`."""
        seen = []
        for _ in range(FARTHEST):
            await self.page.keyboard.press("Tab")
            here = await self.page.evaluate(HERE)
            if here["words"] == SKIP and "A" not in tags:  # past the doors to other pages
                await self.page.keyboard.press("Enter")
            found = here["name"] == name if name else here["words"].startswith(words)
            if here["tag"] in tags and found:
                return
            seen.append(here["words"][:30] or here["name"] or here["tag"])
        raise AssertionError(f"Tab never came to “{words or name}”, only to {seen[:70]}")

    async def follow(self, words: str) -> None:
        """Follow the link that begins so."""
        await self._go(words, ("A",))
        await self._enter()

    async def press(self, words: str) -> None:
        """Press the button that begins so."""
        await self._go(words, ("BUTTON",))
        await self._enter()

    async def _enter(self) -> None:
        async with self.page.expect_navigation():
            await self.page.keyboard.press("Enter")

    async def type(self, name: str, text: str) -> None:
        """Type into the field of that name, in place of what is there."""
        await self._go("", ("INPUT", "TEXTAREA"), name)
        await self.page.keyboard.press("Control+A")
        await self.page.keyboard.insert_text(text)

    async def choose(self, name: str, words: str) -> None:
        """Choose the radio button that begins so, by the arrow keys."""
        await self._go("", ("INPUT",), name)
        for _ in range(FARTHEST):
            here = await self.page.evaluate(HERE)
            if here["words"].startswith(words):
                await self.page.keyboard.press("Space")
                return
            await self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no “{words}” among {name}")

    async def tick(self, words: str, on: bool = True) -> None:
        """See that the box that begins so is ticked, or not."""
        await self._go(words, ("INPUT",))
        if await self.page.evaluate("document.activeElement.checked") != on:
            await self.page.keyboard.press("Space")

    async def reads(self, text: str) -> None:
        """The page says so."""
        await expect(self.page.locator("main")).to_contain_text(text)
