"""What the lists of activations need: {% load activations %}."""

from django import template

from activations import repeat_form

register = template.Library()
register.filter("repeat_label", repeat_form.label)
