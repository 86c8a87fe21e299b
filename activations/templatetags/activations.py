"""What the lists of activations need: {% load activations %}."""

from django import template

from activations import addresses, repeat_form

register = template.Library()
register.filter("segment_url", addresses.segment)
register.filter("repeat_label", repeat_form.label)
