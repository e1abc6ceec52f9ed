import AgentModel
import HostProtocol
import JSONRPC
import Store

extension Host {
    func listArtifacts(_ params: Wire.ArtifactListParams, _ call: Call) throws(RPCError) {
        var filter = ArtifactFilter()
        if let session = params.sessionID { filter.sessionID = try sessionID(session) }
        if let task = params.taskID { filter.taskID = try taskID(task) }
        let page = PageRequest(limit: params.limit, cursor: params.cursor)
        read(call) { [filter] reader throws -> (Page<Artifact>, isSessionKnown: Bool, isTaskKnown: Bool) in
            (
                try reader.artifacts(filter, page), try filter.sessionID.map { try reader.session($0) != nil } ?? true,
                try filter.taskID.map { try reader.task($0) != nil } ?? true
            )
        } then: { [self] found, isSessionKnown, isTaskKnown in
            guard isSessionKnown else {
                return fail(call, .notFound(params.sessionID ?? "", path: "params.session_id"))
            }
            guard isTaskKnown else { return fail(call, .notFound(params.taskID ?? "", path: "params.task_id")) }
            reply(call, Wire.ArtifactPage(items: found.items.map(Wire.Artifact.init), nextCursor: found.nextCursor))
        }
    }

    func readArtifact(_ params: Wire.ArtifactReadParams, _ call: Call) throws(RPCError) {
        let id = try sessionID(params.sessionID)
        let path = params.path
        read(call) { reader throws -> (session: AgentSession?, artifact: Artifact?) in
            (try reader.session(id), try reader.artifact(id, path))
        } then: { [self] found in
            guard let session = found.session else { return fail(call, .notFound("\(id)", path: "params.session_id")) }
            guard let artifact = found.artifact else {
                return fail(call, RPCError(.notFound, "no task of the session has left \(path)", path: "params.path"))
            }
            let folder = Folder(path: session.resultsDirectory)
            files.perform { () -> Result<(bytes: [UInt8], size: Int), Folder.Failure> in
                do throws(Folder.Failure) {
                    return .success(try folder.read(path, offset: params.offset, count: params.length))
                } catch {
                    return .failure(error)
                }
            } then: { [self] result in
                guard isOpen(call) else { return }
                switch result {
                case .success(let chunk): replyChunk(artifact, params, chunk.bytes, size: chunk.size, call)
                case .failure(let failure):
                    fail(call, RPCError(.notFound, "the file cannot be read: \(failure)", path: "params.path"))
                }
            }
        }
    }

    private func replyChunk(
        _ artifact: Artifact, _ params: Wire.ArtifactReadParams, _ bytes: [UInt8], size: Int, _ call: Call
    ) {
        let text = params.encoding == .base64 ? nil : String(validating: bytes, as: UTF8.self)
        if text == nil, params.encoding == .utf8 {
            return fail(
                call,
                RPCError(
                    .invalidParams, "these bytes are not UTF-8 text", path: "params.encoding", expected: "\"base64\""))
        }
        reply(
            call,
            Wire.ArtifactChunk(
                artifact: .init(artifact), offset: params.offset, bytes: bytes.count,
                encoding: text == nil ? .base64 : .utf8, content: text ?? Base64.encode(bytes),
                isLast: params.offset + bytes.count >= size))
    }
}

extension StoreReader {
    /// The artifact with this path in a session.
    func artifact(_ session: SessionID, _ path: String) throws -> Artifact? {
        var filter = ArtifactFilter()
        filter.sessionID = session
        var page = PageRequest(limit: 1000)
        while true {
            let found = try artifacts(filter, page)
            if let artifact = found.items.first(where: { $0.path == path }) { return artifact }
            guard let next = found.nextCursor else { return nil }
            page.cursor = next
        }
    }
}
