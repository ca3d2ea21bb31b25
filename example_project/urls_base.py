"""What both example sites answer: Django's admin and the API."""

from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from example_project.guests.views import guest_page

urlpatterns = [
    path("django-admin/", admin.site.urls),
    path("guests/<int:pk>/", guest_page, name="guest"),
    # Browsers look here for the icon of a page that names none, such as a download.
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}example_project/icon.svg")),
]
if find_spec("case_management.api.urls"):
    urlpatterns += [path("api/v1/", include("case_management.api.urls"))]
