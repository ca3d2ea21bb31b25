"""URLs of the example site with Wagtail."""

from django.conf import settings
from django.urls import include, path, re_path
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from example_project.urls_base import urlpatterns as base_urlpatterns

urlpatterns = [
    *base_urlpatterns,
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
]
if settings.DEBUG:
    # Only the pictures of pages: attachments of cases have no URL without a permission check.
    pictures = r"^media/(?P<path>(?:images|original_images)/.*)$"
    urlpatterns += [re_path(pictures, serve, {"document_root": settings.MEDIA_ROOT})]
urlpatterns += [path("", include(wagtail_urls))]
