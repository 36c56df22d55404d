"""What a page says to a reader, as one line."""

import re
from html import unescape

_INLINE = r"</?(?:a|b|bdi|del|em|ins|s|small|span|strong|sup|time)\b[^>]*>"


def words(html: str) -> str:
    """
    >>> words("<head><title>A</title></head><p>Rome, <b>15</b> April</p><p>Kyiv &amp; Oslo</p>")
    'Rome, 15 April Kyiv & Oslo'
    """
    body = re.sub(r"<head>.*?</head>", "", html, flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", re.sub(_INLINE, "", body))
    return " ".join(unescape(text).split())
