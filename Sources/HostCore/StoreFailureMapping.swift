import JSON
import JSONRPC
import Store

extension RPCError {
    /// What a client is told of a failure of the store.
    init(_ failure: StoreFailure) {
        switch failure {
        case .notFound(let id): self.init(.notFound, "there is nothing with the id \(id)")
        case .refused(let why): self.init(.conflict, why)
        case .superseded(let task):
            self.init(.conflict, "the task \(task) is no longer where it was", taskID: "\(task)")
        case .outdated(let id): self.init(.conflict, "\(id) is no longer as it was", isRetryable: true)
        case .busy(let holder), .deadHolder(let holder):
            self.init(
                .busy, "another host process (pid \(holder.pid)) works on the session", retryAfterMS: 100)
            self.holder = [
                "host_id": .string("\(holder.id)"), "pid": .int(Int64(holder.pid)),
                "started_at": .string("\(holder.startedAt)"),
            ]
        case .fenced(let session): self.init(.busy, "another host process has taken over the session \(session)")
        case .replayed(let target): self.init(.conflict, "the key has been used for \(target)")
        case .keyConflict(let key):
            self.init(
                .conflict, "the idempotency key \(key) has been used with other parameters",
                reason: "idempotency_conflict",
                path: "params.idempotency_key")
        case .unknownCursor(let cursor):
            self.init(
                .invalidParams, "no page ended with the cursor \(cursor.prefix(100))", path: "params.cursor",
                expected: "the next_cursor of an earlier page")
        case .limit(let what): self.init(.limitExceeded, what)
        case .overloaded(let why): self.init(.overloaded, why, retryAfterMS: 100)
        case .broken(let reason, let detail):
            self.init(.storeFailed, "the store failed: \(detail)", reason: reason, isRetryable: reason == "locked")
        }
    }
}
