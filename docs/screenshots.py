"""Makes the pictures of the docs from a running demo: python docs/screenshots.py [ADDRESS]"""

import io
import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

PICTURES = Path(__file__).parent / "pictures"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
# name, path, width, height, colour scheme
SHOTS = (
    ("campaign", "/c/field-recorder", 1280, 1500, "light"),
    ("campaign-phone-dark", "/c/night-atlas", 390, 1400, "dark"),
    ("home", "/", 1280, 900, "light"),
)


def shoot(browser: Browser, address: str) -> None:
    """Take every picture at `address`."""
    for name, path, width, height, scheme in SHOTS:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.goto(address + path)
        page.evaluate("document.querySelectorAll('img').forEach(i => { i.loading = 'eager' })")
        page.wait_for_function("[...document.images].every(i => i.complete)")
        picture = Image.open(io.BytesIO(page.screenshot()))
        picture.save(PICTURES / f"{name}.webp", quality=82, method=6)
        context.close()


if __name__ == "__main__":
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or "chromium"
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        shoot(
            playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS),
            sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000",
        )
