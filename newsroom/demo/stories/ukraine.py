"""Ukraine: the drone deal in seven editions, an explainer beside it, and a story in Ukrainian."""

from datetime import timedelta

from articles.kinds import Kind
from articles.publishing import Box
from articles.snapshot import Verification

from ..pictures import hospital, rome
from ..script import Edition, Issue, Newsletter, Picture, Point, Reconfirmed, Source, Story, Topic

UKRINFORM = Source(
    publisher="Ukrinform UA",
    kind="wire",
    title="Італія зацікавилася Drone Deal – Зеленський",
    url="https://www.ukrinform.ua/rubric-polytics/4112941-italia-zacikavilasa-drone-deal-zelenskij.html",
    language="uk",
    supports="What the president said in Rome",
    is_primary=True,
)

DRONE_DEAL = Story(
    slug="italy-drone-deal",
    format="news-update",
    byline=("ivan-horobets", "ewan-reid"),
    share_text="Italy, Ukraine and the “drone deal”: what is confirmed so far",
    pin=1,
    steps=(
        Edition(
            ago=timedelta(days=2, hours=6, minutes=12),
            kind=Kind.FIRST,
            headline="Zelensky: Italy wants to talk about drones",
            lead="Italy would like to work with Ukraine on defence against drones, President Volodymyr Zelensky "
            "told reporters in Rome. He left open what the two countries might do together.",
            why_it_matters="Ukraine has learned under attack how to stop drones. With Italy, that knowledge would "
            "reach one of Europe’s larger defence industries.",
            sources={"ukrinform": UKRINFORM},
            key_points={
                "interest": Point(
                    "Zelensky says Italy is interested in Ukraine’s way of defending itself against drones.",
                    cites=("ukrinform",),
                ),
                "format": Point(
                    "Kyiv has a form of security agreement ready for this, which it calls a “drone deal”.",
                    cites=("ukrinform",),
                ),
            },
            sections={
                "What happened": """
                    <p>Speaking to the press while in Rome, Volodymyr Zelensky said that Italy had shown interest in
                    cooperation on drone defence. He brought up a form of agreement, the “drone deal”, under which
                    Ukraine shares what it knows and both sides develop it further.</p>
                    <p>No text has been published, and no date has been named for one.</p>
                """,
                "> Background": """
                    <p>Ukraine has to defend its cities against drones night after night, and it offers partners
                    what it has learned in doing so.</p>
                """,
            },
            picture=Picture(
                "Rome at dusk, with a drone",
                rome.draw,
                alt="A drawn evening view of Rome: a great dome, umbrella pines and a lit bridge over the river, "
                "with a small drone in the sky.",
                caption="Rome, where Zelensky spoke of Italy’s interest.",
                focal_point=(66, 42),
            ),
        ),
        Edition(
            ago=timedelta(days=2, hours=4, minutes=33),
            kind=Kind.TIGHTENED,
            note="The lead now says what kind of agreement Kyiv has in mind.",
            headline="Italy interested in Ukraine’s drone defence, Zelensky says in Rome",
            lead="Italy is interested in working with Ukraine on defence against drones, President Volodymyr "
            "Zelensky told reporters in Rome. He proposes a “drone deal”, a security agreement of a form that Kyiv "
            "has ready.",
            sections={
                "Key details": """
                    <p>As Zelensky describes it, a “drone deal” brings together three things: Ukraine’s military
                    know-how with drones, defence against missiles, and electronic warfare.</p>
                """,
            },
        ),
        Edition(
            ago=timedelta(days=1, hours=22, minutes=5),
            kind=Kind.DEVELOPMENT,
            note="Norway has signed a declaration on a partnership of the same kind.",
            sources={
                "fjordwire": Source(
                    publisher="Fjord Wire",
                    kind="wire",
                    title="Norway and Ukraine sign declaration on defence partnership",
                    url="https://fjordwire.example/norway-ukraine-declaration",
                    supports="The declaration with Norway",
                ),
            },
            key_points={
                "norway": Point(
                    "Norway signed a declaration on a similar defence partnership on April 13.",
                    cites=("ukrinform", "fjordwire"),
                ),
            },
            sections={
                "Key details": """
                    <p>As Zelensky describes it, a “drone deal” brings together three things: Ukraine’s military
                    know-how with drones, defence against missiles, and electronic warfare.</p>
                    <p>Norway has gone this way already: on April 13 Prime Minister Jonas Gahr Støre and Zelensky
                    signed a declaration on a defence partnership, with which a drone deal of their own began.</p>
                """,
            },
        ),
        Reconfirmed(ago=timedelta(days=1, hours=7, minutes=40)),
        Edition(
            ago=timedelta(days=1, hours=5, minutes=18),
            kind=Kind.CORRECTION,
            note="The declaration with Norway was signed on April 14, a day later than we had written.",
            box=Box(
                wrong="We wrote that Norway and Ukraine signed their declaration on April 13.",
                right="They signed it on April 14.",
                first_wrong=3,
                last_wrong=4,
            ),
            key_points={
                "norway": Point(
                    "Norway signed a declaration on a similar defence partnership on April 14.",
                    Verification.CONFIRMED,
                    cites=("ukrinform", "fjordwire"),
                ),
            },
            sections={
                "Key details": """
                    <p>As Zelensky describes it, a “drone deal” brings together three things: Ukraine’s military
                    know-how with drones, defence against missiles, and electronic warfare.</p>
                    <p>Norway has gone this way already: on April 14 Prime Minister Jonas Gahr Støre and Zelensky
                    signed a declaration on a defence partnership, with which a drone deal of their own began.</p>
                """,
            },
        ),
        Edition(
            ago=timedelta(hours=20, minutes=47),
            kind=Kind.TIGHTENED,
            note="Confirmed: we have heard the recording in which Zelensky speaks of Italy’s interest.",
            headline="Italy is interested in a drone deal with Ukraine, Zelensky says",
            lead="Italy is interested in a “drone deal” with Ukraine, President Volodymyr Zelensky said in Rome: "
            "an agreement that joins Ukraine’s experience with what Italy’s forces and industry can do.",
            sources={
                "recording": Source(
                    publisher="The Newsroom",
                    kind="own",
                    title="Recording of the briefing in Rome, heard by our reporter",
                    language="uk",
                    supports="Zelensky’s words on Italy",
                ),
            },
            key_points={
                "interest": Point(
                    "Zelensky says Italy is interested in Ukraine’s way of defending itself against drones.",
                    Verification.CONFIRMED,
                    cites=("ukrinform", "recording"),
                ),
                "fields": Point(
                    "It would cover drones, defence against missiles and electronic warfare.",
                    cites=("ukrinform",),
                ),
            },
            sections={
                "What happened": """
                    <p>Speaking to the press while in Rome, Volodymyr Zelensky said that Italy had shown interest in
                    cooperation on drone defence. He brought up a form of agreement, the “drone deal”, under which
                    Ukraine shares what it knows and both sides develop it further. Our reporter has heard the
                    recording of the briefing.</p>
                    <p>No text has been published, and no date has been named for one.</p>
                """,
            },
        ),
        Edition(
            ago=timedelta(minutes=52),
            kind=Kind.DEVELOPMENT,
            note="Teams from both countries are to work out the terms; Zelensky expects new jobs on both sides.",
            headline="Italy and Ukraine to work out a drone deal, Zelensky says",
            lead="Teams from Italy and Ukraine are to work out a “drone deal”, President Volodymyr Zelensky said "
            "in Rome: an agreement that joins Ukraine’s experience with what Italy’s forces and industry can do.",
            why_it_matters="Ukraine has learned under attack how to stop drones. With Italy, that knowledge would "
            "reach one of Europe’s larger defence industries, and Ukraine would come closer to a common defence.",
            key_points={
                "teams": Point(
                    "Teams from both countries are to work out the terms; none have been published.",
                    Verification.CONFIRMED,
                    cites=("ukrinform", "recording"),
                ),
                "jobs": Point(
                    "Zelensky expects jobs and stronger technology in both countries.", cites=("ukrinform",)
                ),
            },
            sections={
                "What happened": """
                    <p>Teams from Italy and Ukraine will work on the particulars of an agreement on drone defence,
                    Volodymyr Zelensky said in Rome. Our reporter has heard the recording of the briefing.</p>
                    <p>Zelensky told the press that Italy had shown interest in such cooperation. He brought up a
                    form of agreement, the “drone deal”, under which Ukraine shares what it knows and both sides
                    develop it further.</p>
                    <p>No text has been published, and no date has been named for one.</p>
                """,
                "Key details": """
                    <p>As Zelensky describes it, a “drone deal” brings together three things:</p>
                    <ul>
                    <li>Ukraine’s military know-how with <strong>drones</strong>,</li>
                    <li>defence against <strong>missiles</strong>,</li>
                    <li><strong>electronic warfare</strong>.</li>
                    </ul>
                    <p>The companies that build such systems are to work together more closely, which in his view
                    means jobs and better technology for both countries.</p>
                    <p>Norway has gone this way already: on April 14 Prime Minister Jonas Gahr Støre and Zelensky
                    signed a declaration on a defence partnership, with which a drone deal of their own began.</p>
                """,
                "Why it matters": """
                    <p>With Italy, a large member of the European Union would build on what Ukraine has learned. For
                    Kyiv, each such agreement is a step towards a common defence of Europe in which it has a
                    part.</p>
                """,
            },
        ),
    ),
)

EXPLAINER = Story(
    slug="what-a-drone-deal-covers",
    format="explainer",
    byline=("rosa-lind", "ewan-reid"),
    steps=(
        Edition(
            ago=timedelta(days=1, hours=19, minutes=50),
            kind=Kind.FIRST,
            headline="What a “drone deal” covers, and what it leaves open",
            lead="Ukraine offers its partners an agreement with a short name. Here is what is known to be in it, "
            "why jamming matters as much as flying, and which questions no text has answered yet.",
            why_it_matters="The word “deal” suggests a sale. What has been described so far is closer to an "
            "apprenticeship: know-how for industrial strength.",
            sources={
                "ukrinform": UKRINFORM,
                "primer": Source(
                    publisher="Institute for Airspace Studies",
                    kind="document",
                    title="Radio links of small aircraft: a primer",
                    url="https://airspace.example/primers/radio-links",
                    supports="How jamming works",
                ),
            },
            key_points={
                "form": Point(
                    "It is a form of security agreement, not a list of goods.",
                    Verification.CONFIRMED,
                    cites=("ukrinform",),
                ),
                "three": Point(
                    "Three fields are named: drones, defence against missiles, electronic warfare.",
                    cites=("ukrinform",),
                ),
                "exports": Point(
                    "Whether finished drones may be exported under it is not known.", Verification.UNCONFIRMED
                ),
            },
            sections={
                "In short": """
                    <p>Under a “drone deal” Ukraine shares what its forces have learned, and the partner brings the
                    strength of its industry. Norway has begun one with a declaration; Italy has shown interest.</p>
                """,
                "How it works": """
                    <p>A drone is only as good as its radio link. Electronic warfare attacks that link: a
                    transmitter on the ground drowns the pilot’s signal, so that the picture breaks off and the
                    aircraft drifts, lands or turns back.</p>
                    <p>Whoever defends a city therefore needs three things at once: <em>ears</em> that notice a
                    drone early, <em>jammers</em> that cut its link, and <em>interceptors</em> for those that fly on
                    without one.</p>
                """,
                "> How we got here": """
                    <p>Cheap aircraft and costly missiles come in the same night. Shooting at both with the same
                    weapon soon empties the stores, so defenders have learned to answer each with its own means.</p>
                """,
                "> What comes next": """
                    <p>A declaration says what two governments want. Who builds what, and where, needs contracts of
                    its own.</p>
                """,
            },
        ),
        Edition(
            ago=timedelta(days=1, hours=1, minutes=26),
            kind=Kind.CLARIFICATION,
            note="We now say that a jammer can also blind satellite navigation, not only the pilot.",
            box=Box(
                wrong="Our first wording could be read as if a jammer only ever attacked the pilot’s signal.",
                right="It can attack satellite navigation as well.",
                first_wrong=1,
                last_wrong=1,
            ),
            sections={
                "How it works": """
                    <p>A drone is only as good as its radio link. Electronic warfare attacks that link: a
                    transmitter on the ground drowns the pilot’s signal or that of the navigation satellites, so
                    that the picture breaks off and the aircraft drifts, lands or turns back.</p>
                    <p>Whoever defends a city therefore needs three things at once: <em>ears</em> that notice a
                    drone early, <em>jammers</em> that cut its link, and <em>interceptors</em> for those that fly on
                    without one.</p>
                """,
            },
        ),
        Reconfirmed(ago=timedelta(hours=3, minutes=8)),
    ),
)

HOSPITAL = Story(
    slug="polovyi-shpytal-zorelissia",
    format="news-update",
    language="uk",
    kicker="Оновлення",
    byline=("ivan-horobets", "daryna-sokil"),
    steps=(
        Edition(
            ago=timedelta(days=3, hours=2, minutes=20),
            kind=Kind.FIRST,
            headline="У Зореліссі розгортають польовий шпиталь на час ремонту лікарні",
            lead="Поки в лікарні Зорелісся замінюють дах і опалення, пацієнтів прийматиме польовий шпиталь на 24 "
            "ліжка. Перші намети вже стоять, повідомляє громада.",
            why_it_matters="До найближчої іншої лікарні звідси понад годину їзди.",
            sources={
                "hromada": Source(
                    publisher="Громада Зорелісся",
                    kind="official",
                    title="Повідомлення про роботу лікарні",
                    url="https://zorelissia.example/likarnia",
                    language="uk",
                    is_primary=True,
                ),
            },
            key_points={
                "beds": Point("Шпиталь матиме 24 ліжка й операційну.", cites=("hromada",)),
                "weeks": Point("Ремонт лікарні триватиме близько десяти тижнів.", cites=("hromada",)),
            },
            sections={
                "Що сталося": """
                    <p>На полі за школою поставили перші чотири намети. До кінця тижня в них облаштують приймальне
                    відділення, операційну та палати.</p>
                """,
                "> Передісторія": """
                    <p>Дах лікарні пошкодила зимова буря.</p>
                """,
            },
            picture=Picture(
                "Field hospital at sunrise",
                hospital.draw,
                alt="Малюнок: освітлені намети польового шпиталю, машина швидкої допомоги й поле соняшників на "
                "світанку.",
                caption="Так може виглядати шпиталь на полі за школою.",
                focal_point=(56, 62),
            ),
        ),
        Edition(
            ago=timedelta(days=1, hours=10, minutes=2),
            kind=Kind.DEVELOPMENT,
            note="Шпиталь прийняв перших пацієнтів.",
            headline="Польовий шпиталь у Зореліссі прийняв перших пацієнтів",
            lead="Польовий шпиталь у Зореліссі запрацював: першого дня до нього звернулися 37 людей. Він замінює "
            "лікарню, де ремонтують дах і опалення.",
            sources={
                "mist": Source(
                    publisher="Благодійний фонд «Міст»",
                    kind="party",
                    title="Перший день у наметах",
                    url="https://mist.example/pershyi-den",
                    language="uk",
                    supports="Кількість пацієнтів",
                ),
            },
            key_points={
                "open": Point(
                    "Шпиталь працює цілодобово, першого дня прийнято 37 пацієнтів.",
                    Verification.CONFIRMED,
                    cites=("hromada", "mist"),
                ),
                "beds": Point("Шпиталь має 24 ліжка й операційну.", Verification.CONFIRMED, cites=("hromada",)),
            },
            sections={
                "Що сталося": """
                    <p>Уранці шпиталь відчинив двері. За перший день лікарі оглянули 37 людей, двох
                    прооперували.</p>
                    <p>Намети стоять на полі за школою; приймальне відділення працює цілодобово.</p>
                """,
            },
        ),
    ),
)

TOPIC = Topic(
    slug="ukraine",
    name="Ukraine",
    description="Diplomacy, aid and security, and how people live with them.",
    newsletter=Newsletter(
        title="Get the next Ukraine update",
        promise="When a story on Ukraine moves, one mail says which words came, which went and why, counted from "
        "the edition you were sent last.",
        wording="We use your address for this letter alone and give it to nobody. Nothing is sent before you "
        "confirm; every mail has a link that ends it at once. We do not count who opens what.",
        readers=("reader@reader.example",),
        issue=Issue(
            ago=timedelta(days=1, hours=18, minutes=15),
            subject="Drones, a declaration and a hospital in tents",
            preheader="What Rome is said to want, what such a deal covers, and a clinic in the fields.",
            intro="<p>Good morning,</p><p>two governments now speak of building drones with Kyiv, and one of them "
            "has signed something. What is known of it, and how surely, stands below.</p><p>From now on we write "
            "when one of these stories moves, and tell only what changed since this letter.</p>",
            stories=("italy-drone-deal", "what-a-drone-deal-covers", "polovyi-shpytal-zorelissia"),
        ),
    ),
    stories=(DRONE_DEAL, EXPLAINER, HOSPITAL),
)
