import JSON

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

// usage: protocol-gen [--check] [folder of the project]
//
// Writes everything that is made from protocol/protocol.json. With --check writes nothing, names the files that
// differ, and exits with 1 if there are any. Other failures exit with 2.

let arguments = CommandLine.arguments.dropFirst()
let isCheck = arguments.contains("--check")
let root = arguments.first { !$0.hasPrefix("--") } ?? "."

do {
    let text = try String(contentsOfFile: root + "/protocol/protocol.json", encoding: .utf8)
    let law = try LawReader.read(try JSON(parsing: text))
    let outputs = Outputs(root: root, files: try Outputs.files(of: law, root: root))
    if isCheck {
        let differing = outputs.differing
        for path in differing { print("differs from protocol/protocol.json: \(path)") }
        exit(differing.isEmpty ? 0 : 1)
    }
    for path in try outputs.write() { print("wrote \(path)") }
} catch {
    print("protocol-gen: \(error)")
    exit(2)
}
