-- The source pads the name to 20 characters.
select
    language_id,
    trim(name) as language
from {{ live(source('dvd_rental', 'language')) }}
