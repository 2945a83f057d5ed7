"""The desk's pages."""

from django.urls import path

from backend.desk.views import look_up

app_name = "desk"
urlpatterns = [path("", look_up, name="look-up")]
