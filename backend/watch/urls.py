"""The pages of the fleet."""

from django.urls import path

from backend.watch import joining, notices, views

app_name = "watch"
urlpatterns = [
    path("", views.fleet, name="fleet"),
    path("alerts/", views.alert_list, name="alerts"),
    path("alerts/<int:key>/", views.alert_act, name="alert-act"),
    path("paper/", views.paper, name="paper"),
    path("compare/", views.compare, name="compare"),
    path("told/", views.recipients, name="recipients"),
    path("told/new/", views.recipient_add, name="recipient-add"),
    path("told/<int:key>/remove/", views.recipient_remove, name="recipient-remove"),
    path("notices/", notices.notices, name="notices"),
    path("notices/<str:key>/withdraw/", notices.notice_withdraw, name="notice-withdraw"),
    path("join/", joining.join, name="join"),
    path("join/<int:key>/withdraw/", joining.code_withdraw, name="code-withdraw"),
    path("<uuid:key>/revoke/", joining.revoke, name="revoke"),
    path("<uuid:key>/", views.kiosk, name="kiosk"),
    path("<uuid:key>/timeline/", views.timeline, name="timeline"),
    path("<uuid:key>/order/", views.order, name="order"),
]
