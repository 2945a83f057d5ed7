"""Where everything is: the kiosks' API, the desk, the console, and the door."""

from django.urls import include, path

from backend.api.urls import api
from backend.console.views import home

urlpatterns = [
    path("", home, name="home"),
    path("api/v1/", api.urls),
    path("desk/", include("backend.desk.urls")),
    path("console/kiosks/", include("backend.watch.urls")),
    path("account/", include("backend.accounts.doors")),
    path("console/accounts/", include("backend.accounts.urls")),
]
