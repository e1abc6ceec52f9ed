import JSON
import Testing

@testable import MemorySearch

@Suite struct SeenDocumentsTests {
    @Test func itKeepsAsMuchAsItIsAllowed() {
        var seen = SeenDocuments(refusedMax: 2, bytesMax: 1000)
        for number in 1...3 as ClosedRange<Int64> { seen.refuse(number) }
        #expect((1...3).map { seen.isRefused($0) } == [true, true, false])
        for number in 1...3 as ClosedRange<Int64> {
            let text = String(repeating: "x", count: number == 2 ? 2000 : 300)
            seen.keep(MemoryDocument(number: number, object: ["content_text": .string(text)]))
        }
        #expect((1...3).map { seen[$0]?.number } == [1, nil, 3])
        seen.keep(MemoryDocument(number: 4, object: ["content_text": .string(String(repeating: "y", count: 300))]))
        #expect(seen[4] == nil)
    }
}
