"""SSH keys: what is accepted, how it is recognised (as ssh-keygen prints it), whose it is."""

from __future__ import annotations

from typing import Any

import pytest

from mercato.identity import ssh
from world import BASE, World

pytestmark = pytest.mark.http

KEYS = "/api/keys/"
ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGBxmy8nYaWyQmNR5saVOx36Jd8BJMXIZFGmvFQDZNov jo@laptop"
RSA = (
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC0++YyWiy3IiIEKURm1zkO5vS8VTw5aHASVfqLu84uKGBl8oPTRO"
    "6jlPqAc/yX8bCiPetDdgHhHxtbVpJgSWaRY7ViCMK4TpQS6vnH5fzb28X/K70VjazH6S6AH9VqRaX2ssHa+EzrM5a2"
    "7rJzMcc2lgIarBCHB+6LosuBzHGGQXGnlLTf/4bZixBaqmsrioDmtBSnzJ9ESZuo82oDoqj3aMduATaMl3j6hPfgkA"
    "tWhvn1LlhkkoQgwnU+CF4ENzHzVCtsKpB7zPQVa9yuZz+gAk0DG+/TraI1tfJLE8AyCR9uRBjV0PS34R3HwhwTceun"
    "ziZiyG4zbiXoQXTjhlZN jo@laptop"
)
SHORT_RSA = (
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDHiz8KizjuVNDOAaW0iNGf+AlHhN3KmfRc3qpMuAUwmKsgRXgnGg"
    "zBEwG51v8hTNVQe5n2+6EiNldWNo2qPrZv9bpqugLQIyuWDoWZOAtq4HdxA2FVBwPsZmYKDLPMOy7KPQ7EjIiTFwO0"
    "bj6XyOCkssulf8YJnHEu5O5AezMALw== jo@laptop"
)
ECDSA = (
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBLaxYa4c+4tRmis1st"
    "3t1e2D7RcCZ49XLkeymDa9M7KNbtG8C+JBZFo7XaKRFfStf1momo/3qvPUggeEBuu3LL8= jo@laptop"
)


@pytest.mark.parametrize(
    ("line", "kind", "md5", "sha256", "sha512"),
    [
        (
            ED25519,
            "ssh-ed25519",
            "56:2a:f0:2e:45:5a:7c:fe:bf:b7:b6:b9:cb:38:48:8b",
            "SHA256:S0q1vfkjvI53vYVfZ/LSvyE5VtERWfz2OhTV9dpFUUs",
            "SHA512:+Y976vi11u/Su4eJPUE7ibXIWyqD5LWC90baDH1cHFUHDeHqUqU7GKabRoABmT84+BXLUTjVvVVXiWaUr+19rw",
        ),
        (
            RSA,
            "ssh-rsa",
            "03:42:72:ef:7f:da:77:85:c9:ce:b2:a7:75:0c:1d:dc",
            "SHA256:BiEYPU9nNP2fL73xui8wlf8w4X+0aLakpu+2ojiZJv8",
            "SHA512:R7zyP9D/p43gnA/5w4Sd/3x+irsU5+L3LPbF1ohpXK3PyTKe0SozSyMvRax/XLkMk0wXCWG7Rvr75vAokQMysA",
        ),
        (
            ECDSA,
            "ecdsa-sha2-nistp256",
            "06:4b:f1:e0:6b:bc:65:17:c7:fd:0a:db:65:f1:cf:2b",
            "SHA256:mBBWJRKiOZIEKmF7Ym/hENqaopWlt0y1ioJ8O3QifYU",
            "SHA512:7wg79DenHCX41WZkPIdiA6hRxajP0XG422bVbF3a2lsnpDrSxMWNV3OuSnzekk2CHLSFSXkg4QYXqIVHAGu8QQ",
        ),
    ],
)
def test_fingerprints_are_those_of_ssh_keygen(
    line: str, kind: str, md5: str, sha256: str, sha512: str
) -> None:
    key = ssh.parse(f"  {line}\n")
    assert (key.type, key.comment, key.text) == (kind, "jo@laptop", line)
    assert (key.md5, key.sha256, key.sha512) == (md5, sha256, sha512)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "nonsense",
        "ssh-ed25519",
        "ssh-ed25519 !!!!",
        "ssh-dss AAAAB3NzaC1kc3MAAACBAP",
        f"{ED25519}\n{RSA}",
        ED25519.replace("ssh-ed25519", "ssh-rsa", 1),
        ED25519[:60],
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",
        SHORT_RSA,
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=",
        f'command="rm -rf /" {ED25519}',
    ],
)
def test_what_is_no_key_or_a_weak_one_is_refused(line: str) -> None:
    with pytest.raises(ssh.BadKeyError):
        ssh.parse(line)


async def test_a_key_is_added_found_and_removed(world: World) -> None:
    made = await world.must("owner", "POST", KEYS, {"public_key": ED25519, "name": "work"}, 201)
    assert made == {
        "url": f"{BASE}{KEYS}{made['uuid']}/",
        "uuid": made["uuid"],
        "name": "work",
        "type": "ssh-ed25519",
        "public_key": ED25519,
        "fingerprint_md5": "56:2a:f0:2e:45:5a:7c:fe:bf:b7:b6:b9:cb:38:48:8b",
        "fingerprint_sha256": "SHA256:S0q1vfkjvI53vYVfZ/LSvyE5VtERWfz2OhTV9dpFUUs",
        "fingerprint_sha512": (
            "SHA512:+Y976vi11u/Su4eJPUE7ibXIWyqD5LWC90baDH1cHFUHDeHqUqU7GKabRoABmT84+BXLUTjVvVVXiWaUr+19rw"
        ),
        "user_uuid": world.ids["owner"],
        "is_shared": False,
    }
    unnamed = await world.must("owner", "POST", KEYS, {"public_key": RSA}, 201)
    assert unnamed["name"] == "jo@laptop"
    for query, found in (
        ("", ["jo@laptop", "work"]),
        ("name=WOR", ["work"]),
        ("name_exact=Work", []),
        ("fingerprint_md5=56:2a:f0:2e:45:5a:7c:fe:bf:b7:b6:b9:cb:38:48:8b", ["work"]),
        ("fingerprint_sha256=S0q1vfkjvI53vYVfZ/LSvyE5VtERWfz2OhTV9dpFUUs", ["work"]),
        ("fingerprint_sha256=SHA256:S0q1vfkjvI53vYVfZ/LSvyE5VtERWfz2OhTV9dpFUUs", ["work"]),
        (f"user_uuid={world.ids['manager']}", []),
        ("o=-name", ["work", "jo@laptop"]),
    ):
        rows = await world.must("owner", "GET", f"{KEYS}?{query}")
        assert [row["name"] for row in rows] == found, query
    await world.must("owner", "DELETE", f"{KEYS}{made['uuid']}/", status=204)
    assert (await world.get("owner", f"{KEYS}{made['uuid']}/")).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"public_key": "nonsense"}, "public_key"),
        ({"public_key": SHORT_RSA}, "public_key"),
        ({}, "public_key"),
        ({"public_key": ED25519, "name": "x" * 151}, "name"),
    ],
)
async def test_keys_that_cannot_be(world: World, body: dict[str, Any], field: str) -> None:
    answer = await world.post("owner", KEYS, body)
    assert (answer.status_code, list(answer.json())) == (400, [field])


async def test_the_same_key_twice_is_refused_but_others_may_have_it(world: World) -> None:
    await world.must("owner", "POST", KEYS, {"public_key": ED25519}, 201)
    again = await world.post("owner", KEYS, {"public_key": ED25519.replace("jo@laptop", "other name")})
    assert (again.status_code, list(again.json())) == (400, ["public_key"])
    await world.must("manager", "POST", KEYS, {"public_key": ED25519}, 201)


async def test_keys_are_their_owners(world: World) -> None:
    path = KEYS + (await world.must("owner", "POST", KEYS, {"public_key": ED25519}, 201))["uuid"] + "/"
    for who, seen in (("manager", 404), ("stranger", 404), ("support", 200), ("staff", 200)):
        assert (await world.get(who, path)).status_code == seen, who
    for who, status in (("manager", 404), ("support", 403), ("staff", 204)):
        assert (await world.ask(who, "DELETE", path)).status_code == status, who
