from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DispatchConfig(AppConfig):
    name = "dispatch"
    verbose_name = _("Dispatch")

    def ready(self) -> None:
        from django_q.signals import post_spawn  # noqa: PLC0415 - after models

        from dispatch import tasks  # noqa: F401, PLC0415
        from dispatch.assignments import receivers  # noqa: F401, PLC0415
        from dispatch.models import guards  # noqa: F401, PLC0415
        from dispatch.plans import warming  # noqa: F401, PLC0415
        from dispatch.plans.texts import violation_text  # noqa: PLC0415
        from workers.worktime.texts import register_texts  # noqa: PLC0415

        register_texts(violation_text)
        post_spawn.connect(warming.of_queue_worker, dispatch_uid="warm-planner")
