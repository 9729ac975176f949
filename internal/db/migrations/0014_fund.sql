-- Room finance/fund: funds, what was committed, called, paid, distributed and
-- placed, and what they are worth. Each amount stands in the ledger too, in the
-- book fund:<id>; rows and book are written in one transaction.

CREATE TABLE fund (
    id         TEXT PRIMARY KEY,
    key        TEXT NOT NULL UNIQUE,
    name_zh    TEXT NOT NULL,
    name_en    TEXT NOT NULL,
    order_zh   TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('fund_of_funds', 'sub_fund', 'direct', 'other')),
    status     TEXT NOT NULL CHECK (status IN ('raising', 'investing', 'exiting', 'closed')),
    org_id     TEXT REFERENCES org (id),
    manager_id TEXT REFERENCES org (id),
    vintage    BIGINT NOT NULL, -- year, 0 when not known
    pays_last  BOOLEAN NOT NULL,
    level      TEXT NOT NULL CHECK (level IN ('public', 'partner', 'internal', 'confidential')),
    level_rank BIGINT NOT NULL CHECK (level_rank BETWEEN 0 AND 3),
    note       TEXT NOT NULL,
    source_id  TEXT NOT NULL REFERENCES source (id),
    batch_id   TEXT NOT NULL,
    version    BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_by TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE INDEX fund_org ON fund (org_id);
CREATE INDEX fund_manager ON fund (manager_id);
CREATE INDEX fund_order ON fund (order_zh, id);

-- Whatever happened to a fund, append-only but for the two columns of its
-- cancelling. What kind of event it is says which table has the rest.
CREATE TABLE fund_event (
    id           TEXT PRIMARY KEY,
    fund_id      TEXT NOT NULL REFERENCES fund (id),
    kind         TEXT NOT NULL CHECK (kind IN ('commitment', 'call', 'payment', 'distribution', 'valuation', 'fee', 'holding', 'exit', 'claim')),
    key          TEXT NOT NULL,
    request      TEXT NOT NULL, -- SHA-256 of what was asked
    position     BIGINT NOT NULL, -- 1, 2, 3, … within the fund, in the order of recording
    day          TEXT NOT NULL,
    note         TEXT NOT NULL,
    source_id    TEXT NOT NULL REFERENCES source (id),
    batch_id     TEXT NOT NULL,
    actor        TEXT NOT NULL,
    at           TEXT NOT NULL,
    cancelled_by TEXT NOT NULL, -- '' while it stands
    cancelled_at TEXT,
    UNIQUE (fund_id, kind, key),
    UNIQUE (fund_id, position)
);
CREATE INDEX fund_event_day ON fund_event (fund_id, day, id);

CREATE TABLE fund_commitment (
    id            TEXT PRIMARY KEY REFERENCES fund_event (id),
    fund_id       TEXT NOT NULL REFERENCES fund (id),
    org_id        TEXT REFERENCES org (id), -- the investor: an organisation,
    investor_fund TEXT REFERENCES fund (id), -- a fund,
    investor      TEXT NOT NULL,             -- or a name alone
    nature        TEXT NOT NULL CHECK (nature IN ('public', 'social', '')),
    amount        BIGINT CHECK (amount > 0)  -- NULL when not known
);
CREATE INDEX fund_commitment_fund ON fund_commitment (fund_id);
CREATE INDEX fund_commitment_investor ON fund_commitment (investor_fund);
CREATE INDEX fund_commitment_org ON fund_commitment (org_id);

CREATE TABLE fund_call (
    id      TEXT PRIMARY KEY REFERENCES fund_event (id),
    fund_id TEXT NOT NULL REFERENCES fund (id),
    number  BIGINT NOT NULL,
    due_on  TEXT NOT NULL,
    purpose TEXT NOT NULL,
    UNIQUE (fund_id, number)
);

CREATE TABLE fund_due (
    call_id       TEXT NOT NULL REFERENCES fund_call (id),
    commitment_id TEXT NOT NULL REFERENCES fund_commitment (id),
    amount        BIGINT NOT NULL CHECK (amount > 0),
    fee           BIGINT NOT NULL CHECK (fee BETWEEN 0 AND amount), -- part of the amount
    PRIMARY KEY (call_id, commitment_id)
);
CREATE INDEX fund_due_commitment ON fund_due (commitment_id);

CREATE TABLE fund_payment (
    id            TEXT PRIMARY KEY REFERENCES fund_event (id),
    fund_id       TEXT NOT NULL REFERENCES fund (id),
    commitment_id TEXT NOT NULL REFERENCES fund_commitment (id),
    call_id       TEXT REFERENCES fund_call (id), -- NULL: paid, and no call is known
    amount        BIGINT NOT NULL CHECK (amount > 0)
);
CREATE INDEX fund_payment_fund ON fund_payment (fund_id);
CREATE INDEX fund_payment_commitment ON fund_payment (commitment_id);
CREATE INDEX fund_payment_call ON fund_payment (call_id);

CREATE TABLE fund_distribution (
    id      TEXT PRIMARY KEY REFERENCES fund_event (id),
    fund_id TEXT NOT NULL REFERENCES fund (id),
    number  BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    UNIQUE (fund_id, number)
);

CREATE TABLE fund_received (
    distribution_id TEXT NOT NULL REFERENCES fund_distribution (id),
    commitment_id   TEXT NOT NULL REFERENCES fund_commitment (id),
    amount          BIGINT NOT NULL CHECK (amount > 0),
    recallable      BIGINT NOT NULL CHECK (recallable BETWEEN 0 AND amount),
    PRIMARY KEY (distribution_id, commitment_id)
);
CREATE INDEX fund_received_commitment ON fund_received (commitment_id);

CREATE TABLE fund_valuation (
    id      TEXT PRIMARY KEY REFERENCES fund_event (id),
    fund_id TEXT NOT NULL REFERENCES fund (id),
    amount  BIGINT NOT NULL CHECK (amount >= 0),
    basis   TEXT NOT NULL CHECK (basis IN ('audited', 'reported', 'estimated'))
);
CREATE INDEX fund_valuation_fund ON fund_valuation (fund_id);

CREATE TABLE fund_fee (
    id      TEXT PRIMARY KEY REFERENCES fund_event (id),
    fund_id TEXT NOT NULL REFERENCES fund (id),
    kind    TEXT NOT NULL CHECK (kind IN ('management', 'performance', 'custody', 'other')),
    amount  BIGINT NOT NULL CHECK (amount > 0)
);
CREATE INDEX fund_fee_fund ON fund_fee (fund_id);

-- What a fund put into a company or a project. What it put into a fund is a
-- commitment there.
CREATE TABLE fund_holding (
    id        TEXT PRIMARY KEY REFERENCES fund_event (id),
    fund_id   TEXT NOT NULL REFERENCES fund (id),
    org_id    TEXT REFERENCES org (id),
    company   TEXT NOT NULL, -- a name alone
    share_ppm BIGINT CHECK (share_ppm BETWEEN 0 AND 1000000),
    amount    BIGINT CHECK (amount > 0),
    round     TEXT NOT NULL,
    evidence  TEXT NOT NULL
);
CREATE INDEX fund_holding_fund ON fund_holding (fund_id);
CREATE INDEX fund_holding_org ON fund_holding (org_id);

CREATE TABLE fund_exit (
    id         TEXT PRIMARY KEY REFERENCES fund_event (id),
    fund_id    TEXT NOT NULL REFERENCES fund (id),
    holding_id TEXT NOT NULL REFERENCES fund_holding (id),
    proceeds   BIGINT NOT NULL CHECK (proceeds >= 0)
);
CREATE INDEX fund_exit_holding ON fund_exit (holding_id);

-- A deal that is claimed as local reinvestment of a fund. deal names the deal itself,
-- the same for whoever claims it.
CREATE TABLE fund_claim (
    id       TEXT PRIMARY KEY REFERENCES fund_event (id),
    fund_id  TEXT NOT NULL REFERENCES fund (id),
    deal     TEXT NOT NULL,
    org_id   TEXT REFERENCES org (id),
    company  TEXT NOT NULL,
    route    TEXT NOT NULL,
    evidence TEXT NOT NULL,
    amount   BIGINT NOT NULL CHECK (amount > 0)
);
CREATE INDEX fund_claim_fund ON fund_claim (fund_id);
CREATE INDEX fund_claim_deal ON fund_claim (deal);
CREATE INDEX fund_claim_org ON fund_claim (org_id);
