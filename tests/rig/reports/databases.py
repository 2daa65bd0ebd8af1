"""Small made-up DVD-rental databases, each with something that naive SQL gets wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from source import Source

DATABASES: dict[str, Callable[[], Source]] = {}


def database(build: Callable[[Source], None]) -> None:
    """Registers a database under the name of its function. The docstring says what is special about it."""

    def make() -> Source:
        source = Source(build.__name__)
        build(source)
        return source

    DATABASES[build.__name__] = make


def shops(source: Source, first: int = 1, customers: int = 3, films: int = 3) -> None:
    """Two stores in two countries (a third has no customer), customers, films, two copies each; ids from `first`."""
    for i, (country, city) in enumerate([("Norway", "Bergen"), ("Chile", "Arica"), ("Ghana", "Tema")]):
        source.add("country", country_id=first + i, country=country)
        source.add("city", city_id=first + i, city=city, country_id=first + i)
    for i in range(customers + 2):
        source.add("address", address_id=first + i, address=f"{i} Quay", city_id=first + i % 2, postal_code=f"{i:05}")
    for i, name in enumerate(["Ane", "Bo"]):
        source.add(
            "staff", staff_id=first + i, first_name=name, last_name="Lund", address_id=first, store_id=first + i,
            email=f"{name}@example.com", active=i == 0,
        )
        source.add("store", store_id=first + i, manager_staff_id=first + i, address_id=first + i)
    source.add("language", language_id=first, name="English".ljust(20))
    source.add("language", language_id=first + 1, name="Norsk".ljust(20))
    for i, name in enumerate(["Noir", "Drama", "Comedy", "Unused"]):
        source.add("category", category_id=first + i, name=name)
    for i in range(films):
        source.add(
            "film", film_id=first + i, title=f"Film {i}", language_id=first, special_features=["Trailers", "A, B"],
            rental_duration=i + 1,
        )
        source.add("film_category", film_id=first + i, category_id=first + i % 3)
        for store in range(2):
            source.add("inventory", inventory_id=first + 2 * i + store, film_id=first + i, store_id=first + store)
    for i in range(customers):
        source.add(
            "customer", customer_id=first + i, store_id=first, first_name=f"C{i}", last_name="Berg",
            email=f"c{i}@example.com", address_id=first + i, active=i % 2,
        )


def rent(
    source: Source, rental_id: int, customer_id: int, inventory_id: int, out: datetime, hours: float | None, *,
    staff_id: int = 1,
) -> None:
    back = None if hours is None else out + timedelta(hours=hours)
    source.add(
        "rental", rental_id=rental_id, rental_date=out, inventory_id=inventory_id, customer_id=customer_id,
        return_date=back, staff_id=staff_id,
    )


def pay(
    source: Source, payment_id: int, customer_id: int, rental_id: int | None, amount: str, at: datetime, *,
    staff_id: int = 1,
) -> None:
    source.add(
        "payment", payment_id=payment_id, customer_id=customer_id, staff_id=staff_id, rental_id=rental_id,
        amount=Decimal(amount), payment_date=at,
    )


@database
def empty(source: Source) -> None:
    """All tables are empty: reports are empty too, and nothing fails."""


@database
def nothing_rented(source: Source) -> None:
    """Stores, films and customers without any rental or payment: no day, no month, no segment."""
    shops(source)


@database
def never_paid(source: Source) -> None:
    """Rentals without payments; a copy rented twice at once; a rental returned in the same microsecond."""
    shops(source)
    rent(source, 1, 1, 1, datetime(2024, 2, 28, 23, 0), 24.0)
    rent(source, 2, 2, 1, datetime(2024, 2, 29, 1, 0), None)
    rent(source, 3, 3, 1, datetime(2024, 3, 1, 1, 0), None)
    rent(source, 4, 3, 4, datetime(2024, 3, 1, 1, 0), 0)


@database
def one_window(source: Source) -> None:
    """The first rental is at one store and the last return at another; a third has copies and no rental, and at a
    fourth nothing was returned. All of them were open for the same days."""
    shops(source)
    for i in (3, 4):
        source.add("store", store_id=i, manager_staff_id=1, address_id=i)
        source.add("inventory", inventory_id=90 + i, film_id=1, store_id=i)
    rent(source, 1, 1, 1, datetime(2024, 1, 1), 24)
    rent(source, 2, 2, 2, datetime(2024, 1, 5), 240)
    rent(source, 3, 3, 94, datetime(2024, 1, 7), None)


@database
def ids_from_0(source: Source) -> None:
    """All ids start at 0. One rental has five payments, some by another customer or at the other store, one of 0."""
    shops(source, first=0)
    for i in range(6):
        rent(source, i, i % 3, i, datetime(2024, 1, 1 + i, 12), 20 + 9.5 * i if i else None, staff_id=i % 2)
    for i, amount in enumerate(["2.50", "0.00", "0.10", "0.20", "7.00"]):
        pay(source, i, i % 2, 0, amount, datetime(2024, 1, 5, i), staff_id=i % 2)
    pay(source, 5, 1, 1, "0.99", datetime(2024, 1, 6), staff_id=0)
    pay(source, 6, 2, None, "3.33", datetime(2024, 2, 29, 23, 59, 59, 999999), staff_id=1)


@database
def films_and_people(source: Source) -> None:
    """A film in three categories and a film in none; some nulls in language, rating, address, city and activity."""
    source.columns["film"]["original_language_id"] = "integer"
    shops(source, customers=4, films=4)
    source.rows["film_category"] = [row for row in source.rows["film_category"] if row["film_id"] != 2]
    source.rows["film"][0].update(original_language_id=2)
    source.rows["film"][2].update(language_id=None, special_features=None, rating=None)
    source.rows["film"][3].update(special_features=[])
    source.add("category", category_id=9, name="Drama")  # a duplicate name
    for film_id, category_id in [(1, 2), (1, 3), (3, 9)]:
        source.add("film_category", film_id=film_id, category_id=category_id)
    source.rows["address"][1]["city_id"] = None
    source.rows["customer"][0].update(active=None)
    source.rows["customer"][2].update(address_id=None, email=None)
    source.add("inventory", inventory_id=9, film_id=1, store_id=1)
    for i in range(14):
        rent(source, i, 1 + i % 4, 1 + i % 8, datetime(2024, 1, 1 + i), 12 * (i + 1))
        pay(source, i, 1 + i % 4, i, "1.25", datetime(2024, 1, 2 + i))


@database
def ties(source: Source) -> None:
    """All customers are equal, so that only the tie-breaking rules decide quintiles, ranks and countries."""
    shops(source, customers=7)
    source.add("country", country_id=8, country="Åland")
    source.add("country", country_id=9, country="Austria")
    for i in range(7):
        rent(source, i, 1 + i, 1 + i % 6, datetime(2024, 1, 1, i), 72)
        pay(source, i, 1 + i, i, "2.99", datetime(2024, 1, 9, 23 - i))


@database
def medians_between(source: Source) -> None:
    """An even number of customers, so that each median is halfway between two of them: half a cent, half a day."""
    shops(source, customers=6)
    for i in range(6):
        rent(source, i, 1 + i, 1 + i, datetime(2024, 1, 1, i), 30.5 * (i + 1))
        pay(source, i, 1 + i, i, f"10.{i:02}", datetime(2024, 1, 20 - i))
        if i in (3, 4):
            pay(source, 10 + i, 1 + i, i, "0.00", datetime(2024, 1, 2))


@database
def months(source: Source) -> None:
    """Months and a whole year are missing, one month has no revenue, and the data ends on the last day of a month. The
    quotients 0.21 / 40 and 0.01 / 1.28 have a 5 at the fifth decimal, which binary floats or half-even round wrongly."""
    shops(source)
    rent(source, 0, 1, 1, datetime(2019, 12, 31, 23), 24 * 40)
    for i in range(40):
        at = datetime(2021, 1, 1) + timedelta(hours=i)
        rent(source, 1 + i, 1 + i % 3, 1 + i % 6, at, 24 + 0.027 * i)
        pay(source, i, 1 + i % 3, 1 + i, "0.02" if i == 0 else "0.01" if i < 20 else "0.00", at)
    for i, (month, amount) in enumerate([(2, "1.28"), (3, "1.29"), (6, "0.00"), (8, "4.00")]):
        pay(source, 90 + i, 1 + i % 2, 1, amount, datetime(2023, month, 28))
    pay(source, 99, 1, 1, "3.00", datetime(2023, 10, 31, 22))


@database
def timestamps_with_zone(source: Source) -> None:
    """All timestamps have a time zone: days, months and years are those of UTC, not of the zone of the row."""
    source.zoned = True
    shops(source)
    east, west = timezone(timedelta(hours=9)), timezone(timedelta(hours=-8))
    rent(source, 1, 1, 1, datetime(2024, 1, 1, 5, tzinfo=east), 30)
    rent(source, 2, 2, 2, datetime(2023, 12, 31, 20, tzinfo=west), None)
    pay(source, 1, 1, 1, "1.00", datetime(2024, 3, 1, 8, 59, tzinfo=east))
    pay(source, 2, 2, 2, "2.00", datetime(2024, 2, 29, 16, tzinfo=west))
    pay(source, 3, 2, 2, "4.00", datetime(2024, 1, 1, 0, 30, tzinfo=east))


@database
def deleted_rows(source: Source) -> None:
    """Change data capture: every table has a deleted row among the live ones. No model may show it."""
    shops(source)
    rent(source, 1, 1, 1, datetime(2024, 1, 1), 24)
    rent(source, 2, 2, 4, datetime(2024, 1, 2), None)
    pay(source, 1, 1, 1, "2.00", datetime(2024, 1, 1))
    pay(source, 2, 2, 2, "3.00", datetime(2024, 1, 3))
    source.add_deleted("country", country_id=50, country="Atlantis")
    source.add_deleted("city", city_id=50, city="Poseidonis", country_id=50)
    source.add_deleted("address", address_id=50, address="Deep", city_id=50)
    source.add_deleted("language", language_id=50, name="Atlantean".ljust(20))
    source.add_deleted("category", category_id=50, name="Sunken")
    source.add_deleted("actor", actor_id=50, first_name="A", last_name="B")
    source.add_deleted("staff", staff_id=50, first_name="A", last_name="B", address_id=50, store_id=50)
    source.add_deleted("store", store_id=50, manager_staff_id=50, address_id=50)
    source.add_deleted("customer", customer_id=50, store_id=50, first_name="A", last_name="B", address_id=50)
    source.add_deleted("film", film_id=50, title="Gone", language_id=50)
    source.add_deleted("film_actor", film_id=50, actor_id=50)
    source.add_deleted("film_category", film_id=1, category_id=2)
    source.add_deleted("inventory", inventory_id=50, film_id=1, store_id=1)
    source.add_deleted(
        "rental", rental_id=50, rental_date=datetime(1999, 1, 1), inventory_id=1, customer_id=1, staff_id=1
    )
    source.add_deleted(
        "payment", payment_id=50, customer_id=1, staff_id=1, rental_id=1, amount=Decimal("99.00"),
        payment_date=datetime(2031, 1, 1),
    )


@database
def careless(source: Source) -> None:
    """What no key forbids: a refund, a return before the rental, an unknown rating. They are warnings, not errors."""
    shops(source)
    source.rows["film"][0]["rating"] = "U"
    rent(source, 1, 1, 1, datetime(2024, 1, 10), -24)
    rent(source, 2, 2, 4, datetime(2024, 1, 11), 100)
    pay(source, 1, 1, 1, "5.00", datetime(2024, 1, 10))
    pay(source, 2, 1, 1, "-7.50", datetime(2024, 2, 1))
    pay(source, 3, 2, 2, "1.00", datetime(2024, 3, 5))


@database
def row_twice(source: Source) -> None:
    """A duplicate payment and a category without its key: tests fail before any fact table is built."""
    shops(source)
    rent(source, 1, 1, 1, datetime(2024, 1, 1), 24)
    pay(source, 1, 1, 1, "1.00", datetime(2024, 1, 2))
    pay(source, 1, 1, 1, "1.00", datetime(2024, 1, 2))
    source.add("category", category_id=None, name="Nameless")


@database
def orphans(source: Source) -> None:
    """A payment by a missing customer is an error. A payment for a missing rental is a warning: it may arrive later."""
    shops(source)
    rent(source, 1, 1, 1, datetime(2024, 1, 1), 24)
    pay(source, 1, 77, 1, "1.00", datetime(2024, 1, 2))
    pay(source, 2, 1, 88, "1.00", datetime(2024, 1, 2))
