"""The people of the desk: who may log in, and in which role. A chief looks after them."""

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q, QuerySet
from django.utils.crypto import get_random_string

from articles.admin.forms import DeskForm
from articles.admin.model_admin import DeskModelAdmin
from articles.roles import ROLES

from .passwords import mail_link

MAILED = "A mail with a link to set the password is on its way to {}."


def kept_by(keeper) -> QuerySet[User]:
    """Those who may do no more than `keeper`. Superusers are made, and kept, with manage.py alone."""
    beyond = _beyond(keeper)
    users = User.objects.filter(is_superuser=False)
    return users.exclude(groups__permissions__in=beyond).exclude(user_permissions__in=beyond)


def roles_given_by(keeper) -> QuerySet[Group]:
    """The roles that allow no more than `keeper` is allowed."""
    return Group.objects.filter(name__in=ROLES).exclude(permissions__in=_beyond(keeper)).order_by("pk")


def _beyond(keeper) -> QuerySet[Permission]:
    """What `keeper` may not do."""
    if keeper.is_superuser:
        return Permission.objects.none()
    return Permission.objects.exclude(Q(user=keeper) | Q(group__user=keeper))


class PersonForm(DeskForm):
    """Somebody's account; `keeper` is who is asking."""

    keeper = None
    role = forms.ModelChoiceField(Group.objects.none())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].help_text = "To log in with: letters, digits and @ . + - _ only."
        self.fields["email"].required = True
        if self.instance.pk == self.keeper.pk:
            del self.fields["role"]  # Nobody gives oneself another.
        else:
            self.fields["role"].queryset = roles_given_by(self.keeper)
            if self.instance.pk:
                self.initial["role"] = self.instance.groups.filter(name__in=ROLES).first()

    def clean_email(self):
        """The link to set a password goes to this address, so it is one person's alone."""
        email = self.cleaned_data["email"]
        if User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("Somebody else has this address; each person needs one of their own.")
        return email


class PersonAdmin(DeskModelAdmin, UserAdmin):
    """Without passwords, which people set themselves, and without single permissions, which come with a role."""

    form = add_form = PersonForm
    add_form_template = None
    list_display = ["username", "name", "email", "role", "works_on", "is_active"]
    list_filter = ["is_active", "groups"]
    filter_horizontal = []
    actions = ["send_link"]

    def get_urls(self):
        return [road for road in super().get_urls() if road.name != "auth_user_password_change"]

    def get_queryset(self, request):
        return kept_by(request.user).prefetch_related("groups", "topics")

    def has_delete_permission(self, request, obj=None):
        """The record tells who did what for ever; who leaves is made inactive."""
        return False

    def get_fieldsets(self, request, obj=None):
        person = {"fields": ["username", "first_name", "last_name", "email"]}
        if obj is None:
            person["description"] = "A mail with a link to set the password goes to this person when you save."
        if obj == request.user:
            return [(None, person)]
        standing = ["role", *(["is_active", "works_on", "last_login"] if obj else [])]
        return [(None, person), ("At the desk", {"fields": standing})]

    def get_readonly_fields(self, request, obj=None):
        return ["works_on", "last_login"]

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.keeper = request.user
        return form

    def save_model(self, request, obj, form, change):
        if not change:
            obj.is_staff = True
            obj.set_password(get_random_string(50))  # Known to nobody; the link sets another.
        super().save_model(request, obj, form, change)
        if "role" in form.changed_data:
            obj.groups.remove(*Group.objects.filter(name__in=ROLES))
            obj.groups.add(form.cleaned_data["role"])
        if not change:
            mail_link.enqueue(obj.pk)
            self.message_user(request, MAILED.format(obj.email), messages.INFO)

    @admin.action(description="Send a link to set the password", permissions=["change"])
    def send_link(self, request, queryset):
        for person in queryset.filter(is_active=True):
            mail_link.enqueue(person.pk)
            self.message_user(request, MAILED.format(person.email), messages.INFO)

    @admin.display
    def name(self, person):
        return person.get_full_name() or "–"

    @admin.display
    def role(self, person):
        return ", ".join(str(group) for group in person.groups.all()) or "–"

    @admin.display(description="topics")
    def works_on(self, person):
        return ", ".join(str(topic) for topic in person.topics.all()) or "–"


# Groups are roles, which `articles/roles.py` keeps.
admin.site.unregister([User, Group])
admin.site.register(User, PersonAdmin)
