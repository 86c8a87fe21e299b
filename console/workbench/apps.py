from django.apps import AppConfig


class WorkbenchConfig(AppConfig):
    name = "console.workbench"
    label = "workbench"

    def ready(self) -> None:
        from console.workbench import hooks, schedule_hooks

        hooks.register()
        schedule_hooks.register()
