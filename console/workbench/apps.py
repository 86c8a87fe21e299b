from django.apps import AppConfig


class WorkbenchConfig(AppConfig):
    name = "console.workbench"
    label = "workbench"
