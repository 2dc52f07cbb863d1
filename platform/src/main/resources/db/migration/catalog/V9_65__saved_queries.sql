-- Statements that people keep for later, with how their answers are drawn; shared ones are seen by the department.
create table catalog_saved_queries (
    id         uuid primary key,
    owner      text not null,
    department text,
    title      text not null,
    sql        text not null,
    chart      jsonb,
    shared     boolean not null,
    changed_at timestamptz not null,
    unique (owner, title)
);
create index catalog_saved_queries_shared on catalog_saved_queries (department) where shared;
