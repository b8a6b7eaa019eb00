"""Calling operations by their names through Waldur's own client, and writing down what came of it."""

from __future__ import annotations

import importlib
import inspect
import json
import typing
from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

import httpx
from waldur_api_client import AuthenticatedClient, Client

from contract.judge import complaints, endpoints


class Result(NamedTuple):
    """One call of an operation. `wrong` is empty when everything was as the contract says."""

    status: int
    wrong: list[str]


class Caller:
    """Several people at one server, each with Waldur's client. `results` holds every call by operation."""

    def __init__(self, url: str, keys: dict[str, str]) -> None:
        self.url = url
        self.clients: dict[str, Client | AuthenticatedClient] = {
            who: AuthenticatedClient(base_url=url, token=key, prefix="Token") for who, key in keys.items()
        }
        self.results: dict[str, list[Result]] = {}
        self.stumbles: list[str] = []

    def __call__(self, op: str, who: str, *path: str, body: Any = None, **query: Any) -> Any:
        """The answer's JSON. What differs from the contract is noted, not raised."""
        row = endpoints()[op]
        ask = importlib.import_module(f"waldur_api_client.api.{row['tag']}.{op}").sync_detailed
        if body is not None:
            query["body"] = _built(ask, body)
        try:
            answer = ask(*[UUID(value) for value in path], client=self.clients[who], **query)
        except Exception as error:  # whatever the client cannot bear is a finding
            self._note(op, Result(0, [f"{type(error).__name__}: {str(error)[:400]}"]))
            return None
        text = answer.content.decode()
        found = json.loads(text) if text else None
        wrong = []
        if answer.status_code not in row["success"]:
            wrong.append(f"status {int(answer.status_code)}, not {row['success']}: {text[:300]}")
        elif row.get("returns") and int(answer.status_code) != 204:
            wrong += complaints(found, row["returns"], op)
        self._note(op, Result(int(answer.status_code), wrong))
        return found

    def chapter(self, tell: Callable[..., Any], *what: Any) -> Any:
        """Part of a story; where it cannot go on, the next part begins."""
        try:
            return tell(self, *what)
        except (TypeError, KeyError, LookupError, ValueError, AssertionError) as error:
            self.stumbles.append(f"{tell.__name__}: {type(error).__name__}: {str(error)[:300]}")
            return None

    def close(self) -> None:
        for client in self.clients.values():
            client.get_httpx_client().close()

    def plain(self, who: str, method: str, path: str, body: Any = None) -> Any:
        """A request that prepares something; it must succeed."""
        client = self.clients[who]
        assert isinstance(client, AuthenticatedClient)
        headers = {"Authorization": f"Token {client.token}"}
        answer = httpx.request(method, self.url + path, json=body, headers=headers, timeout=30)
        assert answer.is_success, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def _note(self, op: str, result: Result) -> None:
        self.results.setdefault(op, []).append(result)


def _built(ask: Any, body: Any) -> Any:
    """The body as the client's own model of it."""
    kinds = _models(typing.get_type_hints(ask, include_extras=False)["body"])
    if isinstance(body, list):
        return [kinds[0].from_dict(one) for one in body]
    return kinds[0].from_dict(body)


def _models(hint: Any) -> list[Any]:
    if inspect.isclass(hint) and hasattr(hint, "from_dict"):
        return [hint]
    return [model for part in typing.get_args(hint) for model in _models(part)]
