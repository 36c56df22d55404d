"""The stories of the demo newsroom, a module a topic."""

from . import energy, port_alder, ukraine

TOPICS = (ukraine.TOPIC, energy.TOPIC, port_alder.TOPIC)
