"""The pages about people's data."""

from django.urls import path

from backend.privacy import views

app_name = "privacy"
urlpatterns = [
    path("", views.privacy, name="privacy"),
    path("sweep/", views.sweep, name="sweep"),
    path("person/", views.look, name="person"),
    path("person/file/", views.export, name="export"),
    path("person/erase/", views.erase, name="erase"),
]
