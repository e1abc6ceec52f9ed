import AgentModel
import Driver
import JSON

/// A task as the content of a prompt.
struct ACPPrompt {
    private(set) var blocks: [JSON] = []
    private(set) var warnings: [String] = []

    /// - Parameter folder: what relative paths are relative to, absolute.
    init(_ request: RunRequest, _ agent: ACPAgent, folder: String) {
        if let background = Self.background(request) { blocks.append(Self.text(background)) }
        for block in request.task.input { add(block, agent, folder) }
        if blocks.isEmpty { blocks.append(Self.text(request.task.prompt)) }
    }

    private mutating func add(_ block: JSON, _ agent: ACPAgent, _ folder: String) {
        let path = block["path"]?.stringValue.map { $0.hasPrefix("/") ? $0 : "\(folder)/\($0)" }
        switch block["type"]?.stringValue {
        case "text": blocks.append(Self.text(block["text"]?.stringValue ?? ""))
        case "image":
            let mediaType = block["media_type"]?.stringValue
            if let data = block["data"]?.stringValue, agent.takesImages {
                blocks.append(["type": "image", "data": .string(data), "mimeType": .string(mediaType ?? "image/png")])
            } else if let path {
                blocks.append(Self.link(path, mediaType))
            } else {
                warnings.append("The agent takes no images: one was left out of the prompt.")
            }
        case "file": if let path { blocks.append(Self.link(path, block["media_type"]?.stringValue)) }
        default: warnings.append("A part of the prompt is of a kind that the agent cannot be given.")
        }
    }

    private static func text(_ text: String) -> JSON { ["type": "text", "text": .string(text)] }

    private static func link(_ path: String, _ mediaType: String?) -> JSON {
        var link: JSONObject = [
            "type": "resource_link", "uri": .string(fileURL(path)),
            "name": .string(path.split(separator: "/").last.map(String.init) ?? path),
        ]
        link["mimeType"] = mediaType.map(JSON.string)
        return .object(link)
    }

    /// RFC 8089, with what is not unreserved there percent-encoded.
    static func fileURL(_ path: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var url = Array("file://".utf8)
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                url.append(byte)
            default: url += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: url, as: UTF8.self)
    }

    // MARK: - Background

    /// What the agent is to know before it hears the prompt; `nil` when there is nothing.
    private static func background(_ request: RunRequest) -> String? {
        var parts: [String] = []
        if let record = request.record {
            parts.append("<conversation>\nWhat was said before in this conversation:\n\n\(record)\n</conversation>")
        }
        if !request.memories.isEmpty {
            let lines = request.memories.map { "- \($0.key.isEmpty ? "" : "\($0.key): ")\($0.text)" }
            parts.append("<memory>\n\(lines.joined(separator: "\n"))\n</memory>")
        }
        if let context = request.task.context, !context.isNull {
            let text = context.stringValue ?? String(decoding: context.encoded(), as: UTF8.self)
            parts.append("<context>\n\(text)\n</context>")
        }
        if request.task.planOnly {
            parts.append("Read and propose only: change no file and run nothing that changes anything.")
        }
        return parts.isEmpty ? nil : parts.joined(separator: "\n\n")
    }
}
