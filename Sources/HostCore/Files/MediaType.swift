/// The media type of a file by the end of its name; what is not known is bytes.
enum MediaType {
    static func of(_ path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return fallback }
        return byEnding[name[name.index(after: dot)...].lowercased()] ?? fallback
    }

    private static let fallback = "application/octet-stream"

    private static let byEnding = [
        "csv": "text/csv", "css": "text/css", "gif": "image/gif", "gz": "application/gzip", "htm": "text/html",
        "html": "text/html", "jpeg": "image/jpeg", "jpg": "image/jpeg", "js": "text/javascript",
        "json": "application/json", "jsonl": "application/jsonl", "log": "text/plain", "md": "text/markdown",
        "parquet": "application/vnd.apache.parquet", "pdf": "application/pdf", "png": "image/png",
        "py": "text/x-python", "sql": "application/sql", "sqlite": "application/vnd.sqlite3",
        "svg": "image/svg+xml", "swift": "text/x-swift", "toml": "application/toml", "ts": "text/typescript",
        "tsv": "text/tab-separated-values", "txt": "text/plain", "webp": "image/webp",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xml": "application/xml",
        "yaml": "application/yaml", "yml": "application/yaml", "zip": "application/zip",
    ]
}
