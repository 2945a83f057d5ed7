"""The doors: allauth's views that we use, under allauth's own names, and the choice of language."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as openid
from csp.decorators import csp_update
from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

from backend.accounts.login import if_it_answers
from backend.accounts.views import log_in

urlpatterns = [
    path("login/", log_in, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/", account.password_change, name="account_change_password"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("second-factor/", mfa.index, name="mfa_index"),
    path("second-factor/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("second-factor/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    # The QR code of the secret is drawn by allauth as a data: address.
    path("second-factor/app/", csp_update({"img-src": "data:"})(totp.activate_totp), name="mfa_activate_totp"),
    path("second-factor/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("second-factor/codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("second-factor/codes/new/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("second-factor/codes/file/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("own/<slug:provider_id>/", if_it_answers(openid.login), name="openid_connect_login"),
    path("own/<slug:provider_id>/back/", if_it_answers(openid.callback), name="openid_connect_callback"),
    path("own-login/broken-off/", login_not_required(social.login_cancelled), name="socialaccount_login_cancelled"),
    path("own-login/failed/", login_not_required(social.login_error), name="socialaccount_login_error"),
]
