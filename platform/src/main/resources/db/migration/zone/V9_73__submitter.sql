-- Any member may hand a result in, not only who ran it; neither reviews it.
alter table zone_runs add column submitter text;
update zone_runs set submitter = who where submitted_at is not null;
