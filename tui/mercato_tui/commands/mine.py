"""What belongs to oneself: SSH keys, keys for programs, notices."""

from __future__ import annotations

import click

from mercato.schemas import identity, notices
from mercato_tui.commands.nouns import Act, Noun, group
from mercato_tui.commands.printing import Column, when

SSH_KEYS = Noun(
    name="ssh-keys",
    one="key",
    help="My SSH keys.",
    list=identity.KEYS,
    detail=identity.KEY,
    names=("name",),
    columns=(
        Column("NAME", "name"),
        Column("TYPE", "type"),
        Column("FINGERPRINT", "fingerprint_sha256"),
        Column("UUID", "uuid"),
    ),
    sort="name",
    empty='No SSH keys. Add one with `mercato ssh-keys add --public-key "$(cat ~/.ssh/id_ed25519.pub)"`.',
    acts=(
        Act("add", identity.KEY_CREATE, "Add a public key.", "Added: {name}."),
        Act("remove", identity.KEY_DELETE, "Remove a key.", "{name} is removed.", asks="Remove {name}?"),
    ),
)
ACCESS_TOKENS = Noun(
    name="access-tokens",
    one="token",
    help="My keys for programs.",
    list=identity.TOKENS,
    detail=identity.TOKEN,
    names=(),
    columns=(
        Column("NAME", "name"),
        Column("BEGINS", "token_prefix"),
        Column("MAY", "scopes"),
        Column("ENDS", "expires_at", when),
        Column("LAST USED", "last_used_at", when),
        Column("UUID", "uuid"),
    ),
    empty="No keys for programs.",
    acts=(
        Act(
            "create",
            identity.TOKEN_CREATE,
            "Make a key; it is shown this once.",
            "{token}",
        ),
        Act("rotate", identity.TOKEN_ROTATE, "A new key in its place; it is shown this once.", "{token}"),
        Act(
            "revoke",
            identity.TOKEN_DELETE,
            "Let it open nothing any more.",
            "{name} is revoked.",
            asks="Revoke {name}? Programs that use it stop working.",
        ),
    ),
)
NOTICES = Noun(
    name="notices",
    one="notice",
    help="What I was told.",
    list=notices.NOTICES,
    detail=None,
    label="text",
    names=(),
    columns=(Column("WHEN", "created", when), Column("WHAT", "text"), Column("READ", "read_at", when)),
    empty="Nothing new.",
    acts=(Act("read-all", notices.READ_ALL, "Note that I have read them.", "All read."),),
)
COMMANDS: dict[str, click.Command] = {
    "ssh-keys": group(SSH_KEYS),
    "access-tokens": group(ACCESS_TOKENS),
    "notices": group(NOTICES),
}
