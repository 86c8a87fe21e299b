"""Gunicorn's settings (https://gunicorn.org/reference/settings/). The address is given by whoever starts it."""

from console.environment import env_int

worker_class = "gthread"  # a slow upload or a progress stream holds a thread, not a process
workers = env_int("SENDOFF_WEB_PROCESSES", 2, minimum=1)
threads = env_int("SENDOFF_WEB_THREADS", 8, minimum=1)
timeout = 120  # seconds without a sign of life from a process; threads may take longer
graceful_timeout = 10
keepalive = 30
control_socket_disable = True  # it lives in the home directory, where two consoles would meet
accesslog = "-"
# Without the query: a sign-in's code and state travel there.
access_log_format = '%(t)s INFO access %(h)s "%(m)s %(U)s %(H)s" %(s)s %(b)s %(M)sms'
