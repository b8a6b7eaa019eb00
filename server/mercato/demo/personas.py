"""As whom a visitor may enter the demo."""

from __future__ import annotations

from typing import NamedTuple

from mercato.identity.service import find_user, make_token
from mercato.kernel.db import Tx


class Persona(NamedTuple):
    """Somebody of the demo. `key` names the persona for programs."""

    key: str
    username: str
    name: str
    title: str
    description: str

    @property
    def shown(self) -> dict[str, str]:
        return {"key": self.key, "name": self.name, "title": self.title, "description": self.description}


PERSONAS = (
    Persona(
        "owner",
        "helena",
        "Helena Valadar",
        "Customer owner",
        "Directs a marine institute: approves its orders and pays its invoices",
    ),
    Persona(
        "manager",
        "leonor",
        "Leonor Quintas",
        "Project manager",
        "Orders for three projects of the institute and watches their resources",
    ),
    Persona(
        "provider",
        "luka",
        "Luka Zoranič",
        "Provider manager",
        "Runs the services of Adria National Cloud; orders wait in the inbox",
    ),
    Persona(
        "staff",
        "marit",
        "Marit Vaarik",
        "Staff",
        "Operates the marketplace: sees every organization and may do everything",
    ),
)


def token_of(tx: Tx, username: str) -> str:
    """A fresh key with which the persona enters."""
    return make_token(tx, find_user(tx, username=username).id, name="demo", keeps=True)
