"""Users and groups are for superusers, so that nothing a reporter or editor can do makes one of them more."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User


class ForSuperusers:
    def has_module_permission(self, request):
        return request.user.is_active and request.user.is_superuser

    def has_view_permission(self, request, obj=None):
        return self.has_module_permission(request)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


class DeskUserAdmin(ForSuperusers, UserAdmin):
    pass


class DeskGroupAdmin(ForSuperusers, GroupAdmin):
    pass


admin.site.unregister([User, Group])
admin.site.register(User, DeskUserAdmin)
admin.site.register(Group, DeskGroupAdmin)
