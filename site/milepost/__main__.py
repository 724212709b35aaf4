"""`python -m milepost` is the `milepost` command."""

from milepost.cli.main import app

app(prog_name="milepost")
