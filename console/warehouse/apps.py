from django.apps import AppConfig


class WarehouseConfig(AppConfig):
    name = "console.warehouse"
    label = "warehouse"
