"""JCC-Afspraken's REST API (WARP, version 1) over HTTP; nothing is translated.

OAuth client credentials (`connect/token`, scope `warp-api`). Times are local to the Netherlands and Belgium and carry
no offset. Availability is asked for at most 50 days at a time. Every call wants the header `language`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx

from backend.appointments.outside.contract import CalendarUnavailable
from backend.appointments.outside.http import Refused, ask, field

MAX_DAYS = 50
_EARLY_SECONDS = 30  # a token is renewed so long before it ends
_SHORTEST_SECONDS = 60


class JccClient:
    """`http` has the base address, such as https://…/api/warp/v1/."""

    def __init__(self, http: httpx.Client, client_id: str, secret: str, clock: Callable[[], float] = time.monotonic):
        self._http = http
        self._credentials = httpx.BasicAuth(client_id, secret)
        self._clock = clock
        self._token = ""
        self._token_until = 0.0

    def version(self) -> dict[str, Any]:
        """warpApiVersion, afsprakenVersion."""
        answer = self._ask("GET", "version")
        return dict(answer) if isinstance(answer, dict) else {}

    def activities(self, location: str) -> list[dict[str, Any]]:
        """Activities that can be booked at a location: id, description, appointmentDuration."""
        return self._list("activity/listforappointment", {"locationId": location})

    def locations(self, activity: str) -> list[dict[str, Any]]:
        """Locations where an activity can be booked: id, description, address."""
        return self._list("location/forappointment", {"selectedActivityId": activity})

    def date_range(self, activity: str) -> dict[str, Any]:
        """minDate and maxDate."""
        return dict(self._ask("GET", "activity/appointmentdaterange", params={"activityId": activity}) or {})

    def times(self, location: str, activity: str, amount: int, first: str, last: str) -> list[str]:
        """Free starts from one date until before another."""
        answer = self._ask(
            "GET",
            "appointment/availabletimelist",
            params={
                "locationId": location,
                "fromDate": first,
                "toDate": last,
                "activityId": activity,
                "amount": amount,
            },
        )
        return list(field(answer, "availableTimesList", list))

    def duration(self, activity: str, amount: int, day: str) -> int:
        """Minutes of an appointment for so many."""
        params = {"activityId": activity, "amount": amount, "dateTime": day}
        answer = self._ask("GET", "appointment/calculateduration", params=params)
        if not isinstance(answer, int) or isinstance(answer, bool) or not 0 < answer <= 24 * 60:
            raise CalendarUnavailable("a duration that is none")
        return answer

    def required_fields(self, activity: str) -> dict[str, Any]:
        """Which fields of a customer have to be filled: 0 may, 1 hidden, 2 must."""
        answer = self._ask("GET", "customer/customerfields/required", params={"activityId": activity})
        return dict(answer) if isinstance(answer, dict) else {}

    def book(self, body: dict[str, Any]) -> dict[str, Any]:
        """Book: id, acknowledgeIsSuccess, validateErrors."""
        return dict(self._ask("POST", "appointment", json=body) or {})

    def appointment(self, number: str) -> dict[str, Any]:
        """An appointment: startDateTime and endDateTime."""
        return dict(self._ask("GET", "appointment", params={"id": number}) or {})

    def delete(self, number: str) -> dict[str, Any]:
        """Cancel: acknowledgeIsSuccess."""
        return dict(self._ask("DELETE", "appointment", params={"id": number}) or {})

    def _list(self, path: str, params: dict[str, Any]) -> list[dict[str, Any]]:
        answer = self._ask("GET", path, params=params)
        if not isinstance(answer, list) or not all(isinstance(one, dict) for one in answer):
            raise CalendarUnavailable("an answer that is no list")
        return answer

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        try:
            return self._with_token(method, path, options)
        except Refused:
            self._token = ""  # ended before its time: once more with a new one
            return self._with_token(method, path, options)

    def _with_token(self, method: str, path: str, options: dict[str, Any]) -> Any:
        if not self._token or self._clock() >= self._token_until:
            form = {"grant_type": "client_credentials", "scope": "warp-api"}
            answer = ask(self._http, "POST", "connect/token", data=form, auth=self._credentials)
            self._token = str(field(answer, "access_token", str))
            life = answer.get("expires_in", _SHORTEST_SECONDS)
            self._token_until = self._clock() + max(float(life) - _EARLY_SECONDS, _SHORTEST_SECONDS / 2)
        headers = {"Authorization": f"Bearer {self._token}", "language": "nl"}
        return ask(self._http, method, path, headers=headers, **options)
