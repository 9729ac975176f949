-- Room transfer: results, needs, services, and what happens between them. The
-- column body holds a record as JSON, without what stands in version, batch_id
-- and the stamps; the other columns are derived from it, for lists.
--
-- level_rank is the rank of the level at which a record is open: that of level,
-- or a narrower one while its status asks for it. A named reader, and who made
-- the record, stand in record_reader.

CREATE TABLE result (
    id         TEXT PRIMARY KEY,
    key        TEXT NOT NULL UNIQUE,
    title_zh   TEXT NOT NULL,
    title_en   TEXT NOT NULL,
    folded     TEXT NOT NULL,
    order_zh   TEXT NOT NULL,
    order_en   TEXT NOT NULL,
    type       TEXT NOT NULL,
    stage      TEXT NOT NULL,
    trl        BIGINT CHECK (trl BETWEEN 1 AND 9), -- the current one; its scale beside it, since scales do not compare
    trl_scale  TEXT NOT NULL,
    price_min  BIGINT,
    price_max  BIGINT,
    owner_id   TEXT REFERENCES org (id),
    division   TEXT NOT NULL,
    status     TEXT NOT NULL CHECK (status IN ('draft', 'listed', 'paused', 'withdrawn', 'expired', 'closed')),
    level      TEXT NOT NULL CHECK (level IN ('public', 'partner', 'internal', 'confidential')),
    level_rank BIGINT NOT NULL CHECK (level_rank BETWEEN 0 AND 3),
    listed_on  TEXT NOT NULL,
    expires_on TEXT NOT NULL,
    source_id  TEXT NOT NULL REFERENCES source (id),
    batch_id   TEXT NOT NULL,
    version    BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_by TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    body       TEXT NOT NULL
);
CREATE INDEX result_owner ON result (owner_id);
CREATE INDEX result_open ON result (status, expires_on, level_rank, source_id, id); -- counts read it alone
CREATE INDEX result_listed ON result (listed_on, id);

CREATE TABLE need (
    id         TEXT PRIMARY KEY,
    key        TEXT NOT NULL UNIQUE,
    title_zh   TEXT NOT NULL,
    title_en   TEXT NOT NULL,
    folded     TEXT NOT NULL,
    order_zh   TEXT NOT NULL,
    order_en   TEXT NOT NULL,
    kind       TEXT NOT NULL,
    trl_min    BIGINT CHECK (trl_min BETWEEN 1 AND 9),
    trl_scale  TEXT NOT NULL,
    budget_min BIGINT,
    budget_max BIGINT,
    prize      BIGINT,
    deadline   TEXT NOT NULL,
    owner_id   TEXT REFERENCES org (id),
    division   TEXT NOT NULL,
    status     TEXT NOT NULL CHECK (status IN ('draft', 'listed', 'paused', 'withdrawn', 'expired', 'closed')),
    level      TEXT NOT NULL CHECK (level IN ('public', 'partner', 'internal', 'confidential')),
    level_rank BIGINT NOT NULL CHECK (level_rank BETWEEN 0 AND 3),
    listed_on  TEXT NOT NULL,
    expires_on TEXT NOT NULL,
    source_id  TEXT NOT NULL REFERENCES source (id),
    batch_id   TEXT NOT NULL,
    version    BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_by TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    body       TEXT NOT NULL
);
CREATE INDEX need_owner ON need (owner_id);
CREATE INDEX need_open ON need (status, expires_on, level_rank, source_id, id); -- counts read it alone
CREATE INDEX need_listed ON need (listed_on, id);

CREATE TABLE service (
    id          TEXT PRIMARY KEY,
    key         TEXT NOT NULL UNIQUE,
    title_zh    TEXT NOT NULL,
    title_en    TEXT NOT NULL,
    folded      TEXT NOT NULL,
    order_zh    TEXT NOT NULL,
    order_en    TEXT NOT NULL,
    kind        TEXT NOT NULL,
    platform_id TEXT REFERENCES platform (id),
    owner_id    TEXT REFERENCES org (id),
    division    TEXT NOT NULL,
    status      TEXT NOT NULL CHECK (status IN ('draft', 'listed', 'paused', 'withdrawn', 'expired', 'closed')),
    level       TEXT NOT NULL CHECK (level IN ('public', 'partner', 'internal', 'confidential')),
    level_rank  BIGINT NOT NULL CHECK (level_rank BETWEEN 0 AND 3),
    listed_on   TEXT NOT NULL,
    expires_on  TEXT NOT NULL,
    source_id   TEXT NOT NULL REFERENCES source (id),
    batch_id    TEXT NOT NULL,
    version     BIGINT NOT NULL,
    created_by  TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    updated_by  TEXT NOT NULL,
    updated_at  TEXT NOT NULL,
    body        TEXT NOT NULL
);
CREATE INDEX service_owner ON service (owner_id);
CREATE INDEX service_platform ON service (platform_id);
CREATE INDEX service_open ON service (status, expires_on, level_rank, source_id, id); -- counts read it alone
CREATE INDEX service_listed ON service (listed_on, id);

-- Derived from the records: who reads one whatever its level, the values of
-- its fields that may have several, and what near-equal titles share (see
-- duplicate.go). kind is the word of the change log, or 'draft'.
CREATE TABLE record_reader (
    kind      TEXT NOT NULL,
    record_id TEXT NOT NULL,
    user_id   TEXT NOT NULL,
    PRIMARY KEY (kind, record_id, user_id)
);

CREATE TABLE record_facet (
    kind      TEXT NOT NULL,
    record_id TEXT NOT NULL,
    field     TEXT NOT NULL,
    value     TEXT NOT NULL,
    PRIMARY KEY (kind, record_id, field, value)
);
CREATE INDEX record_facet_value ON record_facet (kind, field, value, record_id);

CREATE TABLE record_band (
    kind      TEXT NOT NULL,
    record_id TEXT NOT NULL,
    band      BIGINT NOT NULL,
    hash      BIGINT NOT NULL,
    PRIMARY KEY (kind, record_id, band)
);
CREATE INDEX record_band_hash ON record_band (kind, band, hash, record_id);

-- What somebody is writing. Not in the change log: it is nobody else's yet.
CREATE TABLE draft (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL CHECK (kind IN ('result', 'need', 'service')),
    record_id  TEXT NOT NULL, -- of the record that it changes, '' for a new one
    author     TEXT NOT NULL,
    title      TEXT NOT NULL,
    readers    TEXT NOT NULL,
    content    TEXT NOT NULL,
    version    BIGINT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE INDEX draft_author ON draft (author, updated_at);

CREATE TABLE disclosure (
    id         TEXT PRIMARY KEY,
    number     TEXT NOT NULL UNIQUE,
    side       TEXT NOT NULL CHECK (side IN ('result', 'need')),
    title_zh   TEXT NOT NULL,
    title_en   TEXT NOT NULL,
    status     TEXT NOT NULL CHECK (status IN ('received', 'returned', 'accepted', 'declined')),
    record_id  TEXT NOT NULL, -- '' until it is accepted
    token_hash TEXT NOT NULL UNIQUE,
    version    BIGINT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE INDEX disclosure_status ON disclosure (status, number);

-- Append only. content is what was submitted, '' where the office acted.
CREATE TABLE disclosure_step (
    disclosure_id TEXT NOT NULL REFERENCES disclosure (id),
    position      BIGINT NOT NULL,
    action        TEXT NOT NULL,
    reason        TEXT NOT NULL,
    actor         TEXT NOT NULL,
    content       TEXT NOT NULL,
    at            TEXT NOT NULL,
    PRIMARY KEY (disclosure_id, position)
);

-- Who submitted: personal data, in this table alone.
CREATE TABLE disclosure_submitter (
    disclosure_id TEXT PRIMARY KEY REFERENCES disclosure (id),
    name          TEXT NOT NULL,
    email         TEXT NOT NULL,
    phone         TEXT NOT NULL
);

CREATE TABLE disclosure_serial (
    year BIGINT PRIMARY KEY,
    last BIGINT NOT NULL
);

-- How often an address has submitted within the hour that began at since. The
-- address itself is not kept.
CREATE TABLE submission_count (
    bucket TEXT PRIMARY KEY,
    count  BIGINT NOT NULL,
    since  TEXT NOT NULL
);

-- offer_kind may be of another room: 'person', 'paper', 'org'.
CREATE TABLE introduction (
    id         TEXT PRIMARY KEY,
    need_kind  TEXT NOT NULL,
    need_id    TEXT NOT NULL,
    offer_kind TEXT NOT NULL,
    offer_id   TEXT NOT NULL,
    author     TEXT NOT NULL,
    day        TEXT NOT NULL,
    reason     TEXT NOT NULL,
    score      DOUBLE PRECISION,
    features   TEXT NOT NULL,
    weights    TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (need_kind, need_id, offer_kind, offer_id)
);
CREATE INDEX introduction_offer ON introduction (offer_kind, offer_id);
CREATE INDEX introduction_day ON introduction (day, id);

-- Append only; the last one is the state of the introduction.
CREATE TABLE introduction_event (
    introduction_id TEXT NOT NULL REFERENCES introduction (id),
    position        BIGINT NOT NULL,
    event           TEXT NOT NULL CHECK (event IN ('introduced', 'contacted', 'declined', 'deal', 'reopened')),
    reason          TEXT NOT NULL,
    note            TEXT NOT NULL,
    day             TEXT NOT NULL,
    actor           TEXT NOT NULL,
    at              TEXT NOT NULL,
    PRIMARY KEY (introduction_id, position)
);

CREATE TABLE saved_search (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL,
    name       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    query      TEXT NOT NULL,
    notify     BOOLEAN NOT NULL,
    seen       BIGINT NOT NULL, -- change number up to which its owner has been told
    version    BIGINT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (user_id, name)
);
