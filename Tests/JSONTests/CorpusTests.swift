import Foundation
import JSON
import Testing

/// Reads every file of `Tests/Fixtures/json`; its README tells what their names mean.
@Suite struct CorpusTests {
    static let folder = URL(filePath: #filePath).appending(path: "../../Fixtures/json").standardized

    @Test func acceptsAndRefusesAsTheNamesSay() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter {
            $0.hasSuffix(".json")
        }
        #expect(names.count > 180)
        for name in names {
            let bytes = [UInt8](try Data(contentsOf: Self.folder.appending(path: name)))
            let isAccepted = name.hasPrefix("y_") || name.hasPrefix("i_y_")
            switch outcome(of: bytes) {
            case .success(let value):
                #expect(isAccepted, "\(name) was accepted")
                #expect(try JSON.parse(value.encoded()) == value, "\(name)")
                #expect(try JSON(parsing: value.pretty) == value, "\(name)")
                #expect(scanError(of: bytes) == nil, "\(name)")
            case .failure(let error):
                #expect(!isAccepted, "\(name) was refused: \(error)")
                #expect((0...bytes.count).contains(error.offset), "\(name)")
                #expect(scanError(of: bytes) == error, "\(name)")
            }
        }
    }

    /// No prefix of a text makes the parser or the scan read beyond its end.
    @Test func everyPrefixIsRefusedOrAccepted() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter { $0.hasPrefix("y_") }
        for name in names {
            let bytes = [UInt8](try Data(contentsOf: Self.folder.appending(path: name)))
            for count in 0..<min(bytes.count, 400) {
                let prefix = Array(bytes.prefix(count))
                if case .failure(let error) = outcome(of: prefix) {
                    #expect(scanError(of: prefix) == error, "\(name), \(count) bytes")
                } else {
                    #expect(scanError(of: prefix) == nil, "\(name), \(count) bytes")
                }
            }
        }
    }
}

private func outcome(of bytes: [UInt8]) -> Result<JSON, JSONParseError> {
    Result { () throws(JSONParseError) in try JSON.parse(bytes) }
}

private func scanError(of bytes: [UInt8]) -> JSONParseError? {
    bytes.withUnsafeBytes { buffer in
        do throws(JSONParseError) {
            var scan = try JSONScan(buffer)
            try scan.finish()
            return nil
        } catch {
            return error
        }
    }
}
