"""The desk's pages."""

from django.urls import path

from backend.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.look_up, name="look-up"),
    path("search/", views.search, name="search"),
    path("privacy/", views.privacy, name="privacy"),
    path("keys/", views.keys, name="keys"),
    path("scans/", views.send_scans, name="scans"),
    path("picture/", views.read_picture, name="picture"),
    path("worker.js", views.worker, name="worker"),
    path("request/<uuid:key>/", views.open_request, name="open"),
    path("request/<uuid:key>/move/", views.move, name="move"),
    path("request/<uuid:key>/undo/", views.undo, name="undo"),
    path("request/<uuid:key>/pay/", views.pay, name="pay"),
]
