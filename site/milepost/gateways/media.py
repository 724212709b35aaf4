"""The creators' pictures in the folder of `MEDIA_URL`: kept whole or not at all, found again."""

import os
import tempfile
from pathlib import Path

LONGEST_NAME = 200  # characters
PICTURES = {".avif": "image/avif", ".webp": "image/webp", ".png": "image/png", ".jpg": "image/jpeg"}


class Media:
    """One folder; nothing outside it is ever read or written, and nothing but pictures."""

    def __init__(self, folder: str) -> None:
        self._root = Path(folder).resolve()

    def keep(self, name: str, body: bytes) -> None:
        """Keep the picture under this name, whole on the disk when this returns."""
        path = self._place(name)
        if path is None:
            raise ValueError(f"{name!r} is no name of a picture")
        if path.is_file():
            return  # its name holds its content's hash
        path.parent.mkdir(parents=True, exist_ok=True)
        made, waiting = tempfile.mkstemp(dir=path.parent, prefix=".waiting-")
        try:
            with os.fdopen(made, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            Path(waiting).chmod(0o644)
            Path(waiting).replace(path)
        except BaseException:
            Path(waiting).unlink(missing_ok=True)
            raise

    def find(self, name: str) -> Path | None:
        """The file of that name, when there is such a picture."""
        path = self._place(name)
        return path if path is not None and path.is_file() else None

    def _place(self, name: str) -> Path | None:
        if len(name) > LONGEST_NAME or not name.isprintable():
            return None
        path = (self._root / name.lstrip("/")).resolve()
        return path if path.suffix in PICTURES and path.is_relative_to(self._root) else None
