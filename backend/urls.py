"""Where everything is: the kiosks' API, the desk, the console, and the door."""

from django.urls import include, path

from backend.api.urls import api
from backend.console.views import home
from backend.watch import metrics

urlpatterns = [
    path("", home, name="home"),
    path("metrics", metrics.metrics, name="metrics"),
    path("health/live", metrics.alive, name="alive"),
    path("health/ready", metrics.ready, name="ready"),
    path("api/v1/", api.urls),
    path("desk/", include("backend.desk.urls")),
    path("console/kiosks/", include("backend.watch.urls")),
    path("account/", include("backend.accounts.doors")),
    path("console/", include("backend.requests.urls")),
    path("console/appointments/", include("backend.appointments.urls")),
    path("console/tariffs/", include("backend.tariffs.urls")),
    path("console/money/", include("backend.money.urls")),
    path("console/privacy/", include("backend.privacy.urls")),
    path("console/accounts/", include("backend.accounts.urls")),
]
