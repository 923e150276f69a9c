// SPDX-License-Identifier: Apache-2.0
#include "collector/store/schema.hpp"

#include <array>

namespace sallyport::store {
namespace {

// Forward only: a released step is never edited, a change is a new step at the end. Times are milliseconds since
// 1970 UTC, digests are 32-byte blobs, `ori` is the agency: the unit by which everything can be split later.
constexpr std::array<const char*, 14> kSteps = {
    R"sql(
-- The event log ---------------------------------------------------------------------------------------------------
CREATE TABLE stream (            -- one agent instance of one terminal; seq counts within it
    stream_id   INTEGER PRIMARY KEY,
    ori         TEXT NOT NULL,
    terminal_id TEXT NOT NULL,
    instance    TEXT NOT NULL,
    last_seq    INTEGER NOT NULL DEFAULT 0,   -- highest contiguous committed
    head        BLOB NOT NULL,                -- chain head at last_seq
    first_seen  INTEGER NOT NULL,
    UNIQUE (terminal_id, instance)
);
CREATE TABLE batch (
    batch_id    INTEGER PRIMARY KEY,
    stream_id   INTEGER NOT NULL REFERENCES stream,
    first_seq   INTEGER NOT NULL,
    last_seq    INTEGER NOT NULL,
    header      TEXT NOT NULL,                -- the header line as it came
    received_at INTEGER NOT NULL
);
CREATE TABLE event (
    ingest_id   INTEGER PRIMARY KEY AUTOINCREMENT,  -- order of commit: the rules' cursor
    stream_id   INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    type        TEXT NOT NULL,
    event_time  INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    batch_id    INTEGER,
    leaf        BLOB NOT NULL,
    line        TEXT,                          -- the bytes as they came; NULL: withheld, see withheld_reason
    withheld_reason TEXT,
    UNIQUE (stream_id, seq)
);
CREATE INDEX event_by_stream_time ON event (stream_id, event_time);

-- Terminals as the wire sees them -----------------------------------------------------------------------------------
CREATE TABLE terminal_key (
    terminal_id TEXT NOT NULL,
    ori         TEXT NOT NULL,
    public_key  TEXT NOT NULL,                -- base64 SubjectPublicKeyInfo of the enrolled key
    cert_sha256 TEXT NOT NULL,
    not_after   INTEGER NOT NULL,
    enrolled_at INTEGER NOT NULL,
    revoked_at  INTEGER,
    revoke_reason TEXT,
    PRIMARY KEY (terminal_id, public_key)
);
CREATE TABLE terminal_liveness (
    terminal_id  TEXT PRIMARY KEY,
    ori          TEXT NOT NULL,
    state        TEXT NOT NULL,               -- alive, late, offline, shutdown, asleep
    last_seen_at INTEGER,
    changed_at   INTEGER NOT NULL,
    status       TEXT                         -- the last verified status message, as JSON
);

-- Registers (bitemporal: as of T, as known at K) --------------------------------------------------------------------
CREATE TABLE register_entry (
    ori         TEXT NOT NULL,
    register    TEXT NOT NULL,                -- sites, rooms, terminals, operators, printers, media, enrolments, windows
    id          TEXT NOT NULL,
    version     INTEGER NOT NULL,
    valid_from  INTEGER NOT NULL,
    valid_to    INTEGER,                      -- NULL: until further notice
    recorded_at INTEGER NOT NULL,
    replaced_at INTEGER,                      -- NULL: what is known now
    changed_by  TEXT NOT NULL,
    change_reason TEXT NOT NULL,
    data        TEXT NOT NULL,                -- JSON object of the dictionary's fields
    PRIMARY KEY (register, id, version)
);
CREATE INDEX register_entry_current ON register_entry (register, id, replaced_at);

-- Rules per site ----------------------------------------------------------------------------------------------------
CREATE TABLE rule_site (                      -- site '' = every site, '(agency)' = what is of no site
    rule_id     TEXT NOT NULL,                -- catalogue id, '' = every rule
    site_id     TEXT NOT NULL,
    state       TEXT,                         -- observe, live; NULL: not decided here
    parameters  TEXT NOT NULL DEFAULT '{}',   -- JSON: parameter name -> number of seconds or count
    changed_by  TEXT NOT NULL,
    changed_at  INTEGER NOT NULL,
    reason      TEXT NOT NULL,
    PRIMARY KEY (rule_id, site_id)
);
CREATE TABLE rule_engine (                    -- one row: where the rules stand in the log
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    cursor      INTEGER NOT NULL,             -- ingest_id of the last judged event
    snapshot_cursor INTEGER NOT NULL,         -- ingest_id at which the snapshot was taken
    snapshot    TEXT NOT NULL                 -- JSON of open windows, timers and terminal states
);

-- Alerts and incidents ----------------------------------------------------------------------------------------------
CREATE TABLE alert (
    alert_id    TEXT PRIMARY KEY,             -- hex of SHA-256(rule, key, first evidence leaf)
    ori         TEXT NOT NULL,
    rule_id     TEXT NOT NULL,
    rule_version TEXT NOT NULL,
    control_refs TEXT NOT NULL,               -- JSON list
    severity    TEXT NOT NULL,
    severity_rank INTEGER NOT NULL,           -- 0 info .. 4 critical
    title       TEXT NOT NULL,
    summary     TEXT NOT NULL,                -- one sentence: what happened
    terminal_id TEXT,
    room_id     TEXT,
    site_id     TEXT,
    operator_ref TEXT,
    dedupe_key  TEXT NOT NULL,
    lane        TEXT NOT NULL,                -- queue, digest, observe
    kind        TEXT NOT NULL,                -- event, state (state alerts clear themselves)
    state       TEXT NOT NULL,                -- new, acknowledged, in_work, resolved, suppressed, auto_cleared, converted
    mark        TEXT NOT NULL DEFAULT 'none',
    routed_to   TEXT NOT NULL,                -- JSON list
    first_event_at INTEGER NOT NULL,
    last_event_at INTEGER NOT NULL,
    condition_at INTEGER NOT NULL,            -- when the rule's condition held, durations included
    raised_at   INTEGER NOT NULL,
    received_lag_ms INTEGER NOT NULL,
    occurrence_count INTEGER NOT NULL DEFAULT 1,
    ack_by      TEXT,
    ack_at      INTEGER,
    ack_due_at  INTEGER,
    escalated_to TEXT,
    escalated_at INTEGER,
    cleared_at  INTEGER,
    disposition TEXT,
    disposition_note TEXT,
    incident_id TEXT,
    part_of     TEXT,                         -- alert that implies this one (correlations take their parts off the queue)
    parameters  TEXT NOT NULL DEFAULT '{}',   -- the rule's parameters in force, so that it can be replayed
    known_at    INTEGER NOT NULL,             -- registers as known at (K)
    revision    INTEGER NOT NULL              -- rises with each change of any alert or incident: the live stream's id
);
CREATE INDEX alert_open ON alert (state, lane, severity_rank DESC, raised_at DESC);
CREATE INDEX alert_by_key ON alert (dedupe_key, state);
CREATE INDEX alert_by_terminal ON alert (terminal_id, raised_at);
CREATE INDEX alert_by_revision ON alert (revision);
CREATE TABLE alert_evidence (
    alert_id    TEXT NOT NULL REFERENCES alert,
    ingest_id   INTEGER NOT NULL,
    PRIMARY KEY (alert_id, ingest_id)
) WITHOUT ROWID;
CREATE TABLE incident (
    incident_id TEXT PRIMARY KEY,
    ori         TEXT NOT NULL,
    number      TEXT NOT NULL UNIQUE,         -- year and running number, never reused
    kind        TEXT NOT NULL,
    severity    TEXT NOT NULL,
    status      TEXT NOT NULL,                -- proposed, open, contained, resolved, closed
    discovered_at INTEGER NOT NULL,
    discovered_by TEXT NOT NULL,
    discovery_method TEXT NOT NULL,
    reported_internal_at INTEGER,
    reported_internal_to TEXT,
    summary     TEXT NOT NULL,
    cji_exposure TEXT NOT NULL DEFAULT 'unknown',
    containment TEXT NOT NULL DEFAULT '[]',   -- JSON list {at, by, action}
    confirmed_at INTEGER,
    confirmed_by TEXT,
    referred_at INTEGER,
    referred_by TEXT,
    closed_at   INTEGER,
    closed_by   TEXT,
    closure_code TEXT,
    revision    INTEGER NOT NULL
);
CREATE INDEX incident_by_status ON incident (status, discovered_at DESC);
CREATE TABLE incident_alert (
    incident_id TEXT NOT NULL REFERENCES incident,
    alert_id    TEXT NOT NULL REFERENCES alert,
    PRIMARY KEY (incident_id, alert_id)
) WITHOUT ROWID;
CREATE TABLE referral_outbox (                -- what goes to PSD's own file; delivering twice is harmless
    referral_id TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    delivered_at INTEGER
);
CREATE TABLE revision_counter (id INTEGER PRIMARY KEY CHECK (id = 1), value INTEGER NOT NULL);
INSERT INTO revision_counter VALUES (1, 0);

-- People at the console and the audit log ---------------------------------------------------------------------------
CREATE TABLE account (
    name        TEXT PRIMARY KEY,
    role        TEXT NOT NULL,                -- spoc, psd_investigator, psd_director, acc, auditor, administrator
    display_name TEXT NOT NULL,
    password_salt BLOB NOT NULL,
    password_hash BLOB NOT NULL,              -- PBKDF2-HMAC-SHA-256
    password_rounds INTEGER NOT NULL,
    failures    INTEGER NOT NULL DEFAULT 0,
    locked_until INTEGER,
    disabled_at INTEGER,
    created_at  INTEGER NOT NULL
);
CREATE TABLE console_session (
    token_sha256 BLOB PRIMARY KEY,            -- the cookie itself is never stored
    account     TEXT NOT NULL REFERENCES account,
    csrf_token  TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    source_ip   TEXT NOT NULL
);
CREATE TABLE audit (                          -- append only: the triggers refuse anything else
    log_id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at          INTEGER NOT NULL,
    actor       TEXT NOT NULL,
    actor_role  TEXT NOT NULL,
    action      TEXT NOT NULL,
    object_type TEXT NOT NULL,
    object_id   TEXT NOT NULL,
    purpose     TEXT,
    detail      TEXT NOT NULL DEFAULT '{}',
    before_hash TEXT,
    after_hash  TEXT,
    source_ip   TEXT,
    outcome     TEXT NOT NULL,                -- success, failure
    prev_hash   BLOB NOT NULL,
    hash        BLOB NOT NULL
);
CREATE INDEX audit_by_object ON audit (object_type, object_id);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
)sql",
    R"sql(
-- What caches of the registers compare: rises with every change, whoever makes it -------------------------------------
CREATE TABLE register_generation (id INTEGER PRIMARY KEY CHECK (id = 1), value INTEGER NOT NULL);
INSERT INTO register_generation VALUES (1, 1);
CREATE TRIGGER register_entry_added AFTER INSERT ON register_entry
    BEGIN UPDATE register_generation SET value = value + 1; END;
CREATE TRIGGER register_entry_replaced AFTER UPDATE ON register_entry
    BEGIN UPDATE register_generation SET value = value + 1; END;
CREATE TRIGGER rule_site_added AFTER INSERT ON rule_site
    BEGIN UPDATE register_generation SET value = value + 1; END;
CREATE TRIGGER rule_site_changed AFTER UPDATE ON rule_site
    BEGIN UPDATE register_generation SET value = value + 1; END;
)sql",
    R"sql(
-- What each new alert is looked up by.
CREATE INDEX alert_by_rule ON alert (rule_id, condition_at);
CREATE INDEX alert_evidence_by_event ON alert_evidence (ingest_id);
CREATE INDEX incident_alert_by_alert ON incident_alert (alert_id);
)sql",
    R"sql(
-- The daily sweep of the registers: where it stands, so that a restart goes on and doubles nothing ---------------------
CREATE TABLE register_sweep (
    day         TEXT PRIMARY KEY,             -- the county's calendar day
    started_at  INTEGER NOT NULL,             -- the moment for which all of its lines speak
    session_cursor INTEGER NOT NULL,          -- ingest_id up to which people's use is counted
    written     INTEGER NOT NULL,             -- lines that are in the event log
    total       INTEGER NOT NULL
);
CREATE TABLE operator_use (                   -- when a person last logged on or unlocked, and nothing else of it
    operator_ref TEXT PRIMARY KEY,
    last_session_at INTEGER NOT NULL
);
)sql",
    R"sql(
-- What coverage asks of the collector's own lines: few among the many.
CREATE INDEX event_of_liveness ON event (event_time) WHERE type = 'server.liveness';
CREATE INDEX event_of_gap ON event (event_time) WHERE type = 'server.gap';
)sql",
    R"sql(
-- Up to which entry the audit log was told in the event log. What was done before there was a relay stays untold: rules
-- would take it for new.
CREATE TABLE audit_relay (id INTEGER PRIMARY KEY CHECK (id = 1), log_id INTEGER NOT NULL);
INSERT INTO audit_relay SELECT 1, COALESCE(MAX(log_id), 0) FROM audit;
)sql",
    R"sql(
CREATE TABLE operator_print (                 -- pages a person printed on a day of the county, of the last 90 days
    operator_ref TEXT NOT NULL,
    day         TEXT NOT NULL,
    pages       INTEGER NOT NULL,
    PRIMARY KEY (operator_ref, day)
) WITHOUT ROWID;
)sql",
    R"sql(
-- What the rules have half seen, in pieces, so that only what changed is written again. As one text it grew to hundreds of
-- megabytes with many terminals; the text is given up, and every rule is shown the past that it looks back on.
ALTER TABLE rule_engine DROP COLUMN snapshot;
CREATE TABLE rule_state (
    state_group TEXT NOT NULL,                -- JSON list of the group's values; '': the rule's own piece
    rule_key    TEXT NOT NULL,                -- '': the engine's own piece
    state       TEXT NOT NULL,                -- JSON of a window or a timer
    PRIMARY KEY (state_group, rule_key)       -- what one event changes lies side by side
) WITHOUT ROWID;
CREATE TABLE terminal_state (
    terminal_id TEXT PRIMARY KEY,
    state       TEXT NOT NULL                 -- JSON of what it was doing
) WITHOUT ROWID;
)sql",
    R"sql(
-- The evidence log: RFC 6962's tree over the event log's leaves, made from it and proven by its signed heads -----------
CREATE TABLE evidence_tree (     -- one an agency and epoch
    tree_id     INTEGER PRIMARY KEY,
    ori         TEXT NOT NULL,
    epoch       INTEGER NOT NULL,             -- the next one begins where a restored store cannot go on with this
    size        INTEGER NOT NULL,             -- leaves
    cursor      INTEGER NOT NULL,             -- ingest_id up to which the event log was looked at
    begun_at    INTEGER NOT NULL,
    previous_head TEXT,                       -- the last checkpoint published before this epoch
    UNIQUE (ori, epoch)
);
CREATE TABLE evidence_run (      -- which line is which leaf: runs without a hole in ingest_id
    tree_id     INTEGER NOT NULL REFERENCES evidence_tree,
    first_leaf  INTEGER NOT NULL,
    first_ingest_id INTEGER NOT NULL,
    count       INTEGER NOT NULL,
    PRIMARY KEY (tree_id, first_leaf)
) WITHOUT ROWID;
CREATE INDEX evidence_run_by_ingest ON evidence_run (tree_id, first_ingest_id);
CREATE TABLE evidence_tile (     -- up to 256 hashes of complete subtrees of 256^level leaves; they never change
    tree_id     INTEGER NOT NULL REFERENCES evidence_tree,
    level       INTEGER NOT NULL,
    tile        INTEGER NOT NULL,
    hashes      BLOB NOT NULL,
    PRIMARY KEY (tree_id, level, tile)
);
CREATE TABLE evidence_head (
    head_id     INTEGER PRIMARY KEY,
    tree_id     INTEGER NOT NULL REFERENCES evidence_tree,
    size        INTEGER NOT NULL,
    root        BLOB NOT NULL,
    signed_at   INTEGER NOT NULL,
    reason      TEXT NOT NULL,                -- interval, conversion, export, start, stop
    checkpoint  TEXT NOT NULL,                -- as signed and published
    renewed_at  INTEGER,                      -- the same head, signed again while nothing was added
    renewed     TEXT
);
CREATE INDEX evidence_head_by_size ON evidence_head (tree_id, size);
INSERT INTO evidence_tree (ori, epoch, size, cursor, begun_at) SELECT ori, 1, 0, 0, MIN(first_seen) FROM stream GROUP BY ori;
)sql",
    R"sql(
CREATE TABLE second_factor (                  -- of people at the console (RFC 6238); no row: the password alone
    account     TEXT PRIMARY KEY,
    secret      BLOB NOT NULL,
    last_step   INTEGER,                      -- of 30 s since 1970, whose code was used last
    set_at      INTEGER NOT NULL
) WITHOUT ROWID;
)sql",
    R"sql(
-- How long data is kept, what must not go, and what was deleted as whose decision -------------------------------------
CREATE TABLE retention_period (               -- where the agency keeps a class longer or shorter than the default
    data_class  TEXT PRIMARY KEY,
    days        INTEGER NOT NULL,
    changed_by  TEXT NOT NULL,
    changed_at  INTEGER NOT NULL,
    reason      TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE legal_hold (
    hold_id     INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL,                -- incident, terminal, operator, span
    subject     TEXT NOT NULL,                -- incident_id, terminal_id, operator_ref; '' for a span
    from_time   INTEGER,                      -- NULL: from the beginning
    to_time     INTEGER,                      -- NULL: without end
    reason      TEXT NOT NULL,
    placed_by   TEXT NOT NULL,
    placed_at   INTEGER NOT NULL,
    lifted_by   TEXT,
    lifted_at   INTEGER,
    lift_reason TEXT
);
CREATE TABLE deletion (                       -- one proposal to delete what of a class is older than its period
    deletion_id INTEGER PRIMARY KEY AUTOINCREMENT,
    data_class  TEXT NOT NULL CHECK (data_class IN ('presence', 'events', 'alerts', 'incidents', 'registers', 'people',
                                                    'visitor_windows', 'audit')),
    kept_from   INTEGER NOT NULL,             -- what is older than this goes
    reason      TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_at INTEGER NOT NULL,
    state       TEXT NOT NULL,                -- proposed, approved, done, withdrawn
    cursor      TEXT NOT NULL DEFAULT '',     -- the last item looked at
    deleted     INTEGER NOT NULL DEFAULT 0,
    held        INTEGER NOT NULL DEFAULT 0,   -- left for a legal hold
    tied        INTEGER NOT NULL DEFAULT 0,   -- left because something that is kept rests on it
    finished_at INTEGER
);
CREATE UNIQUE INDEX deletion_open ON deletion (data_class) WHERE state IN ('proposed', 'approved');
CREATE TABLE deletion_approval (
    deletion_id INTEGER NOT NULL REFERENCES deletion,
    account     TEXT NOT NULL,
    role        TEXT NOT NULL,
    approved_at INTEGER NOT NULL,
    PRIMARY KEY (deletion_id, account)
) WITHOUT ROWID;
CREATE TABLE presence_hour (                  -- what is left of deleted camera.presence lines
    terminal_id TEXT NOT NULL,
    hour        INTEGER NOT NULL,             -- its beginning
    reports     INTEGER NOT NULL,
    PRIMARY KEY (terminal_id, hour)
) WITHOUT ROWID;
CREATE INDEX event_of_presence ON event (received_at) WHERE type = 'camera.presence' AND line IS NOT NULL;
-- The audit log may lose its oldest entries, and no others. The chain of what is left begins at the anchor's hash, which
-- an entry `audit.delete` after it must name.
CREATE TABLE audit_anchor (id INTEGER PRIMARY KEY CHECK (id = 1), log_id INTEGER NOT NULL, hash BLOB NOT NULL);
INSERT INTO audit_anchor VALUES (1, 0, zeroblob(32));
DROP TRIGGER audit_no_delete;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit WHEN OLD.log_id > (SELECT log_id FROM audit_anchor)
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- Left by a restore for the next start of the collector, which tells of it in the event log.
CREATE TABLE restored (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    backup_at   INTEGER NOT NULL,
    restored_at INTEGER NOT NULL,
    lines       INTEGER NOT NULL,             -- of the event log, as they were in the backup
    missing     INTEGER                       -- of the log that was published last; NULL: its head was not given
);
CREATE TRIGGER register_entry_deleted AFTER DELETE ON register_entry
    BEGIN UPDATE register_generation SET value = value + 1; END;
)sql",
    R"sql(
-- Drills: each sensor of a terminal proves itself. Never deleted: which mark is believed is asked again whenever the log is
-- judged anew.
CREATE TABLE drill (
    nonce       TEXT PRIMARY KEY,             -- 32 hex digits
    terminal_id TEXT NOT NULL,
    ori         TEXT NOT NULL,
    version     INTEGER NOT NULL,             -- of the configuration that carries it
    begins_at   INTEGER NOT NULL,
    ends_at     INTEGER NOT NULL,
    sensors     TEXT NOT NULL,                -- JSON list of those that are asked
    stick_vid   TEXT,                         -- the registered stick that is to be plugged in
    stick_pid   TEXT,
    stick_serial_hash TEXT,
    media_id    TEXT NOT NULL,
    ordered_by  TEXT NOT NULL,
    reason      TEXT NOT NULL,
    begun_at    INTEGER,                      -- as the terminal told it
    ended_at    INTEGER,
    UNIQUE (terminal_id, version)
) WITHOUT ROWID;
CREATE TABLE drill_answer (
    nonce       TEXT NOT NULL REFERENCES drill (nonce),
    sensor      TEXT NOT NULL,
    answer      TEXT NOT NULL,                -- proven, failed, off, absent, not_possible
    reason      TEXT NOT NULL,
    cued_at     INTEGER,                      -- by the terminal's clock
    stored_at   INTEGER,
    PRIMARY KEY (nonce, sensor)
) WITHOUT ROWID;
)sql",
    R"sql(
CREATE TABLE rule_text (                      -- the rules' files as they were: what an alert was judged by
    version     TEXT PRIMARY KEY,             -- hex of SHA-256 of the text, as alert.rule_version
    file        TEXT NOT NULL,
    text        TEXT NOT NULL,
    kept_at     INTEGER NOT NULL
);
)sql",
    R"sql(
-- Enrolment: one-time tokens, the requests they were spent on, and every certificate a key was given ---------------------
CREATE TABLE enrolment_token (
    secret_sha256 BLOB PRIMARY KEY,           -- the secret itself is never stored
    terminal_id TEXT NOT NULL,
    ori         TEXT NOT NULL,
    created_by  TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    request_id  TEXT                          -- what it was spent on; NULL: not yet
);
CREATE INDEX enrolment_token_of ON enrolment_token (terminal_id);
CREATE TABLE certificate_request (
    request_id  TEXT PRIMARY KEY,             -- random: who knows it may ask what became of it
    kind        TEXT NOT NULL,                -- enrolment, renewal
    terminal_id TEXT NOT NULL,
    ori         TEXT NOT NULL,
    public_key  TEXT NOT NULL,                -- base64 SubjectPublicKeyInfo
    request     TEXT NOT NULL,                -- PKCS#10, PEM
    source_ip   TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    state       TEXT NOT NULL,                -- waiting, approved, refused, issued
    decided_by  TEXT,
    decided_at  INTEGER,
    reason      TEXT,
    certificate TEXT                          -- PEM, once it is issued
);
CREATE INDEX certificate_request_open ON certificate_request (state, received_at);
CREATE TABLE issued_certificate (             -- a key keeps its place when its certificate is renewed; a revocation names all
    terminal_id TEXT NOT NULL,
    cert_sha256 TEXT NOT NULL,
    public_key  TEXT NOT NULL,
    issued_at   INTEGER NOT NULL,
    not_after   INTEGER NOT NULL,
    PRIMARY KEY (terminal_id, cert_sha256)
);
CREATE TABLE forked_line (                    -- the other line under a number that we have: two devices speak as one
    stream_id   INTEGER NOT NULL REFERENCES stream,
    seq         INTEGER NOT NULL,
    leaf        BLOB NOT NULL,
    line        TEXT,                         -- the bytes as they came; NULL: it was a tombstone, or no event
    header      TEXT NOT NULL,                -- of its batch, with the signature that vouches for it
    received_at INTEGER NOT NULL,
    PRIMARY KEY (stream_id, seq, leaf)
) WITHOUT ROWID;
INSERT INTO issued_certificate SELECT terminal_id, cert_sha256, public_key, enrolled_at, not_after FROM terminal_key;
)sql",
};

constexpr auto kSchema = static_cast<std::int64_t>(kSteps.size());

Error other_schema(std::int64_t found, std::string_view what) {
    return Error(Errc::conflict, "store: the file has schema " + std::to_string(found) + ", " + std::string(what) +
                                     " than this program's " + std::to_string(kSchema));
}

}  // namespace

Result<void> check_schema(Database& database) {
    auto version = database.user_version();
    if (!version)
        return version.error().within("store: schema");
    if (*version > kSchema)
        return other_schema(*version, "newer");
    if (*version < kSchema)
        return Error(Errc::conflict, other_schema(*version, "older").message() +
                                         ": the collector of this version brings it up to date when it starts");
    return {};
}

std::int64_t schema_version() { return kSchema; }

Result<void> migrate(Database& database) { return migrate_to(database, kSchema); }

Result<void> migrate_to(Database& database, std::int64_t target) {
    auto version = database.user_version();
    if (!version)
        return version.error().within("store: migrate");
    if (*version > kSchema)
        return other_schema(*version, "newer");
    for (auto step = static_cast<std::size_t>(*version); step < static_cast<std::size_t>(target); ++step) {
        auto transaction = database.begin();
        if (!transaction)
            return transaction.error().within("store: migrate");
        if (auto done = database.execute(kSteps[step]); !done)
            return done.error().within("store: migrate: step " + std::to_string(step + 1));
        if (auto done = database.execute("PRAGMA user_version = " + std::to_string(step + 1)); !done)
            return done.error().within("store: migrate");
        if (auto done = transaction->commit(); !done)
            return done.error().within("store: migrate");
    }
    return {};
}

}  // namespace sallyport::store
