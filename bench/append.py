"""1 M rows x 8 columns from a stored result into the console's own table, beside the plain td-client."""

from pathlib import Path

from bench import rows
from bench.rig import Console, timed, wait_for

ROWS = 1_000_000


def run(console: Console) -> None:
    from django.conf import settings

    from console.accounts import keys
    from console.accounts.models import User
    from console.warehouse import storage
    from console.warehouse.types import TableRef

    user = User.objects.create_user("bench@example.com", "a password for the bench", role="administrator")
    found = {key.kind: keys.reveal(key) for key in keys.create_pair(user)}
    stored = settings.RESULTS_DIR / "bench.parquet"
    rows.write(stored, ROWS)
    storage.create_database("bench")
    for table in ("warm_up", "by_td_client"):
        storage.create_table(TableRef("bench", table))

    ours = timed(lambda: _export(user, found["master"], stored))
    assert storage.table(TableRef("bench", "by_export")).rows == ROWS
    csv = console.folder / "bench.csv"
    rows.write_csv(stored, csv)
    theirs = timed(lambda: _td_client(console.url, found["master"], csv))
    assert storage.table(TableRef("bench", "by_td_client")).rows == ROWS

    print(f"  append {ROWS:,} rows x 8 columns, export: {ours:6.1f} s, {ROWS / ours:10,.0f} rows/s")
    print(f"  the same by the plain td-client:         {theirs:6.1f} s, {ROWS / theirs:10,.0f} rows/s")
    print(f"  ratio {theirs / ours:.2f} (bar 3)")
    print(f"  peak memory: web {console.peak_mb('web'):.0f} MB, worker {console.peak_mb('queue'):.0f} MB")


def _export(user, key: str, stored: Path) -> None:  # type: ignore[no-untyped-def]
    from console.workbench import jobs
    from console.workbench.models import Job
    from integrations.models import Authentication

    authentication = Authentication(
        connector="treasure_data", name="bench", owner=user, keys={"endpoint": _own_address()}
    )
    authentication.seal({"apikey": key})
    authentication.save()
    source = Job.objects.create(
        user=user, database="bench", scheduled_time=0, status="success", rows=ROWS,
        result_path=stored.name, result_schema=rows.SCHEMA, export_authentication=authentication,
        export_settings={"user_database_name": "bench", "user_table_name": "by_export", "mode": "append"},
    )  # fmt: skip
    job = jobs.export_again(source, user)
    wait_for(lambda: Job.objects.get(pk=job.pk).is_finished)
    job.refresh_from_db()
    assert job.status == "success", job.error_message


def _own_address() -> str:
    from django.conf import settings

    return str(settings.BASE_URL)


def _td_client(url: str, key: str, csv: Path) -> None:
    import tdclient

    with tdclient.Client(apikey=key, endpoint=f"{url}/") as client:
        session = client.create_bulk_import("bench-td-client", "bench", "by_td_client")
        session.upload_file("part", "csv", str(csv))
        session.freeze()
        wait_for(session.perform().finished, step=0.1)  # its own wait counts in whole seconds
        session.commit(wait=True)
        session.delete()
