"""Invented backers for the demo: no names to recognise, no addresses to reach, no such towns."""

import random

FIRST = (
    "Ada Amir Anouk Bea Bruno Carla Chidi Clara Dario Dilan Edda Elif Emil Esra Fenja Finn Gita "
    "Greta Hana Henrik Ida Imran Ines Jonas Juno Kaia Kofi Lale Lars Lena Leo Lio Lotte Mads Maya "
    "Mila Milan Nael Nia Nora Oda Olek Pia Quinn Rafa Rike Runa Sami Selma Sina Soren Tara Theo "
    "Tilda Umut Vera Wanda Wim Yara Yusuf Zoe"
).split()
LAST = (
    "Abel Adler Amsel Arden Birch Bloom Brook Cane Dahl Dale Drost Eder Ember Falk Fenn Field "
    "Finch Ford Frost Gale Glen Haas Hale Heath Holm Hoss Ilves Jung Karn Keller Kite Lark Leaf "
    "Linde Lund Marsh Mira Moor Moss Nagel Nord Oake Otter Pell Quist Reed Rill Roth Sage Sand "
    "Senn Sorel Stark Thorn Tull Vale Voss Wald Wells Winter Wren"
).split()

STREETS = (
    "Heron Lane",
    "Old Mill Road",
    "Kiln Street",
    "Larch Walk",
    "Quay Side",
    "Tern Close",
    "Weir Path",
)
TOWNS = ("Larkfield", "Ostermoor", "Brindle", "Sankt Alben", "Vierhaven", "Lowmere")
COUNTRIES = ("DE", "AT", "CH", "GB", "US", "NL", "FR")


def a_person(draw: random.Random, number: int) -> tuple[str, str]:
    """A name and an address; `number` keeps two of the same name apart."""
    first, last = draw.choice(FIRST), draw.choice(LAST)
    return f"{first} {last}", f"{first.lower()}.{last.lower()}.{number}@example.org"
