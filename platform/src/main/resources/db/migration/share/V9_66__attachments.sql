-- What is handed in with an application: a law's text, an approval, a contract. It changes while the application is a draft, and never after.
create table share_attachments (
    id             uuid primary key,
    application_id uuid not null references share_applications,
    name           text not null,
    media_type     text not null,
    sha256         text not null,
    content        bytea not null,
    added_by       text not null,
    added_at       timestamptz not null
);
create index on share_attachments (application_id);
