"""The quick part of the tests: `pytest --quick`, which `make test-quick` runs.

It loads every module of tests and runs each test function once: of a function with many cases the
first. It leaves out what drives a browser, what races processes, and the functions and modules
named below, which take longest. Tests on the real clock are never left out, except browser tests:
the quick part is run with other dates of the machine, and those tests are the ones that see it.
"""

from __future__ import annotations

import pytest

# Names of modules and of functions: a second or more each, and others ask the same kind of
# thing in less. tests/test_quick.py holds that each name exists.
LEFT_OUT = frozenset(
    {
        # modules that read sources and pages: no date changes their answer
        "test_data_model",
        "test_docstring_form",
        "test_house",
        "test_language_cookie",
        "test_layout_of_sources",
        "test_lifecycles",
        "test_marks",
        "test_one_home",
        "test_process_weight",
        "test_requirements",
        "test_settings_doc",
        # modules that take long
        "test_checks_pay",
        "test_conservation",
        "test_delivery",
        "test_eu_invoices",
        "test_exact",
        "test_guards",
        "test_wild",
        "test_month_size",
        "test_page_queries",
        "test_parts",
        "test_arrays",
        "test_repair_pages",
        "test_solve",
        "test_subsidy",
        "test_why",
        "test_wild_forms",
        "test_young_and_average",
        # functions
        "test_300_workers_take_few_queries_and_less_than_300_ms",
        "test_bell_delivers_after_commit",
        "test_bench_planner_greedy_json_row_is_judged",
        "test_broken_bell_is_logged_and_the_message_waits",
        "test_broken_invariant_is_named",
        "test_day_board_queries_do_not_grow_with_rows",
        "test_demo_books_open_items_equal_the_kept_open_sums",
        "test_demo_data_every_state_and_books_in_order",
        "test_every_paid_minute_is_in_exactly_one_part",
        "test_every_url_role_and_owner_no_leak",
        "test_judge_thousand_damaged_plans_all_caught_by_both_judges",
        "test_judge_undamaged_plans_no_fault",
        "test_level_on_three_hundred_workers_is_cheap",
        "test_matrix_of_340_documents_has_no_finding",
        "test_moved_machine_clock_finds_planted_dates",
        "test_order_light_brake_for_people_without_account",
        "test_plan_file_own_process_exit_0_and_no_database",
        "test_quote_equals_invoice_when_done_as_ordered",
        "test_register_pdf_many_pages_same_bytes",
        "test_search_finds_by_number_reference_and_customer_whatever_the_tab",
        "test_sheet_with_a_cell_in_the_last_line_is_refused_at_once",
        "test_sick_call_is_replaced_in_three_clicks",
        "test_strip_page_says_how_many_are_folded_and_where_all_are",
        "test_totals_of_every_format_equal_the_screen_to_the_minute",
        "test_week_page_takes_the_same_few_queries_whatever_the_rows",
    }
)


class QuickPart:
    """The plugin; tests/conftest.py registers it."""

    @staticmethod
    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
        if not config.getoption("quick"):
            return
        seen: set[str] = set()
        kept, left_out = [], []
        for item in items:
            function = item.nodeid.partition("[")[0]
            (kept if is_quick(item) and function not in seen else left_out).append(item)
            seen.add(function)
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


def is_quick(item: pytest.Item) -> bool:
    """Whether the quick part runs this function at all."""
    if item.get_closest_marker("browser"):
        return False
    if item.get_closest_marker("real_clock"):
        return True
    names = {item.path.stem, getattr(item, "originalname", item.name)}
    return not (item.get_closest_marker("racing") or names & LEFT_OUT)
