import Driver
import DriverCLI
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a configuration file says: further drivers, and which one is the default.
struct Configuration {
    var defaultDriver: String?
    var drivers: [any Driver] = []

    init() {}

    /// Reads `{"default_driver": NAME, "drivers": [{"name", "executable", ...}]}`.
    init(path: String) throws(CommandLineError) {
        guard let bytes = Self.read(path) else {
            throw CommandLineError("cannot read \(path): \(String(cString: strerror(errno)))", exitCode: 66)
        }
        let json: JSON
        do throws(JSONParseError) {
            json = try JSON.parse(bytes)
        } catch {
            throw CommandLineError("\(path) is not JSON: \(error)", exitCode: 78)
        }
        guard let members = json.objectValue else {
            throw CommandLineError("\(path): expected an object", exitCode: 78)
        }
        if let unknown = members.keys.first(where: { !["default_driver", "drivers"].contains($0) }) {
            throw CommandLineError("\(path): there is no setting \(unknown)", exitCode: 78)
        }
        defaultDriver = json["default_driver"]?.stringValue
        for (index, driver) in (json["drivers"]?.arrayValue ?? []).enumerated() {
            do throws(ConfigurationError) {
                drivers.append(CommandDriver(try CommandConfiguration(driver)))
            } catch {
                throw CommandLineError("\(path): drivers[\(index)].\(error)", exitCode: 78)
            }
        }
    }

    private static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            #if canImport(Glibc)
                let count = Glibc.read(descriptor, &buffer, buffer.count)
            #else
                let count = Darwin.read(descriptor, &buffer, buffer.count)
            #endif
            guard count >= 0 else { return nil }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }
}
