"""What each role may do with the letters and those who get them; apart from editing stories."""

ROLES: dict[str, list[str]] = {
    "letters staff": [
        "add_newsletter", "change_newsletter", "view_newsletter",
        "view_subscriber", "change_subscriber", "delete_subscriber", "export_subscriber",
        "view_notice", "change_notice", "view_subscriberimport", "add_subscriberimport", "view_outboxmail",
        "add_issue", "change_issue", "view_issue", "delete_issue", "send_issue",
        "send_correction",
    ],
    "editor": ["send_correction"],
}  # fmt: skip
ROLES["chief"] = ROLES["letters staff"]


def synchronise(**kwargs) -> None:
    """Give every role's group exactly these permissions beside those it has elsewhere."""
    from django.contrib.auth.models import Group, Permission

    ours = {p.codename: p for p in Permission.objects.filter(content_type__app_label="newsletter")}
    for name, codenames in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.remove(*ours.values())
        group.permissions.add(*(ours[codename] for codename in codenames))
