import Foundation
import JSON
import Testing

extension CrashTests {
    /// What counts as a file that a step left.
    @Suite struct PlanFileTests {
        /// A command is the step's check, so that it is done while the step's task runs.
        private static func step(_ id: String, _ command: String) -> JSON {
            ["id": .string(id), "description": .string(id), "check": .string(command)]
        }

        @Test func filesAreChangedWhenTheirContentsAre() throws {
            let home = try HostHome()
            let host = try home.host()
            let folder = "\(home.path)/work"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for name in ["touched", "copied", "forged"] {
                try Data("old\n".utf8).write(to: URL(filePath: "\(folder)/\(name).txt"))
            }
            let forge = "cp -p forged.txt .kept; printf 'new\\n' > forged.txt; touch -r .kept forged.txt; rm .kept"
            let steps = [
                Self.step("touch", "touch touched.txt; chmod 600 copied.txt"),
                // The same text in another file, under the name of the first.
                Self.step("copy", "cp copied.txt other && mv other copied.txt"), Self.step("forge", forge),
                Self.step("real", "printf 'new\\n' > touched.txt"),
            ]
            let plan = try host.call(
                "plan.create",
                ["title": "Files", "working_dir": .string(folder), "batches": [["steps": .array(steps)]]])
            let ended = try host.call("plan.execute", ["plan_id": plan["id"] ?? .null])
            #expect(ended["status"] == "completed", "\(ended)")
            let artifacts = (ended["steps"]?.arrayValue ?? []).map { $0["artifacts"]?.arrayValue ?? [] }
            #expect(artifacts.map { $0.map { $0["path"] } } == [[], [], ["forged.txt"], ["touched.txt"]])
            let sums = artifacts.flatMap { $0 }.map { $0["sha256"] }
            #expect(sums.count == 2 && sums[0] == sums[1] && sums[0] != nil)
            #expect(artifacts.flatMap { $0 }.allSatisfy { $0["change"] == "modified" })
        }

        /// A client's own task in the plan's session goes before a step that comes later; its files are not the step's.
        @Test func whatATaskDidThatAStepWaitedForIsNotTheSteps() throws {
            let home = try HostHome()
            let host = try home.host()
            let folder = "\(home.path)/work"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let session = try host.call("session.create", ["working_dir": .string(folder)])["id"] ?? .null
            let plan = try host.call(
                "plan.create",
                [
                    "title": "Files", "session_id": session,
                    "batches": [["steps": [Self.step("own", "echo own > own.txt; cat theirs.txt")]]],
                ])
            let theirs: JSON = [
                "session_id": session, "prompt": "theirs", "check": "sleep 0.5; echo theirs > theirs.txt; sleep 0.1",
            ]
            _ = try host.call("task.start", theirs)
            let ended = try host.call("plan.execute", ["plan_id": plan["id"] ?? .null])
            #expect(ended["status"] == "completed", "it waited: else it would not have found the file: \(ended)")
            let artifacts = ended["steps"]?.arrayValue?.first?["artifacts"]?.arrayValue
            #expect(artifacts?.map { $0["path"] } == ["own.txt"], "\(ended)")
        }
    }
}
