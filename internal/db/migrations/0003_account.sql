-- Room account: users, sessions, sign-in failures, stored answers of repeated requests.

CREATE TABLE account_user (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    name_key   TEXT NOT NULL UNIQUE,
    role       TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'admin')),
    password   TEXT NOT NULL,
    disabled   BOOLEAN NOT NULL,
    version    BIGINT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);

CREATE TABLE account_session (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES account_user (id),
    token_hash TEXT NOT NULL UNIQUE,
    ip         TEXT NOT NULL,
    agent      TEXT NOT NULL,
    created_at TEXT NOT NULL,
    seen_at    TEXT NOT NULL,
    expires_at TEXT NOT NULL
);
CREATE INDEX account_session_user ON account_session (user_id, created_at);

CREATE TABLE sign_in_failure (
    bucket        TEXT PRIMARY KEY,
    failures      BIGINT NOT NULL,
    last_at       TEXT NOT NULL,
    blocked_until TEXT NOT NULL
);

CREATE TABLE idempotency (
    user_id      TEXT NOT NULL,
    key          TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status       BIGINT NOT NULL,
    header       TEXT NOT NULL,
    body         TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_created ON idempotency (created_at);
