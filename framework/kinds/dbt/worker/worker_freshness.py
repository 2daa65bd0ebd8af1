"""dbt's own source freshness: which sources have it, and what it found."""

from datetime import timezone

COMMAND = ("source", "freshness")

# Of dbt's statuses, a source that is too old is like a test that has failed.
STATUSES = {"error": "fail"}


def freshness_facts(source):
    """What dbt compares the age of a source with; None if it has no freshness."""
    if not source.has_freshness:
        return None
    freshness = source.freshness
    terms = {
        "freshness": freshness.to_dict(omit_none=True),
        "field": source.loaded_at_field,
        "query": getattr(source, "loaded_at_query", None),
    }
    return {"error": bool(freshness.error_after), "terms": terms}


def result_of(result):
    """The fields of a `finish` event for one source."""
    status, source = str(result.status), result.node
    found = {
        "status": STATUSES.get(status, status),
        "message": result.message,
        "failures": None,
        "seconds": result.execution_time,
    }
    return {**found, "age": age_of(result, source.freshness)} if hasattr(result, "max_loaded_at") else found


def age_of(result, freshness):
    loaded = result.max_loaded_at
    if loaded.tzinfo is not None:
        loaded = loaded.astimezone(timezone.utc) if loaded.year > 1 else loaded
    return {
        # dbt takes a source without rows for one of the year 1.
        "max_loaded_at": loaded.strftime("%Y-%m-%d %H:%M:%S") if loaded.year > 1 else None,
        "age": result.age,
        "warn_after": limit_of(freshness.warn_after),
        "error_after": limit_of(freshness.error_after),
    }


def limit_of(time):
    return {"count": time.count, "period": str(getattr(time.period, "value", time.period))} if time else None
