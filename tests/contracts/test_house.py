"""The house rules, executable: where things may stand, how long they may be, what they may touch."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mercato.access.rules import PUBLIC, SIGNED_IN, STAFF, STAFF_OR_SUPPORT, unheld
from mercato.config import Settings
from mercato.schemas.permissions import Permission
from mercato.web.app import all_routes

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[2]
SOURCES = [ROOT / "server" / "mercato", ROOT / "tui" / "mercato_tui", ROOT / "plugins"]
LONGEST_FILE, LONGEST_FUNCTION = 400, 50
# Who may look at the clock; the worker and the connector measure real time, not the market's.
CLOCK = {"mercato/kernel/clock.py"}
PUBLIC_PATHS = {
    "/api-auth/password/",
    "/api-auth/first-administrator/",
    "/api/version/",
    "/api/configuration/",
    "/health/",
    "/health/live/",
    "/health/ready/",
    "/api/marketplace-categories/",
    "/api/marketplace-categories/{uuid}/",
    "/api/marketplace-categories/{uuid}/icon/",
    "/api/marketplace-category-groups/",
    "/api/marketplace-category-groups/{uuid}/",
    "/api/marketplace-category-groups/{uuid}/icon/",
    "/api/marketplace-public-offerings/",
    "/api/marketplace-public-offerings/{uuid}/",
    "/api/marketplace-public-offerings/{uuid}/image/",
    "/api/marketplace-public-offerings/{uuid}/plans/",
    "/api/marketplace-public-offerings/{uuid}/plans/{plan_uuid}/",
    "/api/marketplace-public-offerings/{uuid}/thumbnail/",
    "/api/marketplace-public-plans/",
    "/api/marketplace-public-plans/{uuid}/",
    "/api/marketplace-screenshots/",
    "/api/marketplace-screenshots/{uuid}/",
    "/api/marketplace-screenshots/{uuid}/image/",
}


def files() -> Iterator[Path]:
    for source in SOURCES:
        # Revisions are generated from the tables and never edited.
        yield from (f for f in source.rglob("*.py") if not {"_bundled", "versions"} & set(f.parts))


def name_of(file: Path) -> str:
    for root in (ROOT / "server", ROOT / "tui", ROOT):
        if file.is_relative_to(root):
            return file.relative_to(root).as_posix()
    return str(file)


def trees() -> Iterator[tuple[str, ast.Module]]:
    for file in files():
        yield name_of(file), ast.parse(file.read_text())


def test_files_stay_short() -> None:
    long = {name_of(f): n for f in files() if (n := len(f.read_text().splitlines())) > LONGEST_FILE}
    assert long == {}


def test_functions_stay_short() -> None:
    long = {
        f"{name}:{node.name}": node.end_lineno - node.lineno + 1
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    }
    assert long == {}


def test_only_the_clock_reads_the_clock() -> None:
    readers = set()
    for name, tree in trees():
        if name in CLOCK or not name.startswith("mercato/"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and (
                (
                    node.attr in ("now", "utcnow", "today")
                    and ast.unparse(node.value) in ("datetime", "date", "dt")
                )
                or ast.unparse(node) == "time.time"
            ):
                readers.add(name)
    assert readers == set()


def test_only_the_kernel_commits() -> None:
    committers = {
        name
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
        and not name.startswith(("mercato/kernel/", "mercato/migrations/", "mercato/demo/"))
    }
    assert committers == set()


def test_decimals_are_never_compared_sorted_or_summed_in_sql() -> None:
    from mercato.kernel.columns import ExactDecimal, metadata
    from mercato.rooms import import_tables

    import_tables()
    exact = {c.name for t in metadata.tables.values() for c in t.columns if isinstance(c.type, ExactDecimal)}
    wrong = []
    for name, tree in trees():
        for node in ast.walk(tree):
            sums = isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "func.sum",
                "func.max",
                "func.min",
            )
            # `price` is exact in the catalogue and minor units on invoices, where it is summed.
            if sums and any(ast.unparse(a).rsplit(".", 1)[-1] in exact - {"price"} for a in node.args):
                wrong.append((name, ast.unparse(node)))
            if isinstance(node, ast.Compare) and not isinstance(
                node.ops[0], ast.Eq | ast.NotEq | ast.Is | ast.In
            ):
                left = ast.unparse(node.left)
                if ".c." in left and left.rsplit(".", 1)[-1] in exact:
                    wrong.append((name, ast.unparse(node)))
    assert wrong == []


def test_import_contracts_hold() -> None:
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as c; c()",
        "--no-cache",
    ]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_app_loads_no_server_module() -> None:
    code = (
        "import sys; import mercato_tui.app; "
        "print([m for m in ('litestar', 'sqlalchemy', 'procrastinate', 'mercato.kernel') if m in sys.modules])"
    )
    env = {"PYTHONPATH": f"{ROOT / 'server'}:{ROOT / 'tui'}", "PATH": ""}
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, env=env)
    assert done.stdout.strip() == "[]", done.stderr


def test_every_route_says_what_it_needs() -> None:
    routes = all_routes(Settings())
    known = {PUBLIC, SIGNED_IN, STAFF, STAFF_OR_SUPPORT, *Permission}
    assert [r.endpoint.path for r in routes if r.needs not in known] == []
    assert {r.endpoint.path for r in routes if r.needs == PUBLIC} == PUBLIC_PATHS


def test_no_route_needs_a_permission_that_nobody_holds() -> None:
    needed = {r.needs for r in all_routes(Settings()) if isinstance(r.needs, Permission)}
    assert unheld(needed) == set()


def test_no_endpoint_is_mounted_twice_and_all_end_with_a_slash() -> None:
    seen = [(r.endpoint.method, r.endpoint.path) for r in all_routes(Settings())]
    assert len(seen) == len(set(seen))
    assert all(path.endswith("/") for _, path in seen)


def test_every_endpoint_of_the_vocabulary_is_mounted() -> None:
    import mercato.schemas
    from mercato.schemas import Endpoint

    mounted = {(r.endpoint.method, r.endpoint.path) for r in all_routes(Settings())}
    missing = []
    folder = Path(mercato.schemas.__file__).parent
    for file in folder.glob("*.py"):
        module = __import__(f"mercato.schemas.{file.stem}", fromlist=["x"])
        for value in vars(module).values():
            found = value if isinstance(value, tuple) else (value,)
            missing += [
                e.path for e in found if isinstance(e, Endpoint) and (e.method, e.path) not in mounted
            ]
    assert missing == []


def test_every_async_handler_is_a_coroutine_function() -> None:
    from mercato.kernel.http import Route

    class NoDoor:
        """Mounting touches nothing."""

    for route in all_routes(Settings()):
        assert isinstance(route, Route)
        assert inspect.iscoroutinefunction(route.mount(NoDoor(), route))  # type: ignore[arg-type]


def test_the_top_level_is_the_products_card() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=False, capture_output=True, text=True)
    if tracked.returncode:
        pytest.skip("this is no git checkout")
    tops = {line.split("/", 1)[0] for line in tracked.stdout.splitlines()}
    allowed = {"pyproject.toml", "server", "tui", "plugins", "themes", "tests", "README.md", "LICENSE"}
    assert {top for top in tops if not top.startswith(".")} <= allowed


def test_nothing_names_a_machine_or_a_registry() -> None:
    wrong = []
    hosts = ("pypi" + ".org", "files.pythonhosted", "registry.npmjs", "/root/", "/home/runner")
    for file in [*files(), *(ROOT / ".ci").glob("*"), ROOT / "pyproject.toml", ROOT / "README.md"]:
        if file.is_file():
            text = file.read_text(errors="replace")
            wrong += [(name_of(file), host) for host in hosts if host in text]
    assert wrong == []
