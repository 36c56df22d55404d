"""A story of the size of a real one, for the benches."""

from articles.models import Article
from tests import make

PARAGRAPH = (
    "<p>The president said that the two countries would work on the details of the agreement, and that teams "
    "of both ministries had met in Rome. It covers drones, defence against rockets and <strong>electronic "
    'warfare</strong>, according to <a href="https://agency.example/report">the agency</a>.</p>'
)
SECTIONS = [("What happened", 1), ("Key details", 4), ("Why it matters", 1), ("Background", 2)]


def of_ordinary_size(by, publish: bool = True) -> Article:
    """Five key points, four sections, eight paragraphs, two sources."""
    begin = make.published if publish else make.story
    return begin(
        "Italy interested in a drone defence deal with Ukraine",
        by=by,
        key_points=[f"Point {n} of what is known about the drone deal so far." for n in range(5)],
        sections=[(heading, PARAGRAPH * count) for heading, count in SECTIONS],
        sources=[make.source("Example Agency"), make.source("Ministry of Defence")],
    )
