"""How the tagger's weights are made. ``README.md`` beside this file has the commands."""
