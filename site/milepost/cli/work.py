"""`milepost work`."""

from milepost.settings import read_settings


def command() -> None:
    """Do the work behind the site: settle payments, grant rewards, send mail.

    Example: milepost work
    """
    from milepost.worker.main import run

    run(read_settings())
