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
    }
}
