from django.urls import path

from console.workbench.views import editor, export, export_preview, job_list, jobs, queries, rejects, runs

urlpatterns = [
    path("queries/", queries.index, name="queries"),
    path("queries/new/", editor.new, name="query_new"),
    path("queries/new/save/", editor.create, name="query_create"),
    path("queries/new/run/", runs.run_new, name="query_run_new"),
    path("queries/format/", editor.format_sql, name="query_format"),
    path("queries/schema/", editor.tree, name="editor_tree"),
    path("queries/completion/", editor.completion, name="editor_completion"),
    path("queries/<int:pk>/", editor.show, name="query"),
    path("queries/<int:pk>/save/", editor.save, name="query_save"),
    path("queries/<int:pk>/run/", runs.run, name="query_run"),
    path("queries/<int:pk>/versions/", editor.versions, name="query_versions"),
    path("queries/<int:pk>/duplicate/", queries.duplicate, name="query_duplicate"),
    path("queries/<int:pk>/delete/", queries.delete, name="query_delete"),
    path("queries/<int:pk>/export/", export.choose, name="query_export"),
    path("queries/<int:pk>/export/remove/", export.remove, name="query_export_remove"),
    path("queries/<int:pk>/export/<int:authentication_id>/", export.settings, name="query_export_settings"),
    path(
        "queries/<int:pk>/export/<int:authentication_id>/preview/",
        export_preview.show,
        name="query_export_preview",
    ),
    path(
        "queries/<int:pk>/export/<int:authentication_id>/validate/",
        export_preview.validate,
        name="query_export_validate",
    ),
    path("jobs/", job_list.index, name="jobs"),
    path("jobs/<int:pk>/", jobs.show, name="job"),
    path("jobs/<int:pk>/progress/", jobs.live, name="job_progress"),
    path("jobs/<int:pk>/result/", runs.result, name="job_result"),
    path("jobs/<int:pk>/result.csv", jobs.result_csv, name="job_result_csv"),
    path("jobs/<int:pk>/rejected/", rejects.index, name="job_rejected"),
    path("jobs/<int:pk>/rejected.csv", rejects.download, name="job_rejected_csv"),
    path("jobs/<int:pk>/send-again/", rejects.send, name="job_send_again"),
    path("jobs/<int:pk>/log.txt", jobs.download_log, name="job_log"),
    path("jobs/<int:pk>/kill/", jobs.kill, name="job_kill"),
    path("jobs/<int:pk>/export-again/", jobs.export_again, name="job_export_again"),
]
