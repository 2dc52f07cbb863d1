create table org_posts (
    id            text primary key,
    department_id text not null references org_departments,
    name          text not null,
    name_en       text,
    reports_to    text references org_posts deferrable initially deferred,
    ordinal       integer not null,
    valid_from    date not null default '-infinity',
    valid_to      date not null default 'infinity',
    check (valid_from < valid_to)
);

create index org_posts_department on org_posts (department_id);

-- What the holder answers for; where there is none, the division of the department.
create table org_post_divisions (
    post_id  text not null references org_posts on delete cascade,
    division text not null,
    primary key (post_id, division)
);

create table org_people (
    id           text primary key,
    display_name text not null,
    phone        text,
    email        text,
    username     text unique references org_accounts
);

create table org_appointments (
    person_id  text not null references org_people,
    post_id    text not null references org_posts,
    valid_from date not null default '-infinity',
    valid_to   date not null default 'infinity',
    primary key (person_id, post_id, valid_from),
    check (valid_from < valid_to)
);

create index org_appointments_post on org_appointments (post_id);
