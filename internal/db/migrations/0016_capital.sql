-- Room capital: what companies raised, won and were covered for. The column body
-- holds a record as JSON, without what stands in version, batch_id and the
-- stamps; the other columns are derived from it, for lists and sums.

CREATE TABLE capital_round (
    id          TEXT PRIMARY KEY,
    key         TEXT NOT NULL UNIQUE,
    org_id      TEXT REFERENCES org (id), -- the company,
    company     TEXT NOT NULL,            -- as its source writes it,
    company_key TEXT NOT NULL,            -- and its key there
    folded      TEXT NOT NULL,
    day         TEXT NOT NULL, -- may be cut to a month or a year; '' when not known
    unit        TEXT NOT NULL, -- currency, '' when the amount is not known
    bound       TEXT NOT NULL,
    amount      DOUBLE PRECISION CHECK (amount >= 0),
    high        DOUBLE PRECISION,
    fen         BIGINT CHECK (fen >= 0), -- where the currency is CNY
    level       TEXT NOT NULL CHECK (level IN ('public', 'partner', 'internal', 'confidential')),
    level_rank  BIGINT NOT NULL CHECK (level_rank BETWEEN 0 AND 3),
    source_id   TEXT NOT NULL REFERENCES source (id),
    batch_id    TEXT NOT NULL,
    version     BIGINT NOT NULL,
    created_by  TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    updated_by  TEXT NOT NULL,
    updated_at  TEXT NOT NULL,
    body        TEXT NOT NULL,
    stage       TEXT NOT NULL
);
CREATE INDEX capital_round_org ON capital_round (org_id);
CREATE INDEX capital_round_company ON capital_round (company_key);
CREATE INDEX capital_round_day ON capital_round (day, id);

CREATE TABLE capital_acquisition (
    id          TEXT PRIMARY KEY,
    key         TEXT NOT NULL UNIQUE,
    org_id      TEXT REFERENCES org (id), -- the company,
    company     TEXT NOT NULL,            -- as its source writes it,
    company_key TEXT NOT NULL,            -- and its key there
    folded      TEXT NOT NULL,
    day         TEXT NOT NULL, -- may be cut to a month or a year; '' when not known
    unit        TEXT NOT NULL, -- currency, '' when the amount is not known
    bound       TEXT NOT NULL,
    amount      DOUBLE PRECISION CHECK (amount >= 0),
    high        DOUBLE PRECISION,
    fen         BIGINT CHECK (fen >= 0), -- where the currency is CNY
    level       TEXT NOT NULL CHECK (level IN ('public', 'partner', 'internal', 'confidential')),
    level_rank  BIGINT NOT NULL CHECK (level_rank BETWEEN 0 AND 3),
    source_id   TEXT NOT NULL REFERENCES source (id),
    batch_id    TEXT NOT NULL,
    version     BIGINT NOT NULL,
    created_by  TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    updated_by  TEXT NOT NULL,
    updated_at  TEXT NOT NULL,
    body        TEXT NOT NULL
);
CREATE INDEX capital_acquisition_org ON capital_acquisition (org_id);
CREATE INDEX capital_acquisition_company ON capital_acquisition (company_key);
CREATE INDEX capital_acquisition_day ON capital_acquisition (day, id);

CREATE TABLE capital_listing (
    id          TEXT PRIMARY KEY,
    key         TEXT NOT NULL UNIQUE,
    org_id      TEXT REFERENCES org (id), -- the company,
    company     TEXT NOT NULL,            -- as its source writes it,
    company_key TEXT NOT NULL,            -- and its key there
    folded      TEXT NOT NULL,
    day         TEXT NOT NULL, -- may be cut to a month or a year; '' when not known
    unit        TEXT NOT NULL, -- currency, '' when the amount is not known
    bound       TEXT NOT NULL,
    amount      DOUBLE PRECISION CHECK (amount >= 0),
    high        DOUBLE PRECISION,
    fen         BIGINT CHECK (fen >= 0), -- where the currency is CNY
    level       TEXT NOT NULL CHECK (level IN ('public', 'partner', 'internal', 'confidential')),
    level_rank  BIGINT NOT NULL CHECK (level_rank BETWEEN 0 AND 3),
    source_id   TEXT NOT NULL REFERENCES source (id),
    batch_id    TEXT NOT NULL,
    version     BIGINT NOT NULL,
    created_by  TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    updated_by  TEXT NOT NULL,
    updated_at  TEXT NOT NULL,
    body        TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('tutoring', 'filed', 'approved', 'registered', 'listed', 'withdrawn', 'terminated', 'rejected', 'delisted')),
    market      TEXT NOT NULL,
    board       TEXT NOT NULL,
    code        TEXT NOT NULL
);
CREATE INDEX capital_listing_org ON capital_listing (org_id);
CREATE INDEX capital_listing_company ON capital_listing (company_key);
CREATE INDEX capital_listing_day ON capital_listing (day, id);

CREATE TABLE capital_contest (
    id          TEXT PRIMARY KEY,
    key         TEXT NOT NULL UNIQUE,
    org_id      TEXT REFERENCES org (id), -- the company,
    company     TEXT NOT NULL,            -- as its source writes it,
    company_key TEXT NOT NULL,            -- and its key there
    folded      TEXT NOT NULL,
    day         TEXT NOT NULL, -- may be cut to a month or a year; '' when not known
    unit        TEXT NOT NULL, -- currency, '' when the amount is not known
    bound       TEXT NOT NULL,
    amount      DOUBLE PRECISION CHECK (amount >= 0),
    high        DOUBLE PRECISION,
    fen         BIGINT CHECK (fen >= 0), -- where the currency is CNY
    level       TEXT NOT NULL CHECK (level IN ('public', 'partner', 'internal', 'confidential')),
    level_rank  BIGINT NOT NULL CHECK (level_rank BETWEEN 0 AND 3),
    source_id   TEXT NOT NULL REFERENCES source (id),
    batch_id    TEXT NOT NULL,
    version     BIGINT NOT NULL,
    created_by  TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    updated_by  TEXT NOT NULL,
    updated_at  TEXT NOT NULL,
    body        TEXT NOT NULL,
    contest     TEXT NOT NULL,
    edition     TEXT NOT NULL,
    track       TEXT NOT NULL,
    award       TEXT NOT NULL
);
CREATE INDEX capital_contest_org ON capital_contest (org_id);
CREATE INDEX capital_contest_company ON capital_contest (company_key);
CREATE INDEX capital_contest_day ON capital_contest (day, id);

CREATE TABLE capital_guarantee (
    id          TEXT PRIMARY KEY,
    key         TEXT NOT NULL UNIQUE,
    org_id      TEXT REFERENCES org (id), -- the company,
    company     TEXT NOT NULL,            -- as its source writes it,
    company_key TEXT NOT NULL,            -- and its key there
    folded      TEXT NOT NULL,
    day         TEXT NOT NULL, -- may be cut to a month or a year; '' when not known
    unit        TEXT NOT NULL, -- currency, '' when the amount is not known
    bound       TEXT NOT NULL,
    amount      DOUBLE PRECISION CHECK (amount >= 0),
    high        DOUBLE PRECISION,
    fen         BIGINT CHECK (fen >= 0), -- where the currency is CNY
    level       TEXT NOT NULL CHECK (level IN ('public', 'partner', 'internal', 'confidential')),
    level_rank  BIGINT NOT NULL CHECK (level_rank BETWEEN 0 AND 3),
    source_id   TEXT NOT NULL REFERENCES source (id),
    batch_id    TEXT NOT NULL,
    version     BIGINT NOT NULL,
    created_by  TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    updated_by  TEXT NOT NULL,
    updated_at  TEXT NOT NULL,
    body        TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('', 'active', 'ended', 'called')),
    until       TEXT NOT NULL
);
CREATE INDEX capital_guarantee_org ON capital_guarantee (org_id);
CREATE INDEX capital_guarantee_company ON capital_guarantee (company_key);
CREATE INDEX capital_guarantee_day ON capital_guarantee (day, id);

CREATE TABLE capital_premium (
    id          TEXT PRIMARY KEY,
    key         TEXT NOT NULL UNIQUE,
    org_id      TEXT REFERENCES org (id), -- the company,
    company     TEXT NOT NULL,            -- as its source writes it,
    company_key TEXT NOT NULL,            -- and its key there
    folded      TEXT NOT NULL,
    day         TEXT NOT NULL, -- may be cut to a month or a year; '' when not known
    unit        TEXT NOT NULL, -- currency, '' when the amount is not known
    bound       TEXT NOT NULL,
    amount      DOUBLE PRECISION CHECK (amount >= 0),
    high        DOUBLE PRECISION,
    fen         BIGINT CHECK (fen >= 0), -- where the currency is CNY
    level       TEXT NOT NULL CHECK (level IN ('public', 'partner', 'internal', 'confidential')),
    level_rank  BIGINT NOT NULL CHECK (level_rank BETWEEN 0 AND 3),
    source_id   TEXT NOT NULL REFERENCES source (id),
    batch_id    TEXT NOT NULL,
    version     BIGINT NOT NULL,
    created_by  TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    updated_by  TEXT NOT NULL,
    updated_at  TEXT NOT NULL,
    body        TEXT NOT NULL,
    policy      TEXT NOT NULL,
    year        TEXT NOT NULL
);
CREATE INDEX capital_premium_org ON capital_premium (org_id);
CREATE INDEX capital_premium_company ON capital_premium (company_key);
CREATE INDEX capital_premium_day ON capital_premium (day, id);

-- Derived: who stands on the other side, such as the investors of a round, with
-- the part that each put in.
CREATE TABLE capital_party (
    kind      TEXT NOT NULL CHECK (kind IN ('round', 'acquisition', 'guarantee', 'premium')),
    record_id TEXT NOT NULL,
    position  BIGINT NOT NULL,
    role      TEXT NOT NULL CHECK (role IN ('lead', 'investor', 'acquirer', 'guarantor', 'insurer')),
    org_id    TEXT REFERENCES org (id),
    name      TEXT NOT NULL,
    folded    TEXT NOT NULL,
    unit      TEXT NOT NULL,
    bound     TEXT NOT NULL,
    amount    DOUBLE PRECISION CHECK (amount >= 0),
    high      DOUBLE PRECISION,
    fen       BIGINT CHECK (fen >= 0),
    PRIMARY KEY (kind, record_id, position)
);
CREATE INDEX capital_party_org ON capital_party (org_id, kind, record_id);

-- Append only: a step of a listing, or the correction of an earlier one.
CREATE TABLE capital_step (
    listing_id TEXT NOT NULL REFERENCES capital_listing (id),
    position   BIGINT NOT NULL CHECK (position >= 1),
    state      TEXT NOT NULL, -- '' where a correction takes a step back
    day        TEXT NOT NULL,
    evidence   TEXT NOT NULL,
    source_id  TEXT NOT NULL REFERENCES source (id),
    corrects   BIGINT NOT NULL CHECK (corrects >= 0 AND corrects < position), -- 0: a step of its own
    reason     TEXT NOT NULL,
    actor      TEXT NOT NULL,
    at         TEXT NOT NULL,
    PRIMARY KEY (listing_id, position)
);
