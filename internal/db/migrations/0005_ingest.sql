-- Room ingest: column mappings that a person saved under a name.

CREATE TABLE import_mapping (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    name_key   TEXT NOT NULL UNIQUE,
    target     TEXT NOT NULL,
    columns    TEXT NOT NULL,
    fixed      TEXT NOT NULL,
    version    BIGINT NOT NULL,
    updated_by TEXT NOT NULL,
    updated_at TEXT NOT NULL
);

-- Which record a bundle's own key ("org:gibh") stands for.
CREATE TABLE import_key (
    namespace TEXT NOT NULL,
    key       TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    batch_id  TEXT NOT NULL,
    PRIMARY KEY (namespace, key)
);
CREATE INDEX import_key_batch ON import_key (batch_id);
