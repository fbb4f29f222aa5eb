"""Rules, their results and exported batches are append-only, by whatever code."""

from core.guards import append_only, register

GUARDS = tuple(
    register(append_only(f"{name}_append_only", f"billing_{name}"))
    for name in (
        "roundingversion", "roundedminutes", "payruleversion", "hourmark", "payrollbatch",
        "payrollrow", "payrollfile",
    )
)  # fmt: skip
