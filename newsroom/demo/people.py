"""Who works in the demo newsroom, and whose names stand under its stories."""

from articles.models import Author

# Username, password, and what the login shows.
LOGINS = [
    ("chief", "demo-chief", "does all that an editor does, and keeps formats and accounts"),
    ("editor", "demo-editor", "publishes, corrects and withdraws the stories of every topic"),
    ("reporter", "demo-reporter", "writes, and hands over for review; not for Energy"),
    ("letters", "demo-letters", "looks after the newsletters"),
]
NAMES = {
    "chief": ("Clara", "Winter"),
    "editor": ("Ewan", "Reid"),
    "reporter": ("Rosa", "Lind"),
    "letters": ("Leo", "Marsh"),
}
ROLES = {"letters": "letters staff"}

AUTHORS = {
    "rosa-lind": ("Rosa Lind", Author.Role.REPORTED),
    "ivan-horobets": ("Ivan Horobets", Author.Role.REPORTED),
    "daryna-sokil": ("Daryna Sokil", Author.Role.TRANSLATED),
    "ewan-reid": ("Ewan Reid", Author.Role.EDITED),
}
