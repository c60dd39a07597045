"""The app: builds a running workspace out of a Config; the only place that knows all the rooms."""
