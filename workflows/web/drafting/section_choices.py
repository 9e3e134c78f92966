"""What can be chosen in a letter, value and words, where the letter's own wording has no words for it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

CHANNELS = (
    ("local", _("between offices that both work on this installation")),
    ("paper", _("by post, on paper")),
    ("interpol", _("through INTERPOL")),
    ("diplomatic", _("through diplomatic missions")),
    ("email", _("by e-mail")),
    ("24_7", _("through the 24/7 points of contact")),
)
URGENCY = (
    ("routine", _("routine")),
    ("urgent", _("urgent: something is lost after a certain day")),
    ("emergency", _("emergency: life or safety is in danger")),
)
