"""The audit trail for administrators: filtered, ordered, exported, never changed."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import roles
from accounts.audit_trail.subjects import refs_of
from accounts.audit_trail.tables import AuditTable, lines, listed
from accounts.forms import AuditFilterForm
from accounts.models import Role
from core.models import AuditEvent
from core.search import search_words
from core.tables import asks_for_file, file_of, respond
from core.zone import HELSINKI


@roles(Role.ADMIN)
@require_GET
def audit_list(request: HttpRequest) -> HttpResponse:
    """Who did what, by kind, number or reference, person and days."""
    kinds = AuditEvent.objects.order_by("kind").values_list("kind", flat=True).distinct()
    form = AuditFilterForm(request.GET, kinds=kinds)
    table = AuditTable(listed(_filtered(form)), request, caption=_("Audit trail"), given="-at")
    if asks_for_file(request):
        return file_of(request, table)
    table.page.object_list = lines(table.page)
    context = {"filter": form, "filtered": any(form.given.values())}
    return respond(request, table, "accounts/audit_list.html", context)


def _filtered(form: AuditFilterForm) -> QuerySet[AuditEvent]:
    """Events that fit every field; a field that cannot be read asks for nothing."""
    given, rows = form.given, AuditEvent.objects.all()
    if kind := given.get("kind"):
        rows = rows.filter(kind=kind)
    if text := given.get("ref"):
        refs = {text, *refs_of(text)}
        rows = rows.filter(Q(ref__in=refs) | Q(order_ref__in=refs))
    for word in search_words(given.get("by") or ""):
        rows = rows.filter(Q(actor__name__icontains=word) | Q(actor_label__icontains=word))
    if first := given.get("first"):
        rows = rows.filter(at__gte=datetime.combine(first, time.min, HELSINKI))
    if last := given.get("last"):
        rows = rows.filter(at__lt=datetime.combine(last + timedelta(days=1), time.min, HELSINKI))
    return rows
