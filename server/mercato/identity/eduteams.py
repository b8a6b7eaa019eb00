"""People whom a remote eduTEAMS proxy knows: fetched by their identifier (CUID) when somebody needs them."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from sqlalchemy import select

from mercato.identity import bridge, keys, service, ssh
from mercato.identity.tables import ssh_keys
from mercato.kernel.db import Tx
from mercato.kernel.errors import Invalid, MercatoError, NotFound

if TYPE_CHECKING:
    import httpx

SOURCE = "isd:eduteams"
KEY_NAME = "eduteams_key"
PATIENCE = 10.0


class Unreachable(MercatoError):
    """The proxy did not answer, or not as it should."""

    status = 502
    code = "eduteams_unreachable"


class EduteamsTerms(NamedTuple):
    """Where the proxy is; without an address only people who are here already are found."""

    token_url: str
    userinfo_url: str
    client_id: str
    secret: str
    refresh_token: str


class Profile(NamedTuple):
    """What the proxy says about a person."""

    attributes: dict[str, Any]
    keys: list[str]


def fetching(cuid: str, terms: EduteamsTerms) -> Callable[[], Profile | None]:
    """The slow part, to be run outside any transaction: what the proxy says, or None for nobody."""

    def work() -> Profile | None:
        if not terms.userinfo_url:
            return None
        import httpx  # 13 MB that most servers never need

        with httpx.Client(timeout=PATIENCE, follow_redirects=False) as client:
            try:
                return _ask(client, cuid, terms)
            except (httpx.HTTPError, ValueError, KeyError) as error:
                raise Unreachable(f"eduTEAMS could not be asked: {type(error).__name__}.") from error

    return work


def _ask(client: httpx.Client, cuid: str, terms: EduteamsTerms) -> Profile | None:
    asked = {
        "grant_type": "refresh_token",
        "refresh_token": terms.refresh_token,
        "scope": "openid offline_access",
    }
    granted = client.post(terms.token_url, data=asked, auth=(terms.client_id, terms.secret))
    granted.raise_for_status()
    answer = client.get(
        f"{terms.userinfo_url.rstrip('/')}/{quote(cuid, safe='@')}",
        headers={"Authorization": f"Bearer {granted.json()['access_token']}"},
    )
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return None
    answer.raise_for_status()
    return profile(answer.json())


def profile(said: dict[str, Any]) -> Profile:
    """The proxy's claims under our names; those it does not make are left as they are."""
    known = {
        "first_name": _first(said.get("given_name")),
        "last_name": _first(said.get("family_name")),
        "email": _first(said.get("mail") or said.get("email")),
        "organization": _first(said.get("schac_home_organization")),
        "affiliations": _all(said.get("voperson_external_affiliation")),
        "eduperson_assurance": _all(said.get("eduperson_assurance")),
    }
    told = {name: value for name, value in known.items() if value}
    return Profile({**told, "identity_source": "eduteams"}, _all(said.get("ssh_public_key")))


def _all(claim: Any) -> list[str]:
    values = claim if isinstance(claim, list) else [claim]
    return [str(value) for value in values if value]


def _first(claim: Any) -> str:
    return next(iter(_all(claim)), "")


def store(tx: Tx, cuid: str, found: Profile | None, terms: EduteamsTerms) -> str:
    """The person's uuid. Who is known here but not there any more has been removed there."""
    row = service.find_user(tx, username=cuid)
    if found is None:
        if row is None:
            raise NotFound(f"User {cuid} has not been found")
        if terms.userinfo_url:
            bridge.forget(tx, row, SOURCE, any_removal=False)
        return str(row.uuid)
    made = bridge.learn(tx, cuid, SOURCE, found.attributes).uuid
    _sync_keys(tx, service.find_user(tx, uuid=made), found.keys)
    return made


def _sync_keys(tx: Tx, person: Any, lines: list[str]) -> None:
    """Keys that came from there follow what is there; a person's own are left alone."""
    wanted = {}
    for line in lines:
        try:
            wanted[ssh.parse(line).sha256] = line
        except ssh.BadKeyError:
            continue
    mine = select(ssh_keys).where(ssh_keys.c.user_id == person.id)
    for row in tx.conn.execute(mine).fetchall():
        if row.fingerprint_sha256 in wanted:
            del wanted[row.fingerprint_sha256]
        elif row.name.startswith(KEY_NAME):
            keys.drop(tx, row, person.uuid)
    for number, line in enumerate(wanted.values(), 1):
        try:
            keys.add_for(tx, person.id, person.uuid, line, f"{KEY_NAME}_{number}")
        except Invalid:  # too long for us
            continue
