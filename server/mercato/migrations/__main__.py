"""For developers: `python -m mercato.migrations new "what changes"` writes the next revision."""

from __future__ import annotations

import argparse
import sys

from mercato.migrations import CannotMigrate
from mercato.migrations.new import new_revision


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m mercato.migrations", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    new = commands.add_parser("new", help="write a revision from the difference to the declared tables")
    new.add_argument("message", help="what changes, in a few words")
    try:
        file = new_revision(parser.parse_args().message)
    except CannotMigrate as error:
        print(error, file=sys.stderr)
        return 1
    print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
