"""Tables of the office: order by a column's head, pages, cards on a phone, export.

Columns, order and export are those of django-tables2. Its rows are not: it renders a template for
each cell, which costs more than the page around them. Here a page has one template for a whole row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import django_tables2
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Case, F, IntegerField, QuerySet, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_tables2.data import TableListData, TableQuerysetData

from core.csv_safety import safe_cell
from core.timing import YEAR_S

# How many rows a page may have, and has until somebody chooses.
PAGE_SIZES = (25, 50, 100)
TABLE_ROWS = PAGE_SIZES[0]
# So many rows go into one file: it is made while its reader waits.
MOST_EXPORTED = 20_000
FORMATS = ("csv", "xlsx")
SORT, PAGE, PER_PAGE, EXPORT = "sort", "page", "per_page", "export"
# More columns than these decide nothing that anybody sees.
MOST_SORTED = 3

Cell = Callable[[Any], object]
# A field or expression of the query; for rows in a list, a function of the row.
Key = Any


def by_rank(field: str, ranks: Sequence[str]) -> Case:
    """A field's values in a given order, such as the steps of a lifecycle."""
    return Case(
        *(When(**{field: value}, then=Value(n)) for n, value in enumerate(ranks)),
        default=Value(len(ranks)),
        output_field=IntegerField(),
    )


def by_language(field: str) -> Sequence[Key]:
    """A name that is kept in each language, as people read it now: without one, in Finnish."""
    language = get_language()
    if language not in {"sv", "en"}:
        return (f"{field}_fi",)
    return (Coalesce(NullIf(f"{field}_{language}", Value("")), f"{field}_fi"),)


class Column(django_tables2.Column):
    """A column: its head, what it orders by, how its cells stand, what is exported.

    `sort` has the keys of the order, or is a function that answers them for the active language.
    `value` makes the exported cell from a row; a column without it stays on the page, and one that
    is not `visible` is in the file only.
    """

    def __init__(
        self,
        head: Any,
        *,
        sort: Sequence[Key] | Callable[[], Sequence[Key]] = (),
        value: Cell | None = None,
        css: str = "",
        visible: bool = True,
    ) -> None:
        super().__init__(
            verbose_name=head,
            orderable=bool(sort),
            visible=visible,
            exclude_from_export=value is None,
        )
        self.sort, self.value, self.css = sort, value, css

    def __deepcopy__(self, memo: dict[int, Any]) -> Column:
        """Every table copies its columns, and nothing here changes one."""
        return self

    @property
    def keys(self) -> Sequence[Key]:
        """What the head orders by, now."""
        return self.sort() if callable(self.sort) else self.sort


class _Query(TableQuerysetData):
    """Rows of a query; equal ones keep their place by the primary key."""

    # The rows come in the order of their page, which no column needs to be known by.
    ordering = None
    data: Any

    def order_by(self, aliases: Iterable[Any]) -> None:
        asked = [(_column(self.table, a), a.startswith("-")) for a in aliases]
        order: list[Any] = [
            # Databases differ about the place of NULL: here it is always the end.
            expression.desc(nulls_last=True) if down else expression.asc(nulls_last=True)
            for column, down in asked
            for expression in (F(k) if isinstance(k, str) else k for k in column.keys)
        ]
        if order:
            self.data = self.data.order_by(*order, "-pk" if asked[0][1] else "pk")


class _List(TableListData):
    """Rows that are counted together in Python; sorting them keeps the place of equal ones."""

    data: Any

    def order_by(self, aliases: Iterable[Any]) -> None:
        for alias in reversed(list(aliases)):
            down = alias.startswith("-")
            self.data.sort(key=_in_list(_column(self.table, alias).keys, down=down), reverse=down)


def _in_list(keys: Sequence[Callable[[Any], Any]], *, down: bool) -> Callable[[Any], Any]:
    """The place of a row of a list; what has no value stands at the end, either way."""

    def place(row: Any) -> list[tuple[bool, Any]]:
        values = [key(row) for key in keys]
        return [((value is None) != down, value) for value in values]

    return place


def _column(table: Any, alias: str) -> Column:
    column: Column = table.columns[alias.removeprefix("-")].column
    return column


@dataclass(frozen=True)
class Head:
    """The head of a column as it is drawn; `order` is the value of aria-sort, or empty."""

    label: str
    css: str
    url: str
    order: str


class OfficeTable(django_tables2.Table):
    """Rows of a page of the office. `row_template` draws one, as `<tr>`, from `row`."""

    row_template = ""
    # Begins the name of an exported file.
    file_name = "rows"

    class Meta:
        order_by_field, page_field, per_page_field = SORT, PAGE, PER_PAGE

    def __init__(
        self,
        rows: QuerySet[Any] | list[Any],
        request: HttpRequest,
        *,
        caption: str,
        given: str = "",
        per_page: int = TABLE_ROWS,
        exclude: Sequence[str] = (),
    ) -> None:
        """`given` names the column that the rows are ordered by already, for the mark at its head.

        `per_page` holds until this person chooses.
        """
        self.asked, self.caption, self.given = request, caption, given
        self.rows_per_page = page_size(request, per_page)
        data = _Query(rows) if isinstance(rows, QuerySet) else _List(rows)
        super().__init__(data, exclude=exclude)
        self.order_by = request.GET.get(SORT, "").split(",")[:MOST_SORTED]

    @cached_property
    def page(self) -> Page[Any]:
        """The asked page; the nearest one that there is when the address asks for another."""
        pages = Paginator(self.data.data, self.rows_per_page)
        return pages.get_page(self.asked.GET.get(PAGE))

    @cached_property
    def labels(self) -> dict[str, str]:
        """Head of each column by its name, for cells that stand without their head."""
        return {c.name: str(c.column.verbose_name) for c in self.columns.iterall()}

    @property
    def heads(self) -> Iterator[Head]:
        """Heads with the address that orders by them, the other way when they do already."""
        first = next(iter(self.order_by or ()), self.given)
        kept = self.asked.GET.copy()
        for name in (PAGE, EXPORT, SORT):
            kept.pop(name, None)
        rest = f"&{kept.urlencode()}" if kept else ""
        for bound in self.columns.itervisible():
            column: Column = bound.column
            order = {bound.name: "ascending", f"-{bound.name}": "descending"}.get(first, "")
            mark = "-" if order == "ascending" else ""
            url = f"?{SORT}={mark}{bound.name}{rest}" if column.orderable else ""
            yield Head(self.labels[bound.name], column.css, url, order)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The page sizes to choose from: none when every row stands on the smallest page."""
        return PAGE_SIZES if self.page.paginator.count > PAGE_SIZES[0] else ()

    def as_values(self, exclude_columns: Iterable[str] | None = None) -> Iterator[list[object]]:
        """Heads, then every row that is filtered, in the order of the page; for TableExport."""
        left_out = set(exclude_columns or ())
        columns: list[tuple[str, Cell]] = [
            (self.labels[c.name], c.column.value)
            for c in self.columns.iterall()
            if c.column.value is not None and c.name not in left_out
        ]
        yield [harmless(label) for label, _value in columns]
        for row in self.data.data:
            yield [harmless(value(row)) for _label, value in columns]


def harmless(value: object) -> object:
    """A cell that no spreadsheet takes for a formula; numbers and days stay what they are."""
    if value is None or isinstance(value, (int, float)) or not hasattr(value, "startswith"):
        return value
    return safe_cell(str(value))


# --------------------------------------------------------------------------- size of a page


def page_size(request: HttpRequest, default: int = TABLE_ROWS) -> int:
    """Rows of a page: what the address says, else what this person chose last."""
    return _chosen(request) or _number(request.COOKIES.get(_cookie(request), "")) or default


def _chosen(request: HttpRequest) -> int | None:
    return _number(request.GET.get(PER_PAGE, ""))


def _number(text: str) -> int | None:
    return next((n for n in PAGE_SIZES if text == str(n)), None)


def _cookie(request: HttpRequest) -> str:
    """A name for each person: several people may use one machine of the office."""
    return f"rows_{getattr(request, 'user', None) and request.user.pk}"


def _keep_size(request: HttpRequest, response: HttpResponse) -> None:
    if chosen := _chosen(request):
        response.set_cookie(
            _cookie(request),
            str(chosen),
            max_age=YEAR_S,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


# --------------------------------------------------------------------------- answers


def asks_for_file(request: HttpRequest) -> bool:
    """Whether the answer is a file: what only the page around the table shows need not be read."""
    return request.method == "GET" and request.GET.get(EXPORT) in FORMATS


def respond(
    request: HttpRequest,
    table: OfficeTable,
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """The page with `table` and its `page`, or the file when the address asks for an export."""
    if asks_for_file(request):
        return file_of(request, table)
    response = render(
        request, template, {"table": table, "page": table.page, **context}, status=status
    )
    _keep_size(request, response)
    return response


def file_of(request: HttpRequest, table: OfficeTable) -> HttpResponse:
    """Everything that the table has filtered; too much of it is refused with a word on the page."""
    from core.table_export import Export  # noqa: PLC0415 - spreadsheets weigh, few requests want one

    count = table.data.data.count() if isinstance(table.data, _Query) else len(table.data)
    if count > MOST_EXPORTED:
        text = _("A file has at most %(most)s rows. Narrow the search: it finds %(n)s.")
        messages.warning(request, text % {"most": MOST_EXPORTED, "n": count})
        kept = request.GET.copy()
        kept.pop(EXPORT)
        return HttpResponseRedirect(f"{request.path}?{kept.urlencode()}")
    form = request.GET[EXPORT]
    name = f"{table.file_name}-{localdate():%Y-%m-%d}.{form}"
    response: HttpResponse = Export(form, table).response(name)
    return response
