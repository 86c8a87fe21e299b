"""A parent segment while somebody defines it: as typed, with fields named by their paths.

Like the JSON of `activations.definitions`, but the columns stand under the table they are in, each with whether it is
used: what isn't is offered again.
"""
