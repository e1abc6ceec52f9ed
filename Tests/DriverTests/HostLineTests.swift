import AgentModel
import Driver
import JSON
import Testing

@Suite struct HostLineTests {
    @Test func startRoundTrip() throws {
        var request = request("Count\norders", resuming: "old", offering: "new")
        request.session.workingDirectory = "/work"
        request.session.model = "small"
        request.task.planOnly = true
        request.task.context = ["hint": "orders"]
        request.task.outputSchema = ["type": "object"]
        request.task.metadata = ["by": "test"]
        var connection = LineStart.Connection(name: "shop", dialect: .postgresql)
        connection.url = "postgresql://me@localhost/shop"
        connection.passwordEnv = "SHOP_PASSWORD"
        connection.readOnly = false
        connection.allowSuperuser = true
        var start = LineStart(request)
        start.connection = connection

        #expect(try HostLine(JSON.parse(HostLine.start(start).bytes)) == .start(start))
        #expect(start.prompt == "Count\norders")
        #expect(start.recursionLimit == 7)
        #expect(start.mode == .analysis)
        #expect(start.sessionID == request.session.id.description)
    }

    @Test(
        "Answers and cancels come back from their lines",
        arguments: [
            HostLine.answer(askID: "a", optionID: "yes"), .answer(askID: "a", optionID: nil), .cancel,
        ])
    func roundTrip(_ line: HostLine) throws {
        #expect(try HostLine(JSON.parse(line.bytes)) == line)
    }

    @Test func connectionsHoldNoSecret() {
        var connection = DatabaseConnection(
            id: ConnectionID(UUID128(high: 1, low: 2)), name: "shop", dialect: .sqlite, at: Timestamp(milliseconds: 0))
        connection.path = "/data/shop.db"
        let read = LineStart.Connection(connection)
        #expect(read.path == "/data/shop.db")
        #expect(read.readOnly)
        #expect(!read.allowSuperuser)
    }

    @Test(
        "A bad line names the member that is wrong",
        arguments: [
            ("[]", ""), (#"{"type":"begin"}"#, "type"), (#"{"type":"answer"}"#, "ask_id"),
            (#"{"type":"start","task_id":"t","session_id":"s","prompt":"p","results_dir":"/r"}"#, "run_id"),
            (
                #"{"type":"start","run_id":"r","task_id":"t","session_id":"s","prompt":"p","results_dir":"/r","#
                    + #""mode":"x"}"#, "mode"
            ),
            (
                #"{"type":"start","run_id":"r","task_id":"t","session_id":"s","prompt":"p","results_dir":"/r","#
                    + #""connection":{"dialect":"oracle"}}"#, "connection.dialect"
            ),
        ])
    func badLines(_ text: String, _ path: String) throws {
        let json = try JSON.parse(Array(text.utf8))
        let error = #expect(throws: LineError.self) { try HostLine(json) }
        #expect(error?.path == path)
        #expect(error?.expected.isEmpty == false)
    }
}
