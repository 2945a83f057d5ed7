"""The pages about money."""

from django.urls import path

from backend.money import views

app_name = "money"
urlpatterns = [
    path("", views.money, name="money"),
    path("day/<slug:text>/", views.day, name="day"),
    path("bookings.csv", views.as_csv, name="csv"),
    path("bookings.xml", views.as_camt, name="camt"),
]
