"""The gauges: the workspace's figures in the form of Prometheus, read when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from wayfare.engine.verbs import Studio


def exposition(workspace: Studio) -> tuple[bytes, str]:
    """The text and its content type."""
    registry = CollectorRegistry()
    registry.register(_Figures(workspace))
    return generate_latest(registry), CONTENT_TYPE_LATEST


class _Figures:
    def __init__(self, workspace: Studio) -> None:
        self._studio = workspace

    def collect(self) -> Iterator[Metric]:
        overview = self._studio.overview()
        offsets = GaugeMetricFamily("wayfare_log_offset", "Log offset by stage", labels=["stage"])
        for stage, offset in overview["offsets"].items():
            offsets.add_metric([stage], offset)
        yield offsets
        yield GaugeMetricFamily("wayfare_people", "Profiles in the live store", value=overview["people"])
        yield CounterMetricFamily("wayfare_events", "Events applied", value=overview["events"]["total"])
        yield CounterMetricFamily(
            "wayfare_quarantined", "Items that are no events", value=overview["quarantined"]
        )
        messages = GaugeMetricFamily("wayfare_messages", "Messages by state", labels=["state"])
        for state, count in overview["messages"].items():
            messages.add_metric([state], count)
        yield messages
        enrolled = GaugeMetricFamily(
            "wayfare_enrollments", "Visits by journey and posture", labels=["journey", "posture"]
        )
        for card in overview["journeys"]:
            for posture in ("entered", "waiting", "held", "left"):
                enrolled.add_metric([card["id"], posture], card[posture])
        yield enrolled
        yield GaugeMetricFamily(
            "wayfare_kill_switch", "1 while every send is stopped", value=float(overview["kill_switch"]["on"])
        )
