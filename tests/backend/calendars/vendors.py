"""Stand-ins for the vendors' calendars: small servers that speak their APIs as documented, with faults on demand."""

from __future__ import annotations

import base64
import json
import re
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

PLACE, PRODUCT = "branch-1", "residence-card"
MINUTES, MORE_MINUTES = 15, 10


@dataclass
class Agenda:
    """What a vendor's calendar holds: free starts (local times) and bookings by their reference."""

    first: date
    free: dict[datetime, int] = field(default_factory=dict)
    booked: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        for offset in range(70):
            day = self.first + timedelta(days=offset)
            for quarter in range(4) if day.weekday() < 5 else ():
                self.free[datetime(day.year, day.month, day.day, 9) + timedelta(minutes=15 * quarter)] = 1

    def take(self, start: datetime, minutes: int, title: str) -> str | None:
        with self.lock:
            if not self.free.get(start):
                return None
            self.free[start] -= 1
            reference = str(uuid4())
            self.booked[reference] = (start, start + timedelta(minutes=minutes))
            self.titles.append(title)
            return reference

    def give(self, reference: str) -> bool:
        with self.lock:
            times = self.booked.pop(reference, None)
            if times is not None:
                self.free[times[0]] += 1
            return times is not None

    def starts(self) -> list[datetime]:
        return sorted(start for start, places in self.free.items() if places)


class Vendor(ABC):
    """A server on a free port. `trouble` answers instead of it: (status, headers, body)."""

    path = "/api/"

    def __init__(self, first: date):
        self.agenda = Agenda(first)
        self.trouble: tuple[int, dict[str, str], bytes] | None = None
        self.asked: list[str] = []
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            def _do(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                vendor.asked.append(f"{self.command} {self.path}")
                status, headers, answer = vendor.trouble or vendor.answer(self, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_DELETE = _do

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{self.path}"

    @abstractmethod
    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """What this vendor's API answers: status, headers, body."""

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _json(value: Any, status: int = 200) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


class Qmatic(Vendor):
    """Orchestra Calendar's public API: matrix parameters, local times, HTTP 500 with the header error_message."""

    path = "/qmatic/calendar-backend/public/api/"

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        path = unquote(urlsplit(request.path).path).removeprefix(self.path)
        path, *matrix = path.split(";")
        given = dict(part.split("=", 1) for part in matrix)
        customers = int(given.get("numberOfCustomers", "1"))
        version, *parts = path.split("/")
        match request.command, version, parts:
            case "GET", "v1", ["branches"]:
                return _json(
                    {"branchList": [self._branch(), self._branch() | {"publicId": "hall", "addressZip": None}]}
                )
            case "GET", "v1", ["branches", branch]:
                return _json({"branch": self._branch()}) if branch == PLACE else _json({}, 404)
            case "GET", "v1", ["branches", branch, "services"]:
                return _json({"serviceList": self._services()}) if branch == PLACE else _json({}, 404)
            case "GET", "v2", ["branches", branch, "dates"] if branch == PLACE and given["servicePublicId"] == PRODUCT:
                days = sorted({start.date() for start in self.agenda.starts()})
                return _json({"dates": [f"{day.isoformat()}T00:00:00" for day in days]})
            case "GET", "v2", ["branches", branch, "dates", day, "times"] if branch == PLACE:
                starts = [start for start in self.agenda.starts() if start.date().isoformat() == day]
                return _json({"times": [start.strftime("%H:%M") for start in starts]})
            case "POST", "v2", ["branches", branch, "dates", day, "times", time, "book"] if branch == PLACE:
                return self._book(datetime.fromisoformat(f"{day}T{time}"), json.loads(body))
            case "GET", "v1", ["appointments", reference]:
                times = self.agenda.booked.get(reference)
                if times is None:
                    return _json({}, 404)
                start, end = (f"{one.isoformat()}.000+01:00" for one in times)
                return _json({"appointment": {"publicId": reference, "start": start, "end": end, "notes": ""}})
            case "DELETE", "v1", ["appointments", reference]:
                return (200, {}, b"") if self.agenda.give(reference) else _json({}, 404)
        assert customers
        return 500, {"error_message": "no such call"}, b""

    def _book(self, start: datetime, asked: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        people = len(asked["customers"])
        if [one["publicId"] for one in asked["services"]] != [PRODUCT] or not people:
            return 500, {"error_message": "Required fields are missing"}, b""
        reference = self.agenda.take(start, MINUTES + MORE_MINUTES * (people - 1), asked["title"])
        if reference is None:
            return 500, {"error_message": "The appointment time is no longer available"}, b""
        return _json({"publicId": reference, "start": start.isoformat()})

    @staticmethod
    def _branch() -> dict[str, Any]:
        return {
            "publicId": PLACE,
            "name": "Town hall",
            "timeZone": "Europe/Brussels",
            "fullTimeZone": "Europe/Brussels",
            "addressLine1": "Markt 1",
            "addressLine2": None,
            "addressZip": "9999",
            "addressCity": "Anderstad",
        }

    @staticmethod
    def _services() -> list[dict[str, Any]]:
        card = {
            "publicId": PRODUCT,
            "name": "Residence card",
            "duration": MINUTES,
            "additionalCustomerDuration": MORE_MINUTES,
            "active": True,
            "publicEnabled": True,
            "custom": None,
        }
        return [card, card | {"publicId": "hidden", "publicEnabled": False}]


class Jcc(Vendor):
    """JCC-Afspraken's WARP API: OAuth, naive local times, fifty days at a time, refusals with HTTP 200."""

    path = "/jcc/api/warp/v1/"
    client_id, secret = "loket", "s3cret"

    def __init__(self, first: date):
        super().__init__(first)
        self.tokens: set[str] = set()
        self.required: dict[str, Any] = {"lastName": 2, "gender": 2, "birthDate": 1}

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        split = urlsplit(request.path)
        path, query = (
            split.path.removeprefix(self.path),
            {name: one for name, (one, *_) in parse_qs(split.query).items()},
        )
        if path == "connect/token":
            return self._token(request, body)
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return _json({}, 401)
        if request.headers.get("language") is None:
            return _json({"message": "language is missing"}, 400)
        match request.command, path:
            case "GET", "version":
                return _json({"warpApiVersion": "1.0", "afsprakenVersion": "12.1"})
            case "GET", "activity/listforappointment":
                return _json(self._activities() if query.get("locationId") == PLACE else [])
            case "GET", "location/forappointment":
                return _json([self._location()])
            case "GET", "activity/appointmentdaterange":
                last = self.agenda.first + timedelta(days=365)
                return _json({"minDate": f"{self.agenda.first}T00:00:00", "maxDate": f"{last}T00:00:00"})
            case "GET", "appointment/availabletimelist":
                return self._times(query)
            case "GET", "appointment/calculateduration":
                return _json(MINUTES + MORE_MINUTES * (int(query["amount"]) - 1))
            case "GET", "customer/customerfields/required":
                return _json(self.required)
            case "POST", "appointment":
                return self._book(json.loads(body))
            case "GET", "appointment" if query["id"] in self.agenda.booked:
                start, end = self.agenda.booked[query["id"]]
                return _json({"id": query["id"], "startDateTime": start.isoformat(), "endDateTime": end.isoformat()})
            case "DELETE", "appointment" if query["id"] in self.agenda.booked:
                self.agenda.give(query["id"])
                return _json({"id": query["id"], "acknowledgeIsSuccess": True})
        return _json({}, 404)

    def _token(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        asked = {name: one for name, (one, *_) in parse_qs(body.decode()).items()}
        shown = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
        if asked != {"grant_type": "client_credentials", "scope": "warp-api"}:
            return _json({"error": "invalid_request"}, 400)
        if request.headers.get("Authorization") != f"Basic {shown}":
            return _json({"error": "invalid_client"}, 401)
        token = uuid4().hex
        self.tokens.add(token)
        return _json({"access_token": token, "expires_in": 3600, "token_type": "Bearer"})

    def _times(self, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        first, last = date.fromisoformat(query["fromDate"]), date.fromisoformat(query["toDate"])
        if (last - first).days > 50:
            return _json({"message": "at most 50 days"}, 400)
        starts = [start for start in self.agenda.starts() if first <= start.date() < last]
        return _json({"availableTimesList": [start.isoformat() for start in starts]})

    def _book(self, asked: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        start, end = (datetime.fromisoformat(asked[name]) for name in ("fromDateTime", "toDateTime"))
        amount = asked["activityList"][0]["amount"]
        wrong = []
        if not re.fullmatch(r"[^\\d]+.*", asked["customerList"][0]["lastName"]):
            wrong.append("lastName")
        if end - start != timedelta(minutes=MINUTES + MORE_MINUTES * (amount - 1)) or "id" not in asked:
            wrong.append("toDateTime")
        reference = None if wrong else self.agenda.take(start, int((end - start).seconds / 60), asked["message"])
        if reference is None:
            return _json({"id": None, "acknowledgeIsSuccess": False, "validateErrors": wrong or ["time is taken"]})
        return _json({"id": reference, "acknowledgeIsSuccess": True})

    @staticmethod
    def _activities() -> list[dict[str, Any]]:
        return [{"id": PRODUCT, "number": 1, "description": "Residence card", "appointmentDuration": MINUTES}]

    @staticmethod
    def _location() -> dict[str, Any]:
        address = {"streetName": "Markt", "houseNumber": "1", "postalCode": "9999", "city": "Anderstad"}
        return {"id": PLACE, "description": "Town hall", "address": address, "isDefault": True}
