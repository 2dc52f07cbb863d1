-- What the law keeps from those whom it is about (PIPL Art. 35, 45): named to them with the law, and not shown.
create table catalog_withheld (
    resource_id uuid primary key references catalog_resources,
    legal_basis text not null,
    reason      text not null,
    set_at      timestamptz not null,
    set_by      text not null
);
