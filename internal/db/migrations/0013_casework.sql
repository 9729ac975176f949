-- Room casework: cases, what happened to them, their clocks, and the notices
-- about them. Columns named data, input, verdicts, effects, args and body hold
-- JSON; no query looks inside.

-- The rules that a case was opened under, kept as they were: a definition that
-- is altered without a new version is refused.
CREATE TABLE casework_kind (
    kind          TEXT NOT NULL,
    version       BIGINT NOT NULL,
    hash          TEXT NOT NULL,
    body          TEXT NOT NULL,
    first_used_at TEXT NOT NULL,
    PRIMARY KEY (kind, version)
);

-- version is the number of the case's last event, head that event's hash.
CREATE TABLE casework_case (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    kind_version BIGINT NOT NULL,
    kind_hash    TEXT NOT NULL,
    ref          TEXT NOT NULL,
    state        TEXT NOT NULL,
    final        BOOLEAN NOT NULL,
    data         TEXT NOT NULL,
    source_id    TEXT REFERENCES source (id), -- NULL: opened here by hand
    batch_id     TEXT NOT NULL,
    opened_by    TEXT NOT NULL,
    opened_at    TEXT NOT NULL,
    changed_at   TEXT NOT NULL,
    entered_at   TEXT NOT NULL, -- since when it stands in its state
    recused      BIGINT NOT NULL, -- how many users are recused
    version      BIGINT NOT NULL,
    head         TEXT NOT NULL,
    FOREIGN KEY (kind, kind_version) REFERENCES casework_kind (kind, version)
);
CREATE INDEX casework_case_opened ON casework_case (opened_at, id);
CREATE INDEX casework_case_kind ON casework_case (kind, opened_at, id);
CREATE INDEX casework_case_state ON casework_case (kind, kind_version, state, entered_at, id);
CREATE INDEX casework_case_ref ON casework_case (ref, opened_at, id);

-- Append only.
CREATE TABLE casework_event (
    case_id      TEXT NOT NULL REFERENCES casework_case (id),
    seq          BIGINT NOT NULL,
    kind_version BIGINT NOT NULL,
    action       TEXT NOT NULL,
    from_state   TEXT NOT NULL,
    to_state     TEXT NOT NULL,
    actor        TEXT NOT NULL,
    behalf       TEXT NOT NULL,
    role         TEXT NOT NULL,
    reason       TEXT NOT NULL,
    input        TEXT NOT NULL,
    verdicts     TEXT NOT NULL,
    effects      TEXT NOT NULL,
    data         TEXT NOT NULL, -- of the case after it, '' where unchanged
    key          TEXT, -- the caller's, for a retry
    request      TEXT NOT NULL, -- SHA-256 of what was asked under that key
    at           TEXT NOT NULL,
    hash         TEXT NOT NULL,
    PRIMARY KEY (case_id, seq),
    UNIQUE (case_id, key)
);

CREATE TABLE casework_recusal (
    case_id TEXT NOT NULL REFERENCES casework_case (id),
    user_id TEXT NOT NULL,
    reason  TEXT NOT NULL,
    by_user TEXT NOT NULL,
    at      TEXT NOT NULL,
    PRIMARY KEY (case_id, user_id)
);

-- due_on is the last day on which the action is in time, due_at the instant at
-- which that day has ended in the city.
CREATE TABLE casework_timer (
    id           TEXT PRIMARY KEY,
    case_id      TEXT NOT NULL REFERENCES casework_case (id),
    action       TEXT NOT NULL,
    state        TEXT NOT NULL,
    due_on       TEXT NOT NULL,
    due_at       TEXT NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('open', 'fired', 'cancelled')),
    leased_until TEXT NOT NULL, -- a worker has it until then, '' before the first
    attempts     BIGINT NOT NULL,
    fault        TEXT NOT NULL, -- why the last attempt came to nothing
    ended_at     TEXT
);
CREATE INDEX casework_timer_due ON casework_timer (status, due_at, id);
CREATE INDEX casework_timer_case ON casework_timer (case_id, status, due_at);

-- To one user, or to whoever holds a role.
CREATE TABLE casework_notice (
    id      TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES casework_case (id),
    user_id TEXT NOT NULL,
    role    TEXT NOT NULL,
    key     TEXT NOT NULL,
    args    TEXT NOT NULL,
    at      TEXT NOT NULL,
    CHECK ((user_id = '') <> (role = ''))
);
CREATE INDEX casework_notice_user ON casework_notice (user_id, at, id);
CREATE INDEX casework_notice_role ON casework_notice (role, at, id);

CREATE TABLE casework_notice_read (
    notice_id TEXT NOT NULL REFERENCES casework_notice (id),
    user_id   TEXT NOT NULL,
    at        TEXT NOT NULL,
    PRIMARY KEY (notice_id, user_id)
);

-- Years of the calendar that an operator put in; they stand before bundled ones.
CREATE TABLE casework_year (
    year       BIGINT PRIMARY KEY,
    document   TEXT NOT NULL,
    body       TEXT NOT NULL,
    put_by     TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
