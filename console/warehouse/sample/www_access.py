"""5,000 lines of a web shop's access log, made by a small generator: the same lines every time."""

from collections.abc import Iterator
from random import Random

COLUMNS = (
    ("time", "BIGINT"),
    ("user", "VARCHAR"),
    ("host", "VARCHAR"),
    ("path", "VARCHAR"),
    ("referer", "VARCHAR"),
    ("code", "BIGINT"),
    ("agent", "VARCHAR"),
    ("size", "BIGINT"),
    ("method", "VARCHAR"),
)
ROWS = 5_000
START = 1_412_121_600  # 2014-10-01 00:00:00 UTC
DAYS = 4
CATEGORIES = (
    "books",
    "cameras",
    "electronics",
    "games",
    "garden",
    "jewelry",
    "music",
    "office",
    "sports",
    "toys",
)
AGENTS = (
    "Mozilla/5.0 (Windows NT 6.1; WOW64; rv:32.0) Gecko/20100101 Firefox/32.0",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 Chrome/37.0.2062.124 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_5) AppleWebKit/600.1.17 Version/7.1 Safari/537.85",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 8_0_2 like Mac OS X) AppleWebKit/600.1.4 Mobile/12A405",
    "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; WOW64; Trident/5.0)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
)
USERS = ("-", "-", "-", "-", "-", "-", "-", "-", "alice", "bruno", "chie", "devi")
CODES = (200,) * 470 + (404,) * 18 + (500,) * 6 + (302,) * 6


def rows() -> Iterator[tuple[int, str, str, str, str, int, str, int, str]]:
    """Newest first, as (time, user, host, path, referer, code, agent, size, method)."""
    random = Random(2014)
    hosts = [".".join(str(random.randrange(4, 230)) for _ in range(4)) for _ in range(900)]
    times = sorted((START + random.randrange(DAYS * 86_400) for _ in range(ROWS)), reverse=True)
    for time in times:
        path, method = _request(random)
        referer = "-" if random.random() < 0.45 else _request(random)[0]
        code = random.choice(CODES)
        size = random.randrange(40, 140) if code == 200 else random.randrange(20, 60)
        yield (
            time,
            random.choice(USERS),
            random.choice(hosts),
            path,
            referer,
            code,
            random.choice(AGENTS),
            size,
            method,
        )


def _request(random: Random) -> tuple[str, str]:
    """A path and its method: categories, items, and a search now and then, which is a POST."""
    category = random.choice(CATEGORIES)
    kind = random.random()
    if kind < 0.5:
        return f"/category/{category}", "GET"
    if kind < 0.92:
        return f"/item/{category}/{random.randrange(1, 5_000)}", "GET"
    return f"/search/?c={category.capitalize()}", "POST"
