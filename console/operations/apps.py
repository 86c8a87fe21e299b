from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "console.operations"
    label = "operations"

    def ready(self) -> None:
        from django_q.signals import post_spawn

        from console.operations import heartbeats
        from console.shell import status
        from console.workbench import upkeep

        post_spawn.connect(heartbeats.worker_spawned)
        upkeep.turned.connect(heartbeats.watch_turned)
        status.register_workers(heartbeats.workers)
        status.register_scheduler(heartbeats.scheduler)
