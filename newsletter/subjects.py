"""PURE. What a letter is called whose writer gave it no name of its own."""

LONGEST = 150


def of_headlines(headlines: list[str], longest: int = LONGEST) -> str:
    """
    The first of them, cut short if it is too long, and how many more there are.

    >>> of_headlines(["Talks begin", "Ferries sail again", "Storm eases"])
    'Talks begin, and 2 more stories'
    >>> of_headlines(["Ferries sail again", "Talks begin"], 31)
    'Ferries sail…, and 1 more story'
    """
    first, others = headlines[0], len(headlines) - 1
    rest = f", and {others} more stor{'ies' if others > 1 else 'y'}" if others else ""
    return (first if len(first + rest) <= longest else first[: longest - len(rest) - 1].rstrip() + "…") + rest
