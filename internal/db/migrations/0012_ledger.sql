-- Room ledger: double entry. ledger_act and ledger_entry are append-only and
-- chained by SHA-256, book by book; the other tables are what follows from them
-- and can be recomputed. Amounts are whole fen, or whole pieces of a memo unit.

CREATE TABLE ledger_book (
    id        TEXT PRIMARY KEY,
    seq       BIGINT NOT NULL, -- of its newest act
    hash      TEXT NOT NULL,   -- of its newest act
    closed_on TEXT NOT NULL,   -- last day of the closed periods, '' before the first
    last_at   TEXT NOT NULL    -- instant of its newest act
);

CREATE TABLE ledger_account (
    id         TEXT PRIMARY KEY,
    book       TEXT NOT NULL REFERENCES ledger_book (id),
    code       TEXT NOT NULL,
    name_zh    TEXT NOT NULL,
    name_en    TEXT NOT NULL,
    normal     TEXT NOT NULL CHECK (normal IN ('debit', 'credit')),
    unit       TEXT NOT NULL,
    owner      TEXT NOT NULL,
    floor_at   BIGINT,
    ceiling_at BIGINT,
    closed     BOOLEAN NOT NULL
);
CREATE INDEX ledger_account_book ON ledger_account (book, id);
CREATE INDEX ledger_account_owner ON ledger_account (owner, id);

-- The running totals of an account. debits + credits fits in 63 bits, so no sum
-- over a part of its entries can overflow.
CREATE TABLE ledger_balance (
    account        TEXT PRIMARY KEY REFERENCES ledger_account (id),
    version        BIGINT NOT NULL CHECK (version >= 0), -- entries so far
    debits         BIGINT NOT NULL CHECK (debits >= 0),
    credits        BIGINT NOT NULL CHECK (credits >= 0),
    pending_debit  BIGINT NOT NULL CHECK (pending_debit >= 0),
    pending_credit BIGINT NOT NULL CHECK (pending_credit >= 0)
);

CREATE TABLE ledger_act (
    book         TEXT NOT NULL,
    seq          BIGINT NOT NULL,
    act          TEXT NOT NULL CHECK (act IN ('open', 'amend', 'close_account', 'post', 'reserve', 'settle', 'void', 'expire', 'close_period')),
    key          TEXT NOT NULL UNIQUE,
    request      TEXT NOT NULL, -- SHA-256 of what was asked
    effective_on TEXT NOT NULL,
    recorded_at  TEXT NOT NULL,
    kind         TEXT NOT NULL,
    reason       TEXT NOT NULL,
    ref          TEXT NOT NULL,
    body         TEXT NOT NULL, -- evidence of a transaction; definition of an account or a hold
    reverses     TEXT NOT NULL,
    hold         TEXT NOT NULL,
    correcting   BOOLEAN NOT NULL,
    actor        TEXT NOT NULL,
    behalf       TEXT NOT NULL,
    batch_id     TEXT NOT NULL,
    lines        BIGINT NOT NULL,
    hash         TEXT NOT NULL,
    PRIMARY KEY (book, seq)
);
CREATE UNIQUE INDEX ledger_act_reverses ON ledger_act (reverses) WHERE reverses <> '';
CREATE INDEX ledger_act_ref ON ledger_act (ref) WHERE ref <> '';

CREATE TABLE ledger_entry (
    book         TEXT NOT NULL,
    seq          BIGINT NOT NULL,
    line         BIGINT NOT NULL,
    account      TEXT NOT NULL,
    version      BIGINT NOT NULL, -- 1, 2, 3, … within the account
    amount       BIGINT NOT NULL, -- + debit, − credit
    previous     BIGINT NOT NULL, -- balance before, by the account's normal side
    balance      BIGINT NOT NULL, -- balance after
    effective_on TEXT NOT NULL,
    recorded_at  TEXT NOT NULL,
    hash         TEXT NOT NULL,
    PRIMARY KEY (book, seq, line)
);
CREATE UNIQUE INDEX ledger_entry_account ON ledger_entry (account, version);
CREATE INDEX ledger_entry_day ON ledger_entry (account, effective_on, version, amount); -- as-of reads it alone

-- Sums of entries by month of their effective day and by block of 2,048
-- versions, so that a balance as of two times reads cells and not entries.
CREATE TABLE ledger_snapshot (
    account TEXT NOT NULL,
    month   TEXT NOT NULL,
    block   BIGINT NOT NULL,
    net     BIGINT NOT NULL, -- debits less credits
    entries BIGINT NOT NULL,
    PRIMARY KEY (account, month, block)
);

CREATE TABLE ledger_hold (
    key            TEXT PRIMARY KEY,
    book           TEXT NOT NULL,
    debit_account  TEXT NOT NULL REFERENCES ledger_account (id),
    credit_account TEXT NOT NULL REFERENCES ledger_account (id),
    amount         BIGINT NOT NULL CHECK (amount > 0),
    settled        BIGINT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('pending', 'posted', 'voided', 'expired')),
    reserved_at    TEXT NOT NULL,
    expires_at     TEXT,
    ended_at       TEXT
);
CREATE INDEX ledger_hold_due ON ledger_hold (book, expires_at) WHERE state = 'pending';
CREATE INDEX ledger_hold_debit ON ledger_hold (debit_account, state);
CREATE INDEX ledger_hold_credit ON ledger_hold (credit_account, state);

-- Where the chain of a book stood at the end of a day.
CREATE TABLE ledger_anchor (
    book TEXT NOT NULL,
    day  TEXT NOT NULL,
    seq  BIGINT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (book, day, seq)
);
