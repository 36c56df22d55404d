"""What stories share: every save of a source or a photo is kept as well."""

import pytest
from reversion.models import Version

from articles.models import Source
from tests import make
from tests.articles.forms import Form

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("make_one", "field"), [(make.source, "publisher"), (make.photo, "credit")], ids=["source", "photo"]
)
def test_a_changed_source_or_photo_is_kept_with_who_changed_it(client_for, make_one, field):
    one, editor = make_one(), make.editor()
    page = Form(client_for(editor), f"/desk/articles/{one._meta.model_name}/{one.pk}/change/")

    page.send(**{field: "Someone else"})

    kept = Version.objects.get_for_object(one).first()
    assert kept.field_dict[field] == "Someone else"
    assert kept.revision.user == editor


def test_a_refused_source_leaves_nothing_behind(client_for):
    page = Form(client_for(make.editor()), "/desk/articles/source/add/")

    page.send(publisher="Agency", url="javascript:alert(1)")

    assert not Source.objects.exists()
    assert not Version.objects.exists()
