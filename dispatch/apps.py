from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DispatchConfig(AppConfig):
    name = "dispatch"
    verbose_name = _("Dispatch")

    def ready(self) -> None:
        # Imported here because the app registry must be ready; importing some of them registers.
        from django_q.signals import post_spawn  # noqa: PLC0415

        from accounts.audit_trail import subjects as audit_subjects  # noqa: PLC0415
        from core import book_checks, texts  # noqa: PLC0415
        from dispatch import frame, tasks  # noqa: F401, PLC0415
        from dispatch.assignments import receivers  # noqa: F401, PLC0415
        from dispatch.assignments.texts import NAMES_WORKER, assignment_text  # noqa: PLC0415
        from dispatch.models import guards  # noqa: F401, PLC0415
        from dispatch.office.orders.audit_subjects import Orders  # noqa: PLC0415
        from dispatch.plans import warming  # noqa: PLC0415
        from dispatch.plans.texts import plan_text  # noqa: PLC0415

        frame.register()
        book_checks.register("dispatch.assignments.book_checks.broken")
        texts.register(assignment_text, names_worker=NAMES_WORKER)
        texts.register(plan_text)
        audit_subjects.register(Orders())
        post_spawn.connect(warming.of_queue_worker, dispatch_uid="warm-planner")
