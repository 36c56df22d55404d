"""An e-mail address as somebody wrote it, made into the one way it is kept."""

from email_validator import EmailNotValidError, validate_email

# RFC 5321, 4.5.3.1.3, less the two angle brackets.
LONGEST = 254


class NotAnAddress(ValueError):
    """Says to a person what is wrong with it."""


def normalised(typed: str) -> str:
    """
    The address with its domain in small ASCII letters (RFC 5891); the part before the @ stays as it is.

    >>> normalised(" Anna+news@ПОШТА.example ")
    'Anna+news@xn--80a1acn3a.example'

    Raises `NotAnAddress`: for a list of several, quotation marks, an IP address for a domain, control characters,
    or a part before the @ that most mail servers would not take (RFC 6531).
    """
    if len(typed) > 2 * LONGEST:
        raise NotAnAddress(f"An e-mail address can have at most {LONGEST} characters.")
    try:
        found = validate_email(typed.strip(" \t"), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise NotAnAddress("Please check the address. It should look like name@example.org.") from error
    address = f"{found.local_part}@{found.ascii_domain.lower()}"
    if len(address) > LONGEST:
        raise NotAnAddress(f"An e-mail address can have at most {LONGEST} characters.")
    return address
