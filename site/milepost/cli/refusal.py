"""How a command says that it cannot go on."""


class Refusal(Exception):
    """A command cannot do what was asked; the text tells the operator what happened and what to do.

    `milepost` prints it and exits with 1.
    """
