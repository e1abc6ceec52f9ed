import Driver
import Foundation
import Testing

@testable import HostCore

/// The files that an agent reaches through the host.
@Suite struct WorkingFolderTests {
    let temporary: TemporaryFolder
    let folder: WorkingFolder
    private let manager = FileManager.default

    init() throws {
        temporary = try TemporaryFolder()
        let path = URL(filePath: temporary.path).resolvingSymlinksInPath().path
        for name in ["work/sub", "store"] {
            try manager.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
        }
        for (name, text) in [("work/a.txt", "one\r\ntwo\n\nfour"), ("outside.txt", "secret"), ("store/db", "rows")] {
            try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"))
        }
        folder = WorkingFolder(
            path: "\(path)/work", store: OutsideStore(database: "\(path)/store/db", results: "\(path)/store/results"))
    }

    private func read(_ name: String, _ first: Int? = nil, _ limit: Int? = nil) -> ServiceResult {
        folder.read("\(folder.path)/\(name)", firstLine: first, lineLimit: limit)
    }

    private func write(_ name: String, _ text: String) -> ServiceResult {
        folder.write("\(folder.path)/\(name)", text, mark: "mark")
    }

    private func isRefused(_ result: ServiceResult) -> Bool { if case .refused = result { true } else { false } }

    @Test(
        "Lines are counted from one and keep their ends",
        arguments: [
            (nil, nil, "one\r\ntwo\n\nfour"), (2, nil, "two\n\nfour"), (2, 1, "two\n"), (1, 0, ""), (3, 5, "\nfour"),
            (5, nil, ""), (4, 1, "four"), (nil, 2, "one\r\ntwo\n"), (.max, .max, ""),
        ])
    func lines(_ first: Int?, _ limit: Int?, _ text: String) { #expect(read("a.txt", first, limit) == .text(text)) }

    @Test func whatIsThereIsReplacedAsAWholeAndKeepsItsPermissions() throws {
        let path = "\(folder.path)/a.txt"
        try manager.setAttributes([.posixPermissions: 0o750], ofItemAtPath: path)
        let before = try manager.attributesOfItem(atPath: path)[.systemFileNumber] as? UInt64
        #expect(write("a.txt", "new") == .done)
        #expect(read("a.txt") == .text("new"))
        let after = try manager.attributesOfItem(atPath: path)
        #expect(after[.systemFileNumber] as? UInt64 != before)
        #expect(after[.posixPermissions] as? Int == 0o750)
        #expect(try manager.contentsOfDirectory(atPath: folder.path).sorted() == ["a.txt", "sub"])
    }

    @Test func foldersAboveANewFileAreMade() {
        #expect(write("x/y/z.txt", "deep") == .done)
        #expect(read("x/y/z.txt") == .text("deep"))
    }

    @Test func linksInsideAreFollowedAndThoseThatLeaveAreNot() throws {
        for (link, target) in [("in", "sub"), ("alias.txt", "a.txt"), ("out", ".."), ("db", "../store/db")] {
            try manager.createSymbolicLink(atPath: "\(folder.path)/\(link)", withDestinationPath: target)
        }
        #expect(write("in/b.txt", "b") == .done)
        #expect(read("sub/b.txt") == .text("b"))
        #expect(write("alias.txt", "through") == .done)
        #expect(read("a.txt") == .text("through"))
        for name in ["out/outside.txt", "db", "../outside.txt", "sub/../../outside.txt"] {
            #expect(isRefused(read(name)))
            #expect(isRefused(write(name, "x")))
        }
        #expect(isRefused(write("out/new.txt", "x")))
        #expect(isRefused(write("none/../../new.txt", "x")))
        #expect(isRefused(folder.read("a.txt", firstLine: nil, lineLimit: nil)))
        #expect(try String(contentsOfFile: "\(temporary.path)/outside.txt", encoding: .utf8) == "secret")
    }

    @Test func aSecondNameOfTheStoreIsTheStores() throws {
        try manager.linkItem(atPath: "\(temporary.path)/store/db", toPath: "\(folder.path)/innocent")
        #expect(isRefused(read("innocent")))
        #expect(write("innocent", "x") == .done)
        #expect(try String(contentsOfFile: "\(temporary.path)/store/db", encoding: .utf8) == "rows")
    }

    @Test func onlyTextInRegularFilesOfBoundedSize() throws {
        #expect(mkfifo("\(folder.path)/pipe", 0o600) == 0)
        try Data([0x66, 0xff]).write(to: URL(filePath: "\(folder.path)/binary"))
        let size = WorkingFolder.fileBytesMax
        #expect(write("large", String(repeating: "x", count: size)) == .done)
        #expect(isRefused(write("larger", String(repeating: "x", count: size + 1))))
        try Data(repeating: 0x78, count: size + 1).write(to: URL(filePath: "\(folder.path)/larger"))
        for name in ["pipe", "sub", "binary", "larger"] { #expect(isRefused(read(name))) }
        for name in ["pipe", "sub"] { #expect(isRefused(write(name, "x"))) }
        #expect(read("none") == .notFound("There is no file \(folder.path)/none."))
        guard case .text(let text) = read("large") else {
            Issue.record("what just fits is read")
            return
        }
        #expect(text.utf8.count == size)
    }
}

@Suite struct OutputTailTests {
    @Test("The last bytes are kept, from a whole character on", arguments: [1, 2, 3, 7, 100])
    func tail(_ piece: Int) {
        let all = Array("aé€\u{1F600}b€".utf8)
        for bytesMax in 0...(all.count + 1) {
            var tail = OutputTail(bytesMax: bytesMax)
            for start in stride(from: 0, to: all.count, by: piece) {
                tail.append(Array(all[start..<min(start + piece, all.count)]))
            }
            #expect(tail.isCut == (bytesMax < all.count))
            #expect(tail.text.utf8.count <= bytesMax)
            #expect("aé€\u{1F600}b€".hasSuffix(tail.text))
            #expect(tail.text.utf8.count > min(bytesMax, all.count) - 4)
        }
    }
}
