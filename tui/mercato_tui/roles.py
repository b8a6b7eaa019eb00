"""Names of roles in words."""

from __future__ import annotations

from mercato_tui.i18n import _


def role_label(name: str) -> str:
    """A role's name in words."""
    return {
        "CUSTOMER.OWNER": _("owner"),
        "CUSTOMER.MANAGER": _("service manager"),
        "CUSTOMER.SUPPORT": _("organisation support"),
        "PROJECT.ADMIN": _("project admin"),
        "PROJECT.MANAGER": _("project manager"),
        "PROJECT.MEMBER": _("project member"),
        "OFFERING.MANAGER": _("offering manager"),
    }.get(name, name.replace(".", " ").lower())
