"""The base of all entry bodies; apart, so that each family of entries can have a module of its own."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """Base of all entry bodies: frozen, and closed to unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")
