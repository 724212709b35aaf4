"""What the schema of this Milepost is called, for those who ask without migrating."""

from importlib.resources import files


def head() -> str:
    """The newest revision that this Milepost knows: they are numbered, and each has a file.

    Alembic knows it too, but takes half a second to load, which every web process would wait for.
    """
    versions = (files("milepost.migrations") / "versions").iterdir()
    return max(file.name.partition("_")[0] for file in versions if file.name.endswith(".py"))
