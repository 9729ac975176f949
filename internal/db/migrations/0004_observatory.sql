-- Room observatory: figures, what is reported of them, what is computed for them, and superlatives.

CREATE TABLE figure (
    id            TEXT PRIMARY KEY,
    grp           TEXT NOT NULL,
    grp_zh        TEXT NOT NULL,
    grp_en        TEXT NOT NULL,
    grp_order     BIGINT NOT NULL,
    title_zh      TEXT NOT NULL,
    title_en      TEXT NOT NULL,
    definition_zh TEXT NOT NULL,
    definition_en TEXT NOT NULL,
    unit          TEXT NOT NULL,
    counter_zh    TEXT NOT NULL,
    counter_en    TEXT NOT NULL,
    scope_zh      TEXT NOT NULL,
    scope_en      TEXT NOT NULL,
    subject       TEXT NOT NULL,
    flow          TEXT NOT NULL CHECK (flow IN ('stock', 'flow', 'unknown')),
    period_kind   TEXT NOT NULL,
    basis         TEXT NOT NULL CHECK (basis IN ('reported', 'computed', 'both')),
    body          TEXT NOT NULL,
    dimension     TEXT NOT NULL,
    numerator     TEXT NOT NULL,
    denominator   TEXT NOT NULL,
    reading       TEXT NOT NULL,
    variants      TEXT NOT NULL,
    terms         TEXT NOT NULL,
    overview      BOOLEAN NOT NULL,
    sort_order    BIGINT NOT NULL,
    note_zh       TEXT NOT NULL,
    note_en       TEXT NOT NULL,
    compute       TEXT NOT NULL,
    source_id     TEXT NOT NULL,
    batch_id      TEXT NOT NULL,
    version       BIGINT NOT NULL,
    created_at    TEXT NOT NULL,
    updated_at    TEXT NOT NULL
);

CREATE TABLE reported_value (
    id           TEXT PRIMARY KEY,
    figure_id    TEXT NOT NULL REFERENCES figure (id),
    bound        TEXT NOT NULL CHECK (bound IN ('eq', 'gt', 'ge', 'lt', 'le', 'lt_near', 'approx', 'range')),
    value        DOUBLE PRECISION NOT NULL,
    high         DOUBLE PRECISION NOT NULL,
    unit         TEXT NOT NULL,
    step         DOUBLE PRECISION NOT NULL,
    period_kind  TEXT NOT NULL,
    period_start TEXT NOT NULL,
    period_end   TEXT NOT NULL,
    flow         TEXT NOT NULL,
    edition      TEXT NOT NULL,
    data_year    BIGINT NOT NULL,
    source_id    TEXT NOT NULL REFERENCES source (id),
    locator      TEXT NOT NULL,
    note_zh      TEXT NOT NULL,
    note_en      TEXT NOT NULL,
    batch_id     TEXT NOT NULL,
    version      BIGINT NOT NULL,
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL
);
CREATE INDEX reported_value_figure ON reported_value (figure_id, period_end);
CREATE INDEX reported_value_source ON reported_value (source_id);

-- A computed value is never changed: a newer one supersedes it. value is NULL
-- where the records do not tell it.
CREATE TABLE figure_value (
    id            TEXT PRIMARY KEY,
    figure_id     TEXT NOT NULL,
    slot          TEXT NOT NULL,
    item          TEXT NOT NULL,
    item_zh       TEXT NOT NULL,
    item_en       TEXT NOT NULL,
    bound         TEXT NOT NULL,
    value         DOUBLE PRECISION,
    high          DOUBLE PRECISION,
    unit          TEXT NOT NULL,
    period_kind   TEXT NOT NULL,
    period_start  TEXT NOT NULL,
    period_end    TEXT NOT NULL,
    flow          TEXT NOT NULL,
    numerator     DOUBLE PRECISION,
    denominator   DOUBLE PRECISION,
    records       BIGINT NOT NULL,
    records_hash  TEXT NOT NULL,
    method        TEXT NOT NULL,
    change_seq    BIGINT NOT NULL,
    as_of         TEXT NOT NULL,
    version       BIGINT NOT NULL,
    computed_at   TEXT NOT NULL,
    superseded_at TEXT
);
CREATE UNIQUE INDEX figure_value_slot ON figure_value (figure_id, item, slot, version);

-- The last computation: what it read and when, and what failed in it.
CREATE TABLE figure_run (
    id         BIGINT PRIMARY KEY CHECK (id = 1),
    change_seq BIGINT NOT NULL,
    day        TEXT NOT NULL,
    city       TEXT NOT NULL,
    at         TEXT NOT NULL,
    written    BIGINT NOT NULL,
    failed     TEXT NOT NULL
);

CREATE TABLE superlative (
    id         TEXT PRIMARY KEY,
    subject    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    scope      TEXT NOT NULL,
    scope_zh   TEXT NOT NULL,
    scope_en   TEXT NOT NULL,
    object_zh  TEXT NOT NULL,
    object_en  TEXT NOT NULL,
    status     TEXT NOT NULL CHECK (status IN ('reported', 'verified', 'disputed')),
    evidence   TEXT NOT NULL,
    note_zh    TEXT NOT NULL,
    note_en    TEXT NOT NULL,
    source_id  TEXT NOT NULL REFERENCES source (id),
    locator    TEXT NOT NULL,
    batch_id   TEXT NOT NULL,
    version    BIGINT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE INDEX superlative_subject ON superlative (subject, id);
