"""Port Alder, a town that is made up: a storm followed live, a story in review, and a draft nobody has seen."""

from datetime import timedelta

from articles.kinds import Kind
from articles.snapshot import Verification
from articles.workflow import Status

from ..pictures import harbour
from ..script import ConfidentialSource, Edition, Picture, Point, Save, Source, Story, Topic

STORM = Story(
    slug="storm-over-port-alder",
    format="live-event",
    byline=("rosa-lind", "ivan-horobets"),
    steps=(
        Edition(
            ago=timedelta(hours=5, minutes=14),
            kind=Kind.FIRST,
            headline="Port Alder closes its harbour as the storm comes in",
            lead="Port Alder has closed its harbour. The storm reached the coast hours early, and the last ferry "
            "turned back.",
            why_it_matters="Some 4,000 people on the islands have no other link to the mainland.",
            sources={
                "harbour": Source(
                    publisher="Port Alder Harbour Office",
                    kind="official",
                    title="Notices to shipping",
                    url="https://harbour.example/notices",
                    is_primary=True,
                ),
                "weather": Source(
                    publisher="Alder Coast Weather Service",
                    kind="official",
                    title="Storm warning",
                    url="https://weather.example/warnings/alder-coast",
                    supports="Wind and tides",
                ),
            },
            key_points={
                "closed": Point("The harbour is closed to all ships.", Verification.CONFIRMED, cites=("harbour",)),
                "wind": Point("Gusts reach 104 km/h at the lighthouse.", cites=("weather",)),
            },
            sections={
                "Now": """
                    <p>The barrier at the inner basin is shut. Stay away from the mole and from Quay Street.</p>
                """,
                "So far": """
                    <p>The harbour office closed the port seven hours earlier than planned.</p>
                """,
            },
            picture=Picture(
                "Storm at the mole of Port Alder",
                harbour.draw,
                alt="A drawing: a red and white lighthouse throws its beam over a dark, rough sea; a small red "
                "boat makes for the harbour.",
                caption="The light on the mole of Port Alder.",
                focal_point=(30, 48),
            ),
        ),
        Edition(
            ago=timedelta(hours=4, minutes=2),
            kind=Kind.DEVELOPMENT,
            note="Boats have broken loose in the inner basin; how many is disputed.",
            headline="Boats break loose in Port Alder as the storm hits the harbour",
            lead="Boats have broken from their moorings in the inner basin of Port Alder. The storm reached the "
            "coast hours early; the harbour is closed and the last ferry turned back.",
            sources={
                "club": Source(
                    publisher="Port Alder Boat Owners",
                    kind="eyewitness",
                    title="Call with the club’s watchman",
                    supports="Number of boats",
                ),
            },
            key_points={
                "boats": Point(
                    "Three boats are adrift, says the harbour office; the owners count seven.",
                    Verification.DISPUTED,
                    cites=("harbour", "club"),
                ),
            },
            sections={
                "So far": """
                    <p>The harbour office closed the port seven hours earlier than planned. Two hours later the
                    first boats broke loose in the inner basin.</p>
                """,
            },
        ),
        Edition(
            ago=timedelta(hours=2, minutes=48),
            kind=Kind.DEVELOPMENT,
            note="A pilot boat is said to have turned back with damage; we have no confirmation yet.",
            sources={
                "pilot": ConfidentialSource(
                    name="A pilot of the harbour",
                    contact="By telephone only",
                    notes="May not speak to the press; must not be recognisable.",
                    supports="The pilot boat",
                ),
            },
            key_points={
                "pilot": Point(
                    "A pilot boat has turned back with a damaged rudder.",
                    Verification.UNCONFIRMED,
                    cites=("pilot",),
                ),
                "wind": Point("Gusts reach 118 km/h at the lighthouse.", cites=("weather",)),
            },
        ),
        Edition(
            ago=timedelta(hours=1, minutes=35),
            kind=Kind.TIGHTENED,
            note="The headline and lead now begin with what people in town need to know.",
            headline="Storm in Port Alder: stay away from Quay Street and the mole",
            lead="Waves break over the mole of Port Alder, and the town asks everyone to stay away from Quay "
            "Street. Boats have broken loose in the inner basin; the harbour is closed, and no ferry runs.",
        ),
        Edition(
            ago=timedelta(minutes=9),
            kind=Kind.DEVELOPMENT,
            note="The wind is easing; high water will be lower than feared.",
            headline="Storm in Port Alder: the wind eases before high water",
            lead="The storm over Port Alder is losing strength, and high water will stay below the barrier, says "
            "the weather service. Quay Street and the mole stay closed for now.",
            key_points={
                "water": Point(
                    "High water will be about 40 cm lower than feared.",
                    Verification.CONFIRMED,
                    cites=("weather",),
                ),
                "wind": Point(
                    "Gusts have fallen to 86 km/h, from 118 at the worst.",
                    Verification.CONFIRMED,
                    cites=("weather",),
                ),
            },
            sections={
                "Now": """
                    <p>The barrier at the inner basin holds. Quay Street and the mole stay closed for now; the first
                    ferry is to leave tomorrow.</p>
                """,
                "So far": """
                    <p>The harbour office closed the port seven hours earlier than planned. Two hours later the
                    first boats broke loose in the inner basin. Two of them have been brought back.</p>
                    <p>In the old town the storm has taken tiles from roofs. The fire brigade was called out 31
                    times; nobody has been reported hurt.</p>
                """,
            },
        ),
    ),
)

FERRY = Story(
    slug="island-ferry-contract",
    format="news-update",
    byline=("rosa-lind", "ewan-reid"),
    status=Status.IN_REVIEW,
    assignee="editor",
    steps=(
        Edition(
            ago=timedelta(days=2, hours=23, minutes=37),
            kind=Kind.FIRST,
            headline="Three companies want to run the island ferry",
            lead="Three companies have put in offers for the ferry between Port Alder and the islands. The council "
            "decides next month who will run it for ten years.",
            why_it_matters="The present contract ends in spring, and with it the low fare for islanders.",
            sources={
                "council": Source(
                    publisher="Port Alder Council",
                    kind="official",
                    title="Offers for the island line",
                    url="https://council.example/ferry/offers",
                    is_primary=True,
                ),
            },
            key_points={
                "three": Point("Three offers came in on time.", Verification.CONFIRMED, cites=("council",)),
                "fare": Point("All three keep a lower fare for islanders.", cites=("council",)),
            },
            sections={
                "What happened": """
                    <p>The town opened the offers in public. The company that runs the line today is among the
                    three, with a bid for two new ships.</p>
                """,
            },
        ),
        Edition(
            ago=timedelta(hours=9, minutes=22),
            kind=Kind.DEVELOPMENT,
            note="One company has withdrawn its offer.",
            headline="Two companies are left in the race for the island ferry",
            lead="One of three companies has withdrawn its offer for the ferry between Port Alder and the islands. "
            "The council decides next month who of the two others will run it for ten years.",
            key_points={
                "two": Point("One company has withdrawn; two offers stand.", Verification.CONFIRMED, ("council",)),
                "three": None,
            },
        ),
        Save(
            ago=timedelta(minutes=31),
            headline="Island ferry: the present operator offers electric ships",
            lead="The company that runs the ferry between Port Alder and the islands offers to do so with two "
            "electric ships. Its one remaining rival has not said which ships it would use.",
            key_points={
                "electric": Point("The present operator offers two electric ships.", cites=("council",)),
            },
        ),
    ),
)

TRAM = Story(
    slug="tram-line-nine",
    format="explainer",
    byline=("rosa-lind",),
    assignee="reporter",
    steps=(
        Save(
            ago=timedelta(days=1, hours=4),
            headline="Tram line 9: what the council will be asked",
            lead="A tram from the station to the hospital has been talked about for years. Now there is a plan "
            "with a price.",
            sections={
                "In short": "<p>Six stops, four kilometres, and a bridge that has to be made wider.</p>",
            },
        ),
        Save(
            ago=timedelta(hours=6, minutes=20),
            key_points={"price": Point("The plan names a price of 84 million.", Verification.UNCONFIRMED)},
            sections={"> How we got here": "<p>The first plan, of a line along the river, was dropped.</p>"},
        ),
    ),
)

TOPIC = Topic(
    slug="port-alder",
    name="Port Alder",
    description="News of the town, its harbour and the islands.",
    stories=(STORM, FERRY, TRAM),
    members=("reporter",),
)
