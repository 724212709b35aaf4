"""Make the pictures of the demo's shop from their drawings: python docs/demo_art.py

Needs a Chromium, in CHROMIUM or found by Playwright itself.
"""

import io
import os
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

DRAWINGS = Path(__file__).parent / "art"
PICTURES = Path(__file__).parents[1] / "site" / "milepost" / "cli" / "demo_art"
SIZES = ((1600, 58), (800, 62))  # width in pixels, quality


def main() -> None:
    """Draw each in Chromium, and keep it as AVIF in both widths."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM"))
        page = browser.new_page(viewport={"width": 1600, "height": 1200})
        for drawing in sorted(DRAWINGS.glob("*.svg")):
            page.set_content(f'<body style="margin:0">{drawing.read_text()}')
            drawn = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            for width, quality in SIZES:
                picture = drawn.resize((width, width * 3 // 4), Image.Resampling.LANCZOS)
                picture.save(PICTURES / f"shop-{drawing.stem}-{width}.avif", quality=quality)
        browser.close()


if __name__ == "__main__":
    main()
