"""The mailed link by which people of the desk set their password, and the pages around it."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import views
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.views.decorators.cache import never_cache
from django_tasks import task

from articles.public_post import seconds_to_wait, seconds_to_wait_for

MOST_AN_HOUR = 3


@task()
def mail_link(user_id: int) -> None:
    """Mail somebody a link by which to set the password; the address in it is ours, whoever asked."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or not user.email:
        return
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    link = reverse("password_reset_confirm", args=[uid, default_token_generator.make_token(user)])
    shown = {
        "user": user,
        "link": settings.SITE_URL + link,
        "ask_again": settings.SITE_URL + reverse("password_reset"),
        "site_name": settings.SITE_NAME,
        "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
    }
    user.email_user(
        f"{settings.SITE_NAME}: set your password", render_to_string("registration/password_mail.txt", shown)
    )


class ForgottenForm(PasswordResetForm):
    """
    Says the same, and takes as long, whether or not there is such an address: the worker makes the mail.

    Nor does it say that an address, or a network, has asked too often within the hour; then no mail is made.
    """

    def save(self, *, request, **options):
        email = self.cleaned_data["email"].casefold()
        is_too_often = seconds_to_wait(request, "password-link", MOST_AN_HOUR)
        if seconds_to_wait_for(email, "password-link-to", MOST_AN_HOUR) or is_too_often:
            return
        for user in self.get_users(self.cleaned_data["email"]):
            mail_link.enqueue(user.pk)


class SetPassword(views.PasswordResetConfirmView):
    def render_to_response(self, context, **kwargs):
        return super().render_to_response(context, status=200 if self.validlink else 404, **kwargs)


def _view(view_class, **options):
    named = {"site_header": admin.site.site_header, "site_title": admin.site.site_title}
    return never_cache(view_class.as_view(extra_context=named, **options))


urlpatterns = [
    path(
        "password/",
        _view(views.PasswordResetView, form_class=ForgottenForm, title="Forgotten your password?"),
        name="password_reset",
    ),
    path(
        "password/asked/",
        _view(views.PasswordResetDoneView, title="Look in your mail"),
        name="password_reset_done",
    ),
    path(
        "password/set/<uidb64>/<token>/",
        _view(SetPassword, title="Set your password"),
        name="password_reset_confirm",
    ),
    path(
        "password/is-set/",
        _view(views.PasswordResetCompleteView, title="Your password is set"),
        name="password_reset_complete",
    ),
]
