-- Which roles in cases a user was given: words such as pool.maker, with a blank
-- between them, in the order of the alphabet.
ALTER TABLE account_user ADD COLUMN duties TEXT NOT NULL DEFAULT '';
