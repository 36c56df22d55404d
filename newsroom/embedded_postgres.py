"""A real PostgreSQL for machines that have none."""


def ensure() -> None:
    pass
