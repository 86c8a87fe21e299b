"""Every call of the API, and which of them a write-only key may make: importing, and nothing that reads."""

from console.api import bulk_imports, connections, databases, imports, jobs, tables, users
from console.api.audience.routes import AUDIENCE_ROUTES
from console.api.routing import Route

GET, POST, PUT = ("GET", "HEAD"), ("POST",), ("PUT",)
EITHER = ("GET", "POST")
WITH_ID = "table/import_with_id/<database>/<table>"

ROUTES = (
    Route(GET, "system/server_status", users.server_status, public=True),
    Route(POST, "user/authenticate", users.authenticate, public=True),
    Route(GET, "user/show", users.show),
    Route(GET, "user/list", users.listing),
    Route(GET, "user/apikey/validate", users.validate, write_only=True),
    Route(GET, "user/apikey/list/<name>", users.apikeys),
    Route(GET, "account/show", users.account),
    Route(GET, "database/list", databases.listing),
    Route(GET, "database/show/<database>", databases.show),
    Route(POST, "database/create/<database>", databases.create, write_only=True),
    Route(POST, "database/delete/<database>", databases.delete),
    Route(GET, "table/list/<database>", tables.listing),
    Route(GET, "table/show/<database>/<table>", tables.show),
    Route(POST, "table/create/<database>/<table>", tables.create, write_only=True),
    Route(POST, "table/create/<database>/<table>/<type>", tables.create, write_only=True),
    Route(POST, "table/delete/<database>/<table>", tables.delete),
    Route(POST, "table/swap/<database>/<table>/<other>", tables.swap),
    Route(POST, "table/rename/<database>/<table>/<other>", tables.rename),
    Route(POST, "table/update/<database>/<table>", tables.update),
    Route(POST, "table/update-schema/<database>/<table>", tables.update_schema),
    Route(POST, "table/append-schema/<database>/<table>", tables.update_schema),
    Route(EITHER, "table/tail/<database>/<table>", tables.tail),
    Route(GET, "table/distribution/<database>/<table>", tables.distribution),
    Route(PUT, "table/import/<database>/<table>/<format>", imports.import_rows, write_only=True),
    Route(
        PUT,
        "table/import_with_id/<database>/<table>/<unique_id>/<format>",
        imports.import_rows,
        write_only=True,
    ),
    Route(GET, "bulk_import/list", bulk_imports.listing),
    Route(POST, "bulk_import/create/<name>/<database>/<table>", bulk_imports.create, write_only=True),
    Route(GET, "bulk_import/show/<name>", bulk_imports.show, write_only=True),
    Route(GET, "bulk_import/list_parts/<name>", bulk_imports.list_parts, write_only=True),
    Route(PUT, "bulk_import/upload_part/<name>/<part>", bulk_imports.upload_part, write_only=True),
    Route(POST, "bulk_import/delete_part/<name>/<part>", bulk_imports.delete_part, write_only=True),
    Route(POST, "bulk_import/freeze/<name>", bulk_imports.freeze, write_only=True),
    Route(POST, "bulk_import/unfreeze/<name>", bulk_imports.unfreeze, write_only=True),
    Route(POST, "bulk_import/perform/<name>", bulk_imports.perform, write_only=True),
    Route(POST, "bulk_import/commit/<name>", bulk_imports.commit, write_only=True),
    Route(POST, "bulk_import/delete/<name>", bulk_imports.delete, write_only=True),
    Route(GET, "bulk_import/error_records/<name>", bulk_imports.error_records, write_only=True),
    Route(GET, "job/list", jobs.listing),
    Route(GET, "job/show/<job_id>", jobs.show),
    Route(GET, "job/status/<job_id>", jobs.status, write_only=True),
    Route(POST, "job/kill/<job_id>", jobs.kill),
    Route(GET, "connections/lookup", connections.lookup),
    *AUDIENCE_ROUTES,
)
