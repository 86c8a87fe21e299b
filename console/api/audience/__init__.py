"""Audience Studio over the API: parent segments, folders, segments and activations ("syndications" to its clients).

Thin as its neighbours: each call reads its body, calls `activations` as the pages do, and prints. Bodies are described
in docs/audience-api.md.
"""
