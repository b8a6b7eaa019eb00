"""A field of a form: label, control, unit, and a line for a hint or for what is wrong.

`read` gives the value as the wire wants it, or raises ValueError with a sentence for the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from mercato_tui.dates import read_day
from mercato_tui.i18n import _
from mercato_tui.money import number
from mercato_tui.text import say
from mercato_tui.widgets.choice import Choice, Control, Item, Radio, Several, Tick

REQUIRED = "required"


class Entry(Input):
    """A line to type in; up and down go through the form."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, value: str = "", **kwargs: Any) -> None:
        super().__init__(value, compact=True, select_on_focus=False, **kwargs)


def _identifier(name: str) -> str:
    """The widget id of a field: its name with everything but letters, digits and underscores as dashes."""
    return (
        "".join(char if char.isascii() and (char.isalnum() or char == "_") else "-" for char in name)
        + "-field"
    )


class Field(Vertical):
    """One question of a form. `name` is what the wire calls it."""

    class Changed(Message):
        """The value is another one now (which may be wrong)."""

        def __init__(self, field: Field) -> None:
            super().__init__()
            self.field = field

        @property
        def control(self) -> Field:
            return self.field

    def __init__(
        self,
        name: str,
        label: str,
        *,
        hint: str = "",
        unit: str = "",
        required: bool = False,
        span: str = "",
    ) -> None:
        super().__init__(name=name, classes="field", id=_identifier(name))
        self.key = name
        self.label = label
        self.hint = hint
        self.unit = unit
        self.span = span
        self.required = required
        self._hint = Static(say((hint, "muted")), markup=False, classes="field-hint")
        self._hint.display = bool(hint)

    # What subclasses say.

    def widget(self) -> Widget:
        """The control itself; made once, in `__init__`."""
        raise NotImplementedError

    def read(self) -> Any:
        """The value for the wire, None where nothing was given. ValueError says what is wrong."""
        raise NotImplementedError

    def raw(self) -> Any:
        """What was typed, to be put back with `restore`."""
        raise NotImplementedError

    def restore(self, raw: Any) -> None:
        """Put back what `raw` gave."""
        raise NotImplementedError

    # What forms do.

    def compose(self) -> ComposeResult:
        mark = ("*", "accent") if self.required else " "
        with Horizontal(classes="field-line"):
            yield Static(say(self.label, " ", mark), markup=False, classes="field-label")
            yield self.widget()
            if self.unit:
                yield Static(say((self.unit, "muted")), markup=False, classes="field-unit")
            if self.span:
                yield Static(say((self.span, "muted")), markup=False, classes="field-span")
        yield self._hint

    def complain(self, text: str) -> None:
        """Show what is wrong under the field."""
        self._hint.update(say(("▲ ", "bad"), (text, "bad")))
        self._hint.display = True

    def calm(self) -> None:
        """Nothing is wrong: the hint is shown again, if there is one."""
        self._hint.update(say((self.hint, "muted")))
        self._hint.display = bool(self.hint)

    def check(self, *, strictly: bool) -> bool:
        """Show or clear the complaint. An empty required field is wrong only when `strictly`."""
        try:
            value = self.read()
        except ValueError as problem:
            self.complain(str(problem))
            return False
        if strictly and self.required and (value is None or value is False):
            self.complain(_("Please fill this in."))
            return False
        self.calm()
        return True

    def changed(self) -> None:
        self.check(strictly=False)
        self.post_message(self.Changed(self))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.changed()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.changed()

    def on_control_changed(self, event: Control.Changed) -> None:
        event.stop()
        self.changed()


class TextField(Field):
    """One line of text; dots instead of letters for a password."""

    def __init__(
        self,
        name: str,
        label: str,
        value: str = "",
        *,
        placeholder: str = "",
        password: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(name, label, **kwargs)
        self.input = Entry(value, placeholder=placeholder, password=password, classes="field-control")

    def widget(self) -> Widget:
        return self.input

    def read(self) -> Any:
        return self.input.value.strip() or None

    def raw(self) -> Any:
        return self.input.value

    def restore(self, raw: Any) -> None:
        self.input.value = str(raw)


class PasswordField(TextField):
    """A password: taken exactly as typed."""

    def __init__(self, name: str, label: str, **kwargs: Any) -> None:
        super().__init__(name, label, password=True, **kwargs)

    def read(self) -> Any:
        return self.input.value or None


class NumberField(TextField):
    """A number between `least` and `most`; a whole one unless `exact`, then a decimal string."""

    def __init__(
        self,
        name: str,
        label: str,
        value: int | str | None = None,
        *,
        least: int | None = None,
        most: int | None = None,
        exact: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(name, label, "" if value is None else str(value), **kwargs)
        self.least, self.most, self.exact = least, most, exact
        self.input.add_class("-number")

    def read(self) -> Any:
        typed = self.input.value.strip().replace(" ", "").replace("\u00a0", "")
        if not typed:
            return None
        try:
            found = Decimal(typed)
        except InvalidOperation:
            raise ValueError(_("A number, please.")) from None
        if not found.is_finite() or abs(found) >= 10**12:
            raise ValueError(_("That number is too large."))
        if not self.exact and found != found.to_integral_value():
            raise ValueError(_("A whole number, please."))
        if self.least is not None and found < self.least:
            raise ValueError(_("At least {least}.").format(least=number(self.least)))
        if self.most is not None and found > self.most:
            raise ValueError(_("At most {most}.").format(most=number(self.most)))
        return str(found) if self.exact else int(found)


class DateField(TextField):
    """A day, typed as YYYY-MM-DD."""

    def __init__(self, name: str, label: str, value: str = "", **kwargs: Any) -> None:
        super().__init__(name, label, value, placeholder="YYYY-MM-DD", **kwargs)

    def read(self) -> Any:
        try:
            return read_day(self.input.value)
        except ValueError:
            raise ValueError(_("A day like 2027-03-31, please.")) from None


class TimeField(TextField):
    """A time of day, typed as HH:MM."""

    def __init__(self, name: str, label: str, value: str = "", **kwargs: Any) -> None:
        super().__init__(name, label, value, placeholder="HH:MM", **kwargs)

    def read(self) -> Any:
        typed = self.input.value.strip()
        if not typed:
            return None
        try:
            return time.fromisoformat(typed).strftime("%H:%M")
        except ValueError:
            raise ValueError(_("A time like 14:30, please.")) from None


class LongField(Field):
    """Several lines of text."""

    def __init__(self, name: str, label: str, value: str = "", **kwargs: Any) -> None:
        super().__init__(name, label, **kwargs)
        self.area = TextArea(value, compact=True, tab_behavior="focus", classes="field-control")

    def widget(self) -> Widget:
        return self.area

    def read(self) -> Any:
        return self.area.text.strip() or None

    def raw(self) -> Any:
        return self.area.text

    def restore(self, raw: Any) -> None:
        self.area.text = str(raw)


class ChoiceField(Field):
    """One of several, on one line."""

    def __init__(
        self,
        name: str,
        label: str,
        items: Sequence[Item],
        value: str = "",
        *,
        prompt: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(name, label, **kwargs)
        self.choice = Choice(items, value, prompt=prompt, title=label, classes="field-control")

    def widget(self) -> Widget:
        return self.choice

    def read(self) -> Any:
        return self.choice.value or None

    def raw(self) -> Any:
        return self.choice.value

    def restore(self, raw: Any) -> None:
        if any(item.value == raw for item in self.choice.items):
            self.choice.value = str(raw)
            self.choice.refresh()


class RadioField(Field):
    """One of a few, all in sight."""

    def __init__(self, name: str, label: str, items: Sequence[Item], value: str = "", **kwargs: Any) -> None:
        super().__init__(name, label, **kwargs)
        self.radio = Radio(items, value, classes="field-control")

    def widget(self) -> Widget:
        return self.radio

    def read(self) -> Any:
        return self.radio.value or None

    def raw(self) -> Any:
        return self.radio.value

    def restore(self, raw: Any) -> None:
        if any(item.value == raw for item in self.radio.items):
            self.radio.value = str(raw)


class SeveralField(Field):
    """Any of a few, all in sight."""

    def __init__(
        self, name: str, label: str, items: Sequence[Item], values: Sequence[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(name, label, **kwargs)
        self.several = Several(items, values, classes="field-control")

    def widget(self) -> Widget:
        return self.several

    def read(self) -> Any:
        return self.several.values or None

    def raw(self) -> Any:
        return self.several.values

    def restore(self, raw: Any) -> None:
        self.several.ticked = {str(value) for value in raw}
        self.several.refresh()


class TickField(Field):
    """A yes or no; its sentence stands beside the box."""

    def __init__(
        self, name: str, label: str, value: bool = False, *, sentence: str = "", **kwargs: Any
    ) -> None:
        super().__init__(name, label, **kwargs)
        self.tick = Tick(sentence, value, classes="field-control")

    def widget(self) -> Widget:
        return self.tick

    def read(self) -> Any:
        return self.tick.value

    def raw(self) -> Any:
        return self.tick.value

    def restore(self, raw: Any) -> None:
        self.tick.value = bool(raw)
