"""Keeping read, starred and feeds in step with a server, by the Google Reader API.

Fetching and storing for the worker and the command line; the process that draws never imports it.
"""
