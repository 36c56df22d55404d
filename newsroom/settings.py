"""Settings, read from the environment (and `.env`, if there is one); `.env.example` lists them all.

Safe by default: outside DEBUG nothing that is secret has a default, and nothing is served over plain HTTP.
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)


def required(name: str) -> str:
    value = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"Set the {name} environment variable.")
    return value


def secret(name: str) -> str:
    """The setting `name`; only a development machine may do without."""
    return env.str(name, default=f"only-for-development-{name.lower()}") if DEBUG else required(name)


SECRET_KEY = secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Seals the names of confidential sources at rest; the first key seals, every key opens.
CONFIDENTIAL_KEYS = [secret("CONFIDENTIAL_KEY"), *env.list("CONFIDENTIAL_KEY_FALLBACKS", default=[])]
# Tells an address that left us from all others, when nothing else of it is kept. A new key would forget them all.
SUPPRESSION_KEY = secret("SUPPRESSION_KEY")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
SITE_NAME = env.str("SITE_NAME", default="The Newsroom")
# At the foot of each mail, as many countries' laws ask for.
POSTAL_ADDRESS = env.str("POSTAL_ADDRESS", default="")
# The one address readers know, for links that leave the site: feeds, share links, mail.
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000" if DEBUG else "https://localhost").rstrip("/")

INSTALLED_APPS = [
    "newsroom.apps.DeskConfig",
    "newsroom.apps.PeopleConfig",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "reversion",
    "ckeditor",
    "pictures",
    "django_tasks",
    "django_tasks_db",
    "csp",
    "articles",
    "newsletter",
    "newsroom",
]

MIDDLEWARE = [
    # First, so that what the others answer by themselves carries them too.
    "newsroom.middleware.ContentSecurityPolicy",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "newsroom.middleware.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "newsroom.middleware.Authentication",
    "newsroom.middleware.Messages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "newsroom.urls"
WSGI_APPLICATION = "newsroom.wsgi.application"

# A story page shows some 150 values: Jinja2 writes it in a fraction of the time. The desk is Django's admin.
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"environment": "newsroom.templating.environment", "auto_reload": DEBUG},
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates" / "desk"],
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

FORM_RENDERER = "newsroom.templating.FormRenderer"

# One database, PostgreSQL; manage.py starts one of its own when DATABASE_URL is unset on a development machine.
DATABASES = {
    "default": {
        **env.db_url_config(required("DATABASE_URL")),
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
    }
}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured(
        "DATABASE_URL must name a PostgreSQL database, as postgres://user:password@host/name."
    )

# Without a shared cache each process keeps as many pages and marks as this, some tens of megabytes at most.
CACHES = {"default": env.cache("CACHE_URL", default="locmemcache://?max_entries=2000")}

STORAGES = {
    # Renditions of photos: public, named by us, never what was uploaded. One made again takes its own place.
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "media", "allow_overwrite": True},
    },
    # What was uploaded: private, never served.
    "originals": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "originals", "base_url": None},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}
MEDIA_URL = "/media/"
# The internal location of nginx that has the renditions; without one we give them out ourselves.
MEDIA_FROM_NGINX = env.str("MEDIA_FROM_NGINX", default="")
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_FINDERS = ["newsroom.static_files.AllowedFilesFinder"]
# On a development machine static files are served from where they are written.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = DEBUG

PICTURES = {
    "PROCESSOR": "articles.photos.ring",
    "PICTURE_CLASS": "articles.pixels.Rendition",
    "USE_PLACEHOLDERS": False,
}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "pictures"]}}
# Called by every worker every few seconds: they find what is due in our own rows, should its task be lost.
SWEEPS = [
    "articles.photos.process_due",
    "articles.error_reports.mail_due",
    "articles.error_reports.forget_addresses",
    "articles.public_post.forget_past",
    "newsletter.mail_requests.work_on_due",
    "newsletter.notices.send_due",
    "newsletter.importing.work_on_due",
    "newsletter.retention.sweep",
    "newsletter.sending.send_due",
]

# Streams to open pages: how many one address may hold, the age at which one is closed and taken up anew, and after
# how many seconds without news a line is sent that keeps it open.
LIVE_STREAMS_PER_ADDRESS = env.int("LIVE_STREAMS_PER_ADDRESS", default=30)
LIVE_STREAM_SECONDS = env.float("LIVE_STREAM_SECONDS", default=15 * 60)
LIVE_HEARTBEAT_SECONDS = env.float("LIVE_HEARTBEAT_SECONDS", default=15)

# The reports of errors that one network may send within an hour.
REPORTS_PER_HOUR = env.int("REPORTS_PER_HOUR", default=10)

# Letters are sent only with this, and only from the database that `manage.py live_mail on` was said to.
LIVE_MAIL = env.bool("LIVE_MAIL", default=False)
# What says by which backend readers are written to, letters or not.
READERS_MAIL = "newsletter.live_mail.backend"
# Sign-ups that one network may send, and one letter takes, within an hour.
SIGN_UPS_PER_HOUR = env.int("SIGN_UPS_PER_HOUR", default=20)
SIGN_UPS_PER_LETTER = env.int("SIGN_UPS_PER_LETTER", default=2_000)
# Whether the truncated network address of who asks and confirms is kept with the consent.
CONSENT_KEEPS_NETWORK = env.bool("CONSENT_KEEPS_NETWORK", default=False)
# After an edition is published its mail waits for so many minutes, so that it can be thought over.
MAIL_UNDO = timedelta(minutes=env.float("MAIL_UNDO_MINUTES", default=2))
# Letters of "each development" that one person gets in a day.
MAILS_A_DAY = env.int("MAILS_A_DAY", default=6)
# That all processes together send in a second; 0 is as many as they can.
MAILS_PER_SECOND = env.float("MAILS_PER_SECOND", default=0)
# Where mail that came back and mail that asks to leave can be sent; empty if nobody reads it.
LETTERS_MAILBOX = env.str("LETTERS_MAILBOX", default="")
# Where `read_returns mailbox` finds it: imaps://user:password@host/INBOX, or the path of a Maildir or an mbox.
LETTERS_RETURNS = env.str("LETTERS_RETURNS", default="")
# How often a mail to somebody may come back for now, within ten days, before no more are sent.
SOFT_BOUNCES = env.int("SOFT_BOUNCES", default=5)
# What surrounds a story's page beside the release, as text that changes with it.
FRAME = ["newsletter.offers.version"]
# What else an editor is told once an edition is out: each is given the edition and the user, and answers with a
# sentence, or nothing.
AFTER_PUBLISHING = ["newsletter.after_publishing.mailed_from", "newsletter.after_publishing.offer_to_tell"]
# Where else one can go from a story at the desk: each is given the story and the user, and answers with a list of
# titles and addresses.
STORY_ROADS = ["newsletter.after_publishing.roads_to_tell"]

# On a development machine every mail is kept in the outbox at the desk, unless a server is named.
EMAIL_URL = env.str("EMAIL_URL", default="")
mail_server = env.email_url_config(EMAIL_URL or "smtp://localhost:25")
if DEBUG and not EMAIL_URL:
    mail_server["EMAIL_BACKEND"] = "newsletter.outbox.EmailBackend"
vars().update(mail_server)
# A provider's API by django-anymail, or any other way to send.
EMAIL_BACKEND = env.str("EMAIL_BACKEND", default=mail_server["EMAIL_BACKEND"])
ANYMAIL = env.json("ANYMAIL", default={})
# With which the provider tells what became of our mail, as user:password; nothing is believed without.
ANYMAIL_WEBHOOK_SECRET = env.str("ANYMAIL_WEBHOOK_SECRET", default="")
EMAIL_TIMEOUT = 10
# Signs what goes to readers through that server: an RSA key in PEM, or its file, and its name in the DNS.
DKIM_KEY = env.str("DKIM_KEY", default="")
DKIM_SELECTOR = env.str("DKIM_SELECTOR", default="")
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default=f"newsroom@{urlsplit(SITE_URL).hostname}")

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en-gb")
# Kept in UTC, shown in the newsroom's own zone with the zone's name.
USE_TZ = True
TIME_ZONE = env.str("NEWSROOM_TIME_ZONE", default="UTC")
FORMAT_MODULE_PATH = "newsroom.formats"

LOGIN_URL = "admin:login"
# The seconds for which a mailed link sets a password.
PASSWORD_RESET_TIMEOUT = 3600
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in [
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    ]
]

# To the terminal, or whatever keeps what the process says there.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "without_tokens": {"()": "newsroom.logs.WithoutTokens"},
        "refusals_in_one_line": {"()": "newsroom.logs.RefusalsInOneLine"},
    },
    "handlers": {
        "terminal": {"class": "logging.StreamHandler", "filters": ["without_tokens", "refusals_in_one_line"]}
    },
    "root": {"handlers": ["terminal"]},
    "loggers": {
        "django": {"handlers": []},
        "newsletter.retention": {"level": "INFO"},
        "newsletter.bounces": {"level": "INFO"},
    },
}

# Transport and browser policy.
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
BEHIND_TLS_PROXY = env.bool("BEHIND_TLS_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS_PROXY else None
SECURE_HSTS_SECONDS = 0 if DEBUG else 2 * 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
PERMISSIONS_POLICY = {
    feature: [] for feature in ["camera", "geolocation", "microphone", "payment", "usb", "browsing-topics"]
}
# An editing page with 60 key points and 200 citations has thousands of fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
# Text of other alphabets is three times as long on its way, percent-encoded.
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024

# 23 November 2026: CKEditor 4.22.1 is no longer maintained and has known cross-site scripting faults. The risk is
# taken because only staff see it, on the one page that edits a story; it is given and gives back only HTML that
# `richtext.clean` has passed; of its files an allow-list is served, and it can reach no other site.
SILENCED_SYSTEM_CHECKS = ["ckeditor.W001"]
