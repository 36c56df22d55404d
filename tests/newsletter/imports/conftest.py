import pytest

from tests import make


@pytest.fixture
def letter():
    return make.newsletter("Get the harbour update")


@pytest.fixture
def desk(client_for):
    return client_for(make.user("letters staff", username="sofia"))
