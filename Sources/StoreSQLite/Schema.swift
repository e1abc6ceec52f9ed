/// The store's tables, version by version.
///
/// `user_version` is `major * 1000 + minor`. Within a major a migration only adds, so that a host may go on with the
/// tables it knows while others have more. A shipped migration is never edited: a test holds its text.
struct Schema: Sendable {
    struct Migration: Sendable {
        let version: Int
        let sql: String
    }

    /// Ascending. The first makes an empty file a store.
    let migrations: [Migration]

    static let shipped = Schema(
        migrations: [
            Migration(version: 1000, sql: version1000), Migration(version: 1001, sql: version1001),
            Migration(version: 1002, sql: version1002), Migration(version: 1003, sql: version1003),
            Migration(version: 1004, sql: version1004), Migration(version: 1005, sql: version1005),
            Migration(version: 1006, sql: version1006), Migration(version: 1007, sql: version1007),
        ])
    /// `AHst`, in the file's header: a SQLite file without it belongs to another program.
    static let applicationID = 0x4148_7374

    var latest: Int { migrations.last?.version ?? 0 }

    static func major(_ version: Int) -> Int { version / 1000 }

    /// What takes a store from a version to the latest one.
    func migrations(after version: Int) -> [Migration] { migrations.filter { $0.version > version } }
}

extension Schema {
    private static let usage = """
        input_tokens INT NOT NULL, output_tokens INT NOT NULL, cache_read_tokens INT NOT NULL,
        cache_write_tokens INT NOT NULL, reasoning_tokens INT NOT NULL, turns INT NOT NULL,
        cost_nano INT, accuracy TEXT NOT NULL
        """

    /// Ids are 16-byte blobs and occur once each; rows refer to each other by `n`. Times are milliseconds since 1970.
    /// Every text is kept once, see `EventData`: a prompt in its task, a result in its terminal event.
    private static let version1000 = """
        CREATE TABLE host(id BLOB PRIMARY KEY, pid INT NOT NULL, started_at INT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE connection(
            id BLOB PRIMARY KEY, name TEXT NOT NULL, dialect TEXT NOT NULL, path TEXT, url TEXT, password_env TEXT,
            read_only INT NOT NULL, allow_superuser INT NOT NULL,
            created_at INT NOT NULL, updated_at INT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE session(
            n INTEGER PRIMARY KEY, seq INT NOT NULL, epoch INT NOT NULL, hidden_at INT, expires_at INT,
            id BLOB NOT NULL UNIQUE, driver TEXT NOT NULL, results_dir TEXT NOT NULL, created_at INT NOT NULL,
            status TEXT NOT NULL, temporary INT NOT NULL, connection_id BLOB, project_id BLOB, plan_id TEXT,
            milestone_id TEXT, parent_id BLOB, working_dir TEXT, model TEXT, mode TEXT NOT NULL,
            persistence TEXT NOT NULL, recursion_limit INT NOT NULL, ttl_s INT, title TEXT, metadata TEXT,
            learning TEXT, permissions TEXT, driver_sessions TEXT, task_count INT NOT NULL, \(usage),
            updated_at INT NOT NULL, last_used_at INT NOT NULL, ended_at INT) STRICT;
        CREATE INDEX session_hidden ON session(n) WHERE hidden_at IS NOT NULL;
        CREATE INDEX session_expiry ON session(expires_at) WHERE expires_at IS NOT NULL;
        CREATE INDEX session_connection ON session(connection_id, id) WHERE connection_id IS NOT NULL;
        CREATE INDEX session_project ON session(project_id, id) WHERE project_id IS NOT NULL;
        CREATE TABLE task(
            n INTEGER PRIMARY KEY, session INT NOT NULL REFERENCES session(n), id BLOB NOT NULL UNIQUE,
            host_id BLOB NOT NULL, status TEXT NOT NULL, input TEXT NOT NULL, driver TEXT NOT NULL, mode TEXT NOT NULL,
            persistence TEXT NOT NULL, recursion_limit INT NOT NULL, source TEXT, context TEXT, metadata TEXT,
            output_schema TEXT, plan_only INT NOT NULL, max_iterations INT NOT NULL, resumption INT NOT NULL,
            budget_nano INT, budget_tokens INT, timeout_ms INT, detached INT NOT NULL, retry_of BLOB,
            created_at INT NOT NULL, started_at INT, ended_at INT, stop_reason TEXT,
            seq_first INT NOT NULL, seq_last INT) STRICT;
        CREATE INDEX task_session ON task(session, id);
        CREATE INDEX task_open ON task(session, n) WHERE status IN ('queued', 'running');
        CREATE TABLE run(
            n INTEGER PRIMARY KEY, task INT NOT NULL REFERENCES task(n),
            id BLOB NOT NULL UNIQUE, driver TEXT NOT NULL, driver_session_id TEXT, driver_resumed INT NOT NULL,
            fallback TEXT, stop_reason TEXT, \(usage), stderr_tail TEXT NOT NULL,
            started_at INT NOT NULL, ended_at INT) STRICT;
        CREATE INDEX run_task ON run(task);
        CREATE TABLE event(
            n INTEGER PRIMARY KEY, session INT NOT NULL REFERENCES session(n), seq INT NOT NULL, at INT NOT NULL,
            type INT NOT NULL, task INT REFERENCES task(n), run INT REFERENCES run(n), data TEXT) STRICT;
        CREATE UNIQUE INDEX event_seq ON event(session, seq);
        CREATE UNIQUE INDEX event_terminal ON event(task) WHERE type BETWEEN 22 AND 25;
        CREATE TABLE event_type(code INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
        INSERT INTO event_type(code, name) VALUES
            (1, 'task.queued'), (2, 'task.started'), (3, 'run.started'), (4, 'message'), (5, 'tool.started'),
            (6, 'tool.updated'), (7, 'tool.finished'), (8, 'agent_plan.updated'), (9, 'permission.requested'),
            (10, 'permission.resolved'), (11, 'question.asked'), (12, 'question.answered'), (13, 'memory.injected'),
            (14, 'memory.captured'), (15, 'checkpoint.saved'), (16, 'artifact.created'), (17, 'usage.updated'),
            (18, 'progress'), (19, 'warning'), (20, 'raw'), (21, 'run.ended'), (22, 'task.completed'),
            (23, 'task.failed'), (24, 'task.cancelled'), (25, 'task.interrupted'), (26, 'session.created'),
            (27, 'session.updated'), (28, 'session.paused'), (29, 'session.resumed'), (30, 'session.completed'),
            (31, 'session.failed'), (32, 'session.expired'), (33, 'session.forked'), (34, 'session.restored');
        CREATE TABLE lease(
            session INTEGER PRIMARY KEY REFERENCES session(n), host_id BLOB NOT NULL,
            task INT NOT NULL REFERENCES task(n), driver TEXT NOT NULL, driver_session_id TEXT,
            epoch INT NOT NULL, taken_at INT NOT NULL) STRICT;
        CREATE UNIQUE INDEX lease_driver_session ON lease(driver, driver_session_id)
            WHERE driver_session_id IS NOT NULL;
        CREATE TABLE ledger(
            n INTEGER PRIMARY KEY, session INT REFERENCES session(n),
            project_id BLOB, driver TEXT NOT NULL, at INT NOT NULL, \(usage)) STRICT;
        CREATE INDEX ledger_session ON ledger(session) WHERE session IS NOT NULL;
        CREATE TABLE idempotency(
            method TEXT NOT NULL, scope TEXT NOT NULL, key TEXT NOT NULL, parameters_hash TEXT NOT NULL,
            target TEXT NOT NULL, claimed_at INT NOT NULL, PRIMARY KEY(method, scope, key)) STRICT, WITHOUT ROWID;
        CREATE TABLE artifact(
            n INTEGER PRIMARY KEY, session INT NOT NULL REFERENCES session(n), task INT NOT NULL REFERENCES task(n),
            path TEXT NOT NULL, bytes INT NOT NULL, sha256 TEXT NOT NULL, media_type TEXT NOT NULL,
            created_at INT NOT NULL, UNIQUE(session, path)) STRICT;
        CREATE TABLE ask(
            id BLOB PRIMARY KEY, session INT NOT NULL REFERENCES session(n), task INT NOT NULL REFERENCES task(n),
            run INT REFERENCES run(n), driver_ask_id TEXT NOT NULL, kind TEXT NOT NULL,
            tool TEXT, title TEXT NOT NULL, input TEXT NOT NULL, options TEXT NOT NULL, created_at INT NOT NULL,
            deadline_at INT, default_option TEXT, resolved_at INT, resolved_option TEXT,
            resolved_by TEXT) STRICT, WITHOUT ROWID;
        CREATE INDEX ask_session ON ask(session, resolved_at);
        CREATE TABLE owner_request(
            n INTEGER PRIMARY KEY, host_id BLOB NOT NULL, kind TEXT NOT NULL, task_id BLOB NOT NULL,
            detail TEXT NOT NULL) STRICT;
        """
}
