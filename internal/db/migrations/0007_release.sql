-- Room observatory/release: frozen figures and who let them out. The content stands in the folder
-- that manifest_sha256 names; a published row never changes.

CREATE TABLE release (
    id              TEXT PRIMARY KEY,
    name            TEXT NOT NULL UNIQUE,
    title_zh        TEXT NOT NULL,
    title_en        TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('draft', 'approved', 'published')),
    city            TEXT NOT NULL,
    day             TEXT NOT NULL,
    change_seq      BIGINT NOT NULL,
    content         TEXT NOT NULL,
    manifest_sha256 TEXT NOT NULL,
    public_key      TEXT NOT NULL,
    figures         BIGINT NOT NULL,
    figure_values   BIGINT NOT NULL,
    files           BIGINT NOT NULL,
    bytes           BIGINT NOT NULL,
    left_out        BIGINT NOT NULL,
    simulated       BOOLEAN NOT NULL,
    built_by        TEXT NOT NULL,
    built_at        TEXT NOT NULL,
    published_by    TEXT NOT NULL,
    published_at    TEXT,
    version         BIGINT NOT NULL,
    CHECK ((state = 'published') = (published_at IS NOT NULL))
);

-- An approval is of one manifest: it falls with a draft that is built anew.
-- Nobody approves what they built.
CREATE TABLE release_approval (
    release_id      TEXT NOT NULL REFERENCES release (id),
    manifest_sha256 TEXT NOT NULL,
    actor           TEXT NOT NULL,
    built_by        TEXT NOT NULL,
    note            TEXT NOT NULL,
    at              TEXT NOT NULL,
    PRIMARY KEY (release_id, manifest_sha256, actor),
    CHECK (actor <> built_by)
);
