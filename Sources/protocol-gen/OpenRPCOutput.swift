import JSON

/// The protocol as an OpenRPC 1.3 document, as `rpc.discover` answers it.
struct OpenRPCOutput {
    let law: Law
    private let schemas: SchemaOutput

    init(law: Law) {
        self.law = law
        schemas = SchemaOutput(law: law, definitions: "#/components/schemas/")
    }

    var document: JSON {
        let info: JSON = [
            "title": .string(law.title), "version": "\(law.version).0.0", "description": .string(law.description),
        ]
        let used = Set((law.methods.flatMap(\.errors) + law.commonErrors))
        let errors = law.errors.filter { used.contains($0.name) }.map { ($0.name, error($0)) }
        return [
            "openrpc": "1.3.2",
            "info": info,
            "methods": .array(law.methods.map(method)),
            "components": ["schemas": .object(components), "errors": .object(JSONObject(errors))],
            "x-notifications": .array(law.notifications.map(outgoing)),
            "x-host-requests": .array(law.hostRequests.map(outgoing)),
            "x-events": .array(law.events.map(event)),
        ]
    }

    /// Types, and the parameters whose fields ask something of each other, which `params` cannot say.
    private var components: JSONObject {
        var components = schemas.all
        for method in law.methods where !method.hasSharedParams && !method.params.rules.isAny {
            components[method.params.name] = nil
        }
        return components
    }

    /// `openrpc.json`.
    var text: String { document.pretty + "\n" }

    /// A Swift file that holds the document as a literal: no work at start, no copy when it is sent.
    var swiftText: String {
        var lines = ["extension Wire {", "    /// The OpenRPC document, as `rpc.discover` answers it."]
        lines.append("    package static let openRPCDocument: StaticString = #\"\"\"")
        var rest = Array(document.description)[...]
        while !rest.isEmpty {
            var line = rest.prefix(108)
            // A backslash stays with what it escapes.
            while line.last == "\\", line.count < rest.count { line = rest.prefix(line.count - 1) }
            rest = rest.dropFirst(line.count)
            lines.append("        " + String(line) + (rest.isEmpty ? "" : "\\#"))
        }
        return SwiftOutput.text(lines + ["        \"\"\"#", "}"])
    }

    private func method(_ method: Law.Method) -> JSON {
        var object: JSONObject = [
            "name": .string(method.name), "summary": .string(method.summary), "paramStructure": "by-name",
            "params": .array(method.params.fields.map(parameter)),
        ]
        if let result = method.result {
            object["result"] = ["name": "result", "schema": schemas.schema(of: result)]
        }
        object["errors"] = .array(
            (method.errors + law.commonErrors).map { ["$ref": .string("#/components/errors/\($0)")] })
        if method.params.rules.isAny {
            object["x-params"] = ["$ref": .string("#/components/schemas/\(method.params.name)")]
        }
        object["x-lane"] = ["access": .string(method.access), "by": .array(method.laneFields.map(JSON.string))]
        object["x-idempotent"] = .bool(method.isIdempotent)
        object["x-since"] = .int(Int64(method.since))
        object["x-stability"] = .string(method.stability)
        return .object(object)
    }

    private func parameter(_ field: Law.Field) -> JSON {
        var schema = schemas.schema(of: field).objectValue ?? [:]
        schema["description"] = nil
        return [
            "name": .string(field.name), "description": .string(field.description),
            "required": .bool(field.isRequired), "schema": .object(schema),
        ]
    }

    private func error(_ error: Law.ErrorKind) -> JSON {
        [
            "code": .int(Int64(error.code)), "message": .string(error.meaning),
            "data": ["reason": .string(error.name), "retryable": .bool(error.isRetryable)],
        ]
    }

    private func outgoing(_ item: Law.Outgoing) -> JSON {
        var object: JSONObject = [
            "name": .string(item.name), "summary": .string(item.summary),
            "params": ["$ref": .string("#/components/schemas/\(item.params)")],
        ]
        object["result"] = item.result.map { ["$ref": .string("#/components/schemas/\($0)")] }
        return .object(object)
    }

    private func event(_ event: Law.EventType) -> JSON {
        [
            "type": .string(event.name), "summary": .string(event.summary),
            "data": ["$ref": .string("#/components/schemas/\(event.data)")], "stored": .bool(!event.isLiveOnly),
        ]
    }
}
