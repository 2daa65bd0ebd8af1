"""Exact arithmetic, rounded only at the end, and helpers for rows that the oracle needs."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

Row = dict[str, object]
DAY = timedelta(days=1)


def to_4_places(value: Fraction | None) -> Decimal | None:
    """Rounds half away from zero."""
    if value is None:
        return None
    scaled = abs(value) * 10_000
    whole = scaled.numerator // scaled.denominator
    if scaled - whole >= Fraction(1, 2):
        whole += 1
    return Decimal(whole if value >= 0 else -whole).scaleb(-4)


def ratio(part: object, whole: object) -> Decimal | None:
    return to_4_places(Fraction(part) / Fraction(whole)) if part is not None and whole else None


def pct(part: object, whole: object) -> Decimal | None:
    return to_4_places(100 * Fraction(part) / Fraction(whole)) if part is not None and whole else None


def days(span: timedelta | None) -> Fraction | None:
    return None if span is None else Fraction(span // timedelta(microseconds=1), DAY // timedelta(microseconds=1))


def median(values: list) -> Fraction:
    ordered = sorted(Fraction(v) for v in values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def money(values) -> Decimal:
    return sum(values, Decimal("0.00"))


def group(rows: list[Row], key) -> dict[object, list[Row]]:
    groups: dict[object, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row) if callable(key) else row[key]].append(row)
    return groups


def by(rows: list[Row], key: str) -> dict[object, Row]:
    return {row[key]: row for row in rows}


def date_key(moment: date) -> int:
    return int(moment.strftime("%Y%m%d"))


def next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def ranked(rows: list[Row]) -> list[Row]:
    """Adds the ranks by rentals and by revenue, with gaps after ties, as SQL's rank() has them."""
    return [
        {
            **row,
            "rentals_rank": 1 + sum(other["rentals"] > row["rentals"] for other in rows),
            "revenue_rank": 1 + sum(other["revenue"] > row["revenue"] for other in rows),
        }
        for row in rows
    ]
