"""The console's pages about requests and cases."""

from django.urls import path

from backend.requests import pages

app_name = "requests"
urlpatterns = [
    path("requests/", pages.requests, name="requests"),
    path("requests/<uuid:key>/", pages.one, name="one"),
    path("cases/", pages.open_cases, name="cases"),
    path("cases/<uuid:key>/", pages.case, name="case"),
]
