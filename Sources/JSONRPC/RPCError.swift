package import JSON

/// What a request that could not be accepted or served is answered with (JSON-RPC 2.0, section 5.1). Its `data` carries
/// a stable reason, whether trying again may help, and what else is known.
package struct RPCError: Error, Hashable, Sendable {
    package var code: Code
    package var message: String
    /// A stable word for programs.
    package var reason: String
    package var isRetryable: Bool
    /// How long to wait before trying again.
    package var retryAfterMS: Int?
    /// More for people than the message has.
    package var detail: String?
    /// The field at fault, as in `steps[2].title`.
    package var path: String?
    /// What that field should have been.
    package var expected: String?
    /// The agent's or database's own words.
    package var raw: JSON?
    /// The id that the error is about, where the answer cannot go to it.
    package var id: RequestID?
    /// The task that went on or ended behind the request.
    package var taskID: String?
    /// The host process that holds the session, with `busy`.
    package var holder: JSON?

    /// - Parameters:
    ///   - reason: the code's own word unless given.
    ///   - isRetryable: as is usual for the code unless given.
    package init(
        _ code: Code, _ message: String, reason: String? = nil, isRetryable: Bool? = nil, retryAfterMS: Int? = nil,
        detail: String? = nil, path: String? = nil, expected: String? = nil, raw: JSON? = nil, id: RequestID? = nil,
        taskID: String? = nil
    ) {
        self.code = code
        self.message = message
        self.reason = reason ?? code.reason
        self.isRetryable = isRetryable ?? code.isUsuallyRetryable
        self.retryAfterMS = retryAfterMS
        self.detail = detail
        self.path = path
        self.expected = expected
        self.raw = raw
        self.id = id
        self.taskID = taskID
    }
}

extension RPCError {
    /// The error object of a reply.
    package var json: JSON {
        var data: JSONObject = ["reason": .string(reason), "retryable": .bool(isRetryable)]
        data["retry_after_ms"] = retryAfterMS.map { .int(Int64($0)) }
        data["detail"] = detail.map(JSON.string)
        data["path"] = path.map(JSON.string)
        data["expected"] = expected.map(JSON.string)
        data["raw"] = raw
        data["id"] = id?.json
        data["task_id"] = taskID.map(JSON.string)
        data["holder"] = holder
        return ["code": .int(Int64(code.rawValue)), "message": .string(message), "data": .object(data)]
    }

    /// Reads the error object of a reply; `nil` without a code and a message. Fields of another type are left out.
    package init?(_ json: JSON) {
        guard let number = json["code"]?.intValue, let message = json["message"]?.stringValue else { return nil }
        let data = json["data"]
        self.init(
            Code(rawValue: number), message, reason: data?["reason"]?.stringValue,
            isRetryable: data?["retryable"]?.boolValue, retryAfterMS: data?["retry_after_ms"]?.intValue,
            detail: data?["detail"]?.stringValue, path: data?["path"]?.stringValue,
            expected: data?["expected"]?.stringValue, raw: data?["raw"], id: data?["id"].flatMap(RequestID.init),
            taskID: data?["task_id"]?.stringValue)
        holder = data?["holder"]
    }
}

extension RPCError {
    /// A number of JSON-RPC (-32768 to -32000) or of the application.
    package struct Code: RawRepresentable, Hashable, Sendable {
        package let rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }

        package static let parseError = Code(rawValue: -32_700)
        package static let invalidRequest = Code(rawValue: -32_600)
        package static let methodNotFound = Code(rawValue: -32_601)
        package static let invalidParams = Code(rawValue: -32_602)
        package static let internalError = Code(rawValue: -32_603)
        package static let cancelled = Code(rawValue: -32_800)

        package static let notFound = Code(rawValue: 1_001)
        package static let conflict = Code(rawValue: 1_002)
        package static let busy = Code(rawValue: 1_003)
        package static let overloaded = Code(rawValue: 1_004)
        package static let limitExceeded = Code(rawValue: 1_005)
        package static let driverUnavailable = Code(rawValue: 1_006)
        package static let driverFailed = Code(rawValue: 1_007)
        package static let permissionDenied = Code(rawValue: 1_008)
        package static let timedOut = Code(rawValue: 1_009)
        package static let budgetExceeded = Code(rawValue: 1_010)
        package static let storeFailed = Code(rawValue: 1_011)
        package static let shuttingDown = Code(rawValue: 1_012)
        package static let unsupported = Code(rawValue: 1_013)
        package static let readOnly = Code(rawValue: 1_014)

        /// Every code that the host answers with.
        package static let all: [Code] = reasons.keys.sorted { $0.rawValue < $1.rawValue }

        /// The code's stable word; `unknown` for a code of someone else's.
        package var reason: String { Code.reasons[self] ?? "unknown" }

        /// Whether the same request may succeed later without anybody changing anything.
        package var isUsuallyRetryable: Bool { self == .busy || self == .overloaded || self == .shuttingDown }

        private static let reasons: [Code: String] = [
            .parseError: "parse_error", .invalidRequest: "invalid_request", .methodNotFound: "method_not_found",
            .invalidParams: "invalid_params", .internalError: "internal_error", .cancelled: "cancelled",
            .notFound: "not_found", .conflict: "conflict", .busy: "busy", .overloaded: "overloaded",
            .limitExceeded: "limit_exceeded", .driverUnavailable: "driver_unavailable",
            .driverFailed: "driver_failed", .permissionDenied: "permission_denied", .timedOut: "timed_out",
            .budgetExceeded: "budget_exceeded", .storeFailed: "store_failed", .shuttingDown: "shutting_down",
            .unsupported: "unsupported", .readOnly: "read_only",
        ]
    }
}
