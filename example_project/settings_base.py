"""What both example sites share: the one with Wagtail (settings.py) and the plain one (settings_plain.py)."""

from example_project import environment
from example_project.environment import ROOT, STATE

DEBUG = environment.flag("DEBUG")
SECRET_KEY = environment.secret_key()
BASE_URL = environment.text("BASE_URL", "http://127.0.0.1:8000")
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS", BASE_URL)

CASE_MANAGEMENT_APPS = [
    "example_project.guests",
    "case_management",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "django_filters",
    "import_export",
    "django_rq",
    "treebeard",
]
DJANGO_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "example_project.middleware.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "case_management.ui.unsent.UnsentTextMiddleware",
    "example_project.middleware.QueueDashboardMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
CONTENT_SECURITY_POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:"
QUEUE_DASHBOARD = "/django-admin/django_rq/"
#: Pages of others that need looser rules; a longer prefix in CSP_STRICT wins.
CSP_EXEMPT = [QUEUE_DASHBOARD]
CSP_STRICT: list[str] = []

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "example_project" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
WSGI_APPLICATION = "example_project.wsgi.application"

DATABASES = {"default": environment.database()}
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DJANGO_APPS += ["django.contrib.postgres"]  # the full-text fields of Wagtail's search ask for it
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = environment.text("REDIS_URL", "redis://127.0.0.1:6379/0")
RQ_QUEUES = {
    name: environment.queue(REDIS_URL)
    for name in ("cm_events", "cm_rules", "cm_sla", "cm_notify", "cm_mail", "cm_reports", "cm_bulk", "default")
}

CASE_MANAGEMENT = environment.case_management(BASE_URL)
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Case management",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "PREPROCESSING_HOOKS": ["example_project.schema.only_the_api"],
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
SESSION_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
globals().update(environment.https())

globals().update(environment.mail())
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", "Customer care <care@example.org>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربيّة")]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = environment.text("STATIC_ROOT") or None
STATICFILES_DIRS = [ROOT / "example_project" / "static"]
# Files come straight from the installed apps: nothing to collect, nothing that can be out of date.
WHITENOISE_USE_FINDERS = True
MEDIA_URL = "/media/"
MEDIA_ROOT = environment.text("MEDIA_ROOT", str(STATE / "media"))
FILE_UPLOAD_PERMISSIONS = 0o640
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    # Uploads and exports lie beside MEDIA_ROOT, not in it: no URL leads there past the permission check.
    "case_management_transfers": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": environment.text("TRANSFER_ROOT", f"{MEDIA_ROOT}-transfers")},
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": environment.text("LOG_LEVEL", "WARNING")},
}
