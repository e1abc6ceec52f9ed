import AgentEngine
import AgentModel
import Testing

@Suite struct PlanContextTests {
    private static func plan() -> Plan {
        var second = PlanStep(id: "views", description: "Add views")
        second.dependsOn = ["schema"]
        var plan = Plan(
            id: PlanMachineTests.id(1), title: "Shop",
            batches: [
                PlanBatch([
                    PlanStep(id: "schema", description: "Make tables"), PlanStep(id: "notes", description: "Note"),
                ]),
                PlanBatch([second]),
            ], hostID: PlanMachineTests.id(2), at: Timestamp(milliseconds: 0))
        plan.goal = "Sell"
        for id in ["schema", "notes"] { plan.state.steps[id]?.status = .completed }
        plan.state.steps["schema"]?.files = [
            FileChange(path: "schema.sql", change: .created, bytes: 5, sha256: "00"),
            FileChange(path: "old.sql", change: .deleted),
        ]
        return plan
    }

    private static func context() -> PlanContext {
        var context = PlanContext()
        context.outputs = ["schema": "Orders and customers.\nIn one file.", "notes": "Nothing."]
        context.exports = ["schema.sql": ["orders", "customers"]]
        context.paths = ["README.md", "schema.sql"]
        return context
    }

    @Test func itSaysWhatIsDoneWhichFilesThereAreAndWhatTheyExport() {
        let plan = Self.plan()
        #expect(
            Self.context().text(for: plan.steps[2], of: plan) == """
                This is the step "views" of the plan "Shop". Goal: Sell
                The steps that it builds on:
                - schema: Make tables
                  Orders and customers.
                  In one file.
                Files that earlier steps made or changed:
                - schema.sql (created): exports orders, customers
                Other steps that are done:
                - notes: Note
                  Nothing.
                Files in the working folder:
                - README.md
                - schema.sql
                """)
    }

    @Test func whoeverIsNewIsToldThePlansInstructions() {
        var plan = Self.plan()
        let step = plan.steps[2]
        #expect(Self.context().text(of: [], for: step, of: plan, isNew: true) == nil, "it has none")
        plan.instructions = "Be brief."
        #expect(
            Self.context().text(of: [], for: step, of: plan, isNew: true) == """
                This is the step "views" of the plan "Shop".
                Be brief.
                """)
        #expect(Self.context().text(of: [], for: step, of: plan) == nil)
        #expect(Self.context().text(for: step, of: plan)?.contains("Be brief.") == true)
        #expect(!plan.isNew(to: "fake", otherwise: "fake") && plan.isNew(to: "other", otherwise: "fake"))
        // What ran in forks, its own session does not know.
        for id in ["schema", "notes"] { plan.state.steps[id]?.isForked = true }
        #expect(plan.isNew(to: "fake", otherwise: "fake"))
    }

    @Test func anAgentThatGoesOnIsToldOnlyWhatItHasNotSeen() {
        let plan = Self.plan()
        #expect(Self.context().text(of: [], for: plan.steps[2], of: plan) == nil)
        #expect(
            Self.context().text(of: ["schema"], for: plan.steps[2], of: plan) == """
                This is the step "views" of the plan "Shop". Since you last worked on the plan, others have worked on \
                it beside you.
                The steps that it builds on:
                - schema: Make tables
                  Orders and customers.
                  In one file.
                Files that the others made or changed:
                - schema.sql (created): exports orders, customers
                """)
    }

    @Test func whatRanInForksOrWithAnotherDriverSinceIsUnseen() {
        var plan = PlanMachineTests.plan([PlanBatch(["a", "b", "c", "d", "e"].map { PlanMachineTests.step($0) })])
        plan.batches[0].steps[3].driver = "other"
        func complete(_ id: String, _ order: Int, isForked: Bool) {
            plan.state.steps[id]?.status = .completed
            plan.state.steps[id]?.order = order
            plan.state.steps[id]?.isForked = isForked
        }
        complete("a", 1, isForked: true)
        #expect(plan.unseenSteps(by: "own", otherwise: "own") == ["a"])
        complete("b", 2, isForked: false)
        #expect(plan.unseenSteps(by: "own", otherwise: "own") == [], "the step after it was told")
        #expect(plan.unseenSteps(by: "other", otherwise: "own") == ["a", "b"])
        complete("c", 3, isForked: true)
        complete("d", 4, isForked: false)
        #expect(plan.unseenSteps(by: "own", otherwise: "own") == ["c", "d"])
        #expect(plan.unseenSteps(by: "other", otherwise: "own") == [])
    }

    @Test(arguments: [0, 100, 200, 300, 400, 1000])
    func itKeepsToItsBudgetAndSaysSo(bytesMax: Int) {
        let plan = Self.plan()
        var context = Self.context()
        context.paths = (0..<100).map { "file\($0).txt" }
        let text = context.text(for: plan.steps[2], of: plan, bytesMax: bytesMax) ?? ""
        #expect(text.utf8.count <= max(bytesMax, 32))
        #expect(text.hasSuffix("[What does not fit is left out.]"))
    }

    @Test func withoutAnythingItSaysNothing() {
        var plan = Self.plan()
        plan.state = PlanState(plan.batches)
        #expect(PlanContext().text(for: plan.steps[0], of: plan) == nil)
    }

    @Test(
        arguments: [
            ("a.ts", "export default async function go() {}\nexport const x = 1\nexport class Z {}", ["go", "x", "Z"]),
            ("a.py", "class A:\n    def inner(self): pass\ndef outer(): pass\nx = 1", ["A", "outer"]),
            ("a.swift", "package struct S {\n    func inner() {}\n}\nfunc f() {}", ["S", "f"]),
            ("a.go", "func Public() {}\nfunc private() {}\ntype T struct {}", ["Public", "T"]),
            ("a.rs", "pub fn f() {}\nfn g() {}\npub struct S;", ["f", "S"]),
            ("a.sql", "create table if not exists orders(id int);\nCREATE VIEW open AS SELECT 1;", ["orders", "open"]),
            ("a.txt", "class A", []),
        ] as [(String, String, [String])])
    func theNamesThatAFileGivesToOthersAreFound(path: String, text: String, names: [String]) {
        #expect(FileExports.names(in: text, path: path) == names)
    }
}
