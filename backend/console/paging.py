"""A long list, a page at a time."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

PAGE = 50


class _Uncounted(Paginator):
    """Never counts all rows, which takes longer the more there are: it looks one page ahead only."""

    def __init__(self, rows: QuerySet[Any], number: int):
        self._wanted = number
        super().__init__(rows, PAGE)

    @property
    def count(self) -> int:
        """At least as many as come before the page and on it, and one more if there is more."""
        begin = (self._wanted - 1) * PAGE
        return begin + len(self.object_list.values_list("pk")[begin : begin + PAGE + 1])


def paged(request: HttpRequest, rows: QuerySet[Model]) -> dict[str, Any]:
    """For `console/pages.html`: `page`, and `query`, the other parts of the address (no personal data is in one)."""
    text = request.GET.get("page", "1")
    number = min(int(text), 10_000) if text.isdecimal() and text.isascii() and int(text) > 0 else 1
    others = request.GET.copy()
    others.pop("page", None)
    query = others.urlencode()
    return {"page": _Uncounted(rows, number).get_page(number), "query": f"{query}&" if query else ""}
