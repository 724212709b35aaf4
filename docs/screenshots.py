"""Makes the docs' pictures of a running demo: python docs/screenshots.py [ADDRESS] [LINK]"""

import io
import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, StorageState, sync_playwright

PICTURES = Path(__file__).parent / "pictures"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
# name, path, width, height, colour scheme
SHOTS = (
    ("campaign", "/c/field-recorder", 1280, 1500, "light"),
    ("campaign-phone-dark", "/c/night-atlas", 390, 1400, "dark"),
    ("home", "/", 1280, 900, "light"),
)
STUDIO = "/studio/larkfield/campaigns/night-atlas"
INSIDE = (
    ("overview", STUDIO, 1280, 1000, "light"),
    ("milestones", f"{STUDIO}/milestones", 1280, 1000, "light"),
)


def shoot(browser: Browser, address: str, link: str) -> None:
    """Take every picture at `address`; those of the studio by the `link` that the demo prints."""
    state = sign_in(browser, link) if link else None
    for name, path, width, height, scheme in (*SHOTS, *(INSIDE if link else ())):
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            storage_state=state if path.startswith("/studio") else None,
        )
        page = context.new_page()
        page.goto(address + path)
        page.evaluate("document.querySelectorAll('img').forEach(i => { i.loading = 'eager' })")
        page.wait_for_function("[...document.images].every(i => i.complete)")
        picture = Image.open(io.BytesIO(page.screenshot()))
        picture.save(PICTURES / f"{name}.webp", quality=82, method=6)
        context.close()


def sign_in(browser: Browser, link: str) -> StorageState:
    """What a browser keeps once it has used the link."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    with page.expect_navigation():
        page.locator("main button").click()
    return context.storage_state()


if __name__ == "__main__":
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or "chromium"
    PICTURES.mkdir(exist_ok=True)
    told = dict(enumerate(sys.argv))
    with sync_playwright() as playwright:
        shoot(
            playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS),
            told.get(1, "http://localhost:8000"),
            told.get(2, ""),
        )
