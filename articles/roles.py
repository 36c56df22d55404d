"""What each role may do: one table, made into Django groups after every migrate."""

EVERY_PART = ["section", "keypoint", "citation", "photouse"]

ROLES: dict[str, list[str]] = {
    "reporter": [
        "view_topic", "view_storyformat", "view_author", "view_revision", "view_correction", "view_errorreport",
        "add_article", "change_article", "view_article",
        "add_source", "change_source", "view_source",
        "add_photo", "change_photo", "view_photo",
        *(f"{verb}_{part}" for part in EVERY_PART for verb in ("add", "change", "delete", "view")),
    ],
}  # fmt: skip
ROLES["editor"] = [
    *ROLES["reporter"],
    "work_on_every_topic", "publish_article", "delete_article", "withdraw_article",
    "change_errorreport",
    "add_author", "change_author",
    "add_topic", "change_topic",
    "add_confidentialsource", "change_confidentialsource", "view_confidentialsource",
]  # fmt: skip
ROLES["chief"] = [
    *ROLES["editor"],
    "add_storyformat",
    "change_storyformat",
    "delete_confidentialsource",
    "delete_source",
    "delete_photo",
    "add_withholding",
    "add_user",
    "change_user",
    "view_user",
]
ROLES["letters staff"] = ["view_topic"]


def synchronise(**kwargs) -> None:
    """Give every role's group exactly these permissions beside those it has elsewhere."""
    from django.contrib.auth.models import Group, Permission

    known = Permission.objects.filter(content_type__app_label__in=["articles", "auth"])
    permissions = {permission.codename: permission for permission in known}
    for name, codenames in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.remove(*permissions.values())
        group.permissions.add(*(permissions[codename] for codename in codenames))
