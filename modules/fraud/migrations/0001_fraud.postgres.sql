-- A profile is written again and again, and none of its columns is in another index: room beside it keeps it where it is.
ALTER TABLE fraud_profile SET (fillfactor = 70);
ALTER TABLE fraud_profile ALTER COLUMN profile SET STORAGE PLAIN;
