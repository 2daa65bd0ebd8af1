-- The DVD-rental sample, part 2 of 3: the rows. How to load the three files: see schema.sql.
--
-- Every row is computed from its number, without clock, random() or collation. So the same
-- sample.scale gives the same bytes on every server and every day.
--
-- The data has the properties of a real shop's that make a careless join wrong:
--   * rentals are from 2005 and 2006, payments from 2007: June was paid for from February on,
--     August in March, and July mostly in April
--   * payments were first recorded in June: no rental in May has a payment, and some in June have
--     none
--   * one rental in 16,000 was paid five times, by five customers
--   * half of the payments were taken by another person than the one who handed out the disc, and
--     neither person has to work in the shop that owns it
--   * some rentals cost nothing, some cost double, and not every late day is charged
--   * discs not returned, discs never lent, films without a disc, films without an actor, languages
--     without a film, a country without a customer, inactive customers with rentals
--   * cities with equal names, people with equal names, both '' and null, gaps between numbers
--
-- The scale has no limit for rentals and payments. The number of films stops growing at scale 20
-- and that of customers at 54, because their numbers are of type smallint. Above scale 20 there are
-- more copies of each film.

set client_encoding = 'UTF8';
set jit = off;  -- compiling a query takes longer than running it

-- ---------------------------------------------------------------------------------------------
-- Tools (all temporary)
-- ---------------------------------------------------------------------------------------------

-- The fifth power modulo the prime 2^31 - 1, a permutation of 0 .. 2^31 - 2, because 5 does not
-- divide 2^31 - 2. It needs only bigint arithmetic. PostgreSQL's own hash functions may change with
-- its version, and md5 is several times slower.
create function pg_temp.shuffle(x bigint) returns bigint language sql immutable as $$
  select ((x * x % 2147483647) * (x * x % 2147483647) % 2147483647) * x % 2147483647
$$;

-- A pseudo-random number from 1 to `sides` for row `id`. Different topics are independent.
create function pg_temp.dice(id bigint, topic text, sides integer) returns integer
language sql immutable as $$
  select (1 + pg_temp.shuffle((id * 1103515245 + ('x' || left(md5(topic), 7))::bit(28)::integer)
                              % 2147483647) % sides)::integer
$$;

create function pg_temp.pick(id bigint, topic text, choice text[]) returns text
language sql immutable as $$
  select choice[pg_temp.dice(id, topic, cardinality(choice))]
$$;

-- The number of rows of the tables whose growth is limited
create temp table size (
  scale     integer constraint "sample.scale is 1 or more" check (scale >= 1),
  films     integer,
  actors    integer,
  customers integer
);

insert into size
select scale, least(scale, 20) * 1000, least(scale, 20) * 200, least(scale, 54) * 599
from coalesce(nullif(current_setting('sample.scale', true), ''), '1') as setting,
     lateral (select setting::integer as scale) as number;

create temp table word as
select
  string_to_array(
    'Ada Adam Aisha Akira Alice Amara Amir Ana Andrei Anita Anton Arjun Astrid Ayse Beatriz Ben '
    'Bruno Carla Carlos Carmen Chen Chioma Clara Claude Dalia Daniel David Diego Dina Divya Dmitri '
    'Elena Elif Emeka Emma Erik Esther Eva Farah Felix Fatima Femi Flora Frank George Gita Grace '
    'Hana Hassan Helga Hiro Hugo Ibrahim Ines Irina Isabel Ivan Jack Jamal Jane Javier Jin Joana '
    'John Jorge Julia Kaito Karim Kate Kavya Kenji Kofi Laila Lars Laura Leila Leo Lin Lucas Lucia '
    'Luis Magda Mai Marco Maria Mario Mark Marta Mei Miguel Mina Mohan Nadia Naomi Nikhil Nina '
    'Nora Olga Oliver Omar Oscar Paula Pedro Petra Priya Rafael Rahul Rania Ravi Rita Robert Rosa '
    'Ruth Samir Sana Sara Sergei Simon Sofia Sunil Tariq Teresa Thomas Tomas Uma Vera Victor Wei '
    'Wendy Yara Yasmin Yuki Yusuf Zara Zeynep', ' ') as first_names,
  string_to_array(
    'Abe Achebe Adeyemi Ahmed Ali Alvarez Andersen Araujo Bauer Becker Bello Bennett Bose Brown '
    'Cabrera Campbell Castro Chan Chandra Chaudhary Clark Cohen Costa Cruz D''Souza Das Demir Diaz '
    'Dogan Dubois Evans Fernandes Fischer Flores Fontaine Fujita Garcia Ghosh Gomez Green Gupta '
    'Haddad Hall Hansen Hassan Hernandez Hoang Horvat Hughes Ibrahim Ito Ivanov Jackson Jensen '
    'Johansson Jones Joshi Kang Kaplan Kato Kaya Khan Kim King Kovacs Kowalski Kumar Lee Lewis Li '
    'Lim Liu Lopez Marino Martin Mbeki Medina Mehta Meyer Mishra Molina Moore Morales Moreau Mori '
    'Mukherjee Murphy Mwangi Nair Nakamura Navarro Nguyen Novak O''Brien O''Connor Okafor Okoye '
    'Oliveira Ortiz Ozturk Park Patel Peeters Pereira Petrov Pham Phillips Popescu Qureshi Ramos '
    'Rao Reddy Reyes Ricci Rivera Roberts Rojas Romano Rossi Sahin Saito Santos Sato Schmidt '
    'Schneider Sharma Silva Singh Smirnov Smith Suzuki Tanaka Tran Turner Vargas Volkov Wagner '
    'Walker Wang Watanabe Weber White Wilson Wong Wood Yamada Yang Yilmaz Young Zhang Zhou', ' ')
    as last_names;

-- ---------------------------------------------------------------------------------------------
-- Places
-- ---------------------------------------------------------------------------------------------

create temp table atlas (country_id serial, country text, cities text);

insert into atlas (country, cities) values
  ('Albania', 'Tirana'),
  ('Algeria', 'Algiers, Constantine, Oran'),
  ('Angola', 'Luanda'),
  ('Argentina',
   'Bahía Blanca, Buenos Aires, Córdoba, La Plata, Mar del Plata, Mendoza, Neuquén, Paraná, '
   'Rosario, Salta'),
  ('Armenia', 'Yerevan'),
  ('Austria', 'Graz, Innsbruck, Salzburg, Vienna'),
  ('Azerbaijan', 'Baku, Ganja'),
  ('Bangladesh', 'Chittagong, Dhaka, Khulna, Rajshahi'),
  ('Belarus', 'Gomel, Minsk'),
  ('Belgium', 'Antwerp, Bruges, Ghent, Liège'),
  ('Bolivia', 'Cochabamba, La Paz'),
  ('Brazil',
   'Belo Horizonte, Belém, Brasília, Campinas, Campo Grande, Cuiabá, Curitiba, '
   'Florianópolis, Fortaleza, Goiânia, João Pessoa, Juiz de Fora, Maceió, Manaus, Natal, '
   'Niterói, Porto Alegre, Recife, Ribeirão Preto, Rio de Janeiro, Salvador, Santos, São '
   'Luís, São Paulo, Uberlândia, Vitória'),
  ('Bulgaria', 'Plovdiv, Sofia, Varna'),
  ('Cambodia', 'Phnom Penh'),
  ('Cameroon', 'Douala, Yaoundé'),
  ('Canada',
   'Calgary, Edmonton, Halifax, London, Montreal, Ottawa, Regina, Toronto, Vancouver, '
   'Winnipeg'),
  ('Chile', 'Antofagasta, Concepción, Santiago, Valparaíso'),
  ('China',
   'Baotou, Beijing, Changchun, Changsha, Chengdu, Chongqing, Dalian, Dongguan, Foshan, '
   'Fuzhou, Guangzhou, Guilin, Guiyang, Hangzhou, Harbin, Hefei, Jilin, Jinan, Kunming, '
   'Lanzhou, Luoyang, Nanchang, Nanjing, Nanning, Ningbo, Qingdao, Shanghai, Shenyang, '
   'Shenzhen, Suzhou, Taiyuan, Tianjin, Urumqi, Wenzhou, Wuhan, Wuxi, Xi''an, Xiamen, '
   'Yantai, Zhengzhou'),
  ('Colombia', 'Barranquilla, Bogotá, Bucaramanga, Cali, Medellín, Pereira'),
  ('Costa Rica', 'San José'),
  ('Croatia', 'Rijeka, Split, Zagreb'),
  ('Cuba', 'Havana, Santiago de Cuba'),
  ('Cyprus', 'Limassol'),
  ('Czech Republic', 'Brno, Ostrava, Prague'),
  ('Côte d''Ivoire', 'Abidjan, Bouaké'),
  ('Denmark', 'Aarhus, Copenhagen, Odense'),
  ('Dominican Republic', 'Santiago, Santo Domingo'),
  ('Ecuador', 'Cuenca, Guayaquil, Quito'),
  ('Egypt', 'Alexandria, Aswan, Cairo, Giza, Luxor'),
  ('El Salvador', 'San Salvador'),
  ('Estonia', 'Tallinn, Tartu'),
  ('Ethiopia', 'Addis Ababa'),
  ('Finland', 'Helsinki, Oulu, Tampere'),
  ('France',
   'Bordeaux, Lille, Lyon, Marseille, Montpellier, Nantes, Nice, Paris, Rennes, Strasbourg, '
   'Toulouse'),
  ('Georgia', 'Batumi, Tbilisi'),
  ('Germany',
   'Berlin, Bremen, Cologne, Dortmund, Dresden, Essen, Frankfurt, Hamburg, Hanover, Leipzig,'
   ' Munich, Münster, Nuremberg, Stuttgart'),
  ('Ghana', 'Accra, Kumasi'),
  ('Greece', 'Athens, Patras, Thessaloniki'),
  ('Guatemala', 'Guatemala City'),
  ('Hungary', 'Budapest, Debrecen, Szeged'),
  ('Iceland', 'Reykjavík'),
  ('India',
   'Agra, Ahmedabad, Allahabad, Amritsar, Aurangabad, Bengaluru, Bhopal, Bhubaneswar, '
   'Chandigarh, Chennai, Coimbatore, Dehradun, Delhi, Faridabad, Guwahati, Gwalior, '
   'Hyderabad, Indore, Jaipur, Jalandhar, Jamshedpur, Jodhpur, Kanpur, Kochi, Kolkata, Kota,'
   ' Lucknow, Madurai, Mangaluru, Meerut, Mumbai, Mysuru, Nagpur, Nashik, Patna, Pune, '
   'Raipur, Rajkot, Ranchi, Srinagar, Surat, Thane, Tiruchirappalli, Udaipur, Vadodara, '
   'Varanasi, Vijayawada, Visakhapatnam'),
  ('Indonesia',
   'Balikpapan, Bandung, Denpasar, Jakarta, Makassar, Malang, Medan, Padang, Palembang, '
   'Pontianak, Semarang, Surabaya, Yogyakarta'),
  ('Iran', 'Ahvaz, Isfahan, Mashhad, Shiraz, Tabriz, Tehran'),
  ('Iraq', 'Baghdad, Basra, Mosul'),
  ('Ireland', 'Cork, Dublin, Galway'),
  ('Israel', 'Beersheba, Haifa, Tel Aviv'),
  ('Italy',
   'Bari, Bologna, Florence, Genoa, Milan, Naples, Palermo, Rome, Trieste, Turin, Venice, '
   'Verona'),
  ('Jamaica', 'Kingston'),
  ('Japan',
   'Fukuoka, Hakodate, Hamamatsu, Himeji, Hiroshima, Kagoshima, Kanazawa, Kawasaki, Kobe, '
   'Kochi, Kumamoto, Kyoto, Matsuyama, Nagano, Nagasaki, Nagoya, Niigata, Okayama, Osaka, '
   'Sapporo, Sendai, Shizuoka, Tokyo, Yokohama'),
  ('Jordan', 'Amman, Irbid'),
  ('Kazakhstan', 'Almaty, Astana'),
  ('Kenya', 'Kisumu, Mombasa, Nairobi'),
  ('Kuwait', 'Kuwait City'),
  ('Latvia', 'Riga'),
  ('Lebanon', 'Beirut, Tripoli'),
  ('Lithuania', 'Kaunas, Vilnius'),
  ('Malaysia', 'Ipoh, Johor Bahru, Kuala Lumpur, Kuching'),
  ('Mexico',
   'Acapulco, Aguascalientes, Cancún, Chihuahua, Cuernavaca, Culiacán, Durango, Guadalajara,'
   ' Hermosillo, La Paz, León, Mazatlán, Mexico City, Monterrey, Morelia, Mérida, Oaxaca, '
   'Puebla, Querétaro, Saltillo, Tampico, Tijuana, Toluca, Veracruz, Xalapa'),
  ('Moldova', 'Chisinau'),
  ('Mongolia', 'Ulaanbaatar'),
  ('Morocco', 'Casablanca, Fez, Marrakesh, Rabat, Tangier'),
  ('Mozambique', 'Beira, Maputo'),
  ('Myanmar', 'Mandalay, Yangon'),
  ('Nepal', 'Kathmandu, Pokhara'),
  ('Netherlands', 'Amsterdam, Eindhoven, Groningen, Rotterdam, Utrecht'),
  ('New Zealand', 'Wellington'),
  ('Nigeria',
   'Abuja, Benin City, Calabar, Enugu, Ibadan, Kaduna, Kano, Lagos, Maiduguri, Port Harcourt'),
  ('Norway', 'Bergen, Oslo, Trondheim'),
  ('Oman', 'Muscat'),
  ('Pakistan', 'Faisalabad, Hyderabad, Islamabad, Karachi, Lahore, Multan, Peshawar'),
  ('Panama', 'Panama City'),
  ('Paraguay', 'Asunción'),
  ('Peru', 'Arequipa, Cusco, Lima, Trujillo'),
  ('Philippines',
   'Bacolod, Baguio, Batangas, Cagayan de Oro, Cebu, Davao, General Santos, Iloilo, Makati, '
   'Manila, Quezon City, Tacloban, Zamboanga'),
  ('Poland', 'Gdańsk, Katowice, Kraków, Lublin, Poznań, Szczecin, Warsaw, Wrocław, Łódź'),
  ('Portugal', 'Braga, Coimbra, Lisbon, Porto'),
  ('Qatar', 'Doha'),
  ('Romania', 'Brasov, Bucharest, Cluj-Napoca, Constanta, Timisoara'),
  ('Russian Federation',
   'Chelyabinsk, Irkutsk, Kaliningrad, Kazan, Khabarovsk, Krasnoyarsk, Moscow, Murmansk, '
   'Novosibirsk, Omsk, Perm, Rostov-on-Don, Saint Petersburg, Samara, Ufa, Vladivostok, '
   'Volgograd, Yekaterinburg'),
  ('Saudi Arabia', 'Dammam, Jeddah, Medina, Riyadh, Tabuk'),
  ('Senegal', 'Dakar'),
  ('Serbia', 'Belgrade, Novi Sad'),
  ('Singapore', 'Singapore'),
  ('Slovakia', 'Bratislava, Košice'),
  ('Slovenia', 'Ljubljana'),
  ('South Africa',
   'Bloemfontein, Cape Town, Durban, East London, Johannesburg, Port Elizabeth, Pretoria, '
   'Soweto'),
  ('South Korea', 'Busan, Daegu, Daejeon, Gwangju, Incheon, Seoul'),
  ('Spain', 'Barcelona, Bilbao, Córdoba, Granada, Madrid, Málaga, Sevilla, Valencia, Zaragoza'),
  ('Sri Lanka', 'Colombo, Kandy'),
  ('Sweden', 'Gothenburg, Malmö, Stockholm, Uppsala'),
  ('Switzerland', 'Basel, Bern, Geneva, Lausanne, Zürich'),
  ('Taiwan', 'Hsinchu, Kaohsiung, Keelung, Taichung, Tainan, Taipei'),
  ('Tanzania', 'Dar es Salaam, Mwanza'),
  ('Thailand', 'Bangkok, Chiang Mai, Hat Yai'),
  ('Tunisia', 'Sfax, Tunis'),
  ('Turkey',
   'Adana, Ankara, Antalya, Bursa, Diyarbakır, Eskişehir, Gaziantep, Istanbul, Izmir, Konya,'
   ' Mersin, Trabzon'),
  ('Uganda', 'Kampala'),
  ('Ukraine', 'Dnipro, Kharkiv, Kyiv, Lviv, Odesa, Zaporizhzhia'),
  ('United Arab Emirates', 'Abu Dhabi, Dubai, Sharjah'),
  ('United Kingdom',
   'Belfast, Birmingham, Bristol, Cardiff, Edinburgh, Glasgow, Leeds, Liverpool, London, '
   'Manchester, Norwich, Sheffield, York'),
  ('United States',
   'Albuquerque, Atlanta, Austin, Baltimore, Birmingham, Boston, Buffalo, Charlotte, '
   'Chicago, Cincinnati, Cleveland, Dallas, Denver, Detroit, El Paso, Houston, Indianapolis,'
   ' Kansas City, Las Vegas, Louisville, Memphis, Miami, Milwaukee, Minneapolis, Nashville, '
   'New Orleans, New York, Oakland, Omaha, Philadelphia, Phoenix, Pittsburgh, Portland, '
   'Sacramento, Saint Louis, Salt Lake City, San Antonio, San Diego, San Francisco, Seattle,'
   ' Tampa, Tucson'),
  ('Uruguay', 'Montevideo'),
  ('Uzbekistan', 'Samarkand, Tashkent'),
  ('Venezuela', 'Barquisimeto, Caracas, Maracaibo, Maracay, Valencia'),
  ('Vietnam', 'Can Tho, Da Nang, Hanoi, Hue, Nha Trang'),
  ('Yemen', 'Aden, Sana''a'),
  ('Zambia', 'Lusaka'),
  ('Zimbabwe', 'Bulawayo, Harare');

insert into country (country_id, country, last_update)
select country_id, country, '2006-02-13 08:30:00' from atlas;

insert into city (city_id, city, country_id, last_update)
select row_number() over (order by country_id, place), city, country_id, '2006-02-13 08:31:40'
from atlas, unnest(string_to_array(cities, ', ')) with ordinality as listed (city, place);

-- The addresses of the two shops and of their staff: in Halifax and in Wellington. No customer
-- lives in Wellington.
insert into address (address_id, address, district, city_id, postal_code, phone, last_update)
select address_id, street, district, city_id, '', phone, '2006-02-13 08:42:15'
from city
join (values (1, 'Halifax',    '12 Barrington Street', 'Nova Scotia',  ''),
             (2, 'Wellington', '88 Cuba Street',       'North Island', ''),
             (3, 'Halifax',    '5 Spring Garden Road', 'Nova Scotia',  '19025550143'),
             (4, 'Wellington', '31 Oriental Parade',   'North Island', '6445550178'))
     as shop (address_id, city, street, district, phone) using (city);

-- The address of a customer has a number that is near the customer's number, but never equal.
create temp table home as
select customer_id,
       customer_id + 4 + customer_id / 250 as address_id,
       customer_id * 251 % town.towns as place
from size,
     generate_series(1, customers) as customer_id,
     (select count(*) as towns from city where city not in ('Halifax', 'Wellington')) as town;

insert into address
  (address_id, address, address2, district, city_id, postal_code, phone, last_update)
select address_id,
       pg_temp.dice(address_id, 'house', 240) || ' ' || pg_temp.pick(address_id, 'street', array[
         'Acacia', 'Bakers', 'Bridge', 'Canal', 'Cedar', 'Chapel', 'Church', 'Elm', 'Ferry',
         'Garden', 'Harbour', 'High', 'Hill', 'Jasmine', 'King''s', 'Lake', 'Lemon', 'Linden',
         'Market', 'Meadow', 'Mill', 'Monsoon', 'Museum', 'Nelson', 'Olive', 'Orchard', 'Palm',
         'Park', 'Port', 'Queen''s', 'Railway', 'River', 'School', 'Spring', 'Station', 'Temple',
         'Tower', 'University', 'Victory', 'Water', 'Willow', 'Wood'])
         || ' ' || pg_temp.pick(address_id, 'way', array[
         'Street', 'Road', 'Lane', 'Avenue', 'Square', 'Drive', 'Boulevard', 'Place']),
       '',
       case when customer_id % 250 = 249 then ''
       else pg_temp.pick(address_id, 'district', array[
         'Airport', 'Centre', 'East End', 'Green Belt', 'Harbour', 'Hillside', 'Lower Town',
         'Market Quarter', 'New Town', 'North Side', 'Old Town', 'Parklands', 'Riverside',
         'South Side', 'Station Quarter', 'University', 'Upper Town', 'West End']) end,
       city_id,
       case when customer_id % 150 <> 75
       then lpad(pg_temp.dice(address_id, 'post', 99999)::text, 5, '0') end,
       to_char(pg_temp.dice(address_id, 'area', 899) + 100, 'FM000')
         || to_char(pg_temp.dice(address_id, 'line', 999999999), 'FM000000000'),
       '2006-02-13 08:42:15'
from home
join (select city_id, row_number() over (order by city_id) - 1 as place
      from city where city not in ('Halifax', 'Wellington')) as town using (place)
order by address_id;

-- ---------------------------------------------------------------------------------------------
-- Films
-- ---------------------------------------------------------------------------------------------

-- Only films of the category Foreign are not in English, and no film is in Mandarin.
insert into language (language_id, name, last_update)
select language_id, name, '2006-02-13 08:50:00'
from unnest(array['English', 'French', 'German', 'Italian', 'Japanese', 'Mandarin'])
     with ordinality as listed (name, language_id);

insert into category (category_id, name, last_update)
select category_id, name, '2006-02-13 08:51:05'
from unnest(array['Action', 'Adventure', 'Animation', 'Children', 'Classics', 'Comedy', 'Crime',
                  'Documentary', 'Drama', 'Family', 'Foreign', 'Horror', 'Music', 'Romance',
                  'Sci-Fi', 'Sports'])
     with ordinality as listed (name, category_id);

-- Actor 101 has the same name as actor 1.
insert into actor (actor_id, first_name, last_name, last_update)
select actor_id,
       pg_temp.pick(person, 'first name', first_names),
       pg_temp.pick(person, 'last name', last_names),
       '2013-06-03 10:12:25.4'
from size, word, generate_series(1, actors) as actor_id,
     lateral (select case actor_id when 101 then 1 else actor_id end as person) as named
order by actor_id;

-- Every title is a different pair of words, because 7919 is a prime that does not divide the number
-- of pairs.
create temp table draft as
with stock as (
  select
    string_to_array(
      'Amber Ancient Autumn Bitter Black Blind Blue Borrowed Brave Brief Broken Burning '
      'Careless Clever Clockwork Cold Common Copper Crimson Crooked Curious Daring Dark Distant '
      'Divided Double Dusty Eager Early Eastern Electric Empty Endless Eternal Faithful False '
      'Fearless Final Flying Foolish Forgotten Fragile Frozen Gentle Gilded Golden Grand Green '
      'Hidden Hollow Honest Humble Hungry Hurried Idle Impossible Infinite Innocent Invisible '
      'Iron Jealous Last Laughing Lazy Lonely Long Lost Loud Lucky Magnetic Marble Midnight '
      'Mighty Missing Modern Naked Narrow Nervous Noble Northern Open Painted Pale Paper '
      'Patient Perfect Plastic Polite Private Proud Quiet Reckless Red Restless Royal Rusty '
      'Sacred Salty Scarlet Second Secret Seventh Shining Silent Silver Simple Sleeping Slow '
      'Southern Stolen Strange Stubborn Sudden Summer Sweet Tender Thirsty Twisted Unknown '
      'Velvet Wandering Western White Wicked Wild Winter Wooden Yellow', ' ') as adjectives,
    string_to_array(
      'Affair Alibi Alphabet Anchor Angel Apprentice Archive Armada Ballad Balloon Bandit Banquet '
      'Bargain Battalion Beacon Bicycle Bishop Border Boulevard Bride Bridge Butterfly Cabaret '
      'Canyon Captain Caravan Carnival Castle Cathedral Chapter Chase Choir Circus Citizen Clown '
      'Coast Comet Compass Confession Corridor Countess Courier Cousin Crown Dancer Daughter Debt '
      'Delta Desert Detective Diamond Diary Doctor Dragon Dream Duel Echo Eclipse Embassy Emperor '
      'Engine Escape Evening Exile Express Farewell Ferry Festival Fiddler Flood Forest Fortune '
      'Frontier Galaxy Gambler Garden Gate Ghost Glacier Guest Guitar Harbor Harvest Heart Heiress '
      'Hero Highway Holiday Horizon Hotel Hunter Island Jester Journey Judge Jungle Key Kingdom '
      'Kitchen Ladder Lagoon Lantern Letter Library Lighthouse Lion Machine Magician Map Market '
      'Mask Melody Mermaid Mirror Miracle Monsoon Monument Moon Mountain Museum Neighbor Night '
      'Notebook Oasis Oath Ocean Opera Oracle Orchard Orchestra Orphan Palace Parade Paradise '
      'Passenger Passport Piano Pilgrim Pilot Planet Poet Portrait Prince Promise Prophet Puzzle '
      'Railway Rain Rebel Recipe Rendezvous Rival River Road Robot Safari Sailor Satellite Secret '
      'Shadow Shepherd Siren Sky Snow Soldier Song Station Storm Stranger Street Submarine Sunrise '
      'Tango Teacher Theater Thief Tiger Tower Train Treasure Umbrella Valley Verdict Village '
      'Violin Voyage Wedding Whale Whisper Widow Window Witness Wolf Zeppelin', ' ') as nouns
)
select film_id,
       pg_temp.pick(film_id, 'title', array['', '', '', '', '', 'The ', 'Return of the '])
         || adjectives[1 + pair / cardinality(nouns)]
         || ' ' || nouns[1 + pair % cardinality(nouns)] as title,
       -- Five of the sixteen categories are made twice as often as the others
       (array[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 1, 3, 6, 9, 15])
         [pg_temp.dice(film_id, 'category', 21)] as category_id
from size, stock, generate_series(1, films) as film_id,
     lateral (select film_id * 7919 % (cardinality(adjectives) * cardinality(nouns)) as pair)
       as own;

insert into film
  (film_id, title, description, release_year, language_id, rental_duration, rental_rate, length,
   replacement_cost, rating, last_update, special_features, fulltext)
select film_id,
       title,
       description,
       case when name = 'Classics' then 1930 + pg_temp.dice(film_id, 'year', 45)
       else 2007 - least(pg_temp.dice(film_id, 'year', 25), pg_temp.dice(film_id, 'age', 25)) end,
       case when name = 'Foreign' then 1 + pg_temp.dice(film_id, 'language', 4) else 1 end,
       2 + pg_temp.dice(film_id, 'duration', 5),
       pg_temp.dice(film_id, 'rate', 3) * 2 - 1.01,
       45 + pg_temp.dice(film_id, 'length', 70) + pg_temp.dice(film_id, 'cut', 70),
       pg_temp.dice(film_id, 'replacement', 21) + 8.99,
       pg_temp.pick(film_id, 'rating',
                    case when name in ('Children', 'Family') then array['G', 'G', 'PG', 'PG-13']
                    else array['G', 'PG', 'PG-13', 'R', 'NC-17'] end)::mpaa_rating,
       '2013-06-03 10:14:07.125',
       array_remove(array[case when extras & 1 > 0 then 'Trailers' end,
                          case when extras & 2 > 0 then 'Commentaries' end,
                          case when extras & 4 > 0 then 'Deleted Scenes' end,
                          case when extras & 8 > 0 then 'Behind the Scenes' end], null),
       -- No stemmer: its results depend on the server's version
       to_tsvector('pg_catalog.simple', lower((title || ' ' || description) collate "C"))
from draft
join category using (category_id),
     lateral (select pg_temp.dice(film_id, 'extras', 15) as extras) as disc,
     lateral (select
       'In ' || pg_temp.pick(film_id, 'scene', array[
         'Patagonia', 'a Berlin cellar', 'a besieged monastery', 'a flooded mine',
         'a ghost town in Nevada', 'a hotel off season', 'a lunar colony', 'a Mumbai film studio',
         'a sleepless Tokyo', 'a travelling circus', 'a village without a name',
         'an abandoned observatory', 'an Alpine sanatorium', 'Lagos', 'Lisbon', 'postwar Vienna',
         'the last days of Carthage', 'the night train to Istanbul', 'the outback',
         'the year 2150'])
       || ', ' || pg_temp.pick(film_id, 'hero', array[
         'a boxer past his prime', 'a census taker', 'a deaf pianist', 'a forger', 'a junior vet',
         'a lighthouse keeper', 'a nervous astronaut', 'a retired pilot', 'a runaway bride',
         'a school inspector', 'a talking dog', 'a taxi driver', 'a weather forecaster',
         'an honest lawyer', 'an insomniac chef', 'an opera prompter'])
       || ' and ' || pg_temp.pick(film_id, 'partner', array[
         'a jealous twin', 'a lovesick robot', 'a pickpocket', 'a rival from school',
         'a stubborn librarian', 'a suspended detective', 'a wily grandmother',
         'an exiled countess', 'an impostor', 'an unwilling heir', 'someone else''s child',
         'the only witness'])
       || ' ' || pg_temp.pick(film_id, 'plot', array[
         'are mistaken for royalty', 'break into the wrong vault', 'build a flying machine',
         'cross a border that moved overnight', 'dig up more than treasure',
         'enter a dance contest', 'fall out over a map', 'find a film that shows tomorrow',
         'hide a tiger', 'keep a restaurant open through a siege', 'lose a fortune in one evening',
         'put a ghost on trial', 'race to return a stolen violin', 'save an orchestra',
         'solve a murder that hasn''t happened', 'swap lives for a week', 'teach a town to swim',
         'wait for a ship that never left'])
       || '.' as description) as blurb
order by film_id;

insert into film_category (film_id, category_id, last_update)
select film_id, category_id, '2006-02-13 09:20:45' from draft order by film_id;

-- The cast of a film is its lead and every n-th actor after the lead, without reaching the lead
-- again. Three films in a thousand have no actors.
insert into film_actor (actor_id, film_id, last_update)
select 1 + (lead + part * step) % actors, film_id, '2006-02-13 09:18:30'
from size,
     generate_series(1, films) as film_id,
     lateral (select pg_temp.dice(film_id, 'lead', actors) as lead,
                     pg_temp.dice(film_id, 'step', 19) as step,
                     pg_temp.dice(film_id, 'cast', 5) + pg_temp.dice(film_id, 'guests', 6) - 1
                       as parts) as casting,
     generate_series(1, parts) as part
where film_id % 331 <> 0
order by 1, 2;

-- ---------------------------------------------------------------------------------------------
-- Shops and people
-- ---------------------------------------------------------------------------------------------

insert into store (store_id, manager_staff_id, address_id, last_update) values
  (1, 1, 1, '2006-02-13 09:40:20'),
  (2, 2, 2, '2006-02-13 09:40:20');

-- The passwords are invented hashes. The picture is a PNG of one grey pixel.
insert into staff
  (staff_id, first_name, last_name, address_id, email, store_id, active, username, password,
   last_update, picture)
values
  (1, 'Nell', 'Fraser', 3, 'nell.fraser@example.com', 1, true, 'nell',
   md5('shop 1') || left(md5('nell'), 8), '2006-05-18 12:04:56.31275',
   decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJg'
          'gg==', 'base64')),
  (2, 'Tama', 'Ngata', 4, 'tama.ngata@example.com', 2, true, 'tama',
   md5('shop 2') || left(md5('tama'), 8), '2006-05-18 12:04:56.31275', null);

-- Inactive customers have active = 0; activebool is true for all customers. Most customers have the
-- same create_date, the day on which the shops entered their paper cards, months after the first
-- rental.
insert into customer
  (customer_id, store_id, first_name, last_name, email, address_id, activebool, create_date,
   last_update, active)
select customer_id,
       case when pg_temp.dice(customer_id, 'shop', 11) <= 6 then 1 else 2 end,
       first_name,
       last_name,
       replace(lower((first_name || '.' || last_name) collate "C"), '''', '')
         || '.' || customer_id || '@example.com',
       address_id,
       true,
       case when customer_id % 3 = 0
       then date '2005-05-24' - pg_temp.dice(customer_id, 'card', 700)
       else date '2006-02-10' end,
       '2013-06-03 10:13:31.86',
       case when customer_id % 40 = 16 then 0 else 1 end
from home, word,
     lateral (select pg_temp.pick(customer_id, 'given name', first_names) as first_name,
                     pg_temp.pick(customer_id, 'family name', last_names) as last_name) as named
order by customer_id;

-- ---------------------------------------------------------------------------------------------
-- Stock
-- ---------------------------------------------------------------------------------------------

-- A film is in one shop or in both, with 2 to 4 copies each (more above scale 20). One in 24 was
-- never bought.
insert into inventory (inventory_id, film_id, store_id, last_update)
select row_number() over (order by film_id, store_id, copy),
       film_id,
       store_id,
       '2006-02-13 09:33:50'
from size,
     generate_series(1, films) as film_id,
     generate_series(1, 2) as store_id,
     lateral (select (1 + pg_temp.dice(film_id * 2 + store_id, 'copies', 3)) * scale * 1000 / films
                       as copies) as bought,
     generate_series(1, copies) as copy
where film_id % 24 <> 7
  and pg_temp.dice(film_id, 'shops', 5) <> store_id
order by 1;

-- The order in which the copies are requested, again and again. One round takes longer than the
-- longest rental, even on the busiest days, so no copy is lent while it is out.
create temp table shelf as
select row_number() over (order by shuffled, inventory_id) - 1 as place,
       inventory_id,
       45 + pg_temp.dice(film_id, 'popularity', 55) as popularity
from inventory,
     lateral (select pg_temp.dice(inventory_id, 'place', 2000000000) as shuffled) as put;

-- ---------------------------------------------------------------------------------------------
-- Rentals
-- ---------------------------------------------------------------------------------------------

-- The number of copies that are requested on each day: it grows from week to week, is highest on
-- Saturdays, half as high again in a rainy week, and 0 on the day of stocktaking.
create temp table season as
with calendar as (
  select n, date '2005-05-24' + n as day from generate_series(0, 91) as n
), demand as (
  select day,
         case when day = '2005-07-04' then 0
         else scale::bigint * (160 + 3 * n / 2)
              * (array[80, 75, 82, 95, 125, 145, 105])[extract(isodow from day)::integer]
              * (92 + pg_temp.dice(n, 'weather', 15))
              * (case when day between '2005-07-18' and '2005-07-24' then 3 else 2 end)
              / 20000 end as asked
  from size, calendar
)
select day,
       asked,
       (sum(asked) over (order by day) - asked)::bigint as asked_before,
       (sum(asked) over ())::bigint as asked_in_all,
       copies
from demand, (select count(*) as copies from shelf) as stock;

-- A requested copy is lent if it is popular enough. One customer in five is a regular. One in nine
-- does not come after the middle of July, and another customer rents instead. In the last round, one
-- disc in twenty was lent on one evening of 2006 and has not been returned; one more is lost.
insert into rental
  (rental_id, rental_date, inventory_id, customer_id, return_date, staff_id, last_update)
with request as (
  select asked_before + n as request_id,
         day + time '09:00'
           + (50400 * (n - 1) + pg_temp.dice(asked_before + n, 'second', 50400)) / asked
             * interval '1 second' as asked_at,
         (asked_before + n) % copies as place,
         asked_before + n > asked_in_all - copies as last_round
  from season, generate_series(1, asked) as n
), lent as (
  select request_id,
         row_number() over (order by request_id) as nth,
         asked_at,
         inventory_id,
         last_round
  from request
  join shelf using (place)
  where pg_temp.dice(request_id, 'wanted', 100) <= popularity
), numbered as (
  -- A few numbers are skipped
  select lent.*,
         nth + nth / 3210 as rental_id,
         last_round and pg_temp.dice(request_id, 'evening', 20) = 1 as on_the_evening,
         case when pg_temp.dice(request_id, 'regular', 8) = 1
         then 5 * pg_temp.dice(request_id, 'which regular', customers / 5)
         else pg_temp.dice(request_id, 'customer', customers) end as customer_id
  from size, lent
)
select rental_id,
       case when on_the_evening then timestamp '2006-02-14 17:45:12' else asked_at end,
       inventory_id,
       case when customer_id % 9 = 4 and asked_at > '2005-07-17'
       then pg_temp.dice(request_id, 'instead', customers)
       else customer_id end,
       case when not (on_the_evening or gone)
       then asked_at + interval '1 minute' * (1080 + pg_temp.dice(request_id, 'kept', 12240)) end,
       pg_temp.dice(request_id, 'staff', 2),
       case when gone then timestamp '2006-02-24 11:36:20' else '2006-02-15 20:00:00' end
from size, numbered,
     lateral (select last_round and rental_id % 16000 = 14500 as gone) as fate
order by rental_id;

-- ---------------------------------------------------------------------------------------------
-- Payments
-- ---------------------------------------------------------------------------------------------

-- The price is the rate plus a dollar for each full day of delay. One time in eight the delay is not
-- charged. Payments are numbered by customer, not by time. They are recorded since June, at first
-- with some omissions. Payments are up to half an hour later than a fixed interval after the rental.
insert into payment (payment_id, customer_id, staff_id, rental_id, amount, payment_date)
with paid as (
  select rental_id, customer_id, rental_date, return_date, rental_rate, rental_duration
  from rental
  join inventory using (inventory_id)
  join film using (film_id)
  where rental_date >= '2005-07-01'
     or (rental_date >= '2005-06-01'
         and pg_temp.dice(rental_id, 'till', 120) <= 90 + extract(day from rental_date))
), taken as (
  select customer_id,
         pg_temp.dice(rental_id, 'cashier', 2) as staff_id,
         rental_id,
         case
         when return_date is null
         then rental_rate * (array[0, 0, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
                              [pg_temp.dice(rental_id, 'not returned', 16)]
         when pg_temp.dice(rental_id, 'forgiven', 8) = 1
         then rental_rate
         else rental_rate + greatest(0, extract(day from return_date - rental_date)::integer
                                        - rental_duration)
         end as amount,
         case
         when rental_date >= '2006-01-01' then rental_date + interval '454 days'
         else rental_date
                + interval '1 day' * case when rental_date < '2005-07-01' then 616
                                     when rental_date < '2005-08-01' then 637
                                     else 581 end
                + interval '1 microsecond' * pg_temp.dice(rental_id, 'queue', 2000000000)
         end as payment_date
  from paid
  union all
  -- Paid four more times, by other customers
  select (customer_id + 137 * n) % customers + 1,
         1 + n % 2,
         rental_id,
         0.99 + pg_temp.dice(rental_id * 4 + n, 'again', 4),
         timestamp '2007-02-07 11:20:00' + interval '14 days' * n
           + interval '1 microsecond' * pg_temp.dice(rental_id * 4 + n, 'when', 2000000000)
  from size, paid, generate_series(1, 4) as n
  where rental_id % 16000 = 4711
)
select 20000 + row_number() over (order by customer_id, rental_id),
       customer_id, staff_id, rental_id, amount, payment_date
from taken
order by 1;

-- ---------------------------------------------------------------------------------------------
-- Sequences and cleanup
-- ---------------------------------------------------------------------------------------------

-- The next number of each table
select setval('country_country_id_seq',     (select max(country_id) from country)),
       setval('city_city_id_seq',           (select max(city_id) from city)),
       setval('address_address_id_seq',     (select max(address_id) from address)),
       setval('language_language_id_seq',   (select max(language_id) from language)),
       setval('category_category_id_seq',   (select max(category_id) from category)),
       setval('actor_actor_id_seq',         (select max(actor_id) from actor)),
       setval('film_film_id_seq',           (select max(film_id) from film)),
       setval('store_store_id_seq',         (select max(store_id) from store)),
       setval('staff_staff_id_seq',         (select max(staff_id) from staff)),
       setval('customer_customer_id_seq',   (select max(customer_id) from customer)),
       setval('inventory_inventory_id_seq', (select max(inventory_id) from inventory)),
       setval('rental_rental_id_seq',       (select max(rental_id) from rental)),
       setval('payment_payment_id_seq',     (select max(payment_id) from payment));

drop table size, word, atlas, home, draft, shelf, season;
drop function pg_temp.pick(bigint, text, text[]);
drop function pg_temp.dice(bigint, text, integer);
drop function pg_temp.shuffle(bigint);
reset jit;
reset client_encoding;
