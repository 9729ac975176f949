-- Room change: the append-only log of every change, and the cursors of whatever follows it.

CREATE TABLE change_head (
    id   BIGINT PRIMARY KEY CHECK (id = 1),
    seq  BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO change_head (id, seq, hash) VALUES (1, 0, '');

CREATE TABLE change (
    seq       BIGINT PRIMARY KEY,
    at        TEXT NOT NULL,
    actor     TEXT NOT NULL,
    behalf    TEXT NOT NULL,
    kind      TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    action    TEXT NOT NULL,
    before    TEXT NOT NULL,
    after     TEXT NOT NULL,
    reason    TEXT NOT NULL,
    batch_id  TEXT NOT NULL,
    hash      TEXT NOT NULL
);
CREATE INDEX change_entity ON change (kind, entity_id, seq);
CREATE INDEX change_batch ON change (batch_id, seq);

CREATE TABLE change_cursor (
    name TEXT PRIMARY KEY,
    seq  BIGINT NOT NULL,
    at   TEXT NOT NULL
);

-- Room source: where a fact comes from.

CREATE TABLE source (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    title_zh     TEXT NOT NULL,
    title_en     TEXT NOT NULL,
    publisher    TEXT NOT NULL,
    author       TEXT NOT NULL,
    url          TEXT NOT NULL,
    published_on TEXT NOT NULL,
    retrieved_on TEXT NOT NULL,
    licence      TEXT NOT NULL,
    licence_tag  TEXT NOT NULL CHECK (licence_tag IN ('G', 'Y', 'R', 'fact', 'own')),
    note         TEXT NOT NULL,
    fingerprint  TEXT NOT NULL,
    simulated    BOOLEAN NOT NULL,
    version      BIGINT NOT NULL,
    created_at   TEXT NOT NULL
);

CREATE TABLE batch (
    id             TEXT PRIMARY KEY,
    source_id      TEXT NOT NULL REFERENCES source (id),
    importer       TEXT NOT NULL,
    file_name      TEXT NOT NULL,
    file_sha256    TEXT NOT NULL,
    mapping        TEXT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('done', 'undone')),
    rows_read      BIGINT NOT NULL,
    rows_created   BIGINT NOT NULL,
    rows_updated   BIGINT NOT NULL,
    rows_unchanged BIGINT NOT NULL,
    rows_rejected  BIGINT NOT NULL,
    actor          TEXT NOT NULL,
    started_at     TEXT NOT NULL,
    finished_at    TEXT NOT NULL,
    undone_at      TEXT,
    undone_by      TEXT NOT NULL DEFAULT ''
);
CREATE INDEX batch_source ON batch (source_id, started_at);
