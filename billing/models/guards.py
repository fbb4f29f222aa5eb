"""What no code can change: an issued invoice, and rows that are only added.

Bank entries, payments, reminders, rates, rules, their results and exported batches are append-only.
"""

from core.guards import Guard, append_only, register

# Everything of an invoice but its state, its hash-independent dates and the stored files' sums.
FROZEN = (
    "series", "number", "kind", "customer_id", "original_id", "issued_on", "due_on", "reference",
    "net", "vat", "gross", "note", "content", "content_hash", "previous_hash",
)  # fmt: skip

_CHANGED_SQLITE = " OR ".join(f"NEW.{c} IS NOT OLD.{c}" for c in FROZEN)
_CHANGED_PG = " OR ".join(f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in FROZEN)

INVOICE = register(
    Guard(
        name="invoice_frozen",
        table="billing_invoice",
        sqlite={
            "invoice_frozen_update": (
                "CREATE TRIGGER invoice_frozen_update BEFORE UPDATE ON billing_invoice "
                f"WHEN OLD.number IS NOT NULL AND ({_CHANGED_SQLITE} OR NEW.status = 'draft') "
                "BEGIN SELECT RAISE(ABORT, 'invoice_frozen'); END"
            ),
            "invoice_frozen_delete": (
                "CREATE TRIGGER invoice_frozen_delete BEFORE DELETE ON billing_invoice "
                "WHEN OLD.number IS NOT NULL BEGIN SELECT RAISE(ABORT, 'invoice_frozen'); END"
            ),
        },
        postgresql=(
            "CREATE OR REPLACE FUNCTION invoice_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN IF TG_OP = 'DELETE' THEN IF OLD.number IS NULL THEN RETURN OLD; END IF; "
            f"ELSIF OLD.number IS NULL OR NOT ({_CHANGED_PG} OR NEW.status = 'draft') "
            "THEN RETURN NEW; END IF; RAISE EXCEPTION 'invoice_frozen' "
            "USING ERRCODE = 'integrity_constraint_violation'; END $$",
            "CREATE TRIGGER invoice_frozen BEFORE UPDATE OR DELETE ON billing_invoice "
            "FOR EACH ROW EXECUTE FUNCTION invoice_frozen()",
        ),
        postgresql_drop=("DROP TRIGGER IF EXISTS invoice_frozen ON billing_invoice",),
    )
)

_ISSUED_LITE = (
    "SELECT 1 FROM billing_invoice i WHERE i.id = {row}.invoice_id AND i.number IS NOT NULL"
)


def _line_trigger(event: str, row: str) -> str:
    name = f"invoice_line_frozen_{event.lower()}"
    return (
        f"CREATE TRIGGER {name} BEFORE {event} ON billing_invoiceline "
        f"WHEN EXISTS ({_ISSUED_LITE.format(row=row)}) "
        "BEGIN SELECT RAISE(ABORT, 'invoice_line_frozen'); END"
    )


LINES = register(
    Guard(
        name="invoice_line_frozen",
        table="billing_invoiceline",
        sqlite={
            "invoice_line_frozen_insert": _line_trigger("INSERT", "NEW"),
            "invoice_line_frozen_update": _line_trigger("UPDATE", "OLD"),
            "invoice_line_frozen_delete": _line_trigger("DELETE", "OLD"),
        },
        postgresql=(
            "CREATE OR REPLACE FUNCTION invoice_line_frozen() RETURNS trigger LANGUAGE plpgsql "
            "AS $$ DECLARE target bigint; BEGIN IF TG_OP = 'INSERT' THEN target := NEW.invoice_id; "
            "ELSE target := OLD.invoice_id; END IF; "
            "IF EXISTS (SELECT 1 FROM billing_invoice i "
            "WHERE i.id = target AND i.number IS NOT NULL)"
            " THEN RAISE EXCEPTION 'invoice_line_frozen' "
            "USING ERRCODE = 'integrity_constraint_violation'; END IF; "
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
            "CREATE TRIGGER invoice_line_frozen BEFORE INSERT OR UPDATE OR DELETE "
            "ON billing_invoiceline FOR EACH ROW EXECUTE FUNCTION invoice_line_frozen()",
        ),
        postgresql_drop=("DROP TRIGGER IF EXISTS invoice_line_frozen ON billing_invoiceline",),
    )
)

# What was sent as an e-invoice stays; only the receipt is written afterwards.
_SENT = (
    "invoice_id", "attempt", "message_key", "format", "content", "content_hash", "address",
    "operator",
)  # fmt: skip
_SENT_SQLITE = " OR ".join(f"NEW.{c} IS NOT OLD.{c}" for c in _SENT)
_SENT_PG = " OR ".join(f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in _SENT)

EINVOICE = register(
    Guard(
        name="einvoice_frozen",
        table="billing_einvoice",
        sqlite={
            "einvoice_frozen_update": (
                "CREATE TRIGGER einvoice_frozen_update BEFORE UPDATE ON billing_einvoice "
                f"WHEN {_SENT_SQLITE} BEGIN SELECT RAISE(ABORT, 'einvoice_frozen'); END"
            ),
            "einvoice_frozen_delete": (
                "CREATE TRIGGER einvoice_frozen_delete BEFORE DELETE ON billing_einvoice "
                "BEGIN SELECT RAISE(ABORT, 'einvoice_frozen'); END"
            ),
        },
        postgresql=(
            "CREATE OR REPLACE FUNCTION einvoice_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN IF TG_OP = 'UPDATE' AND NOT ({_SENT_PG}) THEN RETURN NEW; END IF; "
            "RAISE EXCEPTION 'einvoice_frozen' "
            "USING ERRCODE = 'integrity_constraint_violation'; END $$",
            "CREATE TRIGGER einvoice_frozen BEFORE UPDATE OR DELETE ON billing_einvoice "
            "FOR EACH ROW EXECUTE FUNCTION einvoice_frozen()",
        ),
        postgresql_drop=("DROP TRIGGER IF EXISTS einvoice_frozen ON billing_einvoice",),
    )
)

APPEND_ONLY = tuple(
    register(append_only(f"{name}_append_only", f"billing_{name}"))
    for name in (
        "bankentry",
        "hourmark",
        "payment",
        "payrollbatch",
        "payrollfile",
        "payrollrow",
        "payruleversion",
        "referencerate",
        "reminder",
        "reminderterms",
        "roundedminutes",
        "roundingversion",
    )
)
