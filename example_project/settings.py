"""The example site with Wagtail: both admins are open, Wagtail at /admin/ and Django's at /django-admin/."""

from example_project.settings_base import *  # noqa: F403
from example_project.settings_base import (
    BASE_URL,
    CASE_MANAGEMENT_APPS,
    CSP_EXEMPT,
    DJANGO_APPS,
    LANGUAGES,
    MIDDLEWARE,
)

INSTALLED_APPS = [
    "example_project.home",
    "case_management.ui.wagtail",
    "case_management.ui.django_admin",
    *CASE_MANAGEMENT_APPS,
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    *DJANGO_APPS,
]
MIDDLEWARE = [*MIDDLEWARE, "wagtail.contrib.redirects.middleware.RedirectMiddleware"]
ROOT_URLCONF = "example_project.urls"
LOGIN_URL = "wagtailadmin_login"
LOGIN_REDIRECT_URL = "wagtailadmin_home"

# Wagtail's own date pickers carry an inline script; the pages of case management do not.
CSP_EXEMPT = [*CSP_EXEMPT, "/admin/"]
CSP_STRICT = ["/admin/cases/", "/admin/case-setup/"]

DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
WAGTAIL_SITE_NAME = "Example site"
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
# Gravatar would learn a hash of each staff member's address, and the strict policy would block it anyway.
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odt", "pdf", "pptx", "rtf", "txt", "xlsx", "zip"]
