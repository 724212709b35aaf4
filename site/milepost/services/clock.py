"""The one clock, handed in from outside: nothing below asks the machine what time it is."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
