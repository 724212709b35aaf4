"""Files: the site's own from memory, the creators' pictures from `MEDIA_URL`."""

from pathlib import Path

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
    """A picture of the media folder; never anything outside it, never anything but a picture."""
    path = _picture(request.state.site.settings.media_url, request.path_params["path"])
    if path is None:
        raise HTTPException(404)
    headers = {"cache-control": "public, max-age=86400"}
    return FileResponse(path, headers=headers, media_type=PICTURES[path.suffix])


def _picture(folder: str, name: str) -> Path | None:
    """The file of that name inside `folder`, when it is a picture."""
    if len(name) > LONGEST_NAME or not name.isprintable():
        return None
    root = Path(folder).resolve()
    path = (root / name.lstrip("/")).resolve()
    found = path.suffix in PICTURES and path.is_relative_to(root) and path.is_file()
    return path if found else None
