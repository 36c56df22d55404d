from django.apps import AppConfig
from django.contrib.admin import apps as admin


class NewsroomConfig(AppConfig):
    name = "newsroom"


class DeskConfig(admin.AdminConfig):
    """Django's admin, as the desk."""

    default_site = "newsroom.desk.DeskSite"
    default = False
