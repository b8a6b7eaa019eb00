"""What a resource of the demo is, and the resources of the institute whose people the visitor may be."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from mercato.demo.dates import When
from mercato.demo.measures import Flow, Stock, Use


class Change(Struct, frozen=True):
    """A later order: other limits, another plan, or (neither given) the end."""

    when: When
    by: str
    limits: dict[str, int] = {}
    plan: str = ""
    comment: str = ""


class Life(Struct, frozen=True):
    """A resource from its order on: who asked for it and where, what it is, what it uses in a month.

    `found` is what its provider tells about it once it is there: backend id and metadata; `endpoints` are
    (name, address). `starts_after`: days that it waited for a start date.
    """

    name: str
    project: str
    offering: str
    plan: str
    by: str
    born: When
    limits: dict[str, int] = {}
    form: dict[str, Any] = {}
    uses: dict[str, Use] = {}
    backend: str = ""
    found: dict[str, Any] = {}
    endpoints: tuple[tuple[str, str], ...] = ()
    changes: tuple[Change, ...] = ()
    comment: str = ""
    starts_after: int = 0


CARBON, DRONES, TWIN = "Deep-Sea Carbon Observatory", "Coastal Drone Survey", "Ocean Twin 2.0"
GENOMES, CELLS = "Baltic Population Genomics", "Single-Cell Atlas"
ENSEMBLE, SNOW = "Seasonal Forecast Ensemble", "Alpine Snowpack Reanalysis"
BATTERY, CAMPUS = "Solid-State Battery Screening", "Campus Learning Platform"

HPC, ARCHIVE, SUPPORT, NOTEBOOKS = (
    "Borealis HPC Allocation",
    "Borealis Tape Archive",
    "Scientific Software Support",
    "GPU Notebook Hub",
)
VPC, KUBERNETES, POOL = "Virtual Private Cloud", "Managed Kubernetes", "Research Compute Pool"
OBJECTS, POSTGRES = "Object Storage", "Managed PostgreSQL"
LICENCES, SERVER = "Numeris Statistics Suite", "Campus Virtual Server"

# Who approves for the customer what those ask for who may not decide themselves.
OWNERS = {
    **dict.fromkeys((CARBON, DRONES, TWIN), "helena"),
    **dict.fromkeys((GENOMES, CELLS), "kadri"),
    **dict.fromkeys((ENSEMBLE, SNOW), "camille"),
    BATTERY: "viktoria",
    CAMPUS: "anselm",
}
DECIDE_THEMSELVES = frozenset({"helena", "rasmus", "camille", "viktoria", "anselm", "tjark"})

# Who approves for the provider, and the agent that does the work where it is not the approval itself.
PROVIDERS = {
    **dict.fromkeys((ARCHIVE, SUPPORT, NOTEBOOKS), "pekka"),
    HPC: "sanni",
    **dict.fromkeys((VPC, KUBERNETES, POOL, OBJECTS, POSTGRES), "luka"),
    **dict.fromkeys((LICENCES, SERVER), "friederike"),
}
AGENTS = {HPC: "borealis-agent"}

MARINE = (
    Life(
        "carbon-portal", CARBON, VPC, "Standard", "leonor", When(13, 4),
        {"cpu": 8, "ram": 32},
        {"region": "Ljubljana", "subnet_cidr": "10.20.0.0/22", "public_addresses": 2, "backup": True},
        {"cpu": Stock(7, 2), "ram": Stock(26, 2), "storage": Stock(900, 5), "network": Flow(340, 4)},
        "anc-carbon-portal",
        {"gateway": "gw1.carbon.adria.example", "region": "lju-1", "vlan": 2017},
        (
            ("Console", "https://console.adria.example/projects/anc-carbon-portal"),
            ("SSH gateway", "ssh debian@gw1.carbon.adria.example"),
            ("Public portal", "https://carbon.aime.example"),
        ),
        (
            Change(When(9, 12), "leonor", {"cpu": 16, "ram": 64}, comment="Public launch of the portal"),
            Change(When(3, 5), "leonor", {"cpu": 12, "ram": 48}, comment="The load tests are over"),
        ),
        "Portal and data services of the observatory",
    ),
    Life(
        "carbon-archive", CARBON, OBJECTS, "Pay per use", "helena", When(13, 6), {},
        {"region": "Koper", "versioning": True, "monthly_budget": 250},
        {"storage": Stock(4200, 6), "requests": Flow(3, 5)},
        "aime-carbon", {"region": "kop-1"},
        (("S3", "s3://aime-carbon"), ("S3 endpoint", "https://s3.adria.example")),
    ),
    Life(
        "carbon-flux-model", CARBON, HPC, "Academic", "tomas", When(12, 3),
        {"cpu_hours": 400000, "gpu_hours": 2000, "quota": 8000},
        {
            "principal_investigator": "Helena Valadar",
            "research_field": "Earth and environment",
            "software": ["NEMO", "Own code"],
            "abstract": "Particle transport below 2000 m on a 1/36 degree grid, five scenarios of 20 years.",
        },
        {"cpu_hours": Flow(36000, 1), "gpu_hours": Flow(190), "quota": Stock(3900, 6, "life")},
        "aime-flux",
        {"partition": "standard", "directory": "/project/aime-flux"},
        (
            ("Login nodes", "ssh login.borealis.example"),
            ("Data mover", "sftp://data.borealis.example/project/aime-flux"),
            ("Job statistics", "https://my.borealis.example/accounts/aime-flux"),
        ),
        (
            Change(
                When(6, 10), "tomas", {"cpu_hours": 550000, "gpu_hours": 4000, "quota": 12000},
                comment="Two more scenarios, asked for by the reviewers",
            ),
        ),
        "Year two of the observatory; see the project's data management plan",
    ),
    Life(
        "mooring-tapes", CARBON, ARCHIVE, "Two sites", "leonor", When(8, 11),
        {"storage": 40},
        {"checksum": "SHA-256"},
        {"storage": Stock(26, 5, "quarter"), "retrieval": Flow(2)},
        "bhc-arch-0117", {"sites": "Oulu, Kajaani"},
        (("S3", "https://archive.borealis.example/bhc-arch-0117"),),
        (Change(When(4, 17), "leonor", {"storage": 60}, comment="Moorings 7 to 9 are back on shore"),),
    ),
    Life(
        "drone-imagery", DRONES, POOL, "Basic", "leonor", When(10, 7),
        {"cpu": 2400, "ram": 384, "storage": 1500},
        {"instance_type": "High memory", "region": "EU-West", "cost_centre": "AIME-4410"},
        {"cpu": Flow(1700, 3), "ram": Stock(240, 1), "storage": Stock(760, 6)},
        "pool-2210", {},
        (("Pool", "https://pool.adria.example/t/pool-2210"),),
        (
            Change(When(5, 9), "leonor", plan="Professional", comment="We compute every month now"),
            Change(When(2, 12), "leonor", {"cpu": 3600, "storage": 2000}, comment="Third season"),
        ),
    ),
    Life(
        "survey-db", DRONES, POSTGRES, "Small", "leonor", When(9, 14),
        {"storage": 60},
        {"version": "16", "extensions": ["PostGIS"], "maintenance_time": "04:30"},
        {"storage": Stock(41, 9), "backup": Stock(25, 5)},
        "pg-survey", {"primary": "lju-1a", "standby": "lju-1c"},
        (("Database", "postgresql://pg-survey.db.adria.example:5432/main"),),
        (Change(When(4, 6), "leonor", {"storage": 120}, comment="Orthophotos of all seasons"),),
    ),
    Life(
        "marine-statistics", CARBON, LICENCES, "Consortium", "helena", When(6, 2),
        {"users": 25, "admins": 2, "support": 6},
        {"directory": "LDAP", "contact": "Duarte Pimentel", "training": True},
        {"users": Stock(17, 3, "quarter"), "support": Flow(2), "training": Flow(8, courses=True)},
        "NUM-20311", {"licence_server": "lic3.rheinau.example"},
        (("Licence portal", "https://software.rheinau.example/portal"),),
    ),
)  # fmt: skip
