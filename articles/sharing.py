"""Passing a story on: plain links to the places where people do, which need no script of ours or of theirs."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to pass a story on, and the link that opens it with the text written in."""

    name: str
    href: str


def places(text: str, url: str) -> list[Place]:
    """
    >>> places("Rome & Kyiv", "https://news.example/a/")[0]
    Place(name='X', href='https://x.com/intent/post?text=Rome%20%26%20Kyiv&url=https%3A%2F%2Fnews.example%2Fa%2F')
    """
    said, link, both = quote(text, safe=""), quote(url, safe=""), quote(f"{text} {url}", safe="")
    return [
        Place("X", f"https://x.com/intent/post?text={said}&url={link}"),
        Place("Facebook", f"https://www.facebook.com/sharer/sharer.php?u={link}"),
        Place("WhatsApp", f"https://wa.me/?text={both}"),
        Place("Telegram", f"https://t.me/share/url?url={link}&text={said}"),
        Place("Bluesky", f"https://bsky.app/intent/compose?text={both}"),
        Place("Mastodon", f"https://share.joinmastodon.org/#text={both}"),
        Place("LinkedIn", f"https://www.linkedin.com/sharing/share-offsite/?url={link}"),
        Place("Email", f"mailto:?subject={said}&body={both}"),
    ]
