"""`milepost work`."""

from logging.config import dictConfig

from milepost.cli.logs import log_config
from milepost.settings import read_settings


def command() -> None:
    """Do the work behind the site: settle payments, grant rewards, send mail.

    Example: milepost work
    """
    from milepost.worker.main import run

    settings = read_settings()
    dictConfig(log_config(settings.log_format))
    run(settings)
