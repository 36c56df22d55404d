from datetime import timedelta

import pytest
from django.core.cache import cache

from tests import make


@pytest.fixture(autouse=True)
def _at_once(settings):
    """Nothing rests, and nobody wants time to think again."""
    cache.clear()
    settings.MAIL_UNDO = timedelta()


@pytest.fixture
def staff():
    return make.user("letters staff", email="sofia@newsroom.example")


@pytest.fixture
def desk(client_for, staff):
    return client_for(staff)


@pytest.fixture
def letter():
    return make.newsletter(topic=make.topic("Ukraine"), time_zone="Europe/Kyiv")
