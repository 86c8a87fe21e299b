"""Notices: who wants to hear of what, the outbox, and how a notice leaves. Knows nothing of queries or jobs."""
