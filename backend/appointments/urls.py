"""The calendar's pages."""

from django.urls import path

from backend.appointments import views

app_name = "appointments"
urlpatterns = [
    path("", views.week, name="week"),
    path("book/", views.book, name="book"),
    path("desks/", views.desks, name="desks"),
    path("<uuid:key>/move/", views.move, name="move"),
    path("<uuid:key>/change/", views.change, name="change"),
]
