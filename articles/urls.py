"""The roads readers take. Words that stand where a slug could are reserved in `models/addresses.py`."""

from django.urls import path

from . import views

app_name = "articles"

urlpatterns = [
    path("", views.front_page, name="front_page"),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("feeds/", views.site_feed, name="site_feed"),
    path("<slug:slug>/", views.topic_detail, name="topic_detail"),
    path("<slug:slug>/feed/", views.topic_feed, name="topic_feed"),
    path("<slug:topic>/<slug:slug>/", views.story_detail, name="story_detail"),
    path("<slug:topic>/<slug:slug>/changes/", views.change_log, name="change_log"),
    path("<slug:topic>/<slug:slug>/revisions/<int:number>/", views.revision_detail, name="revision_detail"),
]
