"""Pictures for mail programs, which know JPEG and little else."""

from io import BytesIO
from pathlib import Path

from PIL import Image

from tests.sandbox.process import Sandbox
from tests.web.serving import serve
from tests.world import World


async def test_a_modern_picture_is_a_jpeg_too_and_nothing_else_is(
    world: World, database_url: str, payments: Sandbox, tmp_path: Path
) -> None:
    Image.new("RGB", (1600, 1200), "#17795e").save(tmp_path / "dawn.avif")
    Image.new("RGBA", (80, 60), "#17795e80").save(tmp_path / "muff.webp")
    (tmp_path / "notes.txt").write_text("secret")
    (tmp_path / "broken.avif").write_text("no picture")
    media = {"media_url": str(tmp_path)}
    async with serve(database_url, payments.url, world.clock, **media) as served:
        for name, size in (("dawn.avif", (1040, 780)), ("muff.webp", (80, 60))):
            answer = await served.reader.get(f"/media/{name}.jpg")
            assert answer.headers["content-type"] == "image/jpeg"
            with Image.open(BytesIO(answer.content)) as picture:
                assert (picture.format, picture.size) == ("JPEG", size)
        for wrong in (
            "notes.txt.jpg",
            "broken.avif.jpg",
            "dusk.avif.jpg",
            "..%2fdawn.avif.jpg",
            "dawn.avif.jpg.jpg",
        ):
            assert (await served.reader.get(f"/media/{wrong}")).status_code == 404
