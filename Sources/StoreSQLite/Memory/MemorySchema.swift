import Store

extension Schema {
    /// Memories and their index. See docs/decisions/0074.
    ///
    /// A row of `memory` is a version of a memory, and its `n` the document's number: ascending, never used twice. Of
    /// the versions of one id one is `current`; the others are history, whose `valid_to` is when the next one was
    /// remembered. What is absent: a `key` that is the id, a `content_text` that is every string of the value.
    ///
    /// A partition is a scope: `kind` 0 the user's, 1 a connection's, 2 a project's, 3 a session's. It is `hidden` with
    /// its session and when its session or connection is gone, whichever host did that, of whatever version.
    ///
    /// `memory_index` has the greatest numbers of documents and words that are gone (neither is used twice), the words
    /// up to which `lex` has them, and how often words or traces have been erased.
    static let version1001 = """
        CREATE TABLE partition(
            id INTEGER PRIMARY KEY AUTOINCREMENT, kind INT NOT NULL, scope_id BLOB NOT NULL,
            hidden INT NOT NULL DEFAULT 0, generation INT NOT NULL DEFAULT 0, UNIQUE(kind, scope_id)) STRICT;
        CREATE INDEX partition_hidden ON partition(id) WHERE hidden = 1;
        CREATE TRIGGER session_hidden AFTER UPDATE OF hidden_at ON session
            WHEN OLD.hidden_at IS NULL AND NEW.hidden_at IS NOT NULL
            BEGIN UPDATE partition SET hidden = 1 WHERE kind = 3 AND scope_id = NEW.id; END;
        CREATE TRIGGER session_gone AFTER DELETE ON session
            BEGIN UPDATE partition SET hidden = 1 WHERE kind = 3 AND scope_id = OLD.id; END;
        CREATE TRIGGER connection_gone AFTER DELETE ON connection
            BEGIN UPDATE partition SET hidden = 1 WHERE kind = 1 AND scope_id = OLD.id; END;
        CREATE TABLE memory(
            n INTEGER PRIMARY KEY, id BLOB NOT NULL, partition INT NOT NULL REFERENCES partition(id),
            current INT NOT NULL, namespace TEXT NOT NULL, key TEXT, importance REAL NOT NULL,
            created_at INT NOT NULL, updated_at INT NOT NULL, last_recalled_at INT, recall_count INT NOT NULL,
            expires_at INT, valid_from INT, valid_to INT, superseded_by BLOB, captured INT NOT NULL,
            text_hash INT NOT NULL, task_id BLOB, run_id BLOB, role TEXT, seq INT,
            tags TEXT, metadata TEXT, value TEXT NOT NULL, content_text TEXT) STRICT;
        CREATE UNIQUE INDEX memory_id ON memory(id) WHERE current = 1;
        CREATE UNIQUE INDEX memory_key ON memory(partition, namespace, key) WHERE current = 1 AND key IS NOT NULL;
        CREATE INDEX memory_partition ON memory(partition, n) WHERE current = 1;
        CREATE INDEX memory_namespace ON memory(partition, namespace, n) WHERE current = 1;
        CREATE INDEX memory_text ON memory(text_hash) WHERE current = 1 AND captured = 1;
        CREATE INDEX memory_turn ON memory(partition, namespace, seq) WHERE current = 1 AND seq IS NOT NULL;
        CREATE INDEX memory_bounded ON memory(n) WHERE current = 1 AND (expires_at IS NOT NULL
            OR valid_from IS NOT NULL OR valid_to IS NOT NULL OR superseded_by IS NOT NULL);
        CREATE INDEX memory_superseded ON memory(superseded_by) WHERE superseded_by IS NOT NULL;
        CREATE INDEX memory_version ON memory(id, n) WHERE current = 0;
        CREATE INDEX memory_history ON memory(partition, n) WHERE current = 0;
        CREATE TABLE memory_index(
            id INTEGER PRIMARY KEY CHECK(id = 1), version INT NOT NULL, analysis INT NOT NULL,
            last_n INT NOT NULL, last_word INT NOT NULL, lexed_word INT NOT NULL, erasures INT NOT NULL) STRICT;
        INSERT INTO memory_index(id, version, analysis, last_n, last_word, lexed_word, erasures)
            VALUES (1, 1, 1, 0, 0, 0, 0);
        CREATE TABLE word(
            word TEXT PRIMARY KEY, id INT NOT NULL UNIQUE, stem INT NOT NULL, uses INT NOT NULL,
            freq INT NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
        CREATE INDEX word_stem ON word(stem) WHERE stem <> id;
        CREATE INDEX word_frequent ON word(word, freq) WHERE freq > 0;
        CREATE TABLE lex(
            letter TEXT NOT NULL, length INT NOT NULL, chunk INT NOT NULL, words BLOB NOT NULL,
            PRIMARY KEY(letter, length, chunk)) STRICT, WITHOUT ROWID;
        CREATE TABLE tail(
            partition INT NOT NULL, n INT NOT NULL, data BLOB NOT NULL,
            PRIMARY KEY(partition, n)) STRICT, WITHOUT ROWID;
        CREATE TABLE tomb(n INTEGER PRIMARY KEY, partition INT NOT NULL, segment INT) STRICT;
        CREATE TABLE segment(
            id INTEGER PRIMARY KEY, partition INT NOT NULL, level INT NOT NULL, state INT NOT NULL,
            first_n INT NOT NULL, last_n INT NOT NULL, documents INT NOT NULL, total_length INT NOT NULL,
            bytes INT NOT NULL DEFAULT 0, analysis INT NOT NULL, cursor INT, sources TEXT) STRICT;
        CREATE INDEX segment_partition ON segment(partition, state, first_n);
        CREATE TABLE post(id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
        CREATE TABLE calendar(first_n INTEGER PRIMARY KEY, day INT NOT NULL) STRICT;
        CREATE TABLE embedding(
            n INTEGER PRIMARY KEY REFERENCES memory(n), model TEXT NOT NULL, dimension INT NOT NULL,
            scale REAL NOT NULL, vector BLOB NOT NULL) STRICT;
        CREATE INDEX embedding_model ON embedding(model, n);
        CREATE TABLE synonym_set(
            name TEXT PRIMARY KEY, root TEXT, synonyms TEXT NOT NULL, updated_at INT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE stopword_set(
            name TEXT PRIMARY KEY, locale TEXT, words TEXT NOT NULL, updated_at INT NOT NULL) STRICT, WITHOUT ROWID;
        """
}

extension StoreCommand {
    /// Whether it needs the tables of memory.
    var isOfMemory: Bool {
        switch self {
        case .remember, .updateMemory, .forgetMemories, .eraseTraces, .markRecalled, .copyMemories, .promoteMemories,
            .keepEmbedding, .setSynonyms, .deleteSynonyms, .setStopwords, .deleteStopwords:
            true
        default: false
        }
    }
}
