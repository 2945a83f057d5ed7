"""Qmatic Orchestra Calendar's public appointment API over HTTP, versions 1 and 2 of its calls; nothing is translated.

Lists of parameters are matrix parameters in the path (`;servicePublicId=…`). Times are local to the branch and carry
no offset. A failure is HTTP 500 with its reason in the header `error_message`.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx

from backend.appointments.outside.http import ask, field


class QmaticClient:
    """`http` has the address, such as https://…/qmatic/calendar-backend/public/api/, and the client certificate."""

    def __init__(self, http: httpx.Client):
        self._http = http

    def services(self, branch: str) -> list[dict[str, Any]]:
        """Services of a branch: publicId, name, duration, additionalCustomerDuration, active, publicEnabled."""
        return list(field(self._get(f"v1/branches/{quote(branch)}/services"), "serviceList", list))

    def branches(self) -> list[dict[str, Any]]:
        """Branches: publicId, name, timeZone, addressLine1, addressZip, addressCity."""
        return list(field(self._get("v1/branches"), "branchList", list))

    def branch(self, branch: str) -> dict[str, Any]:
        """One of them."""
        return dict(field(self._get(f"v1/branches/{quote(branch)}"), "branch", dict))

    def dates(self, branch: str, service: str, customers: int) -> list[str]:
        """Dates with a free time, each as a local midnight."""
        path = f"v2/branches/{quote(branch)}/dates;{_matrix(service, customers)}"
        return list(field(self._get(path), "dates", list))

    def times(self, branch: str, service: str, customers: int, day: str) -> list[str]:
        """Free times of a date, as HH:MM."""
        path = f"v2/branches/{quote(branch)}/dates/{day}/times;{_matrix(service, customers)}"
        return list(field(self._get(path), "times", list))

    def book(self, branch: str, day: str, time: str, body: dict[str, Any]) -> str:
        """Book; returns the publicId of the appointment."""
        answer = ask(self._http, "POST", f"v2/branches/{quote(branch)}/dates/{day}/times/{time}/book", json=body)
        return str(field(answer, "publicId", str))

    def appointment(self, public_id: str) -> dict[str, Any]:
        """An appointment: start and end."""
        return dict(field(self._get(f"v1/appointments/{quote(public_id)}"), "appointment", dict))

    def delete(self, public_id: str) -> None:
        """Cancel it."""
        ask(self._http, "DELETE", f"v1/appointments/{quote(public_id)}")

    def _get(self, path: str) -> Any:
        return ask(self._http, "GET", path)


def _matrix(service: str, customers: int) -> str:
    # The number of customers is that of the whole appointment; one is what the API assumes.
    return f"servicePublicId={quote(service)}" + (f";numberOfCustomers={customers}" if customers > 1 else "")
