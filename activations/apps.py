from django.apps import AppConfig


class ActivationsConfig(AppConfig):
    name = "activations"

    def ready(self) -> None:
        from activations import hooks
        from activations.journeys import hooks as journeys

        hooks.register()
        journeys.register()
