import HostProtocol
import JSON

/// `--filter` of a list of memories, with the other flags that say which.
struct MemoryFilterText {
    /// `filter_by` of a search.
    let text: String
    let namespace: String?

    /// `nil` without `--filter`.
    init?(_ arguments: Arguments) throws(CommandLineError) {
        guard let filter = arguments["--filter"] else { return nil }
        if arguments.has("--all") {
            throw CommandLineError(
                "--filter finds only what can be found now", advice: "--all goes with --namespace and --tag.")
        }
        namespace = arguments["--namespace"]
        guard let tag = arguments["--tag"] else {
            text = filter
            return
        }
        guard !tag.contains("`") else { throw CommandLineError("a tag with a backtick cannot stand beside --filter") }
        // Behind the filter, which may hold an `||`: so that the place of a fault is off by no more than one.
        text = "(\(filter)) && tags:=`\(tag)`"
    }
}

extension HostClient {
    private static let hitsPerSearch = 250

    /// The memories that meet a filter, as a page of a list of them: newest first, of the place's own level alone.
    /// `found` says how many there are.
    func memories(_ limit: Int, _ place: JSONObject, _ filter: MemoryFilterText) throws -> JSON {
        var params = place
        let level = place["session_id"] != nil ? "session" : place["db_connection_id"] != nil ? "connection" : "user"
        if place["scope"] == nil { params["scope"] = .string(level) }
        params["q"] = "*"
        params["filter_by"] = .string(filter.text)
        params["namespace"] = filter.namespace.map(JSON.string)
        params["sort_by"] = "updated_at:desc"
        var items: [JSON] = []
        var found: Int?
        while items.count < min(limit, found ?? limit) {
            params["offset"] = .int(Int64(items.count))
            params["limit"] = .int(Int64(min(limit - items.count, Self.hitsPerSearch)))
            let result = try rawCall(.memorySearch, .object(params))
            let hits = (result["hits"]?.arrayValue ?? []).compactMap { $0["document"] }
            found = result["found"]?.intValue ?? 0
            if hits.isEmpty { break }
            items += hits
        }
        return ["items": .array(items), "found": .int(Int64(found ?? 0))]
    }
}
