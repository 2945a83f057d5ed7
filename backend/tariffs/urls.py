"""The pages about tariffs and rules."""

from django.urls import path

from backend.tariffs import views

app_name = "tariffs"
urlpatterns = [
    path("", views.tariffs, name="tariffs"),
    path("edit/", views.edit, name="edit"),
]
