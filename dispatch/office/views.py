"""Pages of dispatchers and coaches: trouble first, the day board, orders, workers, days away."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from accounts.access import OFFICE, roles, signed_in
from accounts.models import Role
from core.clock import now
from core.fields import ref_or_none
from core.formats import clock
from core.formats import day as day_text
from core.models import OutboxMessage
from core.outbox_lifecycle import OutboxState
from core.search import search_words
from core.tables import respond
from core.timing import parse_clock, typed_date
from core.violations import RuleBroken
from core.zone import local_date
from dispatch.access import get_assignment, get_worker, workers_for
from dispatch.assignments import punches, services
from dispatch.assignments.events import events_of
from dispatch.assignments.texts import problem_texts
from dispatch.board import coach_day
from dispatch.board import day as board
from dispatch.candidates.listing import NOBODY, Listing, listing
from dispatch.models import Assignment
from dispatch.models.lifecycle import HOLDING, AssignmentAction, AssignmentStatus, allowed_actions
from dispatch.office.first_steps import first_steps
from dispatch.office.forms import AssignForm, QuickOrderForm, WorkerForm
from dispatch.office.order_tables import OrderTable
from dispatch.office.worker_tables import WorkerTable, listed
from dispatch.phone import day as worker_day
from dispatch.phone.forms import AbsenceForm, WeekForm
from dispatch.plans import warming
from orders.access import get_order, orders_for
from orders.models import Customer, WorkOrder
from orders.models.lifecycle import OPEN, OrderStatus
from orders.ordering.selectors import list_orders
from orders.ordering.services import place_order, renew_link
from workers.models import Absence, Worker
from workers.people import services as worker_services

_S, _A = AssignmentStatus, AssignmentAction
office = roles(*OFFICE)
with_coach = roles(*OFFICE, Role.COACH)
# The best ones are read; who wants another opens the whole list (?all=1).
CANDIDATES_SHOWN = 12
CANDIDATES_PAGE = 50
# After that the offer has been read: withdrawing is then a decision of the order's page.
TAKE_BACK_FOR = timedelta(minutes=10)
GIG_LINE = (
    "status",
    "starts_at",
    "ends_at",
    "worker__first_name",
    "worker__last_name",
    "worker__phone",
    "order__ref",
    "order__number",
    "order__customer__name",
    "order__task_type__name_fi",
    "order__task_type__name_sv",
    "order__task_type__name_en",
)
# Lines of each list of the day's page; the rest opens by a link (?all=1).
LINES_SHOWN = 25
# Fewer of those without a worker, which go weeks ahead: the gigs of the day stay in reach.
OPEN_SHOWN = 8
COACH_LABEL, OFFICE_LABEL = "coach on behalf", "office on behalf"


# ------------------------------------------------------------------------------------ today


@office
def today(request: HttpRequest) -> HttpResponse:
    moment = now()
    on = local_date(moment)
    gigs = (
        Assignment.objects.filter(order__works_on=on, status__in=board.ON_BOARD)
        .select_related("worker", "order__task_type", "order__customer")
        .only(*GIG_LINE)
        .order_by("starts_at", "worker__first_name")
    )
    stuck = OutboxMessage.objects.filter(state__in=[OutboxState.DEAD, OutboxState.UNKNOWN])
    waiting = board.open_orders().filter(ends_at__gt=moment)
    shown, opened = (None, None) if "all" in request.GET else (LINES_SHOWN, OPEN_SHOWN)
    troubles = board.troubles(moment)
    context = {
        "on": on,
        "now": moment,
        "lacking": board.LACKS_PEOPLE,
        "troubles": troubles[:shown],
        "trouble_count": len(troubles),
        "gigs": list(gigs[:shown]),
        "gig_count": gigs.count(),
        "open_orders": list(waiting[:opened]),
        "open_count": waiting.count(),
        "stuck": list(stuck.order_by("-id")[:20]),
        "first_steps": first_steps(signed_in(request), on),
    }
    return render(request, "dispatch/board/today.html", context)


# ------------------------------------------------------------------------------------ the board


@office
def day(request: HttpRequest) -> HttpResponse:
    order = _chosen(request, request.GET.get("order", ""))
    on = typed_date(request.GET.get("on", "")) or (order.works_on if order else None)
    on = on or local_date(now())
    if request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request"):
        # Without an order the panel is closed.
        panel = _panel(request, order) if order else {}
        context = panel | {"board": _lane_only(on), "on": on}
        return render(request, "dispatch/board/_panel_swap.html", context)
    return _day_page(request, on, order)


def _chosen(request: HttpRequest, text: str) -> WorkOrder | None:
    ref = ref_or_none(text)
    if ref is None:
        return None
    rows = board.with_counts(orders_for(signed_in(request)))
    return get_object_or_404(rows, ref=ref)


def _lane_only(on: date) -> dict[str, Any]:
    lane = board.lane(on, now())
    return {
        "open_here": lane.here,
        "open_elsewhere": lane.elsewhere,
        "open_elsewhere_count": lane.elsewhere_count,
    }


def _day_page(
    request: HttpRequest,
    on: date,
    order: WorkOrder | None,
    *,
    problems: Iterable[str] = (),
    status: int = 200,
) -> HttpResponse:
    panel = _panel(request, order, problems=problems) if order else {}
    ghosts = [c.worker.pk for c in panel.get("can", []) if c.fit == "fits"][:1]
    query = request.GET.get("q", "").strip()
    model = board.day_board(
        on,
        now=now(),
        query=query,
        chosen=order,
        ghosts=ghosts,
        most=None if "all" in request.GET else board.ROWS_SHOWN,
    )
    if order and order.works_on == on:
        panel["held"] = model.chosen_held
    context = panel | {
        "board": model,
        "on": on,
        "query": query,
        "today": local_date(now()),
        "before": on - timedelta(days=1),
        "after": on + timedelta(days=1),
        "made": _just_made(request),
    }
    return render(request, "dispatch/board/day.html", context, status=status)


def _just_made(request: HttpRequest) -> Assignment | None:
    """The assignment that this dispatcher made a moment ago, while it can be taken back."""
    ref = ref_or_none(request.GET.get("made", ""))
    if ref is None:
        return None
    rows = Assignment.objects.filter(ref=ref, created_by=signed_in(request))
    row = rows.select_related("worker", "order").first()
    fresh = row is not None and row.created_at > now() - TAKE_BACK_FOR
    return row if fresh and row and _A.WITHDRAW in allowed_actions(row.status) else None


def _panel(
    request: HttpRequest, order: WorkOrder, *, problems: Iterable[str] = ()
) -> dict[str, Any]:
    """The chosen order with everybody who could do it, and everybody who cannot."""
    replaces = _replaced(request, order)
    missing = board.missing(order) + (1 if replaces else 0)
    takes = order.status in services.TAKES_WORKERS and order.ends_at > now() and missing > 0
    page = _page_number(request) if "all" in request.GET else 0
    listed = _listed(order, page) if takes else NOBODY
    after = page * CANDIDATES_PAGE
    more = bool(page) and after < max(listed.can_count, listed.cannot_count)
    return {
        "order": order,
        "missing": max(missing, 0),
        "can": listed.can,
        "cannot": listed.cannot,
        "can_count": listed.can_count,
        "cannot_count": listed.cannot_count,
        "folded": not page and len(listed.can) + len(listed.cannot) < listed.count,
        "next_page": page + 1 if more else None,
        "count": listed.count,
        # Not read by pages that show the places themselves.
        "held": order.assignments.filter(status__in=board.ON_BOARD).select_related("worker"),
        "replaces": replaces,
        "problems": list(problems),
        "takes": takes,
        "all_url": _whole_list(replaces, f"{reverse('dispatch:day')}?order={order.ref}&"),
    }


def _page_number(request: HttpRequest) -> int:
    """The page of the whole list that is asked for; anything odd is the first."""
    text = request.GET.get("page", "1")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < len("10000") else 1
    return max(number, 1)


def _listed(order: WorkOrder, page: int) -> Listing:
    """The best candidates (page 0), or a page of all of them."""
    if not page:
        return listing(order, shown=CANDIDATES_SHOWN)
    return listing(order, shown=CANDIDATES_PAGE, start=(page - 1) * CANDIDATES_PAGE)


def _whole_list(replaces: Assignment | None, page: str) -> str:
    """Address of the page with every candidate; `page` ends where an argument can follow."""
    return f"{page}all=1" + (f"&replaces={replaces.ref}" if replaces else "")


def _replaced(request: HttpRequest, order: WorkOrder) -> Assignment | None:
    ref = ref_or_none(request.POST.get("replaces") or request.GET.get("replaces", ""))
    if ref is None:
        return None
    return order.assignments.filter(ref=ref).select_related("worker").first()


@office
@require_POST
def assign(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Offer places to the chosen workers, or give them directly."""
    user, order = signed_in(request), get_order(signed_in(request), ref)
    form = AssignForm(request.POST)
    if not form.is_valid():
        return _refused_assign(request, order, [form.message()], status=422)
    chosen, offer = list(form.cleaned_data["worker"]), form.cleaned_data["mode"] == "offer"
    reason = form.cleaned_data["override_reason"]
    try:
        made = services.assign(
            order,
            [w.pk for w in chosen],
            by=user,
            now=now(),
            offer=offer,
            override_reason=reason,
        )
    except RuleBroken as error:
        return _refused_assign(request, order, problem_texts(error))
    messages.success(request, _told(made, offer=offer))
    return redirect(_after_assign(request, order, made))


def _refused_assign(
    request: HttpRequest, order: WorkOrder, problems: list[str], *, status: int = 409
) -> HttpResponse:
    fresh = _chosen(request, str(order.ref))
    if request.POST.get("back") == "order":
        return _order_page(request, order.ref, problems=problems, status=status)
    return _day_page(request, order.works_on, fresh, problems=problems, status=status)


def _told(made: list[Assignment], *, offer: bool) -> str:
    """What has become of those who were chosen, whatever the page still showed of them."""
    offered = [a for a in made if a.status == _S.OFFERED]
    theirs = ", ".join(a.worker.first_name for a in made if a.status != _S.OFFERED)
    found = []
    if theirs:
        text = _("%(names)s: has the gig already.") if offer else _("%(names)s: placed and told.")
        found.append(text % {"names": theirs})
    if offered and (until := offered[0].answer_by):
        names = ", ".join(a.worker.first_name for a in offered)
        values = {"names": names, "day": day_text(until), "time": clock(until)}
        found.append(_("Offer sent: %(names)s. Answer by %(day)s %(time)s.") % values)
    return " ".join(found)


def _after_assign(request: HttpRequest, order: WorkOrder, made: list[Assignment]) -> str:
    if request.POST.get("back") == "order":
        return reverse("dispatch:order-detail", args=[order.ref])
    url = f"{reverse('dispatch:day')}?on={order.works_on:%Y-%m-%d}"
    if len(made) == 1:
        url += f"&made={made[0].ref}"
    held = order.assignments.filter(status__in=HOLDING).count()
    return f"{url}&order={order.ref}" if held < order.people else url


# ------------------------------------------------------------------------------------ assignments


def _apply(
    request: HttpRequest, ref: UUID, action: AssignmentAction, done: str, **extra: Any
) -> HttpResponse:
    """One action on one assignment on the worker's behalf; the event says on whose."""
    user = signed_in(request)
    row = get_assignment(user, ref)
    label = COACH_LABEL if user.role == Role.COACH else OFFICE_LABEL
    try:
        services.assignment_apply(row, action, by=user, now=now(), actor_label=label, **extra)
    except RuleBroken as error:
        for text in problem_texts(error):
            messages.error(request, text)
    else:
        messages.success(request, done % {"name": row.worker.first_name})
    return _back(request, row)


def _back(request: HttpRequest, row: Assignment) -> HttpResponse:
    if signed_in(request).role == Role.COACH:
        return redirect("dispatch:coach-home")
    if request.POST.get("back") == "today":
        return redirect("dispatch:today")
    if request.POST.get("back") == "day":
        return redirect(f"{reverse('dispatch:day')}?on={row.order.works_on:%Y-%m-%d}")
    return redirect("dispatch:order-detail", ref=row.order.ref)


def _punch(request: HttpRequest, ref: UUID, action: AssignmentAction, done: str) -> HttpResponse:
    """A check-in or check-out: now, or at the time that was told by phone."""
    row = get_assignment(signed_in(request), ref)
    extra: dict[str, Any] = {"form_key": ref_or_none(request.POST.get("form_key", ""))}
    if "at" in request.POST:
        wall = parse_clock(request.POST["at"])
        if wall is None:
            # A time that cannot be read is never "now".
            messages.error(request, _("Enter the time, for example 9.00."))
            return _back(request, row)
        # A check-in may come a little before the start.
        began = punches.checked_in_at(row) or row.starts_at - punches.EARLY_CHECK_IN
        extra["at"] = punches.told(wall, began=began, planned_end=row.ends_at)
    return _apply(request, ref, action, done, **extra)


@office
@require_POST
def order_new_link(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The orderer's link has come into wrong hands: it ends, and they get another."""
    order = get_order(signed_in(request), ref)
    renew_link(order, by=signed_in(request), now=now())
    messages.success(request, _("The old links have ended. The orderer gets a new one by e-mail."))
    return redirect("dispatch:order-detail", ref=order.ref)


@office
@require_POST
def assignment_withdraw(request: HttpRequest, ref: UUID) -> HttpResponse:
    return _apply(request, ref, _A.WITHDRAW, _("%(name)s: withdrawn and told."))


@office
@require_POST
def assignment_no_show(request: HttpRequest, ref: UUID) -> HttpResponse:
    return _apply(request, ref, _A.MARK_NO_SHOW, _("%(name)s: marked as not arrived."))


@with_coach
@require_POST
def assignment_absent(request: HttpRequest, ref: UUID) -> HttpResponse:
    return _apply(request, ref, _A.MARK_ABSENT, _("%(name)s cannot come: the place is open again."))


@with_coach
@require_POST
def assignment_accept(request: HttpRequest, ref: UUID) -> HttpResponse:
    return _apply(request, ref, _A.ACCEPT, _("%(name)s: confirmed."))


@with_coach
@require_POST
def assignment_decline(request: HttpRequest, ref: UUID) -> HttpResponse:
    return _apply(request, ref, _A.DECLINE, _("%(name)s said no: the place is open again."))


@with_coach
@require_POST
def assignment_check_in(request: HttpRequest, ref: UUID) -> HttpResponse:
    return _punch(request, ref, _A.CHECK_IN, _("%(name)s: on site."))


@with_coach
@require_POST
def assignment_check_out(request: HttpRequest, ref: UUID) -> HttpResponse:
    return _punch(request, ref, _A.CHECK_OUT, _("%(name)s: work done."))


@with_coach
@require_POST
def assignment_undo(request: HttpRequest, ref: UUID) -> HttpResponse:
    row = get_assignment(signed_in(request), ref)
    seen = request.POST.get("status", row.status)
    # A second press of the same button would take back the tap before it as well.
    if seen != row.status:
        messages.info(request, _("It was taken back already."))
        return _back(request, row)
    return _apply(request, ref, _A.UNDO, _("%(name)s: the last tap was taken back."), seen=seen)


@office
@require_POST
def assignment_reassign(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Give the place to somebody else; the first keeps it when the second cannot take it."""
    user = signed_in(request)
    row = get_assignment(user, ref)
    form = AssignForm(request.POST)
    if not form.is_valid():
        return _refused_assign(request, row.order, [form.message()], status=422)
    offer = form.cleaned_data["mode"] == "offer"
    try:
        made = services.reassign(
            row,
            form.cleaned_data["worker"][0].pk,
            by=user,
            now=now(),
            offer=offer,
            override_reason=form.cleaned_data["override_reason"],
        )
    except RuleBroken as error:
        return _refused_assign(request, row.order, problem_texts(error))
    messages.success(request, _told([made], offer=offer))
    return redirect(_after_assign(request, row.order, [made]))


# ------------------------------------------------------------------------------------ orders

SHOW: dict[str, tuple[str, ...]] = {
    "open": board.LACKS_PEOPLE,
    "coming": (OrderStatus.FILLED, OrderStatus.IN_PROGRESS),
    "done": (OrderStatus.DONE, OrderStatus.CLOSED),
    # Their time is over: nobody can be found for them any more.
    "missed": board.LACKS_PEOPLE,
    "cancelled": (OrderStatus.CANCELLED,),
    "all": (),
}


@office
def order_list(request: HttpRequest) -> HttpResponse:
    show = request.GET.get("show", "open")
    show = show if show in SHOW else "open"
    query, on = request.GET.get("q", "").strip(), typed_date(request.GET.get("on", ""))
    rows = list_orders(
        orders_for(signed_in(request)),
        search=query,
        statuses=SHOW[show],
        newest=show not in {"open", "coming"},
    )
    moment = now()
    if show == "open":
        rows = rows.filter(ends_at__gt=moment)
    elif show == "missed":
        rows = rows.filter(ends_at__lte=moment)
    if on:
        rows = rows.filter(works_on=on)
    table = OrderTable(
        board.listed(rows),
        request,
        caption=_("Orders"),
        given="when" if show in {"open", "coming"} else "-when",
    )
    context = {
        "show": show, "query": query, "on": on, "tabs": _tabs(show), "now": moment,
        "lacking": board.LACKS_PEOPLE,
    }  # fmt: skip
    return respond(request, table, "dispatch/office/order_list.html", context)


def _tabs(show: str) -> list[dict[str, Any]]:
    labels = {
        "open": _("Without a worker"),
        "coming": pgettext("orders", "Coming"),
        "done": pgettext("orders", "Done"),
        "missed": pgettext("orders", "Not done"),
        "cancelled": pgettext("orders", "Cancelled"),
        "all": pgettext("orders", "All"),
    }
    return [{"key": k, "label": v, "current": k == show} for k, v in labels.items()]


@office
def order_detail(request: HttpRequest, ref: UUID) -> HttpResponse:
    return _order_page(request, ref)


def _order_page(
    request: HttpRequest, ref: UUID, *, problems: Iterable[str] = (), status: int = 200
) -> HttpResponse:
    order = get_object_or_404(board.with_counts(orders_for(signed_in(request))), ref=ref)
    places = list(order.assignments.select_related("worker", "created_by").order_by("-created_at"))
    undoable = punches.undoable(places, now())
    context = _panel(request, order, problems=problems) | {
        "places": [(a, _acts(a, undoable)) for a in places],
        "events": events_of(order),
        "form_key": uuid4(),
        "is_open": order.status in OPEN,
        "now": now(),
        "back": "order",
    }
    page = reverse("dispatch:order-detail", args=[order.ref])
    context["all_url"] = _whole_list(context["replaces"], f"{page}?")
    return render(request, "dispatch/office/order_detail.html", context, status=status)


def _acts(row: Assignment, undoable: Container[int]) -> set[str]:
    """What can be done about a place; the last tap is taken back only while there is time."""
    late = set() if row.pk in undoable else {_A.UNDO}
    return {str(action) for action in allowed_actions(row.status) - late}


@office
def order_new(request: HttpRequest) -> HttpResponse:
    """A phone order on one screen; Enter sends it."""
    moment = now()
    initial: dict[str, Any] = {"form_key": uuid4(), "works_on": local_date(moment)}
    on = typed_date(request.GET.get("on", ""))
    if on and on >= local_date(moment):
        initial["works_on"] = on
    form = QuickOrderForm(request.POST or None, initial=initial)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            order = place_order(form.draft(), by=signed_in(request), now=moment)
        except RuleBroken as error:
            problems = problem_texts(error)
        else:
            text = _("Order %(number)s is in. Choose who goes.") % {"number": order.number}
            messages.success(request, text)
            return redirect(f"{reverse('dispatch:day')}?order={order.ref}")
    customers = Customer.objects.filter(active=True).values_list("name", "customer_no")
    context = {"form": form, "violations": problems, "customers": customers}
    status = 422 if form.errors or problems else 200
    return render(request, "dispatch/office/order_new.html", context, status=status)


# ------------------------------------------------------------------------------------ workers


@with_coach
def worker_list(request: HttpRequest) -> HttpResponse:
    query, everybody = request.GET.get("q", "").strip(), request.GET.get("all") == "1"
    rows = workers_for(signed_in(request))
    for word in search_words(query):
        rows = rows.filter(
            Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(city__icontains=word)
            | Q(worker_no__iexact=word)
            | Q(pk__in=Worker.objects.filter(skills__name_fi__icontains=word).values("pk"))
        )
    hidden = 0 if everybody else rows.filter(active=False).count()
    if not everybody:
        rows = rows.filter(active=True)
    rows = rows.order_by("first_name", "last_name", "pk")
    table = WorkerTable(listed(rows), request, caption=_("Workers"), given="name")
    context = {"query": query, "everybody": everybody, "hidden": hidden}
    return respond(request, table, "dispatch/office/worker_list.html", context)


@with_coach
def worker_detail(request: HttpRequest, ref: UUID) -> HttpResponse:
    worker, moment = get_worker(signed_in(request), ref), now()
    gigs = worker.assignments.select_related("order__task_type", "order__site", "order__customer")
    context = {
        "worker": worker,
        "today": local_date(moment),
        "engagements": worker.engagements.order_by("-starts_on"),
        "coming": gigs.filter(ends_at__gt=moment, status__in=board.ON_BOARD)[:20],
        "past": gigs.filter(ends_at__lte=moment).order_by("-starts_at")[:10],
        "week": WeekForm(rows=list(worker.weekly_availability.all())),
        "windows": worker.weekly_availability.order_by("weekday", "starts"),
        "exceptions": worker.availability_exceptions.filter(on__gte=local_date(moment)),
        "absences": worker_day.absences(worker, moment),
        "hours": worker_day.home(worker, moment),
        "can_edit": signed_in(request).role in OFFICE,
    }
    return render(request, "dispatch/office/worker_detail.html", context)


@office
def worker_new(request: HttpRequest) -> HttpResponse:
    return _worker_form(request, Worker())


@office
def worker_edit(request: HttpRequest, ref: UUID) -> HttpResponse:
    return _worker_form(request, get_worker(signed_in(request), ref))


def _worker_form(request: HttpRequest, worker: Worker) -> HttpResponse:
    moment = now()
    form = WorkerForm(request.POST or None, instance=worker, today=local_date(moment))
    if request.method == "POST" and form.is_valid():
        saved = worker_services.save_worker(
            form.worker(),
            skills=form.cleaned_data["skills"],
            strains=form.cleaned_data["limits"],
            contract=form.contract(),
            signs_in=form.cleaned_data["signs_in"],
            by=signed_in(request),
            now=moment,
        )
        messages.success(request, _("Saved: %(name)s.") % {"name": saved})
        return redirect("dispatch:worker-detail", ref=saved.ref)
    context = {"form": form, "worker": worker if worker.pk else None}
    return render(
        request, "dispatch/office/worker_form.html", context, status=422 if form.errors else 200
    )


@with_coach
@require_POST
def worker_week(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The usual week, set on the worker's behalf."""
    user = signed_in(request)
    worker = get_worker(user, ref)
    form = WeekForm(request.POST, rows=list(worker.weekly_availability.all()))
    if form.is_valid():
        label = COACH_LABEL if user.role == Role.COACH else OFFICE_LABEL
        worker_services.set_week(worker, form.wanted(), by=user, now=now(), actor_label=label)
        messages.success(request, _("Saved: %(name)s.") % {"name": worker})
    return redirect("dispatch:worker-detail", ref=ref)


# ------------------------------------------------------------------------------------ days away


@with_coach
def absence_new(request: HttpRequest, ref: UUID) -> HttpResponse:
    warming.expect_plan()
    worker, moment = get_worker(signed_in(request), ref), now()
    on = local_date(moment)
    data = request.POST if request.method == "POST" else None
    form = AbsenceForm(data, today=on, initial={"from_on": on, "to_on": on})
    if data is not None and form.is_valid():
        starts_at, ends_at = form.interval()
        result = services.record_absence(
            worker, starts_at, ends_at, by=signed_in(request), now=moment
        )
        count = len(result.released)
        text = _("%(name)s is away. Open gigs: %(count)s.") % {"name": worker, "count": count}
        messages.success(request, text)
        return redirect("dispatch:absence-detail", ref=worker.ref, pk=result.absence.pk)
    context = {"form": form, "worker": worker}
    return render(
        request, "dispatch/office/absence_new.html", context, status=422 if form.errors else 200
    )


@with_coach
def absence_detail(request: HttpRequest, ref: UUID, pk: int) -> HttpResponse:
    """The gigs that an absence set free, each with its best substitute chosen beforehand."""
    user = signed_in(request)
    if user.role in OFFICE:
        warming.expect_plan()
    worker = get_worker(user, ref)
    absence = get_object_or_404(Absence, pk=pk, worker=worker)
    problems: list[str] = []
    if request.method == "POST" and user.role in OFFICE:
        problems = _replace_chosen(request, absence)
        if not problems:
            return redirect("dispatch:absence-detail", ref=ref, pk=pk)
    released = [_substitutes(o) for o in _released_orders(absence)]
    context = {
        "worker": worker,
        "absence": absence,
        "last_on": worker_day.last_day(absence),
        "released": released,
        "wanted": sum(row["wanted"] for row in released),
        "violations": problems,
        "can_edit": user.role in OFFICE,
    }
    return render(
        request, "dispatch/office/absence_detail.html", context, status=409 if problems else 200
    )


def _released_orders(absence: Absence) -> list[WorkOrder]:
    rows = board.with_counts(WorkOrder.objects.all()).filter(
        pk__in=Assignment.objects.filter(
            worker=absence.worker,
            status=_S.ABSENT,
            starts_at__lt=absence.ends_at,
            ends_at__gt=absence.starts_at,
        ).values("order")
    )
    return list(rows.order_by("starts_at"))


def _substitutes(order: WorkOrder) -> dict[str, Any]:
    wanted = (
        board.missing(order) > 0
        and order.status in services.TAKES_WORKERS
        and order.ends_at > now()
    )
    can = [c for c in listing(order, shown=5).can if c.fit == "fits"] if wanted else []
    held = order.assignments.filter(status__in=HOLDING).select_related("worker")
    return {"order": order, "wanted": wanted, "can": can[:5], "held": list(held)}


def _replace_chosen(request: HttpRequest, absence: Absence) -> list[str]:
    """Offer each ticked gig to the worker chosen for it; returns what went wrong, by gig."""
    problems: list[str] = []
    for order in _released_orders(absence):
        ref = ref_or_none(request.POST.get(f"for_{order.ref}", ""))
        substitute = Worker.objects.filter(ref=ref).first() if ref else None
        if substitute is None:
            continue
        try:
            made = services.assign(order, [substitute.pk], by=signed_in(request), now=now())
        except RuleBroken as error:
            problems += [f"{order.number}: {text}" for text in problem_texts(error)]
        else:
            messages.success(request, f"{order.number}: {_told(made, offer=True)}")
    return problems


@with_coach
@require_POST
def absence_remove(request: HttpRequest, ref: UUID, pk: int) -> HttpResponse:
    worker = get_worker(signed_in(request), ref)
    absence = get_object_or_404(Absence, pk=pk, worker=worker)
    services.remove_absence(absence, by=signed_in(request), now=now())
    messages.success(request, _("The days away were removed."))
    return redirect("dispatch:worker-detail", ref=ref)


# ------------------------------------------------------------------------------------ coach


@with_coach
def coach_home(request: HttpRequest) -> HttpResponse:
    moment = now()
    rows = coach_day.rows(workers_for(signed_in(request)), moment)
    context = {"rows": rows, "now": moment, "form_key": uuid4()}
    return render(request, "dispatch/board/coach_home.html", context)
