import AgentEngine
import AgentModel
import JSON
import Testing

@Suite struct FileAttributionTests {
    private static let changes = ["own", "theirs", "both", "nobodys", "early"].map {
        FileChange(path: $0, change: .created, bytes: 1, sha256: "1")
    }

    @Test func aChangeIsWhoseToolsNamedTheFile() {
        let neighbour = FileAttribution.Neighbour(span: 10...20, named: ["theirs", "both", "early"])
        let attribution = FileAttribution(named: ["own", "both"], neighbours: [neighbour])
        let times: [String: Int64] = ["own": 15, "theirs": 15, "both": 15, "nobodys": 15, "early": 9]
        let left = attribution.changes(Self.changes, times: times)
        #expect(left.map(\.path) == ["own", "both", "nobodys", "early"])
        #expect(left.map(\.isShared) == [false, false, true, true], "it was changed before the other one began")
    }

    @Test func whatChangedWhileItWaitedIsNotItsOwn() {
        let attribution = FileAttribution(named: ["theirs"], neighbours: [], waits: [10...20])
        let times: [String: Int64] = ["own": 21, "theirs": 15, "both": 25, "early": 9]
        let left = attribution.changes(Self.changes, times: times)
        #expect(left.map(\.path) == ["own", "both", "nobodys", "early"], "also when its tools have read it")
        #expect(left.map(\.isShared) == [false, false, true, false], "nothing tells when")
    }

    @Test func aloneAStepDidAll() {
        let attribution = FileAttribution(named: [], neighbours: [])
        #expect(attribution.changes(Self.changes, times: [:]) == Self.changes)
    }

    @Test(
        arguments: [
            (["file_path": "/work/src/a.swift"], ["src/a.swift"]),
            (["file_path": "src/a.swift"], ["src/a.swift"]),
            (["file_path": "/work/src/ba.swift"], []),
            (["command": "sed -i s/x/y/ ./src/a.swift && cat b.txt>'c d.txt'"], ["src/a.swift", "b.txt"]),
            (["edits": [["path": "c d.txt"]]], ["c d.txt"]),
            (["content": .string(String(repeating: "b.txt ", count: 1000))], []),
        ] as [(JSON, [String])])
    func namesAreFoundInWhatToolsAreGiven(input: JSON, names: [String]) {
        #expect(FileAttribution.names(in: input, among: ["src/a.swift", "b.txt", "c d.txt"]) == Set(names))
    }
}
