-- What the last run was made of, from which the next may go on; a part is made only from here.
alter table refine_mappings add column basis jsonb;
-- When it was made as a whole last, and how often in part since.
alter table refine_mappings add column whole_at timestamptz;
alter table refine_mappings add column parts integer not null default 0;
-- A check found something else than the parts had made: from then on it is made as a whole, until its text is kept anew.
alter table refine_mappings add column deviated boolean not null default false;

-- How it was made, why so, and how many rows were read of what.
alter table refine_runs add column course jsonb;
