import JSON
import JSONRPC

/// What has to hold for every input; each check returns what does not, or `nil`.
enum Invariants {
    static func broken(by input: [UInt8], using random: inout SplitMix64) -> String? {
        parsing(input) ?? framing(input, using: &random) ?? answering(input)
    }

    /// Parser and scan agree to the byte, and what was parsed survives being written.
    private static func parsing(_ input: [UInt8]) -> String? {
        let value: JSON
        do throws(JSONParseError) {
            let (parsed, notes) = try JSON.parseWithNotes(input[...])
            if notes.count > 16 { return "\(notes.count) notes" }
            value = parsed
        } catch {
            let other = scanError(of: input)
            if other != error { return "parser says \(error), scan \(other?.description ?? "nothing")" }
            return (0...input.count).contains(error.offset) ? nil : "error beyond the input: \(error)"
        }
        if let error = scanError(of: input) { return "parsed, but the scan says \(error)" }
        let written = value.encoded()
        guard let again = try? JSON.parse(written) else { return "what was written cannot be read" }
        if again != value { return "what was written reads as something else" }
        if again.encoded() != written { return "written a second time it differs" }
        if (try? JSON(parsing: value.pretty)) != value { return "for people it reads as something else" }
        return nil
    }

    private static func scanError(of input: [UInt8]) -> JSONParseError? {
        input.withUnsafeBytes { bytes in
            do throws(JSONParseError) {
                var scan = try JSONScan(bytes)
                try scan.finish()
                return nil
            } catch {
                return error
            }
        }
    }

    /// However a stream is cut, the same lines come out, and none is longer than allowed.
    private static func framing(_ input: [UInt8], using random: inout SplitMix64) -> String? {
        let lineBytesMax = random.once(in: 2) ? 1 + random.below(40) : 1 << 20
        let whole = lines(of: [input[...]], lineBytesMax: lineBytesMax)
        var chunks: [ArraySlice<UInt8>] = []
        var start = 0
        let sizeMax = 1 + random.below(64)
        while start < input.count {
            let end = min(input.count, start + random.below(sizeMax + 1))
            chunks.append(input[start..<end])
            start = end
        }
        if lines(of: chunks, lineBytesMax: lineBytesMax) != whole {
            return "chunks of up to \(sizeMax) change the lines"
        }
        for case .line(let line) in whole where line.isEmpty || line.count > lineBytesMax || line.contains(0x0A) {
            return "a line that is none"
        }
        return nil
    }

    private static func lines(of chunks: [ArraySlice<UInt8>], lineBytesMax: Int) -> [LineFramer.Line] {
        var framer = LineFramer(lineBytesMax: lineBytesMax)
        var lines: [LineFramer.Line] = []
        for chunk in chunks {
            framer.append(chunk)
            while let line = framer.next() { lines.append(line) }
        }
        framer.end()
        while let line = framer.next() { lines.append(line) }
        return lines
    }

    /// Each line is delivered or answered, each request once, in lines that are JSON; nothing stays behind.
    private static func answering(_ input: [UInt8]) -> String? {
        var table = InFlightTable()
        for case .line(let line) in lines(of: [input[...]], lineBytesMax: 1 << 20) {
            let receipt = table.receive(Envelope(decoding: line))
            if receipt.deliveries.isEmpty, receipt.output.isEmpty { return "a line that comes to nothing" }
            if !isJSON(receipt.output) { return "a refusal that is not JSON" }
            var answered = receipt.output
            for case .request(let key, let request) in receipt.deliveries {
                if (try? JSON.parse(request.params))?.objectValue == nil { return "params that are no object" }
                if case .send(let line) = table.finish(key, .encoded(request.params)) { answered += line }
                if table.finish(key, .result(nil)) != .unknown { return "a second answer" }
            }
            if !isJSON(answered) { return "an answer that is not JSON" }
            if answered.count(where: { $0 == 0x0A }) > 1 { return "more than one line for one line" }
            if !table.isEmpty { return "a request that stays in flight" }
        }
        return nil
    }

    private static func isJSON(_ output: [UInt8]) -> Bool {
        output.split(separator: 0x0A).allSatisfy { (try? JSON.parse($0, limits: JSONLimits(depth: 1_024))) != nil }
    }
}
