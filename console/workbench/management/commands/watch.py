import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections

from console.notices import outbox, sending
from console.workbench import firing, upkeep
from console.workbench.firing import mending

log = logging.getLogger(__name__)
EVERY = 1.0  # seconds
HOURLY = 3600


class Command(BaseCommand):
    help = "Fires schedules, rings again for jobs and notices whose worker died, removes what is old."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        threading.Thread(target=sending.keep_helping, args=(stop,), name="notices", daemon=True).start()
        clock = mending.Clock()
        turn = 0
        while not stop.wait(EVERY):
            try:
                close_old_connections()
                upkeep.ring_again()
                if clock.was_set_back() or turn % HOURLY == 0:
                    mending.mend()
                firing.turn()
                outbox.ring_due()
                upkeep.turned.send(sender=Command)
                if turn % HOURLY == 0:
                    outbox.remove_old()
                    upkeep.remove_old_results()
                    upkeep.remove_strays()
                    upkeep.remove_old_slots()
            except Error as error:
                log.warning("the database is away: %s", str(error).partition("\n")[0])
            except OSError:
                log.exception("old files could not be removed")
            turn += 1
