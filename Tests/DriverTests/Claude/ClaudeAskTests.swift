import AgentModel
import Driver
import DriverCLI
import JSON
import Testing

@Suite struct ClaudeAskTests {
    /// A run that has heard the first lines of a fixture, up to its first ask.
    static func asking(
        _ name: String, _ request: RunRequest = request()
    ) throws -> (run: any DriverRun, effects: [DriverEffect]) {
        var run = ClaudeFixture.started(request)
        var effects: [DriverEffect] = []
        for line in try ClaudeFixture.lines(name) {
            effects += run.hear(line)
            if line.contains("can_use_tool") { break }
        }
        return (run, effects)
    }

    static func response(_ effects: [DriverEffect]) -> JSON? { effects.written.first?["response"]?["response"] }

    @Test func anAskSaysWhatItIsAbout() throws {
        let ask = try #require(try Self.asking("everything").effects.asks.first)
        #expect(ask.id == "ask-1")
        #expect(ask.kind == .permission)
        #expect(ask.tool == "Write")
        #expect(ask.title == "Write: /project/a.txt")
        #expect(ask.paths == ["/project/a.txt"])
        #expect(ask.options.map(\.kind) == ["allow_once", "allow_always", "reject_once"])
    }

    @Test func withoutASuggestionNothingIsAllowedAlways() throws {
        let ask = try #require(try Self.asking("permission").effects.asks.first)
        #expect(ask.options.map(\.kind) == ["allow_once", "reject_once"])
        #expect(ask.paths.isEmpty)
    }

    @Test("An answer is given once", arguments: ["allow_once", "allow_always", "reject_once", nil])
    func answers(_ option: String?) throws {
        var (run, effects) = try Self.asking("everything")
        let id = try #require(effects.asks.first?.id)
        effects = run.handle(.answer(askID: id, optionID: option))
        let response = try #require(Self.response(effects))
        let allows = option?.hasPrefix("allow") == true
        #expect(response["behavior"] == (allows ? "allow" : "deny"))
        #expect((response["updatedInput"]?["file_path"] == "/project/a.txt") == allows)
        #expect((response["message"]?.stringValue?.isEmpty == false) == !allows)
        // What lasts of an answer is the host's, so that every later use is asked again.
        #expect(response["updatedPermissions"] == nil)
        #expect(effects.written.first?["response"]?["request_id"] == "ask-1")
        #expect(run.handle(.answer(askID: id, optionID: option)).isEmpty)
    }

    @Test func aWithdrawnAskTakesNoAnswer() throws {
        var (run, _) = try Self.asking("everything")
        let events = run.hear(#"{"type":"control_cancel_request","request_id":"ask-1"}"#).events
        #expect(events == [.askWithdrawn(askID: "ask-1")])
        #expect(run.handle(.answer(askID: "ask-1", optionID: "allow_once")).isEmpty)
    }

    @Test func questionsAreAskedOneByOneAndAnsweredTogether() throws {
        var (run, effects) = try Self.asking("question")
        #expect(effects.asks.map(\.kind) == [.question, .question])
        #expect(effects.asks.map(\.title) == ["Which colour?", "How many?"])
        #expect(effects.asks.first?.options.map(\.title) == ["Red", "Blue"])
        #expect(run.handle(.answer(askID: "ask-1#2", optionID: "1")).isEmpty)
        effects = run.handle(.answer(askID: "ask-1", optionID: "2"))
        let answers = Self.response(effects)?["updatedInput"]?["answers"]
        #expect(answers == ["Which colour?": "Blue", "How many?": "One"])
    }

    @Test func aQuestionWithoutAnAnswerEndsAllOfThem() throws {
        var (run, effects) = try Self.asking("question")
        effects = run.handle(.answer(askID: "ask-1", optionID: nil))
        #expect(Self.response(effects)?["behavior"] == "deny")
        #expect(effects.events == [.askWithdrawn(askID: "ask-1#2")])
        #expect(run.handle(.answer(askID: "ask-1#2", optionID: "1")).isEmpty)
    }

    @Test func aPlanAloneChangesNothingAndAsksNobody() throws {
        var request = request()
        request.task.planOnly = true
        let effects = try Self.asking("everything", request).effects
        #expect(effects.asks.isEmpty)
        #expect(Self.response(effects)?["behavior"] == "deny")
        #expect(try Self.asking("question", request).effects.asks.count == 2)
    }

    @Test func aRequestThatIsNotKnownIsAnsweredAllTheSame() {
        var run = ClaudeFixture.started()
        let effects = run.hear(#"{"type":"control_request","request_id":"r","request":{"subtype":"hook_callback"}}"#)
        #expect(effects.written.first?["response"]?["subtype"] == "error")
        #expect(effects.written.first?["response"]?["request_id"] == "r")
        #expect(effects.raws.count == 1)
    }

    @Test func asksAreBounded() {
        var run = ClaudeFixture.started()
        var asked = 0
        for number in 0..<1200 {
            let line =
                #"{"type":"control_request","request_id":"\#(number)","request":{"subtype":"can_use_tool","#
                + #""tool_name":"Bash","input":{}}}"#
            asked += run.hear(line).asks.count
        }
        #expect(asked == 1000)
    }
}
