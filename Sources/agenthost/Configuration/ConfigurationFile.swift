import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A configuration file as it was read: its text and what it says.
struct ConfigurationFile {
    let path: String
    let bytes: [UInt8]
    let json: JSON

    init(path: String) throws(CommandLineError) {
        guard let bytes = InputBytes.read(path: path) else {
            throw CommandLineError("cannot read \(path): \(String(cString: strerror(errno)))", .noInput)
        }
        try self.init(path: path, bytes: bytes)
    }

    init(path: String, bytes: [UInt8]) throws(CommandLineError) {
        self.path = path
        self.bytes = bytes
        do throws(JSONParseError) {
            json = try JSON.parse(bytes)
        } catch {
            let place = JSONPosition(offset: error.offset, in: bytes)
            throw CommandLineError("\(path):\(place): this is not JSON: \(error.reason.text)", .configuration)
        }
    }

    /// An error about a member of the file, with its line and column.
    func fault(_ member: String, _ message: String) -> CommandLineError {
        let place = JSONPosition(of: member, in: bytes)
        let subject = member.isEmpty ? "" : member + ": "
        return CommandLineError("\(path):\(place): \(subject)\(message)", .configuration)
    }
}
