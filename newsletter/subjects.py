"""PURE. What a letter is called whose writer gave it no name of its own."""


def of_headlines(headlines: list[str]) -> str:
    """
    The first of them, and how many more there are.

    >>> of_headlines(["Talks begin", "Ferries sail again", "Storm eases"])
    'Talks begin, and 2 more stories'
    """
    first, others = headlines[0], len(headlines) - 1
    return f"{first}, and {others} more stor{'ies' if others > 1 else 'y'}" if others else first
