-- Where the next look begins, whatever the last one covered.
ALTER TABLE asked ADD COLUMN gone_to TEXT;
