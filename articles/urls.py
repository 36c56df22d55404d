"""The roads readers take. Words that stand where a slug could are reserved in `models/addresses.py`."""

from django.urls import path

from .views import corrections, feeds, lists, live, record, since, site, story
from .views.finding import STORY

app_name = "articles"

urlpatterns = [
    path("", lists.front_page, name="front_page"),
    path("robots.txt", site.robots, name="robots"),
    path("favicon.ico", site.favicon, name="favicon"),
    *feeds.roads,
    *record.site_roads,
    *corrections.roads,
    *live.roads,
    path("<slug:slug>/", lists.topic_detail, name="topic_detail"),
    path(STORY, story.story_detail, name="story_detail"),
    path(f"{STORY}changes/", story.change_log, name="change_log"),
    path(f"{STORY}revisions/<int:number>/", story.revision_detail, name="revision_detail"),
    *since.roads,
    *record.roads,
]
