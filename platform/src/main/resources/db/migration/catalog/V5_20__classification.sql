-- What the machine proposes stays beside what is in force: level and mask are in force, and what a person decided is never overwritten.
alter table catalog_fields
    add column proposed_level text,
    add column proposed_mask  text,
    -- what the latest collection found, which may be less than was ever proposed
    add column found_level    text,
    add column evidence       jsonb,
    add column subject        text not null default 'THING',
    add column grade          text not null default 'GENERAL',
    add column grade_rule     text,
    add column decided_level  text,
    add column decided_kind   text,
    add column decided_grade  text,
    add column decision       bigint;
update catalog_fields set proposed_level = level, proposed_mask = mask, found_level = level;
alter table catalog_fields alter column proposed_level set not null, alter column found_level set not null;

alter table catalog_resources add column theme text not null default 'PUBLIC_SERVICE';

-- Who decided what of a field, and why; a row is never changed. One that undoes another names it.
create table catalog_decisions (
    id             bigint generated always as identity primary key,
    resource_id    uuid not null references catalog_resources,
    field          text not null,
    at             timestamptz not null,
    who            text not null,
    who_name       text not null,
    level          text not null,
    kind           text,
    grade          text not null,
    reason         text not null,
    -- what the machine proposed when the person looked
    proposed_level text not null,
    proposed_kind  text,
    -- what was in force until then
    former_level   text not null,
    undoes         bigint references catalog_decisions
);
create index on catalog_decisions (resource_id, field, id);

create function catalog_decisions_stay() returns trigger language plpgsql as $$
begin
    raise exception 'what was decided stays';
end $$;
create trigger catalog_decisions_stay before update or delete on catalog_decisions
    for each row execute function catalog_decisions_stay();

-- A collection found more than a person who lowered a level had seen. Nothing is changed by it; a person looks.
create table catalog_contradictions (
    id          bigint generated always as identity primary key,
    resource_id uuid not null references catalog_resources,
    field       text not null,
    at          timestamptz not null,
    level       text not null,
    kind        text,
    closed_at   timestamptz
);
create unique index on catalog_contradictions (resource_id, field) where closed_at is null;
