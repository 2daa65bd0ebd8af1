-- The DVD-rental sample, part 3 of 3: keys and indexes, last because a load without them takes half
-- the time. How to load the three files: see schema.sql.

-- Primary keys

alter table country       add primary key (country_id);
alter table city          add primary key (city_id);
alter table address       add primary key (address_id);
alter table language      add primary key (language_id);
alter table category      add primary key (category_id);
alter table actor         add primary key (actor_id);
alter table film          add primary key (film_id);
alter table film_actor    add primary key (actor_id, film_id);
alter table film_category add primary key (film_id, category_id);
alter table store         add primary key (store_id);
alter table staff         add primary key (staff_id);
alter table customer      add primary key (customer_id);
alter table inventory     add primary key (inventory_id);
alter table rental        add primary key (rental_id);
alter table payment       add primary key (payment_id);

-- Other unique indexes

create unique index idx_unq_manager_staff_id on store (manager_staff_id);
create unique index idx_unq_rental_rental_date_inventory_id_customer_id
  on rental (rental_date, inventory_id, customer_id);

-- Foreign keys. Like the well-known database, this one has none on a store_id.

alter table city
  add foreign key (country_id) references country;
alter table address
  add foreign key (city_id) references city;
alter table film
  add foreign key (language_id) references language on update cascade on delete restrict;
alter table film_actor
  add foreign key (actor_id) references actor on update cascade on delete restrict,
  add foreign key (film_id) references film on update cascade on delete restrict;
alter table film_category
  add foreign key (film_id) references film on update cascade on delete restrict,
  add foreign key (category_id) references category on update cascade on delete restrict;
alter table staff
  add foreign key (address_id) references address on update cascade on delete restrict;
alter table store
  add foreign key (manager_staff_id) references staff on update cascade on delete restrict,
  add foreign key (address_id) references address on update cascade on delete restrict;
alter table customer
  add foreign key (address_id) references address on update cascade on delete restrict;
alter table inventory
  add foreign key (film_id) references film on update cascade on delete restrict;
alter table rental
  add foreign key (inventory_id) references inventory on update cascade on delete restrict,
  add foreign key (customer_id) references customer on update cascade on delete restrict,
  add foreign key (staff_id) references staff;
alter table payment
  add foreign key (customer_id) references customer on update cascade on delete restrict,
  add foreign key (staff_id) references staff on update cascade on delete restrict,
  add foreign key (rental_id) references rental on update cascade on delete restrict;

-- Indexes for look-ups

create index idx_fk_country_id   on city       (country_id);
create index idx_fk_city_id      on address    (city_id);
create index idx_fk_language_id  on film       (language_id);
create index idx_title           on film       (title);
create index film_fulltext_idx   on film using gist (fulltext);
create index idx_fk_film_id      on film_actor (film_id);
create index idx_actor_last_name on actor      (last_name);
create index idx_fk_address_id   on customer   (address_id);
create index idx_fk_store_id     on customer   (store_id);
create index idx_last_name       on customer   (last_name);
create index idx_store_id_film_id on inventory (store_id, film_id);
create index idx_fk_inventory_id on rental     (inventory_id);
create index idx_fk_customer_id  on payment    (customer_id);
create index idx_fk_staff_id     on payment    (staff_id);
create index idx_fk_rental_id    on payment    (rental_id);
