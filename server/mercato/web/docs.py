"""The OpenAPI document, made from the endpoint table the moment somebody asks for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from mercato.config import VERSION
from mercato.kernel.http import Route
from mercato.kernel.wirebody import files_in
from mercato.schemas import Nothing
from mercato.schemas.files import Download

_REF = "#/components/schemas/{name}"
_IN_PATH = re.compile(r"\{(\w+)\}")
_ERRORS = {
    "400": "Wrong input: `{field: [message]}` or `{detail}`",
    "401": "Not signed in",
    "403": "Permission is missing",
    "404": "Not there, or not visible",
    "409": "The state does not allow this",
}
_ERROR = {
    "type": "object",
    "description": "`detail` (English) with a stable `code`, or messages per field.",
    "additionalProperties": True,
}


def openapi(routes: Sequence[Route]) -> dict[str, Any]:
    """Every route with its parameters, bodies, answers, errors and the permission it needs."""
    kinds: list[Any] = []
    for route in routes:
        kinds += [route.endpoint.takes, route.endpoint.gives]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    pairs = list(zip(schemas[::2], schemas[1::2], strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route, (takes, gives) in zip(routes, pairs, strict=True):
        operation = _operation(route, takes, gives, components)
        paths.setdefault(route.endpoint.path, {})[route.endpoint.method.lower()] = operation
        if route.kind == "list":
            head = {k: v for k, v in operation.items() if k not in ("responses", "operationId")}
            head["operationId"] = "head_" + operation["operationId"].removeprefix("get_")
            head["responses"] = {"200": {"description": "How many, in `X-Result-Count`"}}
            paths[route.endpoint.path]["head"] = head
    return {
        "openapi": "3.1.0",
        "info": {"title": "Mercato", "version": VERSION, "license": {"name": "Apache-2.0"}},
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {**components, "Problem": _ERROR},
            "securitySchemes": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "Token <key>",
                }
            },
        },
        "security": [{"token": []}, {}],
    }


def _operation(route: Route, takes: Any, gives: Any, components: dict[str, Any]) -> dict[str, Any]:
    endpoint = route.endpoint
    tag = endpoint.path.strip("/").removeprefix("api/").split("/")[0]
    name = re.sub(r"\W+", "_", f"{endpoint.method.lower()}_{endpoint.path.strip('/')}").strip("_")
    parameters = [
        {"name": n, "in": "path", "required": True, "schema": {"type": "string"}}
        for n in _IN_PATH.findall(endpoint.path)
    ]
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": endpoint.summary,
        "tags": [tag, *(["mercato"] if endpoint.own else [])],
        "x-needs": str(route.needs),
        "parameters": parameters,
        "responses": {str(endpoint.status): _success(route, gives), **_refusals(route)},
    }
    if endpoint.method == "GET":
        parameters += _query(takes, components)
    elif endpoint.takes is not Nothing:
        takes_type: Any = endpoint.takes
        kinds = ["application/json", *(["multipart/form-data"] if files_in(takes_type) else [])]
        operation["requestBody"] = {"content": {kind: {"schema": takes} for kind in kinds}}
    return operation


def _success(route: Route, gives: Any) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "Done"}
    if route.endpoint.gives is Download:
        answer["content"] = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
    elif route.endpoint.status != 204:
        answer["content"] = {"application/json": {"schema": gives}}
    if route.kind == "list":
        answer["headers"] = {
            "X-Result-Count": {"schema": {"type": "integer"}, "description": "How many on all pages"},
            "Link": {"schema": {"type": "string"}, "description": "first, prev, next, last"},
        }
    return answer


def _refusals(route: Route) -> dict[str, Any]:
    problem = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {code: {"description": text, "content": problem} for code, text in _ERRORS.items()}


def _query(takes: Any, components: dict[str, Any]) -> list[dict[str, Any]]:
    fields = components[takes["$ref"].rsplit("/", 1)[1]].get("properties", {})
    found = []
    for name, schema in fields.items():
        parameter = {"name": name, "in": "query", "required": False, "schema": schema}
        if schema.get("type") == "array":
            parameter |= {"style": "form", "explode": True}
        found.append(parameter)
    return found


PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Mercato API</title>
<style>body{{font:15px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}}
code{{background:#8882;padding:.1em .3em;border-radius:.2em}}td{{padding:.15em .8em .15em 0;vertical-align:top}}
</style></head><body><h1>Mercato API {version}</h1><p>The whole description, for your tools:
<a href="/schema/openapi.json">openapi.json</a></p><table>{rows}</table></body></html>"""


def page(routes: Sequence[Route]) -> str:
    """The endpoint table for a browser; needs nothing from the network."""
    rows = "".join(
        f"<tr><td><code>{r.endpoint.method}</code></td><td><code>{r.endpoint.path}</code></td>"
        f"<td>{r.endpoint.summary}</td></tr>"
        for r in sorted(routes, key=lambda r: (r.endpoint.path, r.endpoint.method))
    )
    return PAGE.format(version=VERSION, rows=rows)
