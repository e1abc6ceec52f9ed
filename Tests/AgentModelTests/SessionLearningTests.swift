import AgentModel
import JSON
import Testing

@Suite struct SessionLearningTests {
    @Test(
        arguments: [
            ("Sales desk (EU)!", "Sales_desk_EU"), ("conn_1-2", "conn_1-2"), ("  ", "agent"), ("Läden", "L_den"),
            ("../../etc", "etc"), (String(repeating: "a", count: 99), String(repeating: "a", count: 64)),
        ])
    func aNameIsSafe(_ text: String, _ name: String) { #expect(AgentName.sanitised(text) == name) }

    @Test func namesFollowTheScope() {
        let id = SessionID(UUID128(high: 1, low: 0xabcd_ef01_2345_6789))
        var session = AgentSession(id: id, driver: "d", resultsDirectory: "/r", at: Timestamp(milliseconds: 0))
        #expect(session.agentNames == ("user_23456789", "user"))
        #expect(session.findingsScope == .session(id))
        session.projectID = ProjectID(UUID128(high: 2, low: 2))
        #expect(session.agentNames.shared == session.projectID?.description)
        #expect(session.findingsScope == .project(ProjectID(UUID128(high: 2, low: 2))))
        session.connectionID = ConnectionID(UUID128(high: 3, low: 3))
        #expect(session.agentNames.shared == session.connectionID?.description)
        session.learning = ["agent_name": "Ada & Bob"]
        #expect(session.agentNames == ("Ada_Bob_23456789", "Ada_Bob"))
    }
}
