"""Photos at the desk: what an editor sees when a photo comes in, and where it is used."""

from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from articles import photos
from articles.admin.photo import PhotoAdmin
from articles.models import Photo
from tests import make, pictures

pytestmark = pytest.mark.django_db

ADD = "/desk/articles/photo/add/"
JPEG = pictures.encoded(Image.new("RGB", (600, 400), "steelblue"), "JPEG")


@pytest.fixture
def desk(client_for):
    return client_for(make.user("reporter"))


def upload(desk, content=JPEG, name="Rome.jpg", **fields):
    file = SimpleUploadedFile(name, content)
    return desk.post(ADD, {"upload": file, "focal_x": "50", "focal_y": "50", **fields}, follow=True)


def change(photo) -> str:
    return reverse("admin:articles_photo_change", args=[photo.pk])


def errors(answer) -> dict:
    return answer.context["adminform"].form.errors


def test_an_upload_needs_no_word_if_the_file_has_them(desk):
    content = pictures.with_iptc(JPEG, {80: "Віра Коваль".encode(), 110: b"Ukrinform"})

    upload(desk, content)

    photo = Photo.objects.get()
    assert (photo.title, photo.credit) == ("Rome", "Віра Коваль / Ukrinform")


def test_what_the_editor_types_counts_more_than_what_the_file_says(desk):
    upload(desk, pictures.with_iptc(JPEG, {110: b"Ukrinform"}), credit="Anna Rossi", title="The handshake")

    photo = Photo.objects.get()
    assert (photo.title, photo.credit) == ("The handshake", "Anna Rossi")


def test_a_file_that_names_nobody_asks_for_the_credit(desk):
    answer = upload(desk)

    assert errors(answer) == {"credit": ["The file does not say whose work it is. Write that here."]}
    assert not Photo.objects.exists()


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"<svg/>", "drawing.svg", "Upload a JPEG, PNG, WebP, GIF or AVIF file"),
        (b"<html>", "page.jpg", "no picture, or a damaged one"),
        (pictures.header_only(50_000), "bomb.png", "more than 64 megapixels"),
        (pictures.animation(1000), "film.gif", "This picture moves"),
        (b"", "empty.jpg", "The submitted file is empty"),
    ],
)
def test_a_refusal_stands_by_the_field_and_keeps_what_was_typed(desk, content, name, message):
    answer = upload(desk, content, name, credit="Anna Rossi", licence="CC BY 4.0")

    assert answer.status_code == 400
    assert list(errors(answer)) == ["upload"]
    assert message in answer.content.decode()
    assert 'value="CC BY 4.0"' in answer.content.decode()
    assert not Photo.objects.exists()


def test_a_form_without_a_file_says_so(desk):
    answer = desk.post(ADD, {"focal_x": "50", "focal_y": "50"})

    assert errors(answer)["upload"] == ["This field is required."]


def test_a_focal_point_outside_the_picture_is_refused_by_its_field(desk):
    answer = upload(desk, credit="Anna Rossi", focal_x="101")

    assert errors(answer) == {"focal_x": ["The focal point is a percentage: 0 to 100."]}


def test_the_desk_shows_a_photo_as_readers_will_see_it(desk):
    photo = make.photo(is_ready=False)
    assert "Being prepared" in desk.get(change(photo)).content.decode()

    photos.process_due()

    page = desk.get(change(photo)).content.decode()
    for crop in ("16_9", "3_2", "1_1"):
        assert f"/desk/articles/photo/{photo.rendition_name}/{crop}/400w.jpeg" in page
    assert f"/desk/articles/photo/{photo.rendition_name}/1_1/400w.jpeg" in desk.get("/desk/articles/photo/").text
    assert photo.original.name not in page


def test_the_desk_says_why_a_photo_could_not_be_made(desk):
    broken = pictures.encoded(Image.effect_noise((400, 400), 50), "JPEG")[:3000]
    photo = make.photo(make.ContentFile(broken, "a.jpg"))

    assert photo.failure in desk.get(change(photo)).content.decode()


def test_moving_the_focal_point_at_the_desk_makes_the_renditions_anew(desk):
    photo = make.photo()

    desk.post(change(photo), {"title": "Rome", "credit": "Anna Rossi", "focal_x": "20", "focal_y": "50"})

    photo.refresh_from_db()
    assert (photo.title, photo.credit, photo.focal_x) == ("Rome", "Anna Rossi", 20)
    assert not photo.is_ready


def test_rewording_the_credit_leaves_the_renditions_as_they_are(desk):
    photo = make.photo()

    desk.post(change(photo), {"title": "Rome", "credit": "Anna Rossi", "focal_x": "50", "focal_y": "50"})

    photo.refresh_from_db()
    assert photo.credit == "Anna Rossi"
    assert photo.is_ready


def test_what_a_worker_finishes_while_the_desk_saves_stays_finished(desk, monkeypatch):
    photo = make.photo(is_ready=False)
    find = PhotoAdmin.get_object

    def find_while_a_worker_finishes(self, *args, **kwargs):
        found = find(self, *args, **kwargs)
        photos.process_due()
        return found

    monkeypatch.setattr(PhotoAdmin, "get_object", find_while_a_worker_finishes)
    desk.post(change(photo), {"title": "Rome", "credit": "Anna Rossi", "focal_x": "50", "focal_y": "50"})

    photo.refresh_from_db()
    assert photo.credit == "Anna Rossi"
    assert photo.is_ready


def test_the_file_of_a_photo_never_changes(desk):
    photo = make.photo()
    file = SimpleUploadedFile("other.jpg", JPEG)

    desk.post(change(photo), {"upload": file, "title": "Rome", "credit": "A", "focal_x": "50", "focal_y": "50"})

    photo.refresh_from_db()
    assert (photo.width, photo.height) == (400, 400)


def test_photos_can_be_prepared_again(desk):
    photo = make.photo()
    Photo.objects.update(failure="Something.", attempts=3)

    desk.post("/desk/articles/photo/", {"action": "prepare_again", "_selected_action": [str(photo.pk)]})
    photos.process_due()

    photo.refresh_from_db()
    assert photo.is_ready


def test_a_photo_tells_where_it_is_used_but_not_of_stories_one_may_not_see(client_for):
    photo = make.photo()
    reporter, other = make.user("reporter"), make.user("reporter")
    topic = make.topic()
    topic.members.add(reporter)
    make.story("A secret headline", topic=topic, photo=photo)

    assert "A secret headline" in client_for(reporter).get(change(photo)).content.decode()
    assert "A secret headline" not in client_for(other).get(change(photo)).content.decode()


def test_a_photo_tells_what_readers_have_of_it_too(desk):
    photo, other = make.photo(), make.photo()
    story = make.published("Shows it", photo=photo)
    story.photo_use.photo = other
    story.photo_use.save()

    [row] = desk.get(change(photo)).context["used_in"]

    assert (row.headline, row.in_copy, row.in_edition) == ("Shows it", False, True)


def found(desk, term="") -> list[dict]:
    asked = {"app_label": "articles", "model_name": "photouse", "field_name": "photo", "term": term}
    return desk.get("/desk/autocomplete/", asked).json()["results"]


def test_the_chooser_shows_a_thumbnail_and_whose_work_it_is(desk):
    ready = make.photo(title="Rome", licence="CC BY 4.0", expires_on=date(2020, 1, 1))
    waiting = make.photo(title="Kyiv", is_ready=False)

    assert found(desk, "rome") == [
        {
            "id": str(ready.pk),
            "text": "Rome",
            "detail": "Vira Koval · CC BY 4.0 · licence ended",
            "thumbnail": f"/desk/articles/photo/{ready.rendition_name}/1_1/400w.jpeg",
        }
    ]
    assert found(desk, "kyiv") == [{"id": str(waiting.pk), "text": "Kyiv", "detail": "Vira Koval · being prepared"}]


def test_an_upload_from_a_story_asks_what_the_picture_shows(desk):
    answer = upload(desk, credit="Anna Rossi", _popup="1")

    assert errors(answer) == {"alt": ["This field is required."]}
    assert not Photo.objects.exists()


def script(desk, **fields):
    """Send the form as the script that uploads does."""
    fields = {"upload": SimpleUploadedFile("Rome.jpg", JPEG), "focal_x": "50", "focal_y": "50", **fields}
    return desk.post(ADD, fields, headers={"Accept": "application/json"})


def test_the_script_is_told_what_to_give_the_story(desk):
    answer = script(desk, credit="Anna Rossi", alt="Two people at a table", _popup="1")

    photo = Photo.objects.get()
    assert answer.json() == {"photo": str(photo.pk), "name": "Rome (Anna Rossi)", "alt": "Two people at a table"}


def test_the_script_is_told_where_to_go_on(desk):
    answer = script(desk, credit="Anna Rossi", _continue="1")

    assert answer.json() == {"address": change(Photo.objects.get())}


def test_the_script_is_told_what_is_wrong_field_by_field(desk):
    answer = script(desk, focal_x="101")

    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"credit", "focal_x"}


def test_the_desk_shows_the_whole_picture_to_set_the_focal_point_on(desk, reader):
    photo = make.photo(make.picture(image=Image.new("RGB", (1600, 400))), is_ready=False)
    whole = f"{change(photo)[:-7]}whole/"
    assert desk.get(whole).status_code == 404 and whole not in desk.get(change(photo)).content.decode()

    photos.process_due()

    answer = desk.get(whole)
    picture = Image.open(BytesIO(answer.content))
    assert (answer["Content-Type"], picture.size) == ("image/jpeg", (1000, 250))
    assert answer["X-Content-Type-Options"] == "nosniff" and "no-store" in answer["Cache-Control"]
    assert whole in desk.get(change(photo)).content.decode()
    assert reader.get(whole).status_code == 302


def test_the_whole_picture_is_for_those_who_may_see_photos(client_for):
    photo = make.photo()

    assert client_for(make.user("letters staff")).get(f"{change(photo)[:-7]}whole/").status_code == 403


def test_where_a_photo_is_used_takes_as_many_queries_for_many_stories(desk, django_assert_num_queries):
    photo = make.photo()
    make.story(photo=photo)
    desk.get(change(photo))
    with django_assert_num_queries(8):
        desk.get(change(photo))
    for _ in range(20):
        make.story(photo=photo)

    with django_assert_num_queries(8):
        assert "Page 1 of 2" in desk.get(change(photo)).content.decode()


def test_a_photo_is_not_deleted_as_old_editions_show_it(client_for):
    photo = make.photo()
    chief = client_for(make.user("chief"))

    assert chief.post(f"{change(photo)[:-7]}delete/", {"post": "yes"}).status_code == 403
    assert Photo.objects.get() == photo


def test_a_name_with_a_way_out_in_it_stays_inside(desk, tmp_path):
    body = (
        b'--x\r\nContent-Disposition: form-data; name="upload"; filename="../../../outside\0.jpg"\r\n'
        b"Content-Type: text/html\r\n\r\n"
    ) + JPEG
    for name, value in {"credit": "Anna Rossi", "focal_x": "50", "focal_y": "50"}.items():
        body += f'\r\n--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()

    desk.post(ADD, body + b"\r\n--x--\r\n", content_type="multipart/form-data; boundary=x")

    photo = Photo.objects.get()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "originals" / f"{photo.pk}.jpg"]
