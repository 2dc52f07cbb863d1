-- Clients may prove themselves by a certificate: one of their own, known by its print, or any that an authority issued to a subject.
alter table invoke_credentials add column subject text;
alter table invoke_credentials add constraint invoke_credentials_subject check ((kind = 'SUBJECT') = (subject is not null));
