"""The named stories of the demonstration, told by commands as they would happen; they know no rule of a procedure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sop_engine.demo.play import Play
from sop_engine.demo.stories import (
    bar_rescue,
    comes_back,
    driver,
    home_of_41,
    housemaid,
    kuwait_route,
    manipur_return,
    no_address,
    scam_compound,
)


@dataclass(frozen=True, slots=True)
class Story:
    """One story. `tell` plays it up to a moment and gives its cases, the one to look at first; `sign_in` sees that."""

    number: int
    title: str
    sign_in: str
    tell: Callable[[Play, datetime], list[str]]


STORIES = (
    Story(1, "Two women bound for Kuwait, stopped at Jamunaha", "bakaino", kuwait_route.tell),
    Story(2, "Twelve workers of a bar in Kathmandu, three of them children", "ahtb", bar_rescue.tell),
    Story(3, "179 people come home from Manipur together", "mowcsc", manipur_return.tell),
    Story(4, "A home in Kathmandu with 41 children: eight findings, two of them critical", "ncrc", home_of_41.tell),
    Story(5, "A housemaid, forty days at the shelter of the embassy", "mowcsc", housemaid.tell),
    Story(6, "A boy in Bihar who does not know where he comes from", "moha", no_address.tell),
    Story(7, "A man made to commit fraud in a scam compound", "utis", scam_compound.tell),
    Story(8, "A woman who refused help and came back five months later", "himal-aashraya", comes_back.tell),
    Story(9, "The owner of a bar, and a driver who was a victim", "ahtb-suspects", driver.tell),
)
