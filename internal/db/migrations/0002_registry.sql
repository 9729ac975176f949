-- Room registry: organisations and what hangs on them. A reference to an
-- organisation keeps the id it was written with; org.root says who answers for
-- that id now (its own id, or the record it was merged into).

CREATE TABLE division (
    id         TEXT PRIMARY KEY,
    code       TEXT NOT NULL,
    name_zh    TEXT NOT NULL,
    name_en    TEXT NOT NULL,
    folded     TEXT NOT NULL,
    level      TEXT NOT NULL CHECK (level IN ('province', 'city', 'district')),
    parent     TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to   TEXT NOT NULL,
    note       TEXT NOT NULL,
    source_id  TEXT NOT NULL REFERENCES source (id),
    batch_id   TEXT NOT NULL,
    version    BIGINT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE INDEX division_code ON division (code, valid_from);
CREATE INDEX division_parent ON division (parent, code);

-- The long columns stand last: SQLite reads a row from its start.
CREATE TABLE org (
    id          TEXT PRIMARY KEY,
    root        TEXT NOT NULL,
    order_zh    TEXT NOT NULL,
    order_en    TEXT NOT NULL,
    kind        TEXT NOT NULL,
    status      TEXT NOT NULL CHECK (status IN ('active', 'inactive', 'withdrawn')),
    country     TEXT NOT NULL,
    division    TEXT NOT NULL,
    source_id   TEXT NOT NULL REFERENCES source (id),
    batch_id    TEXT NOT NULL,
    version     BIGINT NOT NULL,
    created_at  TEXT NOT NULL,
    updated_at  TEXT NOT NULL,
    merged_into TEXT,
    established TEXT NOT NULL,
    closed      TEXT NOT NULL,
    city        TEXT NOT NULL,
    lat         DOUBLE PRECISION,
    lon         DOUBLE PRECISION,
    name_zh     TEXT NOT NULL,
    name_en     TEXT NOT NULL,
    website     TEXT NOT NULL,
    evidence    TEXT NOT NULL,
    names       TEXT NOT NULL,
    identifiers TEXT NOT NULL
);
CREATE INDEX org_root ON org (root);
CREATE INDEX org_merged ON org (merged_into) WHERE merged_into IS NOT NULL; -- deleting an organisation looks for those merged into it
CREATE INDEX org_order_zh ON org (order_zh, id);

-- What organisations are looked up by. The names and identifiers themselves
-- stand in org, as JSON lists; these rows are derived from them.
CREATE TABLE org_name (
    folded TEXT NOT NULL,
    org_id TEXT NOT NULL,
    PRIMARY KEY (folded, org_id)
);

-- claim is '' for a scheme whose value one organisation alone may hold, and the
-- organisation's id for the others.
CREATE TABLE org_identifier (
    scheme TEXT NOT NULL,
    value  TEXT NOT NULL,
    claim  TEXT NOT NULL,
    org_id TEXT NOT NULL,
    PRIMARY KEY (scheme, value, claim)
);

CREATE TABLE merge (
    id        TEXT PRIMARY KEY,
    from_id   TEXT NOT NULL,
    into_id   TEXT NOT NULL,
    reason    TEXT NOT NULL,
    actor     TEXT NOT NULL,
    at        TEXT NOT NULL,
    undone_at TEXT,
    undone_by TEXT NOT NULL
);
CREATE INDEX merge_from ON merge (from_id, at);
CREATE INDEX merge_into ON merge (into_id, at);

-- The ends of a relation are organisations, platforms, parks or people; an end
-- may be unknown yet.
CREATE TABLE relation (
    id         TEXT PRIMARY KEY,
    from_id    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    to_id      TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to   TEXT NOT NULL,
    share      DOUBLE PRECISION CHECK (share >= 0 AND share <= 1),
    evidence   TEXT NOT NULL,
    source_id  TEXT NOT NULL REFERENCES source (id),
    batch_id   TEXT NOT NULL,
    version    BIGINT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE INDEX relation_from ON relation (from_id);
CREATE INDEX relation_to ON relation (to_id);

CREATE TABLE person (
    id         TEXT PRIMARY KEY,
    names      TEXT NOT NULL,
    name_zh    TEXT NOT NULL,
    name_en    TEXT NOT NULL,
    folded     TEXT NOT NULL,
    order_zh   TEXT NOT NULL,
    order_en   TEXT NOT NULL,
    orcid      TEXT UNIQUE,
    evidence   TEXT NOT NULL,
    source_id  TEXT NOT NULL REFERENCES source (id),
    batch_id   TEXT NOT NULL,
    version    BIGINT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);

CREATE TABLE platform (
    id          TEXT PRIMARY KEY,
    key         TEXT NOT NULL UNIQUE,
    names       TEXT NOT NULL,
    name_zh     TEXT NOT NULL,
    name_en     TEXT NOT NULL,
    folded      TEXT NOT NULL,
    order_zh    TEXT NOT NULL,
    order_en    TEXT NOT NULL,
    class       TEXT NOT NULL,
    grouping    TEXT NOT NULL,
    level       TEXT NOT NULL,
    field_zh    TEXT NOT NULL,
    field_en    TEXT NOT NULL,
    division    TEXT NOT NULL,
    org_id      TEXT REFERENCES org (id),
    host_text   TEXT NOT NULL,
    status      TEXT NOT NULL,
    established TEXT NOT NULL,
    closed      TEXT NOT NULL,
    website     TEXT NOT NULL,
    note_zh     TEXT NOT NULL,
    note_en     TEXT NOT NULL,
    evidence    TEXT NOT NULL,
    source_id   TEXT NOT NULL REFERENCES source (id),
    batch_id    TEXT NOT NULL,
    version     BIGINT NOT NULL,
    created_at  TEXT NOT NULL,
    updated_at  TEXT NOT NULL
);
CREATE INDEX platform_org ON platform (org_id);

CREATE TABLE platform_host (
    platform_id TEXT NOT NULL REFERENCES platform (id),
    position    BIGINT NOT NULL,
    org_id      TEXT NOT NULL REFERENCES org (id),
    PRIMARY KEY (platform_id, position)
);
CREATE INDEX platform_host_org ON platform_host (org_id);

CREATE TABLE park (
    id          TEXT PRIMARY KEY,
    key         TEXT NOT NULL UNIQUE,
    names       TEXT NOT NULL,
    name_zh     TEXT NOT NULL,
    name_en     TEXT NOT NULL,
    folded      TEXT NOT NULL,
    order_zh    TEXT NOT NULL,
    order_en    TEXT NOT NULL,
    class       TEXT NOT NULL,
    level       TEXT NOT NULL,
    field_zh    TEXT NOT NULL,
    field_en    TEXT NOT NULL,
    division    TEXT NOT NULL,
    org_id      TEXT REFERENCES org (id),
    status      TEXT NOT NULL,
    established TEXT NOT NULL,
    closed      TEXT NOT NULL,
    website     TEXT NOT NULL,
    note_zh     TEXT NOT NULL,
    note_en     TEXT NOT NULL,
    evidence    TEXT NOT NULL,
    source_id   TEXT NOT NULL REFERENCES source (id),
    batch_id    TEXT NOT NULL,
    version     BIGINT NOT NULL,
    created_at  TEXT NOT NULL,
    updated_at  TEXT NOT NULL
);
CREATE INDEX park_org ON park (org_id);

CREATE TABLE paper (
    id         TEXT PRIMARY KEY,
    key        TEXT NOT NULL UNIQUE,
    title      TEXT NOT NULL,
    folded     TEXT NOT NULL,
    order_zh   TEXT NOT NULL,
    lang       TEXT NOT NULL,
    year       BIGINT NOT NULL,
    month      BIGINT NOT NULL,
    dated      TEXT NOT NULL,
    doi        TEXT NOT NULL,
    clc        TEXT NOT NULL,
    keywords   TEXT NOT NULL,
    funding    TEXT NOT NULL,
    evidence   TEXT NOT NULL,
    source_id  TEXT NOT NULL REFERENCES source (id),
    batch_id   TEXT NOT NULL,
    version    BIGINT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE INDEX paper_dated ON paper (dated, id);
CREATE INDEX paper_doi ON paper (doi);

-- method is '' while an affiliation has not been resolved; reason is why it
-- resolves to none.
CREATE TABLE paper_affiliation (
    paper_id    TEXT NOT NULL REFERENCES paper (id),
    position    BIGINT NOT NULL,
    raw         TEXT NOT NULL,
    city        TEXT NOT NULL,
    country     TEXT NOT NULL,
    method      TEXT NOT NULL,
    reason      TEXT NOT NULL,
    reason_args TEXT NOT NULL,
    PRIMARY KEY (paper_id, position)
);

CREATE TABLE paper_org (
    paper_id    TEXT NOT NULL REFERENCES paper (id),
    position    BIGINT NOT NULL,
    place       BIGINT NOT NULL,
    org_id      TEXT NOT NULL REFERENCES org (id),
    name        TEXT NOT NULL,
    score       DOUBLE PRECISION NOT NULL,
    reason      TEXT NOT NULL,
    reason_args TEXT NOT NULL,
    PRIMARY KEY (paper_id, position, place)
);
CREATE INDEX paper_org_org ON paper_org (org_id, paper_id);
