import pytest
from django.core.cache import cache

from newsletter import live_mail
from tests import make

from . import smtp_sink


@pytest.fixture
def at_once(settings):
    """Tasks run where they are rung for, and nothing is paused."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    cache.clear()


@pytest.fixture
def sink():
    with smtp_sink.listening() as sink:
        yield sink


@pytest.fixture
def live(settings, sink, db):
    """Live mail is on, and the sink takes it."""
    settings.LIVE_MAIL = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
    live_mail.permit()
    return sink


@pytest.fixture
def topic():
    return make.topic("Ukraine")


@pytest.fixture
def letter(topic):
    return make.newsletter(slug="ukraine", topic=topic, wording="We write to you as often as you choose.")


@pytest.fixture
def story(topic):
    return make.published("Italy weighs a deal", topic=topic, slug="drone-deal")
