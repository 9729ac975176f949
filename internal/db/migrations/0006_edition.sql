-- Room edition: published rankings and the lines of their tables.

CREATE TABLE edition (
    id           TEXT PRIMARY KEY,
    ranking      TEXT NOT NULL,
    edition      TEXT NOT NULL,
    previous     TEXT NOT NULL,
    body_zh      TEXT NOT NULL,
    body_en      TEXT NOT NULL,
    title_zh     TEXT NOT NULL,
    title_en     TEXT NOT NULL,
    published_on TEXT NOT NULL,
    unit_ranked  TEXT NOT NULL,
    length       BIGINT NOT NULL,
    metrics      TEXT NOT NULL,
    method_zh    TEXT NOT NULL,
    method_en    TEXT NOT NULL,
    changes      TEXT NOT NULL,
    totals       TEXT NOT NULL,
    licence      TEXT NOT NULL,
    licence_tag  TEXT NOT NULL,
    basis        TEXT NOT NULL CHECK (basis IN ('published', 'recalled')),
    source_id    TEXT NOT NULL REFERENCES source (id),
    locator      TEXT NOT NULL,
    note_zh      TEXT NOT NULL,
    note_en      TEXT NOT NULL,
    batch_id     TEXT NOT NULL,
    version      BIGINT NOT NULL,
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL
);
CREATE UNIQUE INDEX edition_ranking ON edition (ranking, edition);

-- rank_bound is '' where the place is not known; rank is then 0 and means nothing.
CREATE TABLE edition_entry (
    id            TEXT PRIMARY KEY,
    edition_id    TEXT NOT NULL REFERENCES edition (id),
    rank_bound    TEXT NOT NULL,
    rank          BIGINT NOT NULL,
    rank_high     BIGINT NOT NULL,
    name_zh       TEXT NOT NULL,
    name_en       TEXT NOT NULL,
    economy       TEXT NOT NULL,
    unit          TEXT NOT NULL,
    vals          TEXT NOT NULL,
    previous_rank BIGINT NOT NULL,
    source_id     TEXT NOT NULL REFERENCES source (id),
    locator       TEXT NOT NULL,
    note_zh       TEXT NOT NULL,
    note_en       TEXT NOT NULL,
    batch_id      TEXT NOT NULL,
    version       BIGINT NOT NULL,
    created_at    TEXT NOT NULL,
    updated_at    TEXT NOT NULL
);
CREATE INDEX edition_entry_edition ON edition_entry (edition_id, rank, id);
CREATE INDEX edition_entry_unit ON edition_entry (unit);
