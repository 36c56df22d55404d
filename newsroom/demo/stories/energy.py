"""Energy: a plant that went back to work, and a vote with a key point that did not hold. Places are made up."""

from datetime import timedelta

from articles.kinds import Kind
from articles.publishing import Box
from articles.snapshot import Verification

from ..pictures import parliament, plant
from ..script import Edition, Picture, Point, Settled, Source, Story, Topic

KARSHOLT = Story(
    slug="karsholt-unit-two",
    format="news-update",
    byline=("rosa-lind",),
    steps=(
        Edition(
            ago=timedelta(days=4, hours=9, minutes=31),
            kind=Kind.FIRST,
            headline="Karsholt power station takes unit 2 off the grid",
            lead="The Karsholt power station shut down the second of its two units. The operator speaks of a fault "
            "in the cooling and says that nobody was hurt.",
            why_it_matters="Karsholt supplies about every fifth household of the Esker valley.",
            sources={
                "operator": Source(
                    publisher="Esker Power",
                    kind="party",
                    title="Unit 2 off the grid",
                    url="https://eskerpower.example/news/unit-2",
                    is_primary=True,
                ),
            },
            key_points={
                "off": Point("Unit 2 is off the grid; unit 1 runs on.", Verification.CONFIRMED, ("operator",)),
                "hurt": Point("Nobody was hurt, the operator says.", cites=("operator",)),
            },
            sections={
                "What happened": """
                    <p>Sensors in the cooling circuit of unit 2 reported falling pressure. The control room shut the
                    unit down, as its rules ask it to. Unit 1 runs on.</p>
                """,
            },
            picture=Picture(
                "Karsholt power station",
                plant.draw,
                alt="A drawing: two cooling towers steam behind a calm river at sunrise, pylons lead away to the "
                "right.",
                caption="The towers of Karsholt, seen from the other bank of the Esker.",
                focal_point=(40, 50),
            ),
        ),
        Edition(
            ago=timedelta(days=4, hours=3, minutes=15),
            kind=Kind.DEVELOPMENT,
            note="The fault has been found: a worn bearing in a cooling pump.",
            headline="Worn pump bearing behind the shutdown at Karsholt",
            lead="A worn bearing in a cooling pump made the Karsholt power station shut down its unit 2, the "
            "operator says. A spare pump is on its way; the unit is to be back within three days.",
            key_points={
                "cause": Point("A bearing in one of four cooling pumps was worn.", cites=("operator",)),
            },
            sections={
                "Key details": """
                    <p>The pump had been inspected in spring. A second one of the same make will be looked at before
                    the unit starts again.</p>
                """,
            },
        ),
        Edition(
            ago=timedelta(days=2, hours=12, minutes=44),
            kind=Kind.DEVELOPMENT,
            note="Unit 2 is on the grid again, with a new pump.",
            headline="Karsholt unit 2 is back on the grid after a pump fault",
            lead="Unit 2 of the Karsholt power station delivers electricity again, two days after a worn pump "
            "bearing had stopped it. The operator expects full power within a day.",
            sources={
                "regulator": Source(
                    publisher="Esker Valley Energy Regulator",
                    kind="official",
                    title="Statement on Karsholt unit 2",
                    url="https://regulator.example/statements/karsholt",
                    supports="Cause and inspection",
                ),
            },
            key_points={
                "off": Point("Unit 2 was off the grid for two days.", Verification.CONFIRMED, ("operator",)),
                "cause": Point(
                    "A bearing in one of four cooling pumps was worn.",
                    Verification.CONFIRMED,
                    cites=("operator", "regulator"),
                ),
                "hurt": Point("Nobody was hurt.", Verification.CONFIRMED, cites=("operator", "regulator")),
            },
            sections={
                "What happened": """
                    <p>With a new pump in place, unit 2 is connected to the grid again.</p>
                    <p>Two days before, sensors in its cooling circuit had reported falling pressure, and the
                    control room had shut the unit down, as its rules ask it to. Unit 1 ran on all the time.</p>
                """,
                "Key details": """
                    <p>The pump had been inspected in spring. A second one of the same make has been looked at and
                    found sound.</p>
                """,
            },
        ),
        Settled(
            ago=timedelta(days=1, hours=15, minutes=9),
            note="Unit 2 has run at full power for a day, and the regulator has closed its inquiry.",
        ),
    ),
)

HEAT_LAW = Story(
    slug="valmere-heat-law",
    format="news-update",
    byline=("ivan-horobets", "ewan-reid"),
    steps=(
        Edition(
            ago=timedelta(days=1, hours=6, minutes=3),
            kind=Kind.FIRST,
            headline="Valmere’s Assembly is about to vote on how homes are heated",
            lead="The Assembly of Valmere is about to decide whether oil boilers have to go. Both sides expect a "
            "handful of votes to make the difference.",
            why_it_matters="Four homes in ten are still heated with oil. Who pays for the change is the question "
            "that divides the house.",
            sources={
                "assembly": Source(
                    publisher="Assembly of Valmere",
                    kind="document",
                    title="Bill 212, on the heating of dwellings",
                    url="https://assembly.example/bills/212",
                    is_primary=True,
                ),
                "bulletin": Source(
                    publisher="Valmere Bulletin",
                    kind="wire",
                    title="Minister said to have offered resignation",
                    url="https://bulletin.example/minister",
                ),
            },
            key_points={
                "close": Point("Neither side is sure of a majority.", cites=("assembly",)),
                "minister": Point(
                    "The energy minister has offered to resign if the bill fails.",
                    Verification.REPORTED,
                    cites=("bulletin",),
                ),
            },
            sections={
                "What happened": """
                    <p>The last debate has begun. Under the bill, landlords would have to replace oil boilers, and a
                    fund would pay up to half of the cost.</p>
                """,
                "> Background": """
                    <p>An earlier bill failed two years ago, by nine votes.</p>
                """,
            },
            picture=Picture(
                "The Assembly of Valmere at night",
                parliament.draw,
                alt="A drawing: a parliament with a green dome at night, its windows lit and mirrored in the wet "
                "square, on which three people stand.",
                caption="The Assembly of Valmere during its long sitting.",
                focal_point=(50, 48),
            ),
        ),
        Edition(
            ago=timedelta(hours=22, minutes=28),
            kind=Kind.DEVELOPMENT,
            note="The law has passed, by two votes.",
            headline="Valmere’s Assembly passes the heat law by two votes",
            lead="Oil boilers have to go: after a sitting of thirteen hours, the Assmebly of Valmere passed the "
            "heat law with 61 votes to 59. A fund will pay up to half of the cost.",
            key_points={
                "passed": Point("The law passed with 61 votes to 59.", Verification.CONFIRMED, cites=("assembly",)),
                "fund": Point("A fund pays up to half of each new heating.", cites=("assembly",)),
                "close": None,
            },
            sections={
                "What happened": """
                    <p>The vote came after thirteen hours of debate. Three members of the opposition voted with the
                    government, one member of the government against it.</p>
                    <p>Landlords have to replace oil boilers, and a fund will pay up to half of the cost.</p>
                """,
            },
        ),
        Edition(
            ago=timedelta(hours=22, minutes=4),
            kind=Kind.TYPO,
            lead="Oil boilers have to go: after a sitting of thirteen hours, the Assembly of Valmere passed the "
            "heat law with 61 votes to 59. A fund will pay up to half of the cost.",
        ),
        Edition(
            ago=timedelta(hours=15, minutes=36),
            kind=Kind.CORRECTION,
            note="The report that the energy minister had offered to resign is withdrawn.",
            box=Box(
                wrong="We passed on a report that the energy minister had offered to resign should the bill fail.",
                right="There was no such offer. The ministry denies it, and the paper we cited has taken it back.",
                first_wrong=1,
                last_wrong=3,
            ),
            sources={
                "ministry": Source(
                    publisher="Ministry of Energy of Valmere",
                    kind="official",
                    title="No offer to resign",
                    url="https://ministry.example/press/no-offer",
                ),
            },
            key_points={
                "minister": Point(
                    "The energy minister has offered to resign if the bill fails.",
                    Verification.WITHDRAWN,
                    cites=("bulletin", "ministry"),
                    reason="The paper that reported it has taken it back.",
                ),
            },
        ),
        Edition(
            ago=timedelta(hours=5, minutes=11),
            kind=Kind.DEVELOPMENT,
            note="The final text is out: the last oil boiler has to be gone in nine years, not in twelve.",
            headline="Valmere’s heat law, passed by two votes after thirteen hours of debate, gives landlords nine "
            "years to replace the last oil boiler",
            lead="Landlords in Valmere have nine years to replace oil boilers, says the final text of the heat "
            "law, which the Assembly passed with 61 votes to 59. A fund pays up to half of the cost.",
            reason="The nine years are what readers write to us about; they belong in the headline.",
            key_points={
                "years": Point(
                    "The last oil boiler has to be gone in nine years.", Verification.CONFIRMED, ("assembly",)
                ),
            },
            sections={
                "Key details": """
                    <table>
                    <thead><tr><th scope="col">Building</th><th scope="col">Time to change</th>
                    <th scope="col">Share paid by the fund</th></tr></thead>
                    <tbody>
                    <tr><td>Rented homes</td><td>9 years</td><td>up to 50 %</td></tr>
                    <tr><td>Owners’ own homes</td><td>9 years</td><td>up to 40 %</td></tr>
                    <tr><td>Schools and hospitals</td><td>5 years</td><td>up to 30 %</td></tr>
                    </tbody>
                    </table>
                    <p>The bill’s first version had given twelve years. The shorter time was the price for the three
                    votes from the opposition.</p>
                """,
            },
        ),
    ),
)

TOPIC = Topic(
    slug="energy",
    name="Energy",
    description="Power, heat and what they cost, from the plant to the meter.",
    stories=(HEAT_LAW, KARSHOLT),
    members=("editor",),
)
