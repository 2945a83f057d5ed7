"""Where everything is: the kiosks' API, the desk, and the door."""

from django.urls import include, path
from django.views.generic import RedirectView

from backend.api.urls import api

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="desk:look-up"), name="home"),
    path("api/v1/", api.urls),
    path("desk/", include("backend.desk.urls")),
    path("account/", include("backend.accounts.urls")),
]
