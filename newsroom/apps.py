from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.contrib.auth import apps as auth


class NewsroomConfig(AppConfig):
    name = "newsroom"


class DeskConfig(admin.AdminConfig):
    """Django's admin, as the desk."""

    default_site = "newsroom.desk.DeskSite"
    default = False


class PeopleConfig(auth.AuthConfig):
    """Django's users, under a heading that says what they are."""

    verbose_name = "People"
    default = False
