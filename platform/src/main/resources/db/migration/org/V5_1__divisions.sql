-- A code may have several periods: what it means changes when a division is split, merged or renamed.
-- A period holds from valid_from on and ends before valid_to.
create table org_divisions (
    code       text not null check (code ~ '^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$'),
    name       text not null,
    name_en    text,
    parent     text,
    valid_from date not null default '-infinity',
    valid_to   date not null default 'infinity',
    primary key (code, valid_from),
    check (valid_from < valid_to)
);

create index org_divisions_parent on org_divisions (parent);

create table org_division_successors (
    code       text not null,
    valid_from date not null,
    successor  text not null,
    primary key (code, valid_from, successor),
    foreign key (code, valid_from) references org_divisions on delete cascade
);

alter table org_departments
    add column uscc       text,
    add column division   text,
    add column parent     text references org_departments deferrable initially deferred,
    add column valid_from date not null default '-infinity',
    add column valid_to   date not null default 'infinity',
    add check (valid_from < valid_to);

-- Counts the changes of divisions, departments, posts and people: who has read a state knows whether it is still the one.
create table org_revision (
    only_row boolean primary key default true check (only_row),
    revision bigint not null
);

insert into org_revision (revision) values (0);
