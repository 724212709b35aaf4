"""Files: the site's own from memory, the creators' pictures from `MEDIA_URL`."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from milepost.web.static import CACHE_CONTROL, PREFIX, bundle
from milepost.web.wishes import encoding


async def static(request: Request) -> Response:
    """One of the bundle's files, compressed as the browser likes; its address never changes."""
    asset = bundle().get(PREFIX + request.path_params["path"])
    if asset is None:
        raise HTTPException(404)
    packed = encoding(request.headers.get("accept-encoding", "").encode("latin-1"))
    headers = {"cache-control": CACHE_CONTROL, "vary": "accept-encoding"}
    body = asset.body
    if smaller := {"br": asset.br, "gzip": asset.gzip}.get(packed):
        body, headers["content-encoding"] = smaller, packed
    return Response(body, 200, headers, asset.content_type)


LONGEST_NAME = 200  # characters
PICTURES = {".avif": "image/avif", ".webp": "image/webp", ".png": "image/png", ".jpg": "image/jpeg"}


async def pictures(request: Request) -> Response:
    """A picture of the media folder; never anything outside it, never anything but a picture.

    `x.avif.jpg` is `x.avif` for mail programs, most of which show no AVIF.
    """
    folder, name = request.state.site.settings.media_url, request.path_params["path"]
    headers = {"cache-control": "public, max-age=86400"}
    path = _picture(folder, name)
    if path is None and name.endswith((".avif.jpg", ".webp.jpg")):
        modern = _picture(folder, name.removesuffix(".jpg"))
        if modern is not None:
            try:
                body = await run_in_threadpool(_as_jpeg, modern, modern.stat().st_mtime_ns)
            except OSError:  # it only has a picture's name
                raise HTTPException(404) from None
            return Response(body, 200, headers, "image/jpeg")
    if path is None:
        raise HTTPException(404)
    return FileResponse(path, headers=headers, media_type=PICTURES[path.suffix])


@lru_cache(64)
def _as_jpeg(path: Path, changed: int) -> bytes:
    """The picture as JPEG, as wide as a mail shows it on a sharp screen; kept until `changed`."""
    out = BytesIO()
    with Image.open(path) as picture:
        picture.thumbnail((1040, 2080))
        picture.convert("RGB").save(out, "JPEG", quality=82, optimize=True, progressive=True)
    return out.getvalue()


def _picture(folder: str, name: str) -> Path | None:
    """The file of that name inside `folder`, when it is a picture."""
    if len(name) > LONGEST_NAME or not name.isprintable():
        return None
    root = Path(folder).resolve()
    path = (root / name.lstrip("/")).resolve()
    found = path.suffix in PICTURES and path.is_relative_to(root) and path.is_file()
    return path if found else None
