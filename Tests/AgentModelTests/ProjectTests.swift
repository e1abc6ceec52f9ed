import AgentModel
import JSON
import Testing

@Suite struct ProjectTests {
    private static let now = Timestamp(milliseconds: 1_000_000)

    private static func id<Kind>(_ number: UInt64) -> Identifier<Kind> { Identifier(UUID128(high: 1, low: number)) }

    private static func session(_ change: (inout AgentSession) -> Void = { _ in }) -> AgentSession {
        var session = AgentSession(id: id(1), driver: "claude", resultsDirectory: "/r", at: now)
        session.projectID = id(2)
        change(&session)
        return session
    }

    private static func project(_ change: (inout Project) -> Void = { _ in }) -> Project {
        var project = Project(id: id(2), name: "p", at: now)
        project.lastSession = LastSession(sessionID: id(1), driver: "claude", updatedAt: now)
        change(&project)
        return project
    }

    @Test(arguments: [
        (SessionStatus.active, true), (.running, true), (.paused, true), (.completed, false), (.failed, false),
        (.expired, false),
    ])
    func aSessionThatHasEndedIsStale(status: SessionStatus, resumes: Bool) {
        let last = Self.session { $0.status = status }
        #expect((Self.project().session(toResume: last, at: Self.now) != nil) == resumes)
    }

    @Test func nothingIsResumedWithoutAReasonTo() {
        let last = Self.session()
        #expect(Self.project().session(toResume: last, at: Self.now) == last)
        #expect(Self.project { $0.resumption = false }.session(toResume: last, at: Self.now) == nil)
        #expect(Self.project { $0.lastSession = nil }.session(toResume: last, at: Self.now) == nil)
        #expect(Self.project().session(toResume: nil, at: Self.now) == nil)
        #expect(Self.project().session(toResume: Self.session { $0.projectID = nil }, at: Self.now) == nil)
    }

    @Test func aSessionPastItsTimeIsStaleBeforeItIsSwept() {
        var last = Self.session { $0.ttlSeconds = 10 }
        #expect(Self.project().session(toResume: last, at: Self.now.adding(milliseconds: 9_999)) == last)
        #expect(Self.project().session(toResume: last, at: Self.now.adding(milliseconds: 10_000)) == nil)
        last.status = .running
        #expect(Self.project().session(toResume: last, at: Self.now.adding(milliseconds: 10_000)) == last)
    }

    @Test func anUpdateChangesWhatItNames() {
        var patch = ProjectPatch()
        patch.name = "q"
        patch.model = .set("m")
        patch.clearsLastSession = true
        let later = Self.now.adding(milliseconds: 1)
        var project = Self.project { $0.defaults.driver = "codex" }
        project.apply(patch, at: later)
        #expect(project.name == "q" && project.defaults.model == "m" && project.defaults.driver == "codex")
        #expect(project.lastSession == nil && project.updatedAt == later)
    }

    @Test func theLatestSessionIsReadAsItWasWritten() {
        let last = LastSession(
            sessionID: Self.id(1), driver: "claude", driverSessionID: "own", source: "chat_plan", updatedAt: Self.now)
        #expect(LastSession(json: last.json) == last)
        #expect(LastSession(json: ["driver": "claude"]) == nil)
    }
}
