"""Files: the site's own from memory, the creators' pictures from `MEDIA_URL`."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from milepost.domain.pictures import picture_size
from milepost.gateways.media import PICTURES
from milepost.web.static import CACHE_CONTROL, PREFIX, bundle
from milepost.web.wishes import encoding


async def static(request: Request) -> Response:
    """One of the bundle's files, compressed as the browser likes; its address never changes."""
    asset = bundle().get(PREFIX + request.path_params["path"])
    if asset is None:
        raise HTTPException(404)
    packed = encoding(request.headers.get("accept-encoding", "").encode("latin-1"))
    headers = {"cache-control": CACHE_CONTROL, "vary": "accept-encoding"}
    if asset.content_type.startswith("font/"):  # a frame that its host shuts in has no origin
        headers["access-control-allow-origin"] = "*"
    body = asset.body
    if smaller := {"br": asset.br, "gzip": asset.gzip}.get(packed):
        body, headers["content-encoding"] = smaller, packed
    return Response(body, 200, headers, asset.content_type)


async def pictures(request: Request) -> Response:
    """A picture of the media folder; never anything outside it, never anything but a picture.

    One that was uploaded has its content's hash in its name, so browsers may keep it for ever.
    `x.avif.jpg` is `x.avif` for mail programs, most of which show no AVIF.
    """
    media, name = request.state.site.media, request.path_params["path"]
    named = picture_size(name.removesuffix(".jpg")) is not None
    headers = {"cache-control": CACHE_CONTROL if named else "public, max-age=86400"}
    headers["cross-origin-resource-policy"] = "cross-origin"  # a campaign is shown anywhere
    path = media.find(name)
    if path is None and name.endswith((".avif.jpg", ".webp.jpg")):
        modern = media.find(name.removesuffix(".jpg"))
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
