-- In which language a mail is written: its HTML says so, and goes in that direction. Nothing: English, by an earlier version.
ALTER TABLE notifications_mail ADD COLUMN language TEXT CHECK (language IN ('en', 'de', 'ar'));
