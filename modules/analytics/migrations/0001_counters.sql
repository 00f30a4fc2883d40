-- What happened on each day, counted. Rows of a generation that is not the current one are of a rebuild that is under way, or
-- left over.
CREATE TABLE analytics_daily (
    generation BIGINT NOT NULL,
    metric TEXT NOT NULL,
    day DATE NOT NULL,
    key1 TEXT NOT NULL,
    key2 TEXT NOT NULL,
    -- Empty where no money is counted.
    currency TEXT NOT NULL,
    count BIGINT NOT NULL,
    sum_minor BIGINT NOT NULL,
    PRIMARY KEY (generation, metric, day, key1, key2, currency)
); -- clustered

-- Who did something on a day.
CREATE TABLE analytics_active (
    generation BIGINT NOT NULL,
    day DATE NOT NULL,
    user_id UUID NOT NULL,
    PRIMARY KEY (generation, day, user_id)
); -- clustered

-- What each person did, ever.
CREATE TABLE analytics_person (
    generation BIGINT NOT NULL,
    metric TEXT NOT NULL,
    username TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (generation, metric, username)
); -- clustered

-- Which generation counts, and up to which place in the stream it has counted.
CREATE TABLE analytics_current (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    generation BIGINT NOT NULL,
    position BIGINT NOT NULL
);
INSERT INTO analytics_current (id, generation, position) VALUES (1, 1, 0);
