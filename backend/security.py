"""What guards every page: no page with personal data kept by a browser, and login as the rule, not the exception.

The content security policy is django-csp's (`settings.CONTENT_SECURITY_POLICY`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponseBase


def guarded_answers(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: no answer is stored by a browser, or has a use for a camera, where it does not say otherwise."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        response.setdefault("Cache-Control", "no-store")
        return response

    return middleware


class LoginRequired(LoginRequiredMiddleware):
    """Every page needs a login unless it says otherwise. The kiosks' API has its own proof of who calls."""

    def process_view(self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any) -> Any:
        """None lets the request through."""
        match = request.resolver_match
        if match is not None and match.namespace.startswith("api-"):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)
