import AgentModel
import Foundation
import Store
import StoreConformance

@testable import StoreSQLite

/// A folder that goes when the test is over.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Opens one more host on the store in this folder.
    func host(_ change: @Sendable (inout StoreOptions) -> Void = { _ in }) throws(StoreFailure) -> StoreHost {
        let answers = StoreAnswers()
        let options = options(Fresh.id(), { [self] in keep(answers, $0) }, change)
        return StoreHost(store: try SQLiteStore.open(options), answers: answers)
    }

    /// The folder stays as long as a store in it may answer.
    private func keep(_ answers: StoreAnswers, _ event: StoreEvent) { answers.take(event) }

    /// A connection of somebody else's to the database.
    func connection() throws -> SQLiteConnection {
        try SQLiteConnection(uri: StoreFolder(path: path).databaseURI, writable: true)
    }

    var subject: StoreSubject {
        StoreSubject { [self] (host, sink) throws(StoreFailure) in try SQLiteStore.open(options(host, sink)) }
    }

    private func options(
        _ host: HostID, _ sink: @escaping StoreSink, _ change: (inout StoreOptions) -> Void = { _ in }
    ) -> StoreOptions {
        var options = StoreOptions(
            folder: path, hostID: host, pid: Int(getpid()), startedAt: StoreHost.noon, sink: sink)
        // Many tests run at a time, under a sanitizer too: a read is given up for being late only where that is tested.
        options.readMillisecondsMax = 10_000
        change(&options)
        return options
    }
}
