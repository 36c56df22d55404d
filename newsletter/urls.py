"""The roads of the letters. GET shows, POST acts: programs follow every link in a mail."""

from .views import confirm, issues, leave, preferences, provider, sign_up

app_name = "newsletter"

# The slug of a letter comes last; the words before it are reserved in `models/newsletter.py`.
urlpatterns = [*confirm.roads, *issues.roads, *leave.roads, *preferences.roads, *provider.roads, *sign_up.roads]
