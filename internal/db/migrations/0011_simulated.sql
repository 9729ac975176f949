-- How many of the records behind a computed value come from a simulated source.
ALTER TABLE figure_value ADD COLUMN simulated BIGINT NOT NULL DEFAULT 0;
