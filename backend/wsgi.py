"""The entry of the web server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

pages = get_wsgi_application()

from backend.api.door import door  # noqa: E402  # only now is there a Django

application = door(pages)
