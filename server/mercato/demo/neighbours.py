"""The resources of the other organizations."""

from __future__ import annotations

from mercato.demo.dates import When
from mercato.demo.lives import (
    ARCHIVE,
    BATTERY,
    CAMPUS,
    CELLS,
    ENSEMBLE,
    GENOMES,
    HPC,
    KUBERNETES,
    LICENCES,
    NOTEBOOKS,
    OBJECTS,
    POOL,
    POSTGRES,
    SERVER,
    SNOW,
    SUPPORT,
    VPC,
    Change,
    Life,
)
from mercato.demo.measures import Flow, Stock

GENOMICS = (
    Life(
        "genome-browser", GENOMES, VPC, "Standard", "liisa", When(13, 9),
        {"cpu": 12, "ram": 96},
        {"region": "Ljubljana", "subnet_cidr": "10.31.0.0/24", "public_addresses": 1},
        {"cpu": Stock(9, 4), "ram": Stock(70, 4), "storage": Stock(2600, 4), "network": Flow(820, 3)},
        "anc-genome-browser", {"gateway": "gw.genomes.adria.example"},
        (("SSH gateway", "ssh debian@gw.genomes.adria.example"),),
        (Change(When(7, 15), "liisa", {"cpu": 24, "ram": 160}, comment="Clinicians have begun to use it"),),
    ),
    Life(
        "raw-reads", GENOMES, OBJECTS, "Pay per use", "liisa", When(12, 2), {},
        {"region": "Ljubljana", "versioning": False},
        {"storage": Stock(38000, 4), "requests": Flow(11, 3)},
        "bgi-raw-reads", {},
        (("S3", "s3://bgi-raw-reads"),),
    ),
    Life(
        "imputation", GENOMES, HPC, "Academic", "rasmus", When(11, 16),
        {"cpu_hours": 1200000, "gpu_hours": 0, "quota": 30000},
        {
            "principal_investigator": "Liisa Oravas",
            "research_field": "Life sciences",
            "software": ["Own code"],
            "sensitive_data": True,
        },
        {"cpu_hours": Flow(92000), "quota": Stock(12000, 9, "life")},
        "bgi-impute", {"partition": "protected", "directory": "/protected/bgi-impute"},
        (("Login nodes", "ssh protected.borealis.example"),),
    ),
    Life(
        "atlas-cluster", CELLS, KUBERNETES, "Production", "liisa", When(11, 5),
        {"volumes": 800},
        {"version": "1.32", "max_workers": 12, "domain": "atlas.baltgen.example"},
        {"worker": Flow(2250, 2), "volumes": Stock(520, 11, "life")},
        "k8s-atlas", {"version": "1.33", "region": "lju-1"},
        (("API", "https://k8s-atlas.adria.example:6443"), ("Atlas", "https://atlas.baltgen.example")),
        (Change(When(6, 18), "liisa", {"volumes": 1500}, comment="Second million of cells"),),
    ),
    Life(
        "donor-registry", GENOMES, POSTGRES, "Medium", "liisa", When(10, 20),
        {"storage": 400},
        {"version": "17", "extensions": ["pgvector"]},
        {"storage": Stock(240, 3), "backup": Stock(110, 2)},
        "pg-donors", {},
        (("Database", "postgresql://pg-donors.db.adria.example:5432/main"),),
        (Change(When(3, 14), "liisa", plan="Large", comment="The yearly linkage needs more memory"),),
    ),
    Life(
        "cell-notebooks", CELLS, NOTEBOOKS, "Pay as you go", "liisa", When(9, 3), {},
        {"environment": "Deep learning"},
        {"gpu": Flow(140, 4), "home": Stock(220, 6)},
        "nb-cells", {},
        (("Notebooks", "https://hub.borealis.example/nb-cells"),),
    ),
    Life(
        "atlas-pilot", CELLS, HPC, "Academic", "liisa", When(7, 8),
        {"cpu_hours": 60000, "gpu_hours": 1500, "quota": 2000},
        {"principal_investigator": "Oskar Niinesalu", "research_field": "Life sciences", "software": ["PyTorch"]},
        {"cpu_hours": Flow(5200), "gpu_hours": Flow(130), "quota": Stock(900, 8, "life")},
        "bgi-pilot", {"partition": "gpu", "directory": "/project/bgi-pilot"},
        (("Login nodes", "ssh login.borealis.example"),),
    ),
)  # fmt: skip

CLIMATE = (
    Life(
        "ensemble-51", ENSEMBLE, HPC, "Academic", "bastien", When(13, 3),
        {"cpu_hours": 3000000, "gpu_hours": 12000, "quota": 90000},
        {
            "principal_investigator": "Camille Doriane",
            "research_field": "Earth and environment",
            "software": ["OpenIFS", "NEMO"],
            "abstract": "51 members of the seasonal forecast on the first of every month, with hindcasts.",
        },
        {"cpu_hours": Flow(246000), "gpu_hours": Flow(980, 1), "quota": Stock(52000, 5, "life")},
        "ccd-ens51", {"partition": "large", "directory": "/project/ccd-ens51"},
        (("Login nodes", "ssh login.borealis.example"), ("Products", "https://data.ccd.example/ensemble")),
        comment="Operational: runs must be finished by the tenth of each month",
    ),
    Life(
        "forecast-tapes", ENSEMBLE, ARCHIVE, "Two sites", "camille", When(13, 5),
        {"storage": 100},
        {"checksum": "BLAKE3", "embargo": False},
        {"storage": Stock(78, 5, "quarter"), "retrieval": Flow(6)},
        "bhc-arch-0092", {"sites": "Oulu, Kajaani"},
        (("S3", "https://archive.borealis.example/bhc-arch-0092"),),
        (Change(When(8, 10), "bastien", {"storage": 150}, comment="Hindcasts of 1993 to 2016"),),
    ),
    Life(
        "snow-licences", SNOW, LICENCES, "Consortium", "bastien", When(12, 8),
        {"users": 40, "admins": 2, "support": 10},
        {"directory": "Active Directory", "contact": "Noémie Vassereau"},
        {"users": Stock(33, 3, "quarter"), "support": Flow(3), "training": Flow(11, courses=True)},
        "NUM-20187", {"licence_server": "lic1.rheinau.example"},
        (("Licence portal", "https://software.rheinau.example/portal"),),
        (Change(When(5, 10), "bastien", {"users": 55}, comment="The new doctoral school"),),
    ),
    Life(
        "snow-observations", SNOW, POSTGRES, "Small", "noemie", When(11, 10),
        {"storage": 80},
        {"version": "16", "extensions": ["PostGIS", "TimescaleDB"]},
        {"storage": Stock(52, 4), "backup": Stock(30)},
        "pg-snow", {},
        (("Database", "postgresql://pg-snow.db.adria.example:5432/main"),),
        (Change(When(4, 20), "noemie", comment="Moved to the institute's own server"),),
    ),
    Life(
        "openifs-tuning", ENSEMBLE, SUPPORT, "Standard", "camille", When(9, 12), {},
        {
            "repository": "https://git.ccd.example/ensemble/openifs-51",
            "languages": ["Fortran", "C++"],
            "goal": "Half the time per member on the GPU nodes",
            "call_time": "10:30",
        },
        {"hours": Flow(14)},
        "BHC-SLA-0031", {"engineer": "Ilmari"},
        (("Requests", "mailto:experts@borealis.example"),),
        starts_after=5,
    ),
    Life(
        "forecast-services", ENSEMBLE, KUBERNETES, "Production", "bastien", When(7, 6),
        {"volumes": 300},
        {"version": "1.33", "max_workers": 6, "domain": "forecast.ccd.example"},
        {"worker": Flow(930, 3), "volumes": Stock(190, 7, "life")},
        "k8s-forecast", {"version": "1.33", "region": "kop-1"},
        (("API", "https://k8s-forecast.adria.example:6443"),),
    ),
    Life(
        "snow-model-tests", SNOW, POOL, "Basic", "noemie", When(6, 1),
        {"cpu": 1000, "ram": 256, "storage": 500},
        {"instance_type": "Standard", "region": "EU-West"},
        {"cpu": Flow(720), "ram": Stock(128), "storage": Stock(234, 2)},
        "pool-2304", {},
        (("Pool", "https://pool.adria.example/t/pool-2304"),),
    ),
    Life(
        "reanalysis-portal", SNOW, VPC, "Standard", "noemie", When(5, 4),
        {"cpu": 6, "ram": 24},
        {"region": "Koper", "subnet_cidr": "10.44.8.0/24"},
        {"cpu": Stock(4), "ram": Stock(17), "storage": Stock(640, 5), "network": Flow(95, 6)},
        "anc-reanalysis", {"gateway": "gw.snow.adria.example"},
        (("SSH gateway", "ssh debian@gw.snow.adria.example"),),
    ),
)  # fmt: skip

MATERIALS = (
    Life(
        "screening-api", BATTERY, VPC, "Dedicated hosts", "emil", When(10, 3),
        {"cpu": 8, "ram": 64},
        {"region": "Ljubljana", "public_addresses": 1},
        {"cpu": Stock(6), "ram": Stock(40), "storage": Stock(310, 4), "network": Flow(60)},
        "anc-screening", {"gateway": "gw.screening.adria.example"},
        (("SSH gateway", "ssh debian@gw.screening.adria.example"),),
        (Change(When(2, 10), "emil", comment="First contract with the partner is complete"),),
    ),
    Life(
        "screening-pool", BATTERY, POOL, "Professional", "emil", When(9, 6),
        {"cpu": 20000, "ram": 512, "storage": 4000},
        {"instance_type": "Burst", "region": "EU-South", "cost_centre": "DML-77"},
        {"cpu": Flow(15500, 2), "ram": Stock(330, 1), "storage": Stock(2100, 4)},
        "pool-2219", {},
        (("Pool", "https://pool.adria.example/t/pool-2219"),),
        (
            Change(When(4, 3), "emil", {"cpu": 32000, "storage": 6000}, comment="Second industry partner"),
            Change(When(1, 9), "emil", {"cpu": 24000}, comment="Back to the ordinary load"),
        ),
    ),
    Life(
        "electrolyte-runs", BATTERY, HPC, "Industry", "viktoria", When(8, 9),
        {"cpu_hours": 900000, "gpu_hours": 0, "quota": 12000},
        {
            "principal_investigator": "Emil Hruschka",
            "research_field": "Chemistry and materials",
            "software": ["VASP", "CP2K"],
        },
        {"cpu_hours": Flow(74000), "quota": Stock(5200, 7, "life")},
        "dml-electro", {"partition": "standard", "directory": "/project/dml-electro"},
        (("Login nodes", "ssh login.borealis.example"),),
    ),
    Life(
        "porting-contract", BATTERY, SUPPORT, "Premium", "viktoria", When(5, 8), {},
        {"repository": "https://git.danubemat.example/screening/core", "languages": ["Fortran", "Python"]},
        {"hours": Flow(22)},
        "BHC-SLA-0038", {"engineer": "Saara"},
        (("Requests", "mailto:experts@borealis.example"),),
    ),
)  # fmt: skip

UNIVERSITY = (
    Life(
        "course-server", CAMPUS, SERVER, "Hourly", "tjark", When(13, 2),
        {"vcpu": 8, "memory": 32},
        {"system": "Debian 13", "public": True},
        {"vcpu": Stock(5), "memory": Stock(21)},
        "ru-course1", {},
        (("SSH", "ssh root@ru-course1.campus.rheinau.example"), ("Courses", "https://learn.rheinau.example")),
    ),
    Life(
        "exam-environment", CAMPUS, SERVER, "Hourly", "tjark", When(6, 12),
        {"vcpu": 16, "memory": 64},
        {"system": "Ubuntu 24.04"},
        {"vcpu": Stock(7), "memory": Stock(29)},
        "ru-exam", {},
        (("SSH", "ssh root@ru-exam.campus.rheinau.example"),),
        (Change(When(3, 3), "tjark", {"vcpu": 8, "memory": 32}, comment="The examinations are over"),),
    ),
)  # fmt: skip

LIVES = (*GENOMICS, *CLIMATE, *MATERIALS, *UNIVERSITY)
