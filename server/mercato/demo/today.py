"""The last days of the story: what went wrong, what waits for whom, what is being worked on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from mercato.demo import acts
from mercato.demo.dates import Dates, When
from mercato.demo.lives import (
    AGENTS,
    BATTERY,
    CARBON,
    CELLS,
    DECIDE_THEMSELVES,
    ENSEMBLE,
    GENOMES,
    HPC,
    KUBERNETES,
    LICENCES,
    NOTEBOOKS,
    OBJECTS,
    OWNERS,
    POOL,
    POSTGRES,
    PROVIDERS,
    SNOW,
    TWIN,
    VPC,
    Change,
    Life,
)
from mercato.demo.stage import Act

# Resources that broke, and how many days ago.
BROKEN = {"reanalysis-portal": 2}
NOW = When(0, 1)


def acts_of(dates: Dates) -> Iterator[Act]:
    yield from _refused(dates)
    yield from _waiting_for_customers(dates)
    yield from _waiting_for_providers(dates)
    yield from _waiting_for_dates(dates)
    yield from _under_way(dates)
    yield from _broken(dates)


def _new(
    name: str,
    project: str,
    offering: str,
    plan: str,
    by: str,
    limits: dict[str, int],
    comment: str = "",
    **form: object,
) -> Life:
    return Life(name, project, offering, plan, by, NOW, limits, form, comment=comment)


def _asked(life: Life, at: datetime) -> Iterator[Act]:
    """Ordered, and approved by the customer half an hour later if need be."""
    yield Act(at, life.by, acts.ordered(life))
    yield from _agreed(life.name, life.project, life.by, at)


def _agreed(name: str, project: str, by: str, at: datetime) -> Iterator[Act]:
    if by not in DECIDE_THEMSELVES:
        yield Act(at + timedelta(minutes=30), OWNERS[project], acts.approved_by_customer(name))


def _refused(dates: Dates) -> Iterator[Act]:
    """Orders that came to nothing, each in its own way."""
    exports = _new(
        "donor-exports",
        GENOMES,
        VPC,
        "Standard",
        "liisa",
        {"cpu": 16, "ram": 128},
        region="Koper",
        backup=False,
    )
    at = dates.at(When(4, 12), 10)
    yield from _asked(exports, at)
    reason = (
        "We cannot host personal genome data outside the dedicated hosts. Please choose the plan "
        "'Dedicated hosts' and attach the data processing agreement to your request."
    )
    yield Act(at + timedelta(days=1), "luka", acts.rejected_by_provider(exports.name, reason))

    notebooks = _new(
        "flux-notebooks", CARBON, NOTEBOOKS, "Pay as you go", "leonor", {}, environment="Geospatial"
    )
    at = dates.at(When(3, 8), 10)
    yield Act(at, notebooks.by, acts.ordered(notebooks))
    reason = "The allocation carbon-flux-model has GPU hours left this year: please use those first."
    yield Act(at + timedelta(hours=5), "helena", acts.rejected_by_customer(notebooks.name, reason))

    copy = _new("portal-copy", CARBON, VPC, "Standard", "tomas", {"cpu": 4, "ram": 16}, region="Koper")
    at = dates.at(When(3, 17), 15)
    yield Act(at, copy.by, acts.ordered(copy))
    yield Act(at + timedelta(minutes=50), copy.by, acts.cancelled(copy.name))

    downscaling = _new(
        "ml-downscaling", SNOW, HPC, "Academic", "bastien",
        {"cpu_hours": 40000, "gpu_hours": 60000, "quota": 20000},
        principal_investigator="Noémie Vassereau", research_field="Earth and environment", software=["PyTorch"],
    )  # fmt: skip
    at = dates.at(When(2, 6), 10)
    yield from _asked(downscaling, at)
    yield Act(at + timedelta(days=1), "sanni", acts.approved_by_provider(downscaling.name))
    message = (
        "Account ccd-mldown could not be created: partition gpu-large has 31 200 GPU hours left this year,"
        " 60 000 were asked for. Order fewer hours, or write to servicedesk@borealis.example."
    )
    trace = "sacctmgr: error: GrpTRESMins=gres/gpu=3600000 exceeds the limit of parent account eu-climate"
    failure = acts.failed(downscaling.name, message, trace)
    yield Act(at + timedelta(days=1, minutes=25), AGENTS[HPC], failure)


def _waiting_for_customers(dates: Dates) -> Iterator[Act]:
    """What waits for the owners' approval."""
    apps = _new(
        "portal-apps", CARBON, KUBERNETES, "Production", "leonor", {"volumes": 250},
        "The portal outgrows its virtual machines; this replaces two of them.",
        version="1.33", max_workers=4, domain="apps.carbon.aime.example",
    )  # fmt: skip
    yield Act(dates.before(days=1, hours=3), "leonor", acts.ordered(apps))
    more = Change(NOW, "tomas", {"gpu_hours": 6000}, comment="Surrogate model for the last scenario")
    flux = _new("carbon-flux-model", CARBON, HPC, "Academic", "tomas", {})
    yield Act(dates.before(hours=5), "tomas", acts.changed(flux, more))
    series = _new(
        "flux-timeseries", CARBON, POSTGRES, "Small", "leonor", {"storage": 40},
        "For the sensor streams of moorings 7 to 9", version="17", extensions=["TimescaleDB"],
    )  # fmt: skip
    yield Act(dates.before(minutes=45), "leonor", acts.ordered(series))
    bucket = _new("atlas-downloads", CELLS, OBJECTS, "Pay per use", "liisa", {}, region="Koper")
    yield Act(dates.before(hours=7), "liisa", acts.ordered(bucket))


def _waiting_for_providers(dates: Dates) -> Iterator[Act]:
    """What lies in the providers' inboxes."""
    annotation = _new(
        "variant-annotation", GENOMES, VPC, "Dedicated hosts", "rasmus", {"cpu": 32, "ram": 256},
        "Must be up before the consortium meeting", region="Ljubljana", subnet_cidr="10.31.8.0/24",
    )  # fmt: skip
    yield from _asked(annotation, dates.before(days=2, hours=1))
    verification = _new(
        "verification-db", ENSEMBLE, POSTGRES, "Medium", "bastien", {"storage": 150}, version="17",
        extensions=["PostGIS", "TimescaleDB"],
    )  # fmt: skip
    yield from _asked(verification, dates.before(days=1, hours=2))
    more = Change(NOW, "emil", {"cpu": 36000}, comment="Two more electrolyte families until the summer")
    pool = _new("screening-pool", BATTERY, POOL, "Professional", "emil", {})
    at = dates.before(hours=20)
    yield Act(at, "emil", acts.changed(pool, more))
    yield from _agreed(pool.name, BATTERY, "emil", at)
    space = Change(NOW, "liisa", {"volumes": 2000}, comment="Third million of cells")
    cluster = _new("atlas-cluster", CELLS, KUBERNETES, "Production", "liisa", {})
    at = dates.before(hours=4)
    yield Act(at, "liisa", acts.changed(cluster, space))
    yield from _agreed(cluster.name, CELLS, "liisa", at)
    anode = _new(
        "anode-screening", BATTERY, HPC, "Industry", "viktoria",
        {"cpu_hours": 250000, "gpu_hours": 0, "quota": 4000},
        principal_investigator="Emil Hruschka", research_field="Chemistry and materials", software=["CP2K"],
    )  # fmt: skip
    yield from _asked(anode, dates.before(hours=6))
    statistics = _new(
        "lab-statistics", GENOMES, LICENCES, "Consortium", "rasmus", {"users": 12, "admins": 1, "support": 4},
        directory="LDAP", contact="Kadri Tammeorg", training=True,
    )  # fmt: skip
    yield from _asked(statistics, dates.before(days=2, hours=5))


def _waiting_for_dates(dates: Dates) -> Iterator[Act]:
    """What waits for the start of a project, or for its own day."""
    prototype = _new(
        "twin-prototype", TWIN, POOL, "Professional", "helena", {"cpu": 8000, "ram": 1024, "storage": 6000},
        "To be there on the first day of the project", instance_type="High memory", region="EU-West",
    )  # fmt: skip
    yield from _asked(prototype, dates.before(days=4))
    twin = _new("twin-data", TWIN, OBJECTS, "Pay per use", "leonor", {}, region="Ljubljana", versioning=True)
    yield from _asked(twin, dates.before(days=3))
    opening = _new(
        "ensemble-open-data", ENSEMBLE, OBJECTS, "Pay per use", "camille", {}, "From the day of the press release",
        region="Koper",
    )  # fmt: skip
    yield Act(dates.before(days=3, hours=4), "camille", acts.ordered(opening, dates.ahead(9)))
    yield Act(dates.before(days=2, hours=4), PROVIDERS[OBJECTS], acts.approved_by_provider(opening.name))


def _under_way(dates: Dates) -> Iterator[Act]:
    """What the agent at the supercomputer works on right now."""
    reads = _new(
        "long-reads", GENOMES, HPC, "Academic", "rasmus", {"cpu_hours": 150000, "gpu_hours": 3000, "quota": 16000},
        principal_investigator="Liisa Oravas", research_field="Life sciences", software=["Own code"],
    )  # fmt: skip
    yield from _asked(reads, dates.before(days=1))
    yield Act(dates.before(minutes=50), "sanni", acts.approved_by_provider(reads.name))

    larger = Change(
        NOW, "camille", {"gpu_hours": 18000}, comment="Neural post-processing becomes operational"
    )
    ensemble = _new("ensemble-51", ENSEMBLE, HPC, "Academic", "camille", {})
    yield Act(dates.before(days=1, hours=1), "camille", acts.changed(ensemble, larger))
    yield Act(dates.before(minutes=70), "sanni", acts.approved_by_provider(ensemble.name))

    end = Change(NOW, "rasmus", comment="The pilot is finished; results are in the archive")
    pilot = _new("atlas-pilot", CELLS, HPC, "Academic", "rasmus", {})
    yield Act(dates.before(days=1, hours=2), "rasmus", acts.changed(pilot, end))
    yield Act(dates.before(hours=2), "sanni", acts.approved_by_provider(pilot.name))


def _broken(dates: Dates) -> Iterator[Act]:
    """What providers have trouble with."""
    reason = (
        "The hub is moved to new accelerators; running notebooks are not affected. Back in about two weeks."
    )
    yield Act(dates.before(days=9), "pekka", acts.moved(NOTEBOOKS, "pause", reason))
    message = (
        "Hypervisor kop-h17 has failed; two machines are being restarted from last night's snapshots."
        " Follow https://status.adria.example for news."
    )
    trace = "nova.exception.ComputeHostNotFound: Compute host kop-h17 could not be found."
    for name, days in BROKEN.items():
        yield Act(dates.before(days=days), PROVIDERS[VPC], acts.broken(name, message, trace))
