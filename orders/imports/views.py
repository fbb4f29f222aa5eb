"""Upload a table, look at what it would do, then say yes."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import OFFICE, roles, signed_in
from core import clock
from core.violations import RuleBroken
from orders.imports.forms import KIND_LABELS, ImportForm
from orders.imports.kinds import KINDS
from orders.imports.reader import NotATable, read_table
from orders.imports.services import Plan, Problem, apply_import, plan_import
from orders.imports.texts import file_text, problem_text
from orders.models import ImportBatch

SHOWN = 100


@roles(*OFFICE)
def import_new(request: HttpRequest) -> HttpResponse:
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = cast(UploadedFile, form.cleaned_data["file"])
        content = upload.read()
        try:
            read_table(content)
        except NotATable as error:
            form.add_error("file", file_text(error.code))
        else:
            batch = ImportBatch.objects.create(
                kind=form.cleaned_data["kind"],
                file_name=(upload.name or "")[:200],
                content=content,
                created_by=signed_in(request),
                created_at=clock.now(),
            )
            return redirect("orders:import-preview", ref=batch.ref)
    return render(
        request, "orders/imports/import_new.html", {"form": form, "kinds": list(KINDS.values())}
    )


@roles(*OFFICE)
def import_preview(request: HttpRequest, ref: UUID) -> HttpResponse:
    batch = _own(request, ref)
    plan = _plan(batch)
    shown: list[tuple[Problem, str]] = [(p, problem_text(p)) for p in plan.problems[:SHOWN]]
    context = {
        "batch": batch,
        "kind": KIND_LABELS[batch.kind],
        "plan": plan,
        "problems": shown,
        "rows": [r for r in plan.rows if r.action != "same"][:SHOWN],
    }
    return render(request, "orders/imports/import_preview.html", context)


@roles(*OFFICE)
@require_POST
def import_apply(request: HttpRequest, ref: UUID) -> HttpResponse:
    batch = _own(request, ref)
    plan = _plan(batch)
    if plan.problems:
        return redirect("orders:import-preview", ref=ref)
    now = clock.now()
    try:
        count = apply_import(plan, file_name=batch.file_name, by=signed_in(request), now=now)
    except RuleBroken:
        # Something changed since the look: the preview shows it in words.
        return redirect("orders:import-preview", ref=ref)
    ImportBatch.objects.filter(pk=batch.pk).update(applied_at=now)
    text = ngettext("%(count)s row was written.", "%(count)s rows were written.", count)
    messages.success(request, text % {"count": count})
    return redirect("orders:import-new")


@roles(*OFFICE)
def import_template(_request: HttpRequest, kind: str) -> HttpResponse:
    """An empty file with the right headings, ready for a Finnish Excel."""
    if kind not in KINDS:
        raise Http404
    heading = ";".join(c.headings[0] for c in KINDS[kind].columns)
    response = HttpResponse("\ufeff" + heading + "\r\n", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="askare-{kind}.csv"'
    return response


def _own(request: HttpRequest, ref: UUID) -> ImportBatch:
    return get_object_or_404(ImportBatch, ref=ref, created_by=signed_in(request), applied_at=None)


def _plan(batch: ImportBatch) -> Plan:
    table = read_table(bytes(batch.content))
    return plan_import(KINDS[batch.kind], table, now=clock.now())
