"""What `/metrics` tells Prometheus."""

from prometheus_client import Counter, Gauge

PAGES = Counter("milepost_pages_from_memory", "Campaign pages and states served from the shelf")
EVENTS = Counter(
    "milepost_events", "Payment events that came in, by what became of them", ["result"]
)
LISTENERS = Gauge("milepost_listeners", "Open live streams of this process")
WAITING = Gauge("milepost_facts_waiting", "Facts that wait to be settled")
REFUSED = Gauge("milepost_facts_refused", "Facts that could not be understood or were unlawful")
