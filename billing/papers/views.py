"""A paper as a page of its own, for every slice that has papers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from billing.papers.web import Sheet
from core.texts import problem_texts
from core.violations import RuleBroken


def show(
    request: HttpRequest,
    sheet: Sheet,
    *,
    pdf: str,
    title: str = "",
    back: tuple[str, str] = ("", ""),
) -> HttpResponse:
    """A paper as a page in the paper's language, inside a page in the reader's.

    `pdf` is the address of the same paper as a PDF; `back` an address and its words.
    """
    context = {
        "sheet": sheet,
        "page_language": (get_language() or "fi")[:2],
        "page_title": title or f"{sheet.title}, {sheet.subject}",
        "pdf": pdf,
        "back": back[0],
        "back_label": back[1],
    }
    return render(request, "billing/papers/document.html", context)


def refusal(request: HttpRequest, error: RuleBroken) -> HttpResponse:
    return render(request, "billing/problem.html", {"texts": problem_texts(error)}, status=409)
