import Foundation
import JSON
import Testing

extension CrashTests {
    /// Plans whose steps refer to what the steps before them have written, by an agent that knows nothing but what it
    /// was told. `./dev bench plans` does the same with a real one.
    @Suite struct PlanReferenceTests {
        /// By step: what it gives to others, and what it needs of them. A batch a line.
        private static let plans: [[[(gives: [String], needs: [String])]]] = [
            [
                [(["record", "check"], []), (["load"], [])],
                [(["save", "find"], ["record", "check"]), (["push"], ["record", "load"])],
                [(["serve"], ["find", "push"]), ([], ["record", "save", "push"])],
            ],
            [
                [(["limit"], [])], [(["count"], ["limit"]), (["price"], ["limit"])],
                [(["total"], ["count", "price"])], [([], ["limit", "count", "price", "total"])],
            ],
        ]

        private static func prompt(_ step: (gives: [String], needs: [String])) -> String {
            let compose: JSON = [
                "compose": [
                    "gives": .array(step.gives.map(JSON.string)), "needs": .array(step.needs.map(JSON.string)),
                ]
            ]
            return String(decoding: compose.encoded(), as: UTF8.self)
        }

        private let agent = FileManager.default.temporaryDirectory.appending(path: "plan-\(UUID().uuidString)").path

        private func home(resumes: Bool = true) throws -> (HostHome, HostProcess) {
            try FileManager.default.createDirectory(atPath: agent, withIntermediateDirectories: true)
            let home = try HostHome(resumes ? ["--sessions", agent] : [], resumes: resumes)
            for number in Self.plans.indices {
                try FileManager.default.createDirectory(atPath: work(number, home), withIntermediateDirectories: true)
            }
            return (home, try home.host())
        }

        private func work(_ number: Int, _ home: HostHome) -> String { "\(home.path)/work-\(number)" }

        /// Makes a plan; before a batch of high risk it asks.
        private func make(_ number: Int, risk: JSON, _ home: HostHome, _ host: HostProcess) throws -> JSON {
            let batches = Self.plans[number].enumerated().map { index, batch -> JSON in
                let steps = batch.enumerated().map { place, step -> JSON in
                    let id = "s\(index)-\(place)"
                    return ["id": .string(id), "description": "a part", "prompt": .string(Self.prompt(step))]
                }
                return ["steps": .array(steps), "risk": index == 0 ? "low" : risk]
            }
            let made = try host.call(
                "plan.create",
                ["title": "Parts", "working_dir": .string(work(number, home)), "batches": .array(batches)])
            return try #require(made["id"])
        }

        /// How many references of all plans name what a file that is there declares, and how many there are to be.
        private func references(_ home: HostHome) throws -> (right: Int, of: Int) {
            var right = 0
            for number in Self.plans.indices {
                let names = try FileManager.default.contentsOfDirectory(atPath: work(number, home))
                let files = try Dictionary(
                    uniqueKeysWithValues: names.filter { $0.hasSuffix(".py") }.map {
                        (
                            String($0.dropLast(3)),
                            try String(contentsOfFile: "\(work(number, home))/\($0)", encoding: .utf8)
                        )
                    })
                for line in files.values.flatMap({ $0.split(separator: "\n") }) where line.hasPrefix("from ") {
                    let words = line.split(separator: " ").map(String.init)
                    right += files[words[1]]?.contains("def \(words[3])():") == true ? 1 : 0
                }
            }
            return (right, Self.plans.joined().joined().reduce(0) { $0 + $1.needs.count })
        }

        @Test(arguments: [true, false]) func everyReferenceOfAPlanIsRight(resumes: Bool) throws {
            let (home, host) = try home(resumes: resumes)
            for number in Self.plans.indices {
                let plan = try make(number, risk: "low", home, host)
                #expect(try host.call("plan.execute", ["plan_id": plan])["status"] == "completed")
            }
            let found = try references(home)
            #expect(found.right == found.of)
            #expect(try host.call("session.stats")["resume_success_rate"] == (resumes ? 1 : nil))
        }

        @Test func withoutAPlanFreshSessionsKnowNothing() throws {
            let (home, host) = try home()
            for (number, plan) in Self.plans.enumerated() {
                for step in plan.joined() {
                    let session = try host.call("session.create", ["working_dir": .string(work(number, home))])
                    let done = try host.call(
                        "task.execute",
                        ["session_id": session["session_id"] ?? .null, "prompt": .string(Self.prompt(step))])
                    #expect(done["status"] == "completed")
                }
            }
            #expect(try references(home).right == 0)
        }

        @Test func anAgentThatHasLostItsSessionIsToldOfTheStepsBefore() throws {
            let (home, host) = try home()
            host.send("host.initialize", ["capabilities": ["permissions": true]])
            var lost = 0
            for number in Self.plans.indices {
                let execution = host.send("plan.execute", ["plan_id": try make(number, risk: "high", home, host)])
                for _ in Self.plans[number].dropFirst() {
                    try host.listen("the ask") { host.told.contains { $0["method"] == "permission.request" } }
                    for name in try FileManager.default.contentsOfDirectory(atPath: agent) {
                        try FileManager.default.removeItem(atPath: "\(agent)/\(name)")
                    }
                    lost += 1
                    let ask = try #require(host.told.last { $0["method"] == "permission.request" })
                    host.told = []
                    host.answer(ask, ["option_id": "allow"])
                }
                #expect(try host.result(execution)["status"] == "completed")
            }
            let found = try references(home)
            #expect(found.right == found.of)
            let stats = try host.call("session.stats")
            let missed = (stats["resumes_tried"]?.intValue ?? 0) - (stats["resumes_succeeded"]?.intValue ?? 0)
            #expect(missed == lost)
        }
    }
}
