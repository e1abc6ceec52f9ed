import HostProtocol
import JSON
import Testing

/// What a request's parameters become, and what is said about wrong ones.
@Suite struct DecodingTests {
    static let session = "sess_0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d9e0f"

    @Test func defaultsAreFilledIn() throws {
        let params = try Wire.TaskExecuteParams.decode(["prompt": "count the orders"]).params
        #expect(params.maxIterations == 1)
        #expect(params.resumption)
        #expect(params.stream)
        #expect(!params.force)
        #expect(params.waitMilliseconds == 0)
        #expect(params.mode == nil)
        #expect(try Wire.SessionCreateParams.decode(nil).params.mode == .fullAutonomy)
    }

    static let onlyOne = "one of prompt, input, and only one"
    static let wrong: [(JSON, String, String)] = [
        (["prompt": "x", "budget": ["cost_usd": -1]], "params.budget.cost_usd", "a number from 0 to 1000000"),
        (["prompt": "x", "budget": [:]], "params.budget", "an object with cost_usd or tokens"),
        (["prompt": "x", "session_id": "s1"], "params.session_id", "a session id: sess_ and a UUID"),
        (["prompt": "x", "recursion_limit": 0], "params.recursion_limit", "an integer from 1 to 10000"),
        (["prompt": 7], "params.prompt", "a string that is not empty"),
        ([:], "params.prompt", onlyOne),
        (["prompt": "x", "input": [["type": "text", "text": "y"]]], "params.prompt", onlyOne),
        (["input": [["type": "text"]]], "params.input[0].text", "a value when type is \"text\""),
        (
            ["input": [["type": "file", "path": "a", "text": "b"]]], "params.input[0].text",
            "nothing when type is \"file\""
        ),
        (
            ["prompt": "x", "mode": "root"], "params.mode",
            "one of \"query\", \"script\", \"analysis\", \"full_autonomy\""
        ),
        ([1, 2], "params", "an object: parameters go by name"),
    ]

    @Test(arguments: wrong)
    func wrongParametersAreNamed(params: JSON, path: String, expected: String) {
        let error = #expect(throws: InvalidParams.self) { try Wire.TaskExecuteParams.decode(params) }
        #expect(error?.path == path)
        #expect(error?.expected == expected)
    }

    @Test func unknownFieldsAreWarnedOfAndMetaIsKept() throws {
        let decoded = try Wire.TaskExecuteParams.decode([
            "prompt": "x", "promt": 1, "_meta": ["trace": 7], "budget": ["tokens": 5, "euros": 1],
        ])
        #expect(decoded.warnings == ["unknown field params.budget.euros", "unknown field params.promt"])
        #expect(decoded.meta == ["trace": 7])
        #expect(decoded.params.budget?.tokens == 5)
    }

    @Test func thousandsOfUnknownFieldsAreCounted() throws {
        let members = (0..<5000).map { ("x\($0)", JSON.null) }
        let warnings = try Wire.HostPingParams.decode(.object(JSONObject(members))).warnings
        #expect(warnings.count == 33)
        #expect(warnings.last == "4968 more")
    }

    @Test func updatesTellAbsentFromNull() throws {
        let params = try Wire.SessionUpdateParams.decode([
            "session_id": .string(Self.session), "title": nil, "ttl_s": 60, "driver": nil,
        ]).params
        #expect(params.title == .clear)
        #expect(params.ttlSeconds == .set(60))
        #expect(params.model == .keep)
        #expect(params.driver == nil)
    }

    @Test func laneIsTheFirstIdNamed() throws {
        let lane = Wire.Method.taskExecute.lane
        #expect(lane.access == .write)
        #expect(lane.key(in: ["project_id": "p", "session_id": "s"])?.id == "s")
        #expect(lane.key(in: ["project_id": "p"])?.kind == .project)
        #expect(lane.key(in: ["prompt": "p"]) == nil)
        #expect(Wire.Method.taskCancel.lane.access == .overtake)
    }

    @Test func repliesOfNewerHostsAreRead() throws {
        let task = try Wire.TaskStarted(lenient: [
            "task_id": "task_from_the_future", "session_id": "s", "status": "dreaming", "mood": "good",
        ])
        #expect(task.status == Wire.TaskStatus(rawValue: "dreaming"))
        #expect(!task.status.isKnown)
        #expect(task.json["status"] == "dreaming")
    }
}
