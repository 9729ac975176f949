-- Room match: versions of the weights, and what needs have been told.

-- A version never changes but for its adoption. The one in use is that with the
-- newest adopted_at; with none the built-in one is.
CREATE TABLE match_weights (
    id         TEXT PRIMARY KEY,
    body       TEXT NOT NULL, -- JSON: bias, features by name, threshold
    fit        TEXT NOT NULL, -- JSON: examples, before and after; '' for one written by hand
    reason     TEXT NOT NULL,
    made_by    TEXT NOT NULL,
    made_at    TEXT NOT NULL,
    adopted_by TEXT NOT NULL, -- '' while it is a proposal
    adopted_at TEXT,
    CHECK ((adopted_by = '') = (adopted_at IS NULL))
);
CREATE INDEX match_weights_adopted ON match_weights (adopted_at);

-- A record that came into the first ten of a listed need, once. The first row of
-- a need by at is the day of its first good match.
CREATE TABLE match_notice (
    id          TEXT PRIMARY KEY,
    need_id     TEXT NOT NULL,
    record_kind TEXT NOT NULL,
    record_id   TEXT NOT NULL,
    user_id     TEXT NOT NULL, -- whom it is for: who made the need; '' when no user did
    place       BIGINT NOT NULL CHECK (place >= 1),
    score       DOUBLE PRECISION NOT NULL,
    coverage    DOUBLE PRECISION NOT NULL,
    weights     TEXT NOT NULL,
    at          TEXT NOT NULL,
    seen_at     TEXT,
    UNIQUE (need_id, record_kind, record_id)
);
CREATE INDEX match_notice_user ON match_notice (user_id, seen_at, at);
CREATE INDEX match_notice_first ON match_notice (need_id, at);
