"""The demo newsroom: people, topics and stories as data, and how they are loaded through the verbs of the desk."""
