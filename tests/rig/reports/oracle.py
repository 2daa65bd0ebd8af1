"""The expected rows of every mart and report, computed from their definitions, independently of the dbt models.

Slow and simple on purpose: dictionaries, loops and exact fractions, no SQL. Each method returns rows as dictionaries
with their keys in the order of the columns.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from exact import DAY, Row, by, date_key, days, group, median, money, next_month, pct, ranked, ratio
from source import Source


class Oracle:
    """Computes the marts and reports of one source. `models` has the rows of each model by name."""

    def __init__(self, source: Source) -> None:
        self.table = {name: source.utc(name) for name in source.rows}
        self.address, self.city, self.country = (
            by(self.table[name], f"{name}_id") for name in ("address", "city", "country")
        )
        self.models: dict[str, list[Row]] = {}
        for build in (
            self.stg_payment, self.dim_customer, self.bridge_film_category, self.dim_film, self.dim_staff,
            self.dim_store, self.dim_date, self.fact_payment, self.fact_rental, self.daily_revenue,
            self.revenue_trend, self.country_sales, self.customer_segments, self.segment_behaviour,
            self.segment_category_preference, self.film_popularity, self.genre_popularity,
            self.inventory_utilisation, self.open_rentals, self.late_returns,
        ):
            self.models[build.__name__] = build()

    def place(self, address_id: object) -> Row:
        address = self.address.get(address_id, {})
        city = self.city.get(address.get("city_id"), {})
        country = self.country.get(city.get("country_id"), {})
        return {**address, **city, **country}

    def stg_payment(self) -> list[Row]:
        return self.table["payment"]

    def dim_customer(self) -> list[Row]:
        rows = []
        for c in self.table["customer"]:
            place = self.place(c["address_id"])
            rows.append({
                "customer_id": c["customer_id"], "first_name": c["first_name"], "last_name": c["last_name"],
                "full_name": f"{c['first_name']} {c['last_name']}", "email": c["email"],
                "is_active": bool(c["active"]), "store_id": c["store_id"], "address": place.get("address"),
                "district": place.get("district"), "postal_code": place.get("postal_code"), "city": place.get("city"),
                "country_id": place.get("country_id"), "country": place.get("country"), "created_on": c["create_date"],
            })
        return rows

    def bridge_film_category(self) -> list[Row]:
        category = by(self.table["category"], "category_id")
        return [
            {"film_id": link["film_id"], "category_id": key, "category": category[key]["name"]}
            for link in self.table["film_category"]
            for key in [link["category_id"]]
        ]

    def dim_film(self) -> list[Row]:
        language = {row["language_id"]: row["name"].strip() for row in self.table["language"]}
        categories = group(self.models["bridge_film_category"], "film_id")
        return [
            {
                "film_id": f["film_id"], "title": f["title"], "description": f["description"],
                "release_year": f["release_year"], "language": language.get(f["language_id"]),
                "original_language": language.get(f.get("original_language_id")), "rating": f["rating"],
                "length_minutes": f["length"], "rental_duration_days": f["rental_duration"],
                "rental_rate": f["rental_rate"], "replacement_cost": f["replacement_cost"],
                "special_features": None if f["special_features"] is None else ", ".join(f["special_features"]),
                "categories": ", ".join(sorted(c["category"] for c in categories[f["film_id"]])) or None,
            }
            for f in self.table["film"]
        ]

    def dim_staff(self) -> list[Row]:
        return [
            {
                "staff_id": s["staff_id"], "full_name": f"{s['first_name']} {s['last_name']}", "email": s["email"],
                "store_id": s["store_id"], "is_active": s["active"],
            }
            for s in self.table["staff"]
        ]

    def dim_store(self) -> list[Row]:
        staff = by(self.models["dim_staff"], "staff_id")
        rows = []
        for s in self.table["store"]:
            place = self.place(s["address_id"])
            rows.append({
                "store_id": s["store_id"], "manager_staff_id": s["manager_staff_id"],
                "manager": staff.get(s["manager_staff_id"], {}).get("full_name"),
                **{key: place.get(key) for key in ("address", "district", "city", "country")},
            })
        return rows

    def dim_date(self) -> list[Row]:
        moments = [r[key] for r in self.table["rental"] for key in ("rental_date", "return_date") if r[key]]
        moments += [p["payment_date"] for p in self.table["payment"]]
        rows = []
        for year in {moment.year for moment in moments}:
            day = date(year, 1, 1)
            while day.year == year:
                rows.append({
                    "date_key": date_key(day), "date": day, "year": year, "quarter": (day.month + 2) // 3,
                    "month": day.month, "month_start": day.replace(day=1), "day": day.day,
                    "iso_week": day.isocalendar()[1], "weekday": day.isoweekday(), "is_weekend": day.isoweekday() > 5,
                })
                day += DAY
        return rows

    def fact_payment(self) -> list[Row]:
        rental = by(self.table["rental"], "rental_id")
        inventory = by(self.table["inventory"], "inventory_id")
        rows = []
        for p in self.table["payment"]:
            copy = inventory.get(rental.get(p["rental_id"], {}).get("inventory_id"), {})
            rows.append({
                "payment_id": p["payment_id"], "payment_date": p["payment_date"],
                "date_key": date_key(p["payment_date"]), "customer_id": p["customer_id"], "staff_id": p["staff_id"],
                "rental_id": p["rental_id"], "film_id": copy.get("film_id"), "inventory_store_id": copy.get("store_id"),
                "amount": p["amount"],
            })
        return rows

    def fact_rental(self) -> list[Row]:
        inventory = by(self.table["inventory"], "inventory_id")
        film = by(self.table["film"], "film_id")
        payments = group(self.table["payment"], "rental_id")
        rows = []
        for r in self.table["rental"]:
            copy = inventory[r["inventory_id"]]
            due = r["rental_date"] + film[copy["film_id"]]["rental_duration"] * DAY
            kept = r["return_date"] - r["rental_date"] if r["return_date"] else None
            rows.append({
                "rental_id": r["rental_id"], "rental_date": r["rental_date"], "return_date": r["return_date"],
                "due_at": due, "date_key": date_key(r["rental_date"]), "customer_id": r["customer_id"],
                "staff_id": r["staff_id"], "inventory_id": r["inventory_id"], "film_id": copy["film_id"],
                "inventory_store_id": copy["store_id"],
                "microseconds_kept": None if kept is None else kept // timedelta(microseconds=1),
                "days_kept": days(kept), "is_returned": r["return_date"] is not None,
                "is_late": r["return_date"] is not None and r["return_date"] > due,
                "payments": len(payments[r["rental_id"]]),
                "amount_paid": money(p["amount"] for p in payments[r["rental_id"]]),
            })
        return rows

    def daily_revenue(self) -> list[Row]:
        return [
            {"day": day, "payments": len(paid), "revenue": money(p["amount"] for p in paid)}
            for day, paid in group(self.models["fact_payment"], lambda p: p["payment_date"].date()).items()
        ]

    def revenue_trend(self) -> list[Row]:
        payments = self.models["fact_payment"]
        rows: list[Row] = []
        running, previous = Decimal("0.00"), None
        for month, paid in sorted(group(payments, lambda p: p["payment_date"].date().replace(day=1)).items()):
            revenue = money(p["amount"] for p in paid)
            running += revenue
            rows.append({
                "month": month, "payments": len(paid), "paying_customers": len({p["customer_id"] for p in paid}),
                "paid_rentals": len({p["rental_id"] for p in paid} - {None}), "revenue": revenue,
                "avg_payment": ratio(revenue, len(paid)), "running_revenue": running,
                "mom_change_pct": None if previous is None else pct(revenue - previous, previous),
                "is_partial": min(p["payment_date"] for p in payments).date() > month
                or max(p["payment_date"] for p in payments).date() < next_month(month) - DAY,
            })
            previous = revenue
        return rows

    def country_sales(self) -> list[Row]:
        home = {c["customer_id"]: c["country_id"] for c in self.models["dim_customer"]}
        customers, rentals, payments = (
            group(self.models[model], lambda row: home.get(row["customer_id"]))
            for model in ("dim_customer", "fact_rental", "fact_payment")
        )
        rows = []
        for country in self.table["country"]:
            key = country["country_id"]
            rows.append({
                "rank": 0, "country": country["country"], "customers": len(customers[key]),
                "rentals": len(rentals[key]), "payments": len(payments[key]),
                "revenue": money(p["amount"] for p in payments[key]),
                "revenue_share_pct": None, "revenue_per_customer": None,
            })
        rows.sort(key=lambda row: (-row["revenue"], row["country"]))
        for place, row in enumerate(rows, 1):
            row["rank"] = place
            row["revenue_share_pct"] = pct(row["revenue"], money(r["revenue"] for r in rows))
            row["revenue_per_customer"] = ratio(row["revenue"], row["customers"])
        return rows

    def customer_segments(self) -> list[Row]:
        payments = self.models["fact_payment"]
        if not payments:
            return []
        customer = by(self.models["dim_customer"], "customer_id")
        as_of = max(p["payment_date"] for p in payments).date()
        rows = []
        for customer_id, paid in group(payments, "customer_id").items():
            last = max(p["payment_date"] for p in paid).date()
            monetary = money(p["amount"] for p in paid)
            rows.append({
                "customer_id": customer_id,
                **{key: customer[customer_id][key] for key in ("first_name", "last_name", "country", "is_active")},
                "as_of_day": as_of, "last_payment_day": last, "recency_days": (as_of - last).days,
                "frequency": len(paid), "monetary": monetary, "avg_payment": ratio(monetary, len(paid)),
            })
        middle = {key: median([row[key] for row in rows]) for key in ("recency_days", "frequency", "monetary")}
        for row in rows:
            row["r"] = int(row["recency_days"] < middle["recency_days"])
            row["f"] = int(row["frequency"] > middle["frequency"])
            row["m"] = int(row["monetary"] > middle["monetary"])
            kind = {(1, 1): "Valuable", (1, 0): "Potential", (0, 1): "Loyal", (0, 0): "At Risk"}[row["r"], row["f"]]
            row["segment"] = f"{'Key' if row['m'] else 'General'} {kind} Customer"
        quintiles = {
            "r5": lambda row: (row["recency_days"], row["customer_id"]),
            "f5": lambda row: (-row["frequency"], row["customer_id"]),
            "m5": lambda row: (-row["monetary"], row["customer_id"]),
        }
        for column, order in quintiles.items():
            share, over = divmod(len(rows), 5)
            ordered = iter(sorted(rows, key=order))
            for place in range(5):
                for _ in range(share + (place < over)):
                    next(ordered)[column] = 5 - place
        for row in rows:
            row["score"] = row["r5"] + row["f5"] + row["m5"]
            row["quintile_segment"] = next(
                name
                for least, name in ((13, "Champions"), (10, "Loyal"), (7, "Potential"), (3, "At Risk"))
                if row["score"] >= least
            )
        return rows

    def segment_behaviour(self) -> list[Row]:
        everybody = self.models["customer_segments"]
        rentals = group(self.models["fact_rental"], "customer_id")
        rows = []
        for segment, members in group(everybody, "segment").items():
            rented = [r for c in members for r in rentals[c["customer_id"]]]
            returned = [r for r in rented if r["is_returned"]]
            revenue = money(c["monetary"] for c in members)
            paid = sum(c["frequency"] for c in members)
            rows.append({
                "segment": segment, "customers": len(members),
                "customer_share_pct": pct(len(members), len(everybody)), "revenue": revenue,
                "revenue_share_pct": pct(revenue, money(c["monetary"] for c in everybody)),
                "avg_revenue_per_customer": ratio(revenue, len(members)),
                "avg_payments_per_customer": ratio(paid, len(members)), "avg_payment": ratio(revenue, paid),
                "avg_recency_days": ratio(sum(c["recency_days"] for c in members), len(members)),
                "rentals": len(rented), "avg_rentals_per_customer": ratio(len(rented), len(members)),
                "avg_days_kept": ratio(sum(r["days_kept"] for r in returned), len(returned)),
                "late_return_pct": pct(sum(r["is_late"] for r in returned), len(returned)),
                "rentals_not_returned": len(rented) - len(returned),
                "inactive_customers": sum(not c["is_active"] for c in members),
            })
        return rows

    def segment_category_preference(self) -> list[Row]:
        rentals = group(self.models["fact_rental"], "customer_id")
        categories = group(self.models["bridge_film_category"], "film_id")
        rows = []
        for segment, members in group(self.models["customer_segments"], "segment").items():
            listed = [
                c for m in members for r in rentals[m["customer_id"]] for c in categories[r["film_id"]]
            ]
            counted = group(listed, lambda c: (c["category"], c["category_id"]))
            best = sorted(counted.items(), key=lambda item: (-len(item[1]), item[0]))[:3]
            rows += [
                {
                    "segment": segment, "rank": place, "category": name, "rentals": len(rented),
                    "share_pct": pct(len(rented), len(listed)),
                }
                for place, ((name, _), rented) in enumerate(best, 1)
            ]
        return rows

    def film_popularity(self) -> list[Row]:
        copies = group(self.table["inventory"], "film_id")
        rentals = group(self.models["fact_rental"], "film_id")
        payments = group(self.models["fact_payment"], "film_id")
        rows = [
            {
                "film_id": f["film_id"], "title": f["title"], "rating": f["rating"], "rental_rate": f["rental_rate"],
                "rental_duration": f["rental_duration"], "replacement_cost": f["replacement_cost"],
                "copies": len(copies[f["film_id"]]), "rentals": len(rentals[f["film_id"]]),
                "payments": len(payments[f["film_id"]]), "revenue": money(p["amount"] for p in payments[f["film_id"]]),
            }
            for f in self.table["film"]
        ]
        return ranked(rows)

    def genre_popularity(self) -> list[Row]:
        films = group(self.models["bridge_film_category"], "category_id")
        rows = []
        for category in self.table["category"]:
            members = {f["film_id"] for f in films[category["category_id"]]}
            rows.append({
                "category_id": category["category_id"], "category": category["name"], "films": len(members),
                "rentals": len([r for r in self.models["fact_rental"] if r["film_id"] in members]),
                "revenue": money(p["amount"] for p in self.models["fact_payment"] if p["film_id"] in members),
            })
        return [{**row, "revenue_per_rental": ratio(row["revenue"], row["rentals"])} for row in ranked(rows)]

    def inventory_utilisation(self) -> list[Row]:
        rentals = group(self.models["fact_rental"], "inventory_store_id")
        first = min((r["rental_date"] for r in self.models["fact_rental"]), default=None)
        last = max((r["return_date"] for r in self.models["fact_rental"] if r["is_returned"]), default=None)
        window = None if last is None else days(last - first)
        rows = []
        for store_id, copies in group(self.table["inventory"], "store_id").items():
            rented = rentals[store_id]
            returned = [r for r in rented if r["is_returned"]]
            ever = {r["inventory_id"] for r in rented}
            out = {r["inventory_id"] for r in rented if not r["is_returned"]}
            kept = sum((r["days_kept"] for r in returned), Fraction(0))
            available = None if window is None else len(copies) * window
            rows.append({
                "store_id": store_id, "titles": len({c["film_id"] for c in copies}), "copies": len(copies),
                "copies_ever_rented": len(ever), "copies_never_rented": len(copies) - len(ever), "rentals": len(rented),
                "rentals_per_copy": ratio(len(rented), len(copies)), "copies_out": len(out),
                "out_pct": pct(len(out), len(copies)), "avg_days_kept": ratio(kept, len(returned)),
                "rented_copy_days": kept, "available_copy_days": available, "utilisation_pct": pct(kept, available),
            })
        return rows

    def open_rentals(self) -> list[Row]:
        film = by(self.table["film"], "film_id")
        customer = by(self.models["dim_customer"], "customer_id")
        return [
            {
                "rental_id": r["rental_id"], "rental_date": r["rental_date"], "store_id": r["inventory_store_id"],
                "inventory_id": r["inventory_id"], "film_id": r["film_id"], "title": film[r["film_id"]]["title"],
                "customer_id": r["customer_id"], "customer": customer[r["customer_id"]]["full_name"],
                "staff_id": r["staff_id"], "due_at": r["due_at"],
            }
            for r in self.models["fact_rental"]
            if not r["is_returned"]
        ]

    def late_returns(self) -> list[Row]:
        rows = []
        for store_id, rented in group(self.models["fact_rental"], "inventory_store_id").items():
            returned = [r for r in rented if r["is_returned"]]
            late = [r for r in returned if r["is_late"]]
            rows.append({
                "store_id": store_id, "rentals": len(rented), "returned": len(returned), "returned_late": len(late),
                "late_pct": pct(len(late), len(returned)),
            })
        return rows
