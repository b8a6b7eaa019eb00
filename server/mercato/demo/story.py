"""The fourteen months: every resource from its order to today, and what everybody did besides."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import datetime, timedelta

from mercato.demo import acts, lives, neighbours, today
from mercato.demo.dates import MONTHS, Dates, When
from mercato.demo.lives import AGENTS, DECIDE_THEMSELVES, OWNERS, PROVIDERS, Change, Life
from mercato.demo.measures import amount, chance
from mercato.demo.stage import Act, Stage
from mercato.schemas.catalog import OverviewChange
from mercato.schemas.resources import ResourceChange
from mercato.schemas.tenants import ProjectChange

LIVES = (*lives.MARINE, *neighbours.LIVES)
# The owners of the seven organizations.
KEEPERS = ("helena", "rasmus", "camille", "viktoria", "outi", "mojca", "anselm")
# How long people and agents take.
FOR_THE_CUSTOMER = timedelta(hours=2)
BY_THE_AGENT = timedelta(minutes=25)
TO_HAND_OVER = timedelta(minutes=40)


async def tell(stage: Stage, now: datetime) -> None:
    """Let the story happen, from its opening to the present moment `now`."""
    dates = Dates(now)
    await stage.open(dates.opening)
    starts = [
        dates.at(life.born, 7) + timedelta(days=life.starts_after) for life in LIVES if life.starts_after
    ]
    await stage.tell(acts_of(dates), [*dates.turns(), *starts, now])


def acts_of(dates: Dates) -> list[Act]:
    """Everything that everybody did; of what happened at the same moment, the first comes first."""
    told = [*_catalogue(dates), *_usage(dates), *_reviews(dates), *today.acts_of(dates)]
    for life in LIVES:
        told += _life(dates, life)
    return told


def _life(dates: Dates, life: Life) -> Iterator[Act]:
    start = dates.at(life.born) + timedelta(days=life.starts_after) if life.starts_after else None
    order = acts.ordered(life, start.date() if start else None)
    ready = yield from _order(dates, life, life.born, life.by, order)
    provider = AGENTS.get(life.offering, PROVIDERS[life.offering])
    yield Act(max(ready, start or ready) + TO_HAND_OVER, provider, acts.handed_over(life))
    for change in life.changes:
        yield from _order(dates, life, change.when, change.by, acts.changed(life, change))


def _order(dates: Dates, life: Life, when: When, by: str, order: acts.Do) -> Generator[Act, None, datetime]:
    """An order that goes its ordinary way; gives the moment at which it is done."""
    asked = dates.at(when, 7) + timedelta(minutes=chance(f"{life.name} asked {when}", 0, 360))
    yield Act(asked, by, order)
    if by not in DECIDE_THEMSELVES:
        owner = OWNERS[life.project]
        yield Act(asked + FOR_THE_CUSTOMER, owner, acts.approved_by_customer(life.name))
    tomorrow = dates.at(when, 7) + timedelta(days=1)
    approved = tomorrow + timedelta(minutes=chance(f"{life.name} approved {when}", 0, 300))
    yield Act(approved, PROVIDERS[life.offering], acts.approved_by_provider(life.name))
    if life.offering not in AGENTS:
        return approved
    yield Act(approved + BY_THE_AGENT, AGENTS[life.offering], acts.done(life.name))
    return approved + BY_THE_AGENT


def _usage(dates: Dates) -> Iterator[Act]:
    """Every month's last evening the providers report what was used; today what it is so far."""
    for ago, moment in dates.reports():
        for life in LIVES:
            if not _lives(dates, life, moment):
                continue
            born = dates.at(life.born) + timedelta(days=1 + life.starts_after)
            found = {
                type_: amount(use, f"{life.name} {type_}", dates.month(ago), born, moment)
                for type_, use in life.uses.items()
            }
            amounts = {type_: text for type_, text in found.items() if text is not None}
            if amounts:
                reporter = AGENTS.get(life.offering, PROVIDERS[life.offering])
                yield Act(moment, reporter, acts.reported(life.name, amounts))


def _reviews(dates: Dates) -> Iterator[Act]:
    """Within a week owners look who belongs to their organization, where that has come due."""
    for ago in reversed(range(2, MONTHS)):
        for day, owner in enumerate(KEEPERS, 3):
            yield Act(dates.at(When(ago, day), 10), owner, acts.people_reviewed)


def _lives(dates: Dates, life: Life, moment: datetime) -> bool:
    ends = [dates.at(change.when) for change in life.changes if _is_end(change)]
    begun = dates.at(life.born) + timedelta(days=2 + life.starts_after)
    broken = life.name in today.BROKEN and moment >= dates.before(days=today.BROKEN[life.name])
    return begun < moment and not any(end <= moment for end in ends) and not broken


def _is_end(change: Change) -> bool:
    return not change.limits and not change.plan


def _catalogue(dates: Dates) -> Iterator[Act]:
    """What providers did with their offerings, and owners with their projects."""
    first = dates.opening + timedelta(minutes=10)
    texts = OverviewChange(
        documentation_url="https://docs.borealis.example", helpdesk_url="https://help.borealis.example"
    )
    doors = {
        "Login nodes": "ssh login.borealis.example",
        "Data mover": "sftp://data.borealis.example",
        "My account": "https://my.borealis.example",
        "User guide": "https://docs.borealis.example",
    }
    yield Act(first, "pekka", acts.published(lives.HPC, texts, doors))
    texts = OverviewChange(
        documentation_url="https://docs.adria.example", helpdesk_url="https://help.adria.example"
    )
    doors = {"Console": "https://console.adria.example", "API": "https://api.adria.example:5000/v3"}
    yield Act(first, "luka", acts.published(lives.VPC, texts, doors))
    doors = {"S3": "https://s3.adria.example", "Status": "https://status.adria.example"}
    yield Act(first, "luka", acts.published(lives.OBJECTS, texts, doors))
    doors = {"Rancher": "https://rancher.adria.example", "Upgrade calendar": "https://docs.adria.example/k8s"}
    yield Act(first, "luka", acts.published(lives.KUBERNETES, texts, doors))
    yield Act(first, "pekka", acts.moved(lives.NOTEBOOKS, "unpause"))
    yield Act(first, "helena", acts.planned(lives.TWIN, ProjectChange(start_date=dates.ahead(24))))
    yield Act(first, "helena", acts.planned(lives.DRONES, ProjectChange(end_date=dates.ahead(160))))
    yield Act(
        dates.at(When(5, 21)), "mojca", acts.repriced(lives.OBJECTS, "Pay per use", {"storage": "0.019"})
    )
    until = ResourceChange(end_date=dates.ahead(75), description="Courses of this academic year")
    yield Act(dates.at(When(2, 5)), "tjark", acts.described("course-server", until))
