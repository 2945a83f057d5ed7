"""The console's pages about accounts, and the audit log."""

from django.urls import path

from backend.accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.staff, name="staff"),
    path("new/", views.new, name="new"),
    path("<int:key>/", views.change, name="change"),
    path("audit/", views.audit_log, name="audit"),
]
