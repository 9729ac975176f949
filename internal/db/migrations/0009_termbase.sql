-- Room termbase: Chinese terms with their English, the city's own state of them.

CREATE TABLE term (
    id         TEXT PRIMARY KEY,
    zh         TEXT NOT NULL,
    zh_key     TEXT NOT NULL UNIQUE,
    en         TEXT NOT NULL,
    also_zh    TEXT NOT NULL,
    also_en    TEXT NOT NULL,
    area       TEXT NOT NULL,
    note       TEXT NOT NULL,
    anchor     TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('active', 'withdrawn')),
    origin     TEXT NOT NULL CHECK (origin IN ('bundled', 'city')),
    source_id  TEXT NOT NULL REFERENCES source (id),
    batch_id   TEXT NOT NULL,
    folded     TEXT NOT NULL,
    order_zh   TEXT NOT NULL,
    order_en   TEXT NOT NULL,
    version    BIGINT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE INDEX term_order_zh ON term (order_zh, id);
CREATE INDEX term_order_en ON term (order_en, id);
CREATE INDEX term_updated ON term (updated_at, id);
CREATE INDEX term_area ON term (area, order_zh, id);

-- Each Chinese form of an active term, folded: a form belongs to one term.
CREATE TABLE term_form (
    form    TEXT PRIMARY KEY,
    term_id TEXT NOT NULL REFERENCES term (id)
);
CREATE INDEX term_form_term ON term_form (term_id);

-- One row: how often the terms have changed.
CREATE TABLE term_count (
    one     BIGINT PRIMARY KEY CHECK (one = 1),
    changes BIGINT NOT NULL
);
