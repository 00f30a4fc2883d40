-- What a database remembers about itself, such as what it was made for: a word under a name.
CREATE TABLE store_mark (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
