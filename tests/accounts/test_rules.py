"""How accounts are named and what offerings see, without any database."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mercato.accounts import rules
from mercato.schemas.accounts import UsernamePolicy

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("options", "policy"),
    [
        ({}, "service_provider"),
        ({"username_generation_policy": None}, "service_provider"),
        ({"username_generation_policy": "nonsense"}, "service_provider"),
        *(({"username_generation_policy": p.value}, p.value) for p in UsernamePolicy),
    ],
)
def test_the_provider_names_accounts_unless_the_offering_says_otherwise(
    options: dict[str, Any], policy: str
) -> None:
    assert rules.policy_of(options) == policy


def name(policy: str, taken: list[str], **more: Any) -> str:
    options = {"username_generation_policy": policy, **more}
    begin, digits = rules.stem(options, "jd@uni.example", "Jürgen  Karl", "van Löö-Berg")
    return rules.numbered(begin, digits, taken) if digits else begin


@pytest.mark.parametrize(
    ("policy", "taken", "expected"),
    [
        ("anonymized", [], "walduruser_00000"),
        ("anonymized", ["walduruser_00000", "walduruser_00009", "other"], "walduruser_00010"),
        ("anonymized", ["walduruser_99999"], "walduruser_100000"),
        ("full_name", [], "jurgen_karl_van_loo_berg_00"),
        (
            "full_name",
            ["jurgen_karl_van_loo_berg_00", "Jurgen_Karl_van_loo_berg_07"],
            "jurgen_karl_van_loo_berg_08",
        ),
        (
            "full_name",
            ["jurgen_karl_van_loo_berg_x", "jurgen_karl_van_loo_berg_²"],
            "jurgen_karl_van_loo_berg_00",
        ),
        ("waldur_username", [], "jd@uni.example"),
        ("service_provider", [], ""),
        ("freeipa", [], ""),
        ("identity_claim", [], ""),
    ],
)
def test_names_by_policy(policy: str, taken: list[str], expected: str) -> None:
    assert name(policy, taken) == expected


def test_the_prefix_of_anonymous_names_is_the_offerings() -> None:
    assert name("anonymized", ["hpc-00001"], username_anonymized_prefix="hpc-") == "hpc-00002"
    assert name("anonymized", [], username_anonymized_prefix="") == "walduruser_00000"


def test_people_without_a_name_are_named_after_their_account() -> None:
    begin, digits = rules.stem({"username_generation_policy": "full_name"}, "jd@uni.example", "", "")
    assert rules.numbered(begin, digits, []) == "jduniexample_00"
    begin, digits = rules.stem({"username_generation_policy": "full_name"}, "jd", "李", "Li")
    assert rules.numbered(begin, digits, []) == "li_00"


def test_generated_names_fit() -> None:
    long = {"username_generation_policy": "full_name"}
    begin, digits = rules.stem(long, "x", "a" * 150, "b" * 150)
    assert len(rules.numbered(begin, digits, [])) == rules.USERNAME_LENGTH
    prefix = {"username_generation_policy": "anonymized", "username_anonymized_prefix": "p" * 300}
    begin, digits = rules.stem(prefix, "x", "", "")
    assert len(rules.numbered(begin, digits, [])) == rules.USERNAME_LENGTH


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("", True),
        ("https://docs.example.com/validation-requirements", True),
        ("http://x.example/?a=b#c", True),
        ("javascript:alert(1)", False),
        ("ftp://x.example/", False),
        ("//x.example/", False),
        ("https://", False),
        ("https://x.example/a b", False),
        ("https://[::1", False),
        ("nonsense", False),
        ("https://x.example/" + "a" * 200, False),
    ],
)
def test_links_for_people(url: str, fine: bool) -> None:
    assert (rules.url_problem(url) is None) is fine


PERSON = {
    "full_name": "Jo Doe",
    "first_name": "Jo",
    "last_name": "Doe",
    "email": "jo@example.org",
    "username": "jo",
    "birth_date": date(2000, 1, 31),
    "affiliations": ["staff"],
    "nationalities": [],
    "phone_number": "",
    "gender": None,
}


def test_an_offering_knows_what_it_sees_and_nothing_blank() -> None:
    seen = rules.attributes(PERSON, ["full_name", "birth_date", "affiliations", "nationalities", "gender"])
    assert seen == {
        "full_name": "Jo Doe",
        "first_name": "Jo",
        "last_name": "Doe",
        "birth_date": "2000-01-31",
        "affiliations": ["staff"],
    }


def test_without_a_choice_an_offering_sees_name_address_and_account() -> None:
    assert rules.exposed(None) == ["full_name", "email", "username"]


def test_offerings_hear_of_what_they_see() -> None:
    assert rules.touched(["last_name", "full_name", "phone_number"], ["full_name"]) == [
        "full_name",
        "last_name",
    ]
    assert rules.touched(["phone_number"], ["full_name", "email"]) == []
