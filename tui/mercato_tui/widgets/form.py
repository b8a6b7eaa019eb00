"""Forms: a column of fields that validate as one types, and the form of an offering's own options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from textual.containers import VerticalScroll

from mercato_tui.i18n import _
from mercato_tui.money import number
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.fields import (
    ChoiceField,
    DateField,
    Field,
    LongField,
    NumberField,
    RadioField,
    SeveralField,
    TextField,
    TickField,
    TimeField,
)

if TYPE_CHECKING:
    from mercato.schemas.catalog import Component, Option, Options

OPTION = "attributes."
LIMIT = "limits."
MONTHS = OPTION + "months"
FEW = 4


class Form(VerticalScroll, can_focus=False):
    """A scrolling column of fields and headings. Fields are found by name wherever they stand in it."""

    @property
    def fields(self) -> dict[str, Field]:
        """The fields by name, from top to bottom."""
        return {field.key: field for field in self.query(Field)}

    def check(self) -> bool:
        """Validate everything; the first wrong field gets the focus."""
        wrong = [field for field in self.fields.values() if not field.check(strictly=True)]
        if wrong:
            self.point_at(wrong[0])
        return not wrong

    def values(self) -> dict[str, Any]:
        """What was given, by name; wrong or empty fields are None."""
        return {name: _value(field) for name, field in self.fields.items()}

    def drafts(self) -> dict[str, Any]:
        """What was typed, by name, to be put back later."""
        return {name: field.raw() for name, field in self.fields.items()}

    def restore(self, drafts: Mapping[str, Any]) -> None:
        """Put back what `drafts` gave."""
        for name, field in self.fields.items():
            if name in drafts:
                field.restore(drafts[name])

    def complain(self, problems: Mapping[str, list[str]]) -> dict[str, list[str]]:
        """Show the server's field errors at their fields; gives back those that belong to no field here."""
        homeless: dict[str, list[str]] = {}
        pointed = False
        for name, messages in problems.items():
            for field, text in self._places(name, messages):
                if field is None:
                    homeless.setdefault(name, []).append(text)
                    continue
                field.complain(text)
                if not pointed:
                    self.point_at(field)
                    pointed = True
        return homeless

    def _places(self, name: str, messages: list[str]) -> Iterable[tuple[Field | None, str]]:
        """Where each message belongs: `limits: ["cpu: At least 1."]` to the field `limits.cpu`."""
        fields = self.fields
        for text in messages:
            part, colon, rest = text.partition(": ")
            inner = fields.get(f"{name}.{part}") or fields.get(f"{OPTION}{part}")
            if name not in fields and colon and inner is not None:
                yield inner, rest
            elif name not in fields and (meant := self._by_value(name, text)) is not None:
                yield meant, text
            else:
                yield fields.get(name) or fields.get(OPTION + name) or fields.get(LIMIT + name), text

    def _by_value(self, group: str, text: str) -> Field | None:
        """The one field of a group (`limits`) whose present value a message repeats, if there is just one."""
        words = set(text.split())
        meant = [
            field
            for name, field in self.fields.items()
            if name.startswith(f"{group}.") and str(field.raw()) in words
        ]
        return meant[0] if len(meant) == 1 else None

    def point_at(self, field: Field) -> None:
        """Focus a field and bring it into view."""
        field.widget().focus()
        self.scroll_to_widget(field, animate=False)


def _value(field: Field) -> Any:
    try:
        return field.read()
    except ValueError:
        return None


def option_fields(options: Options) -> list[Field]:
    """The fields of an offering's own order form, in its order; options it does not order come last."""
    names = [name for name in options.order if name in options.options]
    names += [name for name in options.options if name not in names]
    return [option_field(name, options.options[name]) for name in names]


def option_field(name: str, option: Option) -> Field:
    """One option as a field named `attributes.<name>`."""
    key, label = OPTION + name, option.label or name.replace("_", " ").capitalize()
    common: dict[str, Any] = {"hint": option.help_text, "required": option.required}
    ranged = {**common, "span": span(option.min, option.max)}
    given = option.default
    match option.type.value:
        case "boolean":
            return TickField(key, label, bool(given), sentence=option.help_text or _("yes"))
        case "integer":
            return NumberField(key, label, given, least=option.min, most=option.max, **ranged)
        case "money":
            return NumberField(key, label, given, least=option.min, most=option.max, exact=True, **ranged)
        case "text":
            return LongField(key, label, str(given or ""), **common)
        case "date":
            return DateField(key, label, str(given or ""), **common)
        case "time":
            return TimeField(key, label, str(given or ""), **common)
        case "select_string":
            items = [Item(choice, choice) for choice in option.choices]
            kind = RadioField if len(items) <= FEW else ChoiceField
            return kind(key, label, items, str(given or ""), **common)
        case "select_string_multi":
            chosen = [str(one) for one in given] if isinstance(given, list) else []
            return SeveralField(
                key, label, [Item(choice, choice) for choice in option.choices], chosen, **common
            )
    return TextField(key, label, str(given or ""), **common)


def limit_field(component: Component, value: int | None = None) -> NumberField:
    """A component's limit as a field named `limits.<type>`, with its unit and its allowed span."""
    most = component.max_value
    if component.max_available_limit is not None:
        most = min(most, component.max_available_limit) if most is not None else component.max_available_limit
    start = value if value is not None else component.default_limit
    if start is None:
        start = component.min_value
    return NumberField(
        LIMIT + component.type,
        component.name,
        start,
        least=component.min_value if component.min_value is not None else 0,
        most=most,
        unit=component.measured_unit,
        span=span(component.min_value, most),
        required=True,
    )


def months_field(parts: Sequence[Component]) -> NumberField:
    """For how many months a service is paid for in advance: what all its prepaid components allow."""
    least = max(part.min_prepaid_duration or 1 for part in parts)
    tops = [part.max_prepaid_duration for part in parts if part.max_prepaid_duration]
    most = min(tops) if tops else None
    needed = any(part.min_prepaid_duration for part in parts)
    return NumberField(
        MONTHS,
        _("Months"),
        least if needed else None,
        least=least,
        most=most,
        span=span(least, most),
        required=needed,
        hint=_("Paid for in advance; then it ends, or is renewed"),
    )


def span(least: int | None, most: int | None) -> str:
    """`1–1,000`, `from 1`, `up to 1,000`, or nothing."""
    if least is not None and most is not None:
        return f"{number(least)}–{number(most)}"
    if least is not None:
        return _("from {least}").format(least=number(least))
    if most is not None:
        return _("up to {most}").format(most=number(most))
    return ""


def for_wire(value: Any) -> Any:
    """A field's value as JSON knows it."""
    return value.isoformat() if isinstance(value, date) else value
