from django.apps import AppConfig


class WarehouseConfig(AppConfig):
    name = "console.warehouse"
    label = "warehouse"

    def ready(self) -> None:
        from console.warehouse import hooks

        hooks.register()
