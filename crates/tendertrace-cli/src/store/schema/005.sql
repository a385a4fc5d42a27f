-- The attachment that a quote stands in; NULL: the notice's own page.
ALTER TABLE quotes ADD COLUMN file TEXT;
