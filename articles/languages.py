"""What a language tag (BCP 47) says: which way the text runs, and what the language is called."""

import functools

from django.utils.translation import get_language_info

_RIGHT_TO_LEFT = {"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"}
_RIGHT_TO_LEFT_SCRIPTS = {"arab", "hebr", "syrc", "thaa"}


def direction(tag: str) -> str:
    """
    "rtl" or "ltr", from the script that the tag names, or else the language's usual one.

    >>> direction("ar-EG"), direction("az-Arab"), direction("uk")
    ('rtl', 'rtl', 'ltr')
    """
    language, *rest = tag.lower().split("-")
    scripts = [part for part in rest if len(part) == 4 and part.isalpha()]
    is_right_to_left = scripts[0] in _RIGHT_TO_LEFT_SCRIPTS if scripts else language in _RIGHT_TO_LEFT
    return "rtl" if is_right_to_left else "ltr"


@functools.cache
def name(tag: str) -> str:
    """
    The English name of the language, or the tag where there is none.

    >>> name("uk"), name("tlh")
    ('Ukrainian', 'tlh')
    """
    try:
        return get_language_info(tag.lower())["name"]
    except KeyError:
        return tag


def is_same(one: str, other: str) -> bool:
    """
    Whether a reader of one reads the other.

    >>> is_same("en-gb", "en")
    True
    """
    return one.lower().split("-")[0] == other.lower().split("-")[0]
