-- Departments that work inside an authorised operation zone: what may be read for them is read there and nowhere else.
create table org_enclosures (
    department_id text primary key references org_departments,
    since         timestamptz not null
);
