"""Loads the demo newsroom: first its pictures, then in one transaction its people, topics and stories."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.utils import timezone

from articles import photos
from articles.models import Author, Desk, Photo, Topic
from newsletter.models import Newsletter, Wording

from . import post, script
from .people import AUTHORS, LOGINS, NAMES, ROLES
from .script import Picture, Save
from .stories import TOPICS
from .telling import Telling

CREDIT = "Illustration: The Newsroom"
# Longer than its first reader has had it.
OFFERED_FOR = timedelta(days=7)


class InUse(Exception):
    """The database holds something that the demo could be mixed up with."""


def is_loaded() -> bool:
    return get_user_model().objects.filter(username__in=NAMES).count() == len(NAMES)


def load() -> None:
    """All of the demo, or nothing but some of its pictures, which the next time are used. Raises `InUse`."""
    if Topic.objects.exists() or get_user_model().objects.filter(username__in=NAMES).exists():
        raise InUse
    steps = [step for topic in TOPICS for story in topic.stories for step in story.steps]
    pictures = [step.picture for step in steps if isinstance(step, Save) and step.picture]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        shown = dict(zip(pictures, pool.map(_photo, pictures), strict=True))
    _tell_everything(shown)


def _photo(picture: Picture) -> Photo:
    """The picture taken in, its renditions made by us or by a worker that was quicker; publishing needs them."""
    try:
        photo = Photo.objects.filter(title=picture.title, credit=CREDIT).first() or _take_in(picture)
        while Photo.objects.exclude(due_at=None).filter(pk=photo.pk).exists():
            photos.process(photo.pk)
            time.sleep(0.05)
        return photo
    finally:
        connection.close()


def _take_in(picture: Picture) -> Photo:
    file = BytesIO()
    picture.draw().save(file, "JPEG", quality=90)
    drawing = ContentFile(file.getvalue(), name="drawing.jpg")
    focal_x, focal_y = picture.focal_point
    return photos.take_in(drawing, title=picture.title, credit=CREDIT, focal_x=focal_x, focal_y=focal_y)


@transaction.atomic
def _tell_everything(shown: dict[Picture, Photo]) -> None:
    people = {username: _user(username, password) for username, password, _ in LOGINS}
    Author.objects.bulk_create(Author(slug=slug, name=name, role=role) for slug, (name, role) in AUTHORS.items())
    for told in TOPICS:
        topic = Topic.objects.create(slug=told.slug, name=told.name, description=told.description)
        topic.members.set(people[username] for username in told.members)
        if told.newsletter:
            _offer(told.newsletter, topic)
        for story in told.stories:
            article = Telling(story, topic, people, shown).tell()
            state = {"status": story.status, "pin": story.pin, "assignee": people.get(story.assignee)}
            Desk.objects.filter(article=article).update(**state)
        if told.newsletter and told.newsletter.issue:
            post.send(told.newsletter, topic, by=people["letters"])


def _offer(told: script.Newsletter, topic: Topic) -> None:
    newsletter = Newsletter.objects.create(topic=topic, slug=topic.slug, title=told.title, promise=told.promise)
    shown_since = timezone.now() - OFFERED_FOR
    Wording.objects.create(newsletter=newsletter, version=1, text=told.wording, made_at=shown_since)


def _user(username: str, password: str) -> AbstractUser:
    first_name, last_name = NAMES[username]
    name = {"first_name": first_name, "last_name": last_name}
    email = f"{username}@newsroom.example"
    user = get_user_model().objects.create_user(username, email, password, is_staff=True, **name)
    user.groups.add(Group.objects.get(name=ROLES.get(username, username)))
    return user
