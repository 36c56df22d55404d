"""What a tightened text no longer says: its numbers, its names, and who said so."""

import re
from collections import Counter
from dataclasses import dataclass

from .weighing import numbers_of

_WORD = re.compile(r"[^\W_][\w’'-]*")
_SENTENCE_END = re.compile(r"[.!?…]['\"’”)]*\s*$")
# How English news says whose word something is.
_ATTRIBUTION = re.compile(
    r"\b(?:said|says|told|tells|according to|announced|announces|confirmed|confirms|claimed|claims|denied|denies"
    r"|reported|reports|wrote|writes|citing)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Lost:
    """What was in the text before and is not in the one after, each in its order."""

    numbers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    attributions: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.numbers or self.names or self.attributions)


def lost(before: str, after: str) -> Lost:
    """
    What tightening `before` to `after` took out. A name is lost when none of its words is left; an attribution,
    which is told from English verbs alone, when none is.

    >>> lost("Five died, Mayor Ada Kell said on Monday.", "People died on Monday.")
    Lost(numbers=('Five',), names=('Mayor Ada Kell',), attributions=('said',))
    >>> lost("Ada Kell said so.", "Kell says so.")
    Lost(numbers=(), names=(), attributions=())
    """
    kept = {word.casefold() for word in _words(after)}
    return Lost(
        numbers=tuple(_numbers_gone(before, after)),
        names=tuple(name for name in names(before) if kept.isdisjoint(_words(name.casefold()))),
        attributions=() if _ATTRIBUTION.search(after) else tuple(dict.fromkeys(_ATTRIBUTION.findall(before))),
    )


def _numbers_gone(before: str, after: str) -> list[str]:
    kept = Counter(number.casefold() for number in numbers_of(after))
    gone = []
    for number in numbers_of(before):
        if kept[number.casefold()]:
            kept[number.casefold()] -= 1
        else:
            gone.append(number)
    return gone


def names(text: str) -> list[str]:
    """
    Runs of words that begin with a capital; one alone at the beginning of a sentence is taken for no name.

    >>> names("Teams from Rome met. They heard Volodymyr Zelensky.")
    ['Rome', 'Volodymyr Zelensky']
    """
    found, run, end = [], [], 0
    for match in _WORD.finditer(text):
        between = text[end : match.start()]
        if run and between.strip():
            found, run = [*found, run], []
        if match[0][0].isupper():
            begins = not text[: match.start()].strip(" “\"'‘(") or bool(_SENTENCE_END.search(text[: match.start()]))
            run = [*run, (match[0], begins)]
        elif run:
            found, run = [*found, run], []
        end = match.end()
    found = [run for run in [*found, run] if run and not (len(run) == 1 and run[0][1])]
    return [*dict.fromkeys(" ".join(word for word, _ in run) for run in found)]


def _words(text: str) -> list[str]:
    """Without the ’s of a possessive."""
    return [re.sub(r"[’']s$", "", word) for word in _WORD.findall(text)]
