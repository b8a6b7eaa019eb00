"""OECD's fields of science and technology (FOS 2007), under the codes that projects carry on the wire."""

from __future__ import annotations

FIELDS_OF_SCIENCE: dict[str, tuple[str, ...]] = {
    "Natural sciences": (
        "Mathematics",
        "Computer and information sciences",
        "Physical sciences",
        "Chemical sciences",
        "Earth and related environmental sciences",
        "Biological sciences",
        "Other natural sciences",
    ),
    "Engineering and technology": (
        "Civil engineering",
        "Electrical engineering, electronic engineering, information engineering",
        "Mechanical engineering",
        "Chemical engineering",
        "Materials engineering",
        "Medical engineering",
        "Environmental engineering",
        "Systems engineering",
        "Environmental biotechnology",
        "Industrial biotechnology",
        "Nano technology",
        "Other engineering and technologies",
    ),
    "Medical and health sciences": (
        "Basic medicine",
        "Clinical medicine",
        "Health sciences",
        "Health biotechnology",
        "Other medical sciences",
    ),
    "Agricultural sciences": (
        "Agriculture, forestry, and fisheries",
        "Animal and dairy science",
        "Veterinary science",
        "Agricultural biotechnology",
        "Other agricultural sciences",
    ),
    "Social sciences": (
        "Psychology",
        "Economics and business",
        "Educational sciences",
        "Sociology",
        "Law",
        "Political science",
        "Social and economic geography",
        "Media and communications",
        "Other social sciences",
    ),
    "Humanities": (
        "History and archaeology",
        "Languages and literature",
        "Philosophy, ethics and religion",
        "Arts (arts, history of arts, performing arts, music)",
        "Other humanities",
    ),
}

_LABELS = {
    f"{i}.{j}": name
    for i, fields in enumerate(FIELDS_OF_SCIENCE.values(), start=1)
    for j, name in enumerate(fields, start=1)
}


def label(code: str | None) -> str:
    """What a code means, in words; empty for none, and for one that is not OECD's."""
    return _LABELS.get(code or "", "")
