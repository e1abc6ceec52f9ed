import AgentModel
import Foundation
import HostProtocol
import JSON
import JSONRPC
import Store
import Testing

@testable import HostCore

private let now = Timestamp(milliseconds: 1_772_000_000_000)

private func uuid(_ number: UInt64) -> UUID128 { UUID128(high: 0x0192_f0c1_7a2b_7c3d, low: 1 << 63 | number) }

private func memory(
    _ number: UInt64, _ text: String, key: String? = nil, namespace: String = "notes", value: JSON? = nil
) -> Memory {
    let id = MemoryID(uuid(number))
    return Memory(
        id: id, scope: .user, namespace: namespace, key: key ?? id.description, value: value ?? .string(text),
        contentText: text, importance: 0.5, createdAt: now, updatedAt: now)
}

@Suite struct MemoryPlaceTests {
    let session = SessionID(uuid(1))
    let connection = ConnectionID(uuid(2))
    let other = ConnectionID(uuid(3))

    var found: AgentSession {
        var found = AgentSession(id: session, driver: "fake", resultsDirectory: "/r", at: now)
        found.connectionID = connection
        return found
    }

    func place(
        _ session: Bool = false, _ connection: ConnectionID? = nil, _ level: Wire.MemoryScope? = nil,
        of project: ProjectID? = nil
    ) throws -> MemoryPlace {
        try MemoryPlace(
            session: session ? "\(self.session)" : nil, project: project?.description,
            connection: connection?.description, scope: level)
    }

    @Test func theNearestLevelThatIsNamedCounts() throws {
        #expect(try place().scope(in: nil) == .user)
        #expect(try place(false, connection).scope(in: nil) == .connection(connection))
        #expect(try place(true).scope(in: found) == .session(session))
        #expect(try place(true, connection).scope(in: found) == .session(session))
        #expect(try place(true, nil, .connection).scope(in: found) == .connection(connection))
        #expect(try place(true, connection, .user).scope(in: found) == .user)
    }

    @Test func whatCanBeToldWithoutTheSessionIsTheSame() throws {
        for level in [nil, .user, .connection, .session, .project] as [Wire.MemoryScope?] {
            for (isNamed, id) in [(false, nil), (true, nil), (false, connection), (true, connection)] {
                let place = try place(isNamed, id, level)
                guard let plain = place.plainScope else { continue }
                #expect(try place.scope(in: isNamed ? found : nil) == plain)
            }
        }
        #expect(try place(true).plainScope == .session(session))
        #expect(try place(true, connection).plainScope == nil)
    }

    @Test func whatDoesNotAgreeIsAConflict() throws {
        var projectless = found
        projectless.connectionID = nil
        for (place, session) in [
            (try place(true, other), found), (try place(true, nil, .project), found),
            (try place(true, nil, .connection), projectless),
        ] {
            let error = #expect(throws: RPCError.self) { try place.scope(in: session) }
            #expect(error?.code == .conflict)
        }
    }

    @Test func aLevelNeedsItsName() throws {
        for (level, path) in [
            (Wire.MemoryScope.session, "params.session_id"), (.connection, "params.db_connection_id"),
            (.project, "params.project_id"),
        ] {
            let error = #expect(throws: RPCError.self) { try place(false, nil, level).scope(in: nil) }
            #expect(error?.code == .invalidParams && error?.path == path)
        }
    }

    @Test func aProjectIsALevelOfItsOwn() throws {
        let project = ProjectID(uuid(4))
        var member = found
        member.projectID = project
        #expect(try place(of: project).scope(in: nil) == .project(project))
        #expect(try place(of: project).plainScope == .project(project))
        #expect(try place(true, of: project).scope(in: member) == .session(session))
        #expect(try place(true, nil, .project).scope(in: member) == .project(project))
        #expect(
            try place(of: project).levels(in: nil) == [
                RecallScope(.project(project), weight: 0.9), RecallScope(.user, weight: 0.8),
            ])
        let beside = #expect(throws: RPCError.self) { try place(false, connection, of: project) }
        #expect(beside?.code == .invalidParams)
        let foreign = #expect(throws: RPCError.self) { try place(true, of: project).scope(in: found) }
        #expect(foreign?.code == .conflict && foreign?.path == "params.project_id")
    }

    @Test func aRecallLooksFromTheNearestLevelOutwards() throws {
        #expect(
            try place(true).levels(in: found) == [
                RecallScope(.session(session)), RecallScope(.connection(connection), weight: 0.9),
                RecallScope(.user, weight: 0.8),
            ])
        #expect(
            try place(false, other).levels(in: nil) == [
                RecallScope(.connection(other), weight: 0.9), RecallScope(.user, weight: 0.8),
            ])
        #expect(try place().levels(in: nil) == [RecallScope(.user)])
        #expect(try place(true, nil, .connection).levels(in: found) == [RecallScope(.connection(connection))])
        #expect(throws: RPCError.self) { try place(true).levels(in: nil) }
    }

    @Test func aFilterWithoutAPlaceSeesEverything() throws {
        #expect(try place().filter(in: nil) == nil)
        #expect(try place(false, nil, .user).filter(in: nil) == [.user])
    }

    @Test func aMemoryIsLiftedWithinItsSession() throws {
        let lifted = try place(false, nil, .connection).completed(from: .session(session))
        #expect(try lifted.scope(in: found) == .connection(connection))
        #expect(try place(false, other).completed(from: .session(session)).session == nil)
    }
}

@Suite struct MemoryContextTests {
    static func hits(_ memories: [Memory]) -> [RecallHit] { memories.map { RecallHit(memory: $0, score: 1) } }

    @Test func linesSayWhereAMemoryIs() {
        let context = MemoryContext(
            Self.hits([memory(1, "Status 3\nmeans  sent.", key: "orders.status"), memory(2, "Amounts in euros.")]),
            budgetTokens: 100)
        #expect(context.text == "- notes/orders.status: Status 3 means sent.\n- notes: Amounts in euros.\n")
        #expect(context.tokens == (context.text.utf8.count + 3) / 4)
    }

    @Test func aTextCountsOnce() {
        let context = MemoryContext(
            Self.hits([memory(1, "The same"), memory(2, " the  SAME\n"), memory(3, "another")]), budgetTokens: 100)
        #expect(context.hits.map(\.memory.id) == [1, 3].map { MemoryID(uuid($0)) })
        #expect(context.leftOut == 0)
    }

    @Test func whatDoesNotFitMakesRoomForWhatDoes() {
        let long = String(repeating: "word ", count: 40)
        let hits = Self.hits([memory(1, "short"), memory(2, long), memory(3, "brief")])
        let context = MemoryContext(hits, budgetTokens: 10)
        #expect(context.hits.map(\.memory.contentText) == ["short", "brief"])
        #expect(context.leftOut == 1)
        #expect(context.tokens <= 10)
        #expect(MemoryContext(hits, budgetTokens: .max).hits.count == 3)
        #expect(MemoryContext(hits, budgetTokens: 1).hits.isEmpty)
    }

    @Test func valuesCountWhereTheyAreTold() {
        let hits = Self.hits([memory(1, "short", value: .string(String(repeating: "x", count: 500)))])
        #expect(MemoryContext(hits, budgetTokens: 100).hits.count == 1)
        #expect(MemoryContext(hits, budgetTokens: 100, countsValues: true).hits.isEmpty)
    }

    @Test func marksRideOnOneCommit() {
        var marks = RecallMarks()
        #expect(marks.take() == [])
        marks.add([MemoryID(uuid(1)), MemoryID(uuid(2))])
        marks.add([MemoryID(uuid(1))])
        #expect(marks.take() == [.markRecalled([1, 2, 1].map { MemoryID(uuid($0)) })])
        #expect(marks.take() == [])
        marks.add((0..<1000).map { MemoryID(uuid($0)) })
        guard case .markRecalled(let ids)? = marks.take().first else { return #expect(Bool(false)) }
        #expect(ids.count == RecallMarks.waitingMax)
    }
}

@Suite struct MemoryLineTests {
    let defaults = MemoryLine.Defaults(scope: .user, namespace: "file")

    func draft(_ text: String) throws -> MemoryDraft { try MemoryLine.decode(Array(text.utf8), defaults) }

    @Test func aMemoryComesBackAsItWas() throws {
        var whole = memory(7, "Status 3 means sent.", key: "orders.status", value: ["3": "sent"])
        whole.tags = ["schema"]
        whole.source = MemorySource(taskID: TaskID(uuid(8)), role: "assistant", seq: 2)
        whole.expiresAt = now
        whole.metadata = ["by": "Ada"]
        let draft = try MemoryLine.decode(MemoryLine.encode(whole), defaults)
        #expect(draft.id == whole.id && draft.key == whole.key && draft.namespace == whole.namespace)
        #expect(draft.value == whole.value && draft.contentText == whole.contentText && draft.tags == whole.tags)
        #expect(draft.source == whole.source && draft.expiresAt == now && draft.metadata == whole.metadata)
    }

    @Test func aTextThatFollowsFromTheValueIsNotWritten() throws {
        let line = MemoryLine.encode(memory(7, "plain"))
        #expect(try JSON.parse(line.dropLast())["content_text"] == nil)
        let draft = try MemoryLine.decode(line, defaults)
        #expect(draft.contentText == nil)
        // A key that is the id is none.
        #expect(draft.key == nil && draft.id == MemoryID(uuid(7)))
    }

    @Test func theSameContentHasTheSameID() throws {
        let one = try draft(#"{"value":{"a":1,"b":2}}"#)
        #expect(try draft(#"{"value":{"b":2,"a":1}}"#).id == one.id)
        #expect(one.namespace == "file" && one.scope == .user && one.key == nil)
        let session = SessionID(uuid(1))
        let others = [
            #"{"value":{"a":1,"b":3}}"#, #"{"value":{"a":1,"b":2},"namespace":"own"}"#,
            #"{"value":{"a":1,"b":2},"content_text":"x"}"#,
            #"{"value":{"a":1,"b":2},"session_id":""# + "\(session)\"}",
        ]
        let ids = try others.map { try draft($0).id } + [one.id]
        #expect(Set(ids).count == ids.count)
        #expect(one.id.description.contains(/-8[0-9a-f]{3}-[89ab]/))
    }

    @Test(arguments: [
        ("no", "parse_error", nil), ("[]", "invalid_params", "line"), ("{}", "invalid_params", "line.value"),
        (#"{"value":1,"importance":"high"}"#, "invalid_params", "line.importance"),
        (#"{"value":1,"scope":"session"}"#, "invalid_params", "line.scope"),
        (
            #"{"value":1,"project_id":"proj_0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d9e0f","#
                + #""db_connection_id":"conn_0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d9e0f"}"#, "invalid_params",
            "line.project_id"
        ),
        (#"{"value":1,"tags":[""]}"#, "invalid_params", "line.tags[0]"),
        (#"{"value":1,"key":""# + String(repeating: "é", count: 300) + "\"}", "limit_exceeded", "line.key"),
    ])
    func faultsAreNamed(text: String, reason: String, path: String?) throws {
        let fault = #expect(throws: MemoryLine.Fault.self) { try draft(text) }
        #expect(fault?.reason == reason)
        #expect(fault?.path == path)
    }
}

@Suite struct ClientFileTests {
    let temporary: TemporaryFolder
    let outside: OutsideStore

    init() throws {
        temporary = try TemporaryFolder()
        for folder in ["store/results/none", "out"] {
            try FileManager.default.createDirectory(
                atPath: "\(temporary.path)/\(folder)", withIntermediateDirectories: true)
        }
        outside = OutsideStore(
            database: "\(temporary.path)/store/agenthost.db", results: "\(temporary.path)/store/results")
        for file in ["store/agenthost.db", "store/store.lock", "store/results/none/a.jsonl", "out/a.jsonl"] {
            try Data("x".utf8).write(to: URL(filePath: "\(temporary.path)/\(file)"))
        }
    }

    func lines(_ bytes: [UInt8], most: Int) throws -> [LineFile.Line] {
        let path = "\(temporary.path)/out/lines"
        try Data(bytes).write(to: URL(filePath: path))
        var file = try LineFile(path, lineBytesMax: most)
        defer { file.close() }
        var lines: [LineFile.Line] = []
        while let line = try file.next() { lines.append(line) }
        #expect(file.number == lines.count && file.offset == bytes.count)
        return lines
    }

    func failure(_ work: () throws -> Void) -> OutsideStore.Failure? {
        do { try work() } catch { return error as? OutsideStore.Failure }
        return nil
    }

    @Test func linesEndAtNewlines() throws {
        func text(_ text: String) -> LineFile.Line { .bytes(Array(text.utf8)) }
        #expect(try lines(Array("a\n\nbc\r\nlast".utf8), most: 10) == ["a", "", "bc", "last"].map(text))
        #expect(try lines([], most: 10) == [])
        #expect(
            try lines(Array("0123456789\n01234567890\nx\n".utf8), most: 10) == [
                text("0123456789"), .overlong, text("x"),
            ])
    }

    @Test func longLinesAreSkippedWithoutKeepingThem() throws {
        let long = [UInt8](repeating: UInt8(ascii: "a"), count: 500_000)
        let found = try lines(Array("x\n".utf8) + long + Array("\ny".utf8), most: 1000)
        #expect(found == [.bytes([UInt8(ascii: "x")]), .overlong, .bytes([UInt8(ascii: "y")])])
        let whole = try lines(long + [10] + long, most: 500_000)
        #expect(whole == [.bytes(long), .bytes(long)])
    }

    @Test func theStoresFilesAreNotRead() throws {
        let store = "\(temporary.path)/store"
        try FileManager.default.createSymbolicLink(
            atPath: "\(temporary.path)/out/link", withDestinationPath: "\(store)/agenthost.db")
        try FileManager.default.linkItem(
            atPath: "\(store)/agenthost.db", toPath: "\(temporary.path)/out/second.jsonl")
        for path in [
            "\(store)/agenthost.db", "\(store)/store.lock", "\(temporary.path)/out/../store/agenthost.db",
            "\(temporary.path)/out/link", "\(temporary.path)/out/second.jsonl",
        ] {
            #expect(failure { _ = try outside.resolve(path) } == .ofTheStore, "\(path)")
        }
        #expect(failure { _ = try outside.place("\(store)/agenthost.db-wal") } == .ofTheStore)
        #expect(failure { _ = try outside.place("\(store)/new") } == .ofTheStore)
        #expect(failure { _ = try outside.place("\(store)/results") } == .ofTheStore)
    }

    @Test func otherFilesAre() throws {
        #expect(try outside.resolve("\(temporary.path)/out/a.jsonl").hasSuffix("/out/a.jsonl"))
        #expect(try outside.resolve("\(temporary.path)/store/results/none/a.jsonl").hasSuffix("/none/a.jsonl"))
        #expect(try outside.place("\(temporary.path)/store/results/none/b").hasSuffix("/none/b"))
        #expect(failure { _ = try outside.resolve("\(temporary.path)/out/none") } == .notFound)
        #expect(failure { _ = try outside.resolve("\(temporary.path)/out") } == .notARegularFile)
        #expect(failure { _ = try outside.place("\(temporary.path)/none/b") } == .notFound)
    }

    @Test(arguments: [true, false]) func aFileGetsItsNameOnceItIsWhole(mayBeUnnamed: Bool) throws {
        func new(_ path: String, _ mark: String, overwrites: Bool = false) throws(OutsideStore.Failure) -> NewFile {
            try NewFile(path, mark: mark, overwrites: overwrites, mayBeUnnamed: mayBeUnnamed)
        }
        let path = "\(temporary.path)/out/new.jsonl"
        var file = try new(path, "1")
        try file.append(Array("one\n".utf8))
        #expect(!FileManager.default.fileExists(atPath: path))
        try file.finish(overwrites: false)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "one\n" && file.bytes == 4)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(failure { _ = try new(path, "2") } == .exists)
        // One that comes meanwhile is not replaced.
        let late = try new("\(temporary.path)/out/late", "3")
        try Data("first".utf8).write(to: URL(filePath: "\(temporary.path)/out/late"))
        #expect(failure { try late.finish(overwrites: false) } == .exists)
        let given = try new(path, "4", overwrites: true)
        given.abandon()
        var other = try new(path, "5", overwrites: true)
        try other.append(Array("two\n".utf8))
        try other.finish(overwrites: true)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "two\n")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: "\(temporary.path)/out").sorted() == [
                "a.jsonl", "late", "new.jsonl",
            ])
    }

    /// What a host has left that was killed goes when the next one writes there; what one is writing stays.
    @Test func whatOthersHaveLeftIsRemoved() throws {
        let path = "\(temporary.path)/out/new.jsonl"
        let marks = (1...3).map { UUID128(high: 1, low: $0).description }
        let left = "\(path).part-\(marks[0])"
        try Data("half".utf8).write(to: URL(filePath: left))
        for name in ["new.jsonl.part-mine", "new.jsonl.part", "other.part-\(marks[0])"] {
            try Data("the user's".utf8).write(to: URL(filePath: "\(temporary.path)/out/\(name)"))
        }
        var living = try NewFile(path, mark: marks[1], overwrites: false, mayBeUnnamed: false)
        #expect(!FileManager.default.fileExists(atPath: left))
        try living.append(Array("whole".utf8))
        let second = try NewFile(path, mark: marks[2], overwrites: false)
        second.abandon()
        try living.finish(overwrites: false)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "whole")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: "\(temporary.path)/out").sorted() == [
                "a.jsonl", "new.jsonl", "new.jsonl.part", "new.jsonl.part-mine", "other.part-\(marks[0])",
            ])
    }
}
