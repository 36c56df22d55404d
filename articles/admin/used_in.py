"""On the page of a source or a photo: the stories it is used in, of those one may work on."""

from django.core.paginator import InvalidPage, Paginator
from django.http import Http404

ROWS_ON_PAGE = 20


class UsedIn:
    """For an admin whose `usage` finds the stories that use a row."""

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        if obj:
            stories = self.usage(obj, request.user).for_the_desk()
            try:
                context["used_in"] = Paginator(stories, ROWS_ON_PAGE).page(request.GET.get("used_in", 1))
            except InvalidPage as error:
                raise Http404 from error
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)
