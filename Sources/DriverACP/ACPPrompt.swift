import AgentModel
import Driver
import JSON

/// A task as the content of a prompt.
struct ACPPrompt {
    private(set) var blocks: [JSON] = []
    private(set) var warnings: [String] = []

    /// - Parameter folder: what relative paths are relative to, absolute.
    init(_ request: RunRequest, _ agent: ACPAgent, folder: String) {
        let background = PromptContext.blocks(request) + (request.task.planOnly ? [Self.planOnly] : [])
        if !background.isEmpty { blocks.append(Self.text(background.joined(separator: "\n\n"))) }
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

    private static let planOnly = "Read and propose only: change no file and run nothing that changes anything."

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
}
