-- Room pool: credit risk compensation. Money stands in the ledger; what stands
-- here says whose it is and why. Amounts in fen; days as ISO text, '' when not
-- known; a NULL amount is not known either.

CREATE TABLE pool (
    id         TEXT PRIMARY KEY,
    key        TEXT NOT NULL UNIQUE,
    name_zh    TEXT NOT NULL,
    name_en    TEXT NOT NULL,
    place      TEXT NOT NULL,
    governing  TEXT NOT NULL CHECK (governing IN ('registration', 'claim')), -- the operator's decision where a regime is silent
    source_id  TEXT NOT NULL REFERENCES source (id),
    created_at TEXT NOT NULL
);

-- Append only: a regime as it was read at a time. A claim names the hash it was
-- computed under, so that it can be computed again.
CREATE TABLE pool_regime (
    pool_id     TEXT NOT NULL REFERENCES pool (id),
    regime_id   TEXT NOT NULL,
    version     BIGINT NOT NULL,
    hash        TEXT NOT NULL,
    body        TEXT NOT NULL,
    readings    TEXT NOT NULL,
    actor       TEXT NOT NULL,
    source_id   TEXT NOT NULL REFERENCES source (id),
    recorded_at TEXT NOT NULL,
    PRIMARY KEY (pool_id, regime_id, version)
);
CREATE INDEX pool_regime_hash ON pool_regime (pool_id, hash);

CREATE TABLE pool_member (
    id         TEXT PRIMARY KEY,
    pool_id    TEXT NOT NULL REFERENCES pool (id),
    party      TEXT NOT NULL CHECK (party IN ('bank', 'guarantor')),
    key        TEXT NOT NULL,
    org_id     TEXT REFERENCES org (id),
    name_zh    TEXT NOT NULL,
    name_en    TEXT NOT NULL,
    name_key   TEXT NOT NULL,
    joined_on  TEXT NOT NULL,
    left_on    TEXT NOT NULL,
    source_id  TEXT NOT NULL REFERENCES source (id),
    created_at TEXT NOT NULL,
    UNIQUE (pool_id, party, key)
);

CREATE TABLE pool_quota (
    member_id   TEXT NOT NULL REFERENCES pool_member (id),
    year        TEXT NOT NULL,
    amount      BIGINT NOT NULL CHECK (amount >= 0),
    source_id   TEXT NOT NULL REFERENCES source (id),
    recorded_at TEXT NOT NULL,
    PRIMARY KEY (member_id, year)
);

CREATE TABLE pool_loan (
    id            TEXT PRIMARY KEY,
    pool_id       TEXT NOT NULL REFERENCES pool (id),
    bank_id       TEXT NOT NULL REFERENCES pool_member (id),
    guarantor_id  TEXT REFERENCES pool_member (id),
    mode          TEXT NOT NULL CHECK (mode IN ('bank', 'guarantee')),
    contract      TEXT NOT NULL,
    contract_key  TEXT NOT NULL,
    borrower_id   TEXT REFERENCES org (id),
    borrower      TEXT NOT NULL,
    borrower_key  TEXT NOT NULL,
    credit_code   TEXT NOT NULL,
    class         TEXT NOT NULL,
    local         TEXT NOT NULL CHECK (local IN ('yes', 'no', 'unknown')),
    marks         TEXT NOT NULL, -- JSON
    principal     BIGINT NOT NULL CHECK (principal > 0),
    months        BIGINT,
    lent_on       TEXT NOT NULL,
    due_on        TEXT NOT NULL,
    registered_on TEXT NOT NULL,
    year          TEXT NOT NULL, -- of registration
    status        TEXT NOT NULL,
    status_on     TEXT NOT NULL,
    outstanding   BIGINT,
    overdue_since TEXT NOT NULL,
    risk          TEXT NOT NULL,
    risk_on       TEXT NOT NULL,
    npl_on        TEXT NOT NULL,
    source_id     TEXT NOT NULL REFERENCES source (id),
    batch_id      TEXT NOT NULL,
    version       BIGINT NOT NULL,
    created_at    TEXT NOT NULL,
    updated_at    TEXT NOT NULL,
    UNIQUE (pool_id, bank_id, contract_key)
);
CREATE INDEX pool_loan_borrower ON pool_loan (pool_id, borrower_key, year);
CREATE INDEX pool_loan_status ON pool_loan (pool_id, status, bank_id);

-- Append only: the dated life of a loan.
CREATE TABLE pool_loan_step (
    loan_id       TEXT NOT NULL REFERENCES pool_loan (id),
    position      BIGINT NOT NULL,
    action        TEXT NOT NULL,
    status        TEXT NOT NULL,
    risk          TEXT NOT NULL,
    day           TEXT NOT NULL,
    outstanding   BIGINT,
    overdue_since TEXT NOT NULL,
    actor         TEXT NOT NULL,
    source_id     TEXT NOT NULL REFERENCES source (id),
    batch_id      TEXT NOT NULL,
    at            TEXT NOT NULL,
    PRIMARY KEY (loan_id, position)
);

-- Claims; their way is a case. active: neither refused nor withdrawn nor taken
-- back, so that a loan has one at most.
CREATE TABLE pool_claim (
    id           TEXT PRIMARY KEY,
    pool_id      TEXT NOT NULL REFERENCES pool (id),
    loan_id      TEXT NOT NULL REFERENCES pool_loan (id),
    member_id    TEXT NOT NULL REFERENCES pool_member (id),
    mode         TEXT NOT NULL,
    case_id      TEXT NOT NULL,
    active       BOOLEAN NOT NULL,
    borrower_id  TEXT,
    borrower     TEXT NOT NULL,
    borrower_key TEXT NOT NULL,
    contract     TEXT NOT NULL,
    contract_key TEXT NOT NULL,
    principal    BIGINT NOT NULL,
    lent_on      TEXT NOT NULL,
    claimed_on   TEXT NOT NULL,
    state        TEXT NOT NULL,
    year         TEXT NOT NULL, -- of whose budget, '' before approval
    loss         BIGINT NOT NULL,
    amount       BIGINT,
    regime_hash  TEXT NOT NULL,
    trace        TEXT NOT NULL,
    paid         BIGINT NOT NULL,
    paid_on      TEXT NOT NULL,
    returned     BIGINT NOT NULL,
    kept         BIGINT NOT NULL,
    source_id    TEXT NOT NULL REFERENCES source (id),
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL
);
CREATE UNIQUE INDEX pool_claim_active ON pool_claim (loan_id) WHERE active;
CREATE INDEX pool_claim_borrower ON pool_claim (borrower_key);
CREATE INDEX pool_claim_contract ON pool_claim (contract_key);
CREATE INDEX pool_claim_amount ON pool_claim (principal);
CREATE INDEX pool_claim_member ON pool_claim (member_id, year);

-- Claims of other schemes, for the check against asking twice.
CREATE TABLE pool_foreign_claim (
    id           TEXT PRIMARY KEY,
    scheme       TEXT NOT NULL,
    key          TEXT NOT NULL,
    borrower_id  TEXT,
    borrower     TEXT NOT NULL,
    borrower_key TEXT NOT NULL,
    contract     TEXT NOT NULL,
    contract_key TEXT NOT NULL,
    principal    BIGINT NOT NULL,
    lent_on      TEXT NOT NULL,
    source_id    TEXT NOT NULL REFERENCES source (id),
    batch_id     TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    UNIQUE (scheme, key)
);
CREATE INDEX pool_foreign_borrower ON pool_foreign_claim (borrower_key);
CREATE INDEX pool_foreign_contract ON pool_foreign_claim (contract_key);
CREATE INDEX pool_foreign_amount ON pool_foreign_claim (principal);

-- Append only: what came back after a payment, and how it was shared.
CREATE TABLE pool_recovery (
    claim_id   TEXT NOT NULL REFERENCES pool_claim (id),
    position   BIGINT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('recovery', 'claw_back')),
    day        TEXT NOT NULL,
    gross      BIGINT NOT NULL,
    costs      BIGINT NOT NULL,
    pool       BIGINT NOT NULL,
    rest       BIGINT NOT NULL,
    ground     TEXT NOT NULL,
    actor      TEXT NOT NULL,
    at         TEXT NOT NULL,
    PRIMARY KEY (claim_id, position)
);
